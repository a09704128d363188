"""The answer in a few sentences: money first, then what the same money says per unit of time and of risk, and how the best was chosen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from orebody.metrics import format_figure, has_cents

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison
    from orebody.metrics import Metrics

__all__ = ["verdict"]


def verdict(comparison: Comparison) -> str:
    """Return what came first by money, beside the metal and the miners with the same cash flows, and what has to be known with it.

    Where the time-weighted return or the Sharpe ratio of the best stand on the other side of the metal's than its money does, that is
    said; and that it was chosen afterwards, where it is one of several.
    """
    market = comparison.market
    metal, miners = (comparison.metrics[label] for label in comparison.benchmarks)
    opened = market.dates[market.opening].date()
    if len(market) - market.opening < 2:
        return f"All accounts opened on {opened}, the last bar there is: nothing has happened yet, and there is nothing to rank."
    strategies = [label for label in comparison.results if label not in comparison.benchmarks]
    shown = (metal, miners, *(comparison.metrics[label] for label in strategies[:1]))
    cents = has_cents((metal.contributed, *(one.final_equity for one in shown)))
    start = (
        f"{_money(metal.contributed, cents)} put in since {opened} became {_money(metal.final_equity, cents)} in {market.universe.metal} "
        f"and {_money(miners.final_equity, cents)} in {', '.join(market.universe.miners)}."
    )
    if not strategies:
        return start
    best = strategies[0]
    figures = comparison.metrics[best]
    said = [start, _ahead(comparison, strategies), _best(best, figures, metal, miners, cents, alone=len(strategies) == 1)]
    said += _but(figures, metal)
    deepest, metals = (format_figure("percent", abs(one.max_drawdown)) for one in (figures, metal))
    said.append(f"It fell by at most {deepest}, the metal by {metals}.")
    if len(strategies) > 1:
        said.append(
            f"It is the best of {len(strategies)}, chosen afterwards, and the best of many looks good by luck alone: "
            "significance says how much of it that may be."
        )
    return " ".join(one for one in said if one)


def _money(amount: float, cents: bool) -> str:
    return format_figure("money", amount, cents=cents)


def _ahead(comparison: Comparison, strategies: list[str]) -> str:
    """Return how many of several strategies ended with more than the metal; nothing for a single one, whose own sentence says it."""
    if len(strategies) == 1:
        return ""
    metal = comparison.metrics[comparison.benchmarks[0]].final_equity
    ahead = sum(comparison.metrics[label].final_equity > metal for label in strategies)
    return f"Of {len(strategies)} strategies {ahead or 'none'} ended with more than the metal."


def _best(name: str, figures: Metrics, metal: Metrics, miners: Metrics, cents: bool, *, alone: bool) -> str:
    mine = figures.final_equity
    sides = " and ".join(f"{_apart(mine, other.final_equity, cents)} the {what}" for what, other in (("metal", metal), ("miners", miners)))
    return f"{'The one strategy' if alone else 'The best by money'}, {name}, ended with {_money(mine, cents)}: {sides}."


def _apart(mine: float, other: float, cents: bool) -> str:
    difference = mine - other
    if _money(abs(difference), cents) == _money(0.0, cents):
        return "as much as"
    return f"{_money(abs(difference), cents)} {'more' if difference > 0 else 'less'} than"


def _but(figures: Metrics, metal: Metrics) -> list[str]:
    """Return a sentence where time or risk put the strategy on the other side of the metal than money does; none where they agree."""
    by_money = figures.final_equity - metal.final_equity
    name, kind = ("cagr", "CAGR") if not math.isnan(metal.cagr) else ("total_return", "time-weighted return")
    measures = (
        ("per unit of time", kind, "percent", getattr(figures, name), getattr(metal, name)),
        ("per unit of risk", "Sharpe ratio", "ratio", figures.sharpe, metal.sharpe),
    )
    against = [
        one for one in measures if (one[3] - one[4]) * by_money < 0 and format_figure(one[2], one[3]) != format_figure(one[2], one[4])
    ]
    if not against:
        return []
    told = " and ".join(
        f"{unit} ({what} {format_figure(form, mine)} against {format_figure(form, other)})" for unit, what, form, mine, other in against
    )
    return [f"But it {'lags' if by_money > 0 else 'leads'} the metal {told}."]
