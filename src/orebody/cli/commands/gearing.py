"""``orebody gearing``: by how much more the miners move than the metal, and what their costs say."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from orebody.cli.arguments import account_from, market_from
from orebody.cli.help_groups import Command, one_of, option
from orebody.cli.options import file_option, market_options_with, output_options, strategy_options
from orebody.cli.output import output_from
from orebody.cli.parsing import strategies_from
from orebody.cli.progress_lines import step
from orebody.errors import ParameterError

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.backtesting.comparison import Comparison
    from orebody.market.market import Market
    from orebody.strategy.base import Strategy

__all__ = ["command"]

MEASURING, PERIODS = "Measuring", ("day", "week", "month")


@click.command("gearing", cls=Command)
@market_options_with("--bars")
@strategy_options("Also take apart this strategy's return; repeat it for more.", exclude=False)
@option(
    "--frequency", group=MEASURING, default="day", metavar="PERIOD", shell_complete=one_of(PERIODS), help="Of returns: day, week or month."
)
@option("--window", group=MEASURING, type=int, metavar="RETURNS", help="Returns in a rolling window; a year of them by default.")
@option(
    "--returns",
    "kind",
    group=MEASURING,
    default="log",
    metavar="log|simple",
    shell_complete=one_of(("log", "simple")),
    help="Which returns.",
)
@option("--move", group=MEASURING, type=float, default=0.2, metavar="FRACTION", help="Change of the spot price for which profit is told.")
@file_option("--table", "Also write the rolling betas by date, as .csv or .parquet.")
@file_option("--html", "Also write the page, an HTML file.")
@output_options
def command(
    frequency: str,
    bars: str | None,
    window: int | None,
    kind: str,
    move: float,
    names: tuple[str, ...],
    changes: tuple[str, ...],
    **options: Any,
) -> None:
    """Measure how much more miners move than the metal, and compare it with what their costs imply.

    Beta, up and down, capture, leads and lags, and regimes.
    With --strategy, what its return was made of: the metal, the miners' gearing, the miners themselves, timing, cash and costs.

    \b
    Examples:
      orebody gearing gold-producers --source sample
      orebody gearing gold --source sample --frequency week --html gearing.html
      orebody gearing gold --source sample --strategy ratio-rotation
    """
    from orebody.cli.show.gearing import print_decomposition, print_gearing
    from orebody.cli.show.json_research import of_gearing
    from orebody.research.gearing import decompose, gearing

    answer = output_from(options)
    if changes and not names:
        raise ParameterError("--set changes a strategy, and none is named: add --strategy NAME")
    strategies = strategies_from(names, changes) if names else {}
    market, account = market_from({**options, "frequency": bars}), account_from(options)
    step("measuring the gearing")
    result = gearing(market, window=window, frequency=frequency, returns=kind, move=move)
    comparison = _run_comparison(strategies, market, account, options["account_start"]) if strategies else None
    apart = decompose(comparison) if comparison is not None else None

    def words() -> None:
        print_gearing(result)
        if comparison is not None and apart is not None:
            print_decomposition(apart, comparison.opening)

    document = partial(of_gearing, result, apart, account, opening=comparison.opening if comparison is not None else None)
    answer.give(words, document, table=result.save, page=partial(result.report, apart=apart))


def _run_comparison(strategies: dict[str, Strategy], market: Market, account: Account, start: str | None) -> Comparison:
    from orebody.backtesting.comparison import compare
    from orebody.cli.show.console import progress

    with progress() as tell:
        return compare(strategies, market, account, engine="compiled", start=start, progress=tell)
