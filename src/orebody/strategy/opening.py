"""Where accounts open: when strategies can decide and all that accounts may hold, and the benchmark, is listed. One rule for all runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from orebody.errors import DataError, OrebodyError, ParameterError
from orebody.io.text import in_a_list
from orebody.market.market import Market
from orebody.market.membership import ended_early
from orebody.strategy.base import Strategy

__all__ = ["Need", "Opening", "all_listed", "decides_from", "endings", "needs_of", "opening_for_all", "opening_of", "too_short"]


@dataclass(frozen=True)
class Need:
    """Who can decide from which bar on, and how many bars that takes; without a name the points of a grid."""

    who: str
    bar: int
    bars: int


@dataclass(frozen=True, eq=False)
class Opening:
    """Where accounts open.

    Attributes
    ----------
    market : Market
        Opened there.
    text : str
        When and why then, in a sentence; and in others what ends before the prices do.
    """

    market: Market
    text: str


def decides_from(strategy: Strategy, market: Market) -> int:
    """Return the first bar on which a strategy can decide, at least as many as there are where it never can.

    What it lacks altogether it says when it decides. `ParameterError` where its `bars_needed` is no number of bars.
    """
    bars = strategy.bars_needed
    if isinstance(bars, bool) or not isinstance(bars, int | np.integer) or bars < 1:
        raise ParameterError(f"{strategy.name()}.bars_needed is {bars!r}: it must be a whole number of bars, at least 1")
    try:
        return int(strategy.decides_from(market))
    except OrebodyError:
        return int(market.listed + bars - 1)


def too_short(strategy: Strategy, market: Market, who: str = "", *, by: int | None = None, has: str = "the market has {bars}") -> str:
    """Return why a strategy cannot decide by bar `by` (by default the last), in a sentence; empty where it can.

    Parameters
    ----------
    strategy, market
        Which, on what.
    who
        What the sentence calls it; by default its name.
    by
        A bar.
    has
        How the sentence goes on, with the number of ``{bars}`` there are.
    """
    last = len(market) - 1 if by is None else by
    if decides_from(strategy, market) <= last:
        return ""
    bars = max(0, last + 1 - market.listed)
    much = f"{strategy.bars_needed} bars" if strategy.bars_needed > bars else f"{strategy.bars_needed} bars of all that it reads"
    return f"{who or strategy.name()} needs {much} before it can decide, {has.format(bars=bars)}"


def all_listed(market: Market) -> int:
    """Return the bar by which all that accounts may hold is listed: the metal and each miner that belongs.

    A miner with a `since` is not waited for: the universe brings it in by that rule.
    """
    return int(max(market.listed, *(market.joins[column] for column in _awaited_columns(market))))


def _awaited_columns(market: Market) -> list[int]:
    """Return the columns of what an opening waits for."""
    joins = market.joins
    return [at for at, ticker in enumerate(market.tickers) if joins[at] < len(market) and ticker not in market.universe.since]


def needs_of(strategies: Mapping[str, Strategy], market: Market) -> list[Need]:
    """Return when each strategy can decide; raises `DataError` for the one that takes longest where that is never."""
    needs = [Need(label, decides_from(one, market), one.bars_needed) for label, one in strategies.items()]
    never = max((need for need in needs if need.bar >= len(market)), key=lambda need: need.bar, default=None)
    if never is not None:
        why = too_short(strategies[never.who], market, never.who)
        raise DataError(f"{why}: load a longer history or shorten its windows")
    return needs


def opening_of(
    strategies: Mapping[str, Strategy], market: Market, start: str | pd.Timestamp | int | None, subject: str = "All accounts open"
) -> Opening:
    """Return where accounts of these strategies open; see `opening_for_all`.

    Raises
    ------
    DataError
        When one of them can decide on no bar.
    """
    return opening_for_all(needs_of(strategies, market), market, start, subject)


def opening_for_all(needs: Iterable[Need], market: Market, start: str | pd.Timestamp | int | None, subject: str) -> Opening:
    """Return the market opened on the first bar on which all can decide and everything is listed, or at `start`, and why there.

    A market that was opened later stays so.

    Parameters
    ----------
    needs
        Who waits for how long.
    market, start
        See `Market.opened`.
    subject
        Beginning of the sentence, such as ``"All accounts open"``.
    """
    opened_market, text = _open_market(list(needs), market, start, subject)
    return Opening(opened_market, f"{text} {endings(opened_market)}".rstrip())


def endings(market: Market) -> str:
    """Return which instruments end before the last bar of a market, and what a holder got, in sentences; empty if none does."""
    return ended_early(market.universe, market.dates, market.leaves, market.ends, market.marks, market.opening)


def _open_market(needs: list[Need], market: Market, start: str | pd.Timestamp | int | None, subject: str) -> tuple[Market, str]:
    """Return the market opened, and when and why then, in a sentence."""
    if start is not None:
        market = market.opened(start)
        return market, f"{subject} on {_day(market, market.opening)}, as asked{_too_early(market, needs)}."
    first, where = max([all_listed(market), *(need.bar for need in needs)]), market.opening
    market = market.opened(max(first, where))
    head = f"{subject} on {_day(market, market.opening)}"
    if where > first:
        return market, f"{head}, where the market was opened."
    if first == 0:
        return market, f"{head}, the first bar."
    who = needs[0].who if len(needs) == 1 and needs[0].who else f"every {'strategy' if any(need.who for need in needs) else 'point'}"
    return market, f"{head}, the first day on which {who} can decide and everything is listed{_why(market, needs, where)}."


def _why(market: Market, needs: list[Need], where: int) -> str:
    """Return what the opening of a market waited for, and when accounts could open without it, as the end of a sentence.

    Nowhere before bar `where`, at which the market had been opened.
    """
    at, joins = market.opening, {market.tickers[column]: int(market.joins[column]) for column in _awaited_columns(market)}
    late = [ticker for ticker, bar in joins.items() if bar == at]
    slow = [need for need in needs if need.bar == at and not (late and need.bars == 1)]
    rest = [need.bar for need in needs if need.bar < at]
    listed = max((bar for bar in joins.values() if bar < at), default=0)
    sooner = max([listed, where, *rest])
    facts = [_needing(slow, market, alone=not rest)] if slow else []
    if late:
        others = f", the others since {_day(market, listed)}" if len(late) < len(joins) else ""
        facts.insert(0, f"{in_a_list(late)} {'lists' if len(late) == 1 else 'list'} on that day{others}")
    said = f": {', and '.join(facts)}" if facts else ""
    others_stay = market.tickers[0] not in late and len(late) < len(market.universe.miners)
    spared = (others_stay or not late) and (rest or not slow)
    if not facts or sooner == at:
        return said
    if late and spared:
        without = in_a_list([*late, *(need.who for need in slow if need.who)])
        return f"{said}; without {without} accounts could open on {_day(market, sooner)}"
    if spared:
        least = max(listed, where)
        plain = all(_of_prices(need, market) for need in needs)  # else a side series may begin later
        more = f", and with no warm-up at all on {_day(market, least)}" if plain and least < sooner else ""
        return f"; without {_without(slow, market)} accounts could open on {_day(market, sooner)}{more}"
    if not late and not rest and all(_of_prices(need, market) for need in slow):
        return f"{said}, and with a shorter warm-up accounts could open on {_day(market, sooner)}"
    return said


def _of_prices(need: Need, market: Market) -> bool:
    """Whether the bars that somebody needs are of prices alone, all there once these are listed."""
    return need.bar <= market.listed + need.bars - 1


def _too_early(market: Market, needs: list[Need]) -> str:
    """Return what was not ready where somebody asked accounts to open, as the end of a sentence; empty where all was."""
    at = market.opening
    slow = sorted((need for need in needs if need.bar > at), key=lambda need: need.bar)
    late = [(market.tickers[column], int(market.joins[column])) for column in _awaited_columns(market) if market.joins[column] > at]
    facts = []
    if slow:
        who = slow[0].who if len(slow) == 1 else f"{len(slow)} strategies" if slow[0].who else ""
        last = "" if len(slow) == 1 else "later, the last "
        facts.append(f"{who or 'some points'} can decide {last}from {_day(market, slow[-1].bar)} on")
    if late:
        facts.append(in_a_list([f"{ticker} lists on {_day(market, bar)}" for ticker, bar in late]))
    if not facts:
        return ""
    return f", before all is ready: {', and '.join(facts)}; until then money waits, or is in what is listed"


def _needing(slow: list[Need], market: Market, *, alone: bool) -> str:
    """Return what the slowest need; `alone`: nobody needs less."""
    if slow[0].who:
        return f"{in_a_list([need.who for need in slow])} {'needs' if len(slow) == 1 else 'need'} {_bars(slow, market)}"
    return f"{'every point needs' if alone else 'the slowest points need'} {_bars(slow, market)}"


def _without(slow: list[Need], market: Market) -> str:
    if slow[0].who:
        return f"{in_a_list([need.who for need in slow])}, which {'needs' if len(slow) == 1 else 'need'} {_bars(slow, market)},"
    return f"the points that need {_bars(slow, market)}"


def _bars(slow: list[Need], market: Market) -> str:
    """Return how many bars they need, and that these are of more than prices where they are."""
    count = max(need.bars for need in slow)
    reads = "" if any(need.bar == market.listed + need.bars - 1 for need in slow) else " of all that is read"
    return f"{count} bar{'' if count == 1 else 's'}{reads}"


def _day(market: Market, bar: int) -> str:
    return str(market.dates[bar].date())
