"""Which metal, and which of its producers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orebody.errors import ParameterError, unknown_name

__all__ = ["NAMED", "Universe", "named"]

_TICKER = re.compile(r"[A-Za-z0-9^=][A-Za-z0-9^=._\-]{0,31}")


@dataclass(frozen=True)
class Universe:
    """One metal and the miners it is compared with.

    Parameters
    ----------
    name
        What tables and reports call it.
    metal
        Ticker of the metal (a fund that holds it, say ``"GLD"``).
    miners
        Tickers of its producers, or of funds of them; at least one. A single string is taken as one ticker.

    Raises
    ------
    ParameterError
        For no miner, a repeated ticker, or a ticker that is no plain name of up to 32 letters, digits and ``^ = . _ -``.
    """

    name: str
    metal: str
    miners: tuple[str, ...]

    def __post_init__(self) -> None:
        miners = (self.miners,) if isinstance(self.miners, str) else tuple(self.miners)
        object.__setattr__(self, "miners", miners)
        if not miners:
            raise ParameterError(f"universe {self.name!r} has no miners: name at least one producer or fund of producers")
        for ticker in self.tickers:
            if not isinstance(ticker, str) or not _TICKER.fullmatch(ticker):
                raise ParameterError(
                    f"{ticker!r} is not a ticker: up to 32 letters, digits and ^ = . _ - are, beginning with none of . _ -"
                )
        if len(set(self.tickers)) < len(self.tickers):
            raise ParameterError(f"universe {self.name!r} names a ticker twice: {', '.join(self.tickers)}")

    @property
    def tickers(self) -> tuple[str, ...]:
        """All tickers, the metal first."""
        return (self.metal, *self.miners)

    def members(self, role: str) -> tuple[str, ...]:
        """Return the tickers that `role` stands for: ``"metal"``, ``"miners"``, or one ticker of the universe."""
        if role == "metal":
            return (self.metal,)
        if role == "miners":
            return self.miners
        if role in self.tickers:
            return (role,)
        raise unknown_name(f"part of universe {self.name!r}", role, ("metal", "miners", *self.tickers))


NAMED = {
    universe.name: universe
    for universe in (
        Universe("gold", "GLD", ("GDX",)),
        Universe("gold-juniors", "GLD", ("GDXJ",)),
        Universe("silver", "SLV", ("SIL",)),
        Universe("copper", "CPER", ("COPX",)),
    )
}
"""The universes that can be asked for by name, with the tickers of real funds."""


def named(name: str) -> Universe:
    """Return the named universe, or raise `UnknownNameError` with the nearest name."""
    try:
        return NAMED[name]
    except KeyError:
        raise unknown_name("universe", name, NAMED) from None
