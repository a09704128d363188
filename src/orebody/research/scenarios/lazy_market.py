"""Markets whose tables are made when they are first read: most strategies read few of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from orebody.market.market import Market
from orebody.research.parallel.opening_probe import OpeningProbe

if TYPE_CHECKING:
    from typing import Self

__all__ = ["ARRAYS", "LazyMarket", "LazyTables", "PriceReadProbe", "StackedMarket"]

ARRAYS = ("open", "high", "low", "close")
_LATE = frozenset((*ARRAYS, "cash_rate"))
_VARIES = _LATE | {"gauges"}


class LazyTables(Mapping[str, np.ndarray]):
    """Tables by name, each made when it is first asked for."""

    def __init__(self, names: Iterable[str], make: Callable[[str], np.ndarray]) -> None:
        self._made: dict[str, np.ndarray | None] = dict.fromkeys(names)
        self._make = make

    def __getitem__(self, name: str) -> np.ndarray:
        made = self._made[name]
        if made is None:
            made = self._made[name] = self._make(name)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


class LazyMarket(Market):
    """A market whose prices and cash rate are made when they are first read."""

    @classmethod
    def late(cls, known: Mapping[str, object], make: Callable[[str], np.ndarray], gauges: Mapping[str, np.ndarray]) -> Self:
        """Return the market of which `known` is everything else, what is derived included; `make` is given the name of a table."""
        market = object.__new__(cls)  # a tenth of the time of a constructor: there is one for each path
        market.__dict__.update(known, _make=make, gauges=gauges)
        return market

    def __getattr__(self, name: str) -> np.ndarray:
        make = self.__dict__.get("_make")
        if make is None or name not in _LATE:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        table: np.ndarray = make(name)
        self.__dict__[name] = table
        return table


class StackedMarket(LazyMarket, OpeningProbe):
    """Many paths in one market, which notes whether anything asked when accounts open."""

    @classmethod
    def of_paths(
        cls, known: Mapping[str, object], make: Callable[[str], np.ndarray], gauges: Mapping[str, np.ndarray], length: int
    ) -> StackedMarket:
        """Return the market as `LazyMarket.late` does; each path with the real bars before it has `length` bars."""
        market = cls.late({name: value for name, value in known.items() if name != "opening"}, make, gauges)
        market.__dict__.update(_opening=known["opening"], _length=length)
        return market

    def marks_of(self, column: int) -> np.ndarray:
        """As `Market.marks_of`, but unknown on the first bar of each path but the first: no window reaches from one path into the next."""
        closes = super().marks_of(column).copy()
        closes[self.__dict__["_length"] :: self.__dict__["_length"]] = np.nan
        return closes


class PriceReadProbe(Market):
    """A market that notes in `read` whether anything looked at what differs from path to path: prices, the cash rate, gauges."""

    @classmethod
    def of(cls, market: Market) -> PriceReadProbe:
        """Return the same market, watched from now on."""
        made = cls(**{name: getattr(market, name) for name in cls.__dataclass_fields__})
        made.__dict__["_read"] = False
        return made

    def __getattribute__(self, name: str) -> object:
        if name in _VARIES:
            object.__getattribute__(self, "__dict__")["_read"] = True
        return object.__getattribute__(self, name)

    @property
    def read(self) -> bool:
        """Whether anything was looked at."""
        return bool(self.__dict__.get("_read", False))
