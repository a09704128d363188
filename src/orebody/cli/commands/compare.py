"""``orebody compare``: strategies against each other, and against holding."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orebody.cli import browser
from orebody.cli.asking import OUTPUT, Command, one_of, option
from orebody.cli.options import (
    account_from,
    check_output,
    check_places,
    engine_option,
    file_option,
    market_from,
    market_options,
    output_options,
    strategy_options,
)
from orebody.cli.output import say_paths
from orebody.cli.settings import runnable, strategies_from
from orebody.errors import ParameterError, unknown_name

if TYPE_CHECKING:
    from orebody.comparison import Comparison, Progress, Research

__all__ = ["command"]

SECTIONS = ("stress", "gearing", "significance", "scenarios")


@click.command("compare", cls=Command)
@market_options
@strategy_options("One to compare; repeat it for more. All by default, but buy-and-hold, which the yardsticks are.")
@engine_option("backtrader")
@option("--out", group=OUTPUT, default="report", type=click.Path(), metavar="FOLDER", help="Where the report goes.")
@option("--tearsheets/--no-tearsheets", group=OUTPUT, default=True, help="Write a tearsheet for each strategy.")
@file_option("--table", "Also write the equity of each strategy by date, as .csv or .parquet.")
@option(
    "--with",
    "sections",
    group=OUTPUT,
    multiple=True,
    metavar="SECTION",
    shell_complete=one_of(SECTIONS),
    help="Put research into the report: stress, gearing, significance or scenarios; repeat it.",
)
@option("--open", "browse_it", group=OUTPUT, is_flag=True, help="Open the report in the browser.")
@output_options
def command(
    names: tuple[str, ...],
    changes: tuple[str, ...],
    engine: str,
    out: str,
    tearsheets: bool,
    table: str | None,
    sections: tuple[str, ...],
    browse_it: bool,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Which strategy did best, and did any beat the metal and the miners bought with the same cash flows?

    Prints the ranking and writes a folder with index.html, ranking.csv and a tearsheet for each.

    \b
    Examples:
      orebody compare gold --source sample --open
      orebody compare gold --source prices/ --start 2006-05-22 --contribution 1000
      orebody compare gold --source sample --strategy ratio-rotation \\
        --set ratio-rotation.window=120
      orebody compare gold --source sample --json --no-tearsheets > all.json
    """
    from orebody.cli.show.console import progress, steps
    from orebody.cli.show.document import of_comparison, print_document
    from orebody.cli.show.ranking import print_left_out, print_ranking
    from orebody.comparison import compare as compare_strategies
    from orebody.report.folder import check_writable

    check_output(quiet=quiet, as_json=as_json)
    check_places({}, table)
    for section in sections:
        if section not in SECTIONS:
            raise unknown_name("section of a report", section, SECTIONS)
    check_writable(Path(out))
    if table is not None and Path(table).absolute().parent == Path(out).absolute():
        raise ParameterError(f"--table {table!r} is inside the report's folder, which is replaced as a whole: choose a file beside it")
    strategies = strategies_from(names, changes)
    market, account = market_from(asked), account_from(asked)
    left_out: dict[str, str] = {}
    if not names:
        strategies, left_out = runnable(strategies, market)
    with steps() as tell:
        comparison = compare_strategies(strategies, market, account, engine=engine, start=asked["opening"], progress=tell)
    if not (quiet or as_json):
        print_ranking(comparison)
        print_left_out(left_out)
    with progress() as tell:
        line = shlex.join(["orebody", *sys.argv[1:]]) if len(sys.argv) > 1 else None
        index = (
            Path(out)
            / comparison.report(
                out,
                tearsheets=tearsheets,
                command=line,
                research=_research(dict.fromkeys(sections), comparison, tell),
                left_out=left_out,
                progress=tell,
            ).name
        )
    written = comparison.save(table) if table is not None else None
    if as_json:
        print_document(of_comparison(comparison, engine=engine, left_out=left_out, report=index, table=written))
    else:
        say_paths({"Report": index, "Table": written}, quiet=quiet)
    if browse_it:
        browser.browse(index)


def _research(sections: Iterable[str], comparison: Comparison, tell: Progress) -> list[Research]:
    """Return what the sections of a report show."""
    import orebody as ob

    made: dict[str, Callable[[], Research]] = {
        "stress": lambda: ob.stress(comparison),
        "gearing": lambda: ob.gearing(comparison.market),
        "significance": lambda: ob.significance(comparison, progress=tell),
        "scenarios": lambda: ob.scenarios(comparison.strategies, comparison.market, comparison.account, progress=tell),
    }
    return [made[section]() for section in sections]
