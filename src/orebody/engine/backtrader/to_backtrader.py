"""An orebody strategy as a `bt.Strategy` class, for any Cerebro of a quant's own."""

from __future__ import annotations

import copyreg
import dataclasses
from functools import cache
from typing import TYPE_CHECKING, Any

from orebody.engine.backtrader.adapter_strategy import OrebodyStrategy, PicklableMeta, parameters
from orebody.errors import ParameterError

if TYPE_CHECKING:
    from orebody.strategy.base import Strategy

__all__ = ["to_backtrader"]


@cache
def _of_class(strategy: type) -> type:
    return _make_class(strategy)


def to_backtrader(strategy: type[Strategy] | Strategy) -> type:
    """Return a `bt.Strategy` class that trades what an orebody strategy decides, with the same parameters, for any Cerebro.

    ``cerebro.addstrategy(orebody.to_backtrader(RatioRotation), window=120)``; `optstrategy` works too. The Cerebro's feeds are the metal
    and its miners, in this order, each added with its ticker as `name`. See `OrebodyStrategy` for how it orders and the parameters it adds.
    What a strategy states for contributions (`contribution_split`) is left out, since a stock
    Cerebro has none; interest, borrow and margin are the broker's.

    Parameters
    ----------
    strategy
        A class, or an instance, whose parameters become the defaults.

    Raises
    ------
    ParameterError
        For what is no orebody strategy, or one with a parameter of a name that `OrebodyStrategy` needs.
    """
    made_from = strategy if isinstance(strategy, type) else type(strategy)
    if not dataclasses.is_dataclass(made_from) or not callable(getattr(made_from, "decide", None)) or not hasattr(made_from, "bars_needed"):
        raise ParameterError(f"{strategy!r} is not an orebody strategy: give a class derived from orebody.Strategy, or an instance of one")
    return _of_class(strategy) if isinstance(strategy, type) else _make_class(strategy)


def _make_class(made_from: Any) -> type:
    strategy = made_from if isinstance(made_from, type) else type(made_from)
    params = parameters(made_from)
    for name in params:
        if name in OrebodyStrategy.params._getkeys():
            raise ParameterError(f"{strategy.__name__} has a parameter {name!r}, a name that the drop-in needs for itself: rename it")
    body = {
        "params": tuple(params.items()),
        "_made_from": made_from,
        "__module__": __name__,
        "__qualname__": strategy.__name__,
        "__doc__": strategy.__doc__,
    }
    return PicklableMeta(strategy.__name__, (OrebodyStrategy,), body)


def _reduce(made: Any) -> Any:
    made_from = vars(made).get("_made_from")
    return made.__qualname__ if made_from is None else (to_backtrader, (made_from,))


copyreg.pickle(PicklableMeta, _reduce)
