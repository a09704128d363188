"""``orebody significance``: how much of a comparison, or of a sweep, is more than luck."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from orebody.cli import completion
from orebody.cli.arguments import runs_from
from orebody.cli.help_groups import Command, option
from orebody.cli.options import file_option, grid_option, market_options, output_options, strategy_options
from orebody.cli.output import output_from
from orebody.cli.parsing import grid_from
from orebody.errors import ParameterError

__all__ = ["command"]

JUDGING = "Judging"


@click.command("significance", cls=Command)
@market_options
@strategy_options("One to judge; repeat it for more. All by default.")
@grid_option("Judge a sweep of the one --strategy: 0.5,1,1.5 or 20:260:5; repeat it.")
@option(
    "--metric",
    "metrics",
    group=JUDGING,
    multiple=True,
    metavar="NAME",
    shell_complete=completion.figures,
    help="A figure to give an interval, such as cagr; repeat it. All by default.",
)
@option("--samples", group=JUDGING, type=int, default=2000, metavar="COUNT", help="Resampled histories, and shifted runs of each strategy.")
@option("--seed", group=JUDGING, type=int, default=0, metavar="NUMBER", help="Of all draws.")
@option("--level", group=JUDGING, type=float, default=0.95, metavar="FRACTION", help="Probability between the ends of an interval.")
@option("--n-trials", group=JUDGING, type=int, metavar="COUNT", help="How many were tried in all; what runs here by default.")
@option(
    "--blocks",
    group=JUDGING,
    type=int,
    default=16,
    metavar="COUNT",
    help="Parts of history in the test of overfitting; even.",
)
@file_option("--table", "Also write the tests after counting, a row each, as .csv or .parquet.")
@file_option("--html", "Also write the page, an HTML file.")
@output_options
def command(grid: tuple[str, ...], metrics: tuple[str, ...], **options: Any) -> None:
    """Test whether strategies, or the points of a sweep, beat the metal by more than luck, counting all trials.

    \b
    Examples:
      orebody significance gold --source sample
      orebody significance gold --source sample --strategy ratio-rotation \\
        --n-trials 60
      orebody significance gold --source sample --strategy ratio-rotation \\
        --grid window=20:260:20 --grid entry=0.5,1,1.5
    """
    from orebody.backtesting.comparison import Comparison, compare
    from orebody.cli.show.console import progress
    from orebody.cli.show.json_research import of_significance
    from orebody.cli.show.ranking import print_left_out
    from orebody.cli.show.significance import print_significance
    from orebody.research.significance.analysis import significance
    from orebody.research.significance.bootstrap import check_installed
    from orebody.research.sweep.analysis import Sweep, sweep

    answer = output_from(options)
    if grid and len(options["names"]) != 1:
        raise ParameterError("--grid needs the one strategy whose points are to be judged: give --strategy once")
    check_installed()
    strategies, market, account, left_out = runs_from(options)
    arguments = {name: options[name] for name in ("samples", "seed", "level", "n_trials", "blocks")}
    if metrics:
        arguments["metrics"] = metrics
    source: Comparison | Sweep
    with progress() as tell:
        if grid:
            (base,) = strategies.values()
            source = sweep(base, grid_from(base, grid), market, account, keep="equity", start=options["account_start"], progress=tell)
        else:
            source = compare(strategies, market, account, engine="compiled", start=options["account_start"], progress=tell)
        found = significance(source, progress=tell, **arguments)

    def words() -> None:
        print_significance(found)
        print_left_out(left_out)

    answer.give(words, partial(of_significance, found, left_out=left_out), table=found.save, page=found.report)
