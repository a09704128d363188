"""Build the market, the account and the strategies of a run from the options typed."""

from __future__ import annotations

from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orebody.cli.parsing import split_runnable, strategies_from
from orebody.cli.progress_lines import step
from orebody.errors import ParameterError, unknown_name

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.market.market import Market
    from orebody.strategy.base import Strategy

__all__ = ["RunArguments", "account_from", "market_from", "runs_from"]


class RunArguments(NamedTuple):
    """Several strategies, the market and the account they run with, and why those that nobody named are left out."""

    strategies: dict[str, Strategy]
    market: Market
    account: Account
    left_out: dict[str, str]


def runs_from(options: dict[str, Any]) -> RunArguments:
    """Return the strategies that were named, or all for which the market has what they need, with that market and the account."""
    strategies = strategies_from(options["names"], options["changes"], options["excluded"])
    market, account = market_from(options), account_from(options)
    if options["names"]:
        return RunArguments(strategies, market, account, {})
    fit, left_out = split_runnable(strategies, market)
    return RunArguments(fit, market, account, left_out)


def market_from(options: dict[str, Any]) -> Market:
    """Return the market that the options describe."""
    from orebody.cli.show.console import print_notes, progress
    from orebody.market.universe import Universe
    from orebody.sources.load import load_market

    name, metal, miners = options["universe"], options["metal"], options["miners"]
    if name is not None and not (metal is None and miners is None):
        raise ParameterError("a universe is named, and --metal or --miners is given: give one of the two")
    if name is None and metal is None and miners is None:
        raise ParameterError(f"name a universe, such as gold, or give --metal and --miners (universes: {_universes(options['source'])})")
    if name is None and (metal is None or miners is None):
        raise ParameterError("--metal and --miners go together: give both")
    _check_source(options["source"])
    universe = name if name is not None else Universe(metal, metal, tuple(ticker.strip() for ticker in miners.split(",") if ticker.strip()))
    yahoos: dict[str, Any] = {name: options[name] for name in ("cache", "as_of") if options[name] is not None}
    if options["max_age"] is not None:
        yahoos["max_age"] = _hours(options["max_age"])
    if options["statements"]:
        yahoos["fundamentals"] = "yahoo"
    step(f"prices of {name if name is not None else metal} from {options['source']}")
    with progress() as tell:
        market = load_market(
            universe,
            **{name: options[name] for name in ("source", "start", "end", "fill", "repair", "currency", "rates", "frequency", "offline")},
            **yahoos,
            cash_rate=_rate(options["cash_rate"])[1],
            progress=tell,
        )
    if not (options.get("quiet") or options.get("as_json")):
        print_notes(market.notes, stderr=True)
    return market


def _universes(source: str) -> str:
    """Return the names of all universes of a source."""
    if source == "sample":
        from orebody.sources.sample import UNIVERSES

        return ", ".join(UNIVERSES)
    from orebody.market.universe import NAMED

    return ", ".join(NAMED)


def _check_source(source: str) -> None:
    """Raise `UnknownNameError` for what is no folder and nearly one of the two words."""
    words = ("yahoo", "sample")
    if (
        source.isidentifier()
        and get_close_matches(source.lower(), words, n=1)
        and source.lower() not in words
        and not Path(source).exists()
    ):
        raise unknown_name("source", source, words)


def _hours(given: float) -> timedelta:
    if not 0 <= given <= 1_000_000:
        raise ParameterError(f"--max-age is {given:g}: give hours, 0 or more")
    return timedelta(hours=given)


def _rate(given: str | None) -> tuple[float | None, str | None]:
    """Return the cash rate as a number for the account, or the series of the source that the market's is made of."""
    if given is None:
        return None, None
    try:
        return float(given), None
    except ValueError:
        return None, given


def account_from(options: dict[str, Any]) -> Account:
    """Return the account that the options describe."""
    from orebody.account import Account, Costs

    return Account(
        cash=options["cash"],
        contribution=options["contribution"],
        every=options["contribution_every"],
        cash_rate=_rate(options["cash_rate"])[0],
        leverage=options["leverage"],
        whole_shares=options["whole_shares"],
        maintenance_margin=options["maintenance_margin"],
        costs=Costs(**{name: options[name] for name in ("commission", "fixed_fee", "slippage", "borrow_rate", "financing_spread")}),
    )
