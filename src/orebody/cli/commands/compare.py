"""``orebody compare``: strategies against each other, and against holding."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from orebody.cli.options import account_from, market_from, market_options
from orebody.cli.settings import runnable, strategies_from

__all__ = ["command"]


@click.command("compare")
@market_options
@click.option(
    "--strategy",
    "names",
    multiple=True,
    metavar="NAME",
    help="A strategy to compare; repeat it for more. All by default, but buy-and-hold, which the yardsticks are.",
)
@click.option("--set", "changes", multiple=True, metavar="NAME.PARAM=VALUE", help="A parameter, such as ratio-rotation.window=120.")
@click.option("--engine", default="backtrader", show_default=True, metavar="NAME", help="backtrader, or compiled.")
@click.option("--out", default="report", metavar="FOLDER", show_default=True, help="Where the report goes.")
@click.option("--tearsheets/--no-tearsheets", default=True, show_default=True, help="Write a tearsheet for each strategy.")
def command(names: tuple[str, ...], changes: tuple[str, ...], engine: str, out: str, tearsheets: bool, **asked: Any) -> None:
    """Compare strategies with each other, and with the metal and the miners bought with the same cash flows.

    Prints the ranking and writes a folder with index.html, ranking.csv and a tearsheet for each.

    \b
    Examples:
      orebody compare gold --source sample
      orebody compare gold --source prices/ --start 2006-05-22 --contribution 1000 --out report
      orebody compare gold --source sample --strategy ratio-rotation --set ratio-rotation.window=120
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.ranking import print_left_out, print_ranking
    from orebody.comparison import compare as compare_strategies
    from orebody.report.folder import check_writable

    check_writable(Path(out))
    strategies = strategies_from(names, changes)
    market, account = market_from(asked), account_from(asked)
    if not names:
        strategies, left_out = runnable(strategies, market)
        print_left_out(left_out)
    with progress() as tell:
        comparison = compare_strategies(strategies, market, account, engine=engine, start=asked["opening"], progress=tell)
    print_ranking(comparison)
    with progress() as tell:
        command = shlex.join(["orebody", *sys.argv[1:]]) if len(sys.argv) > 1 else None
        index = comparison.report(out, tearsheets=tearsheets, command=command, progress=tell)
    click.echo(f"Report: {Path(out) / index.name}")
