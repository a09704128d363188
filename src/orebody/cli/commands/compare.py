"""``orebody compare``: strategies against each other, and against holding."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orebody.cli import browser
from orebody.cli.arguments import runs_from
from orebody.cli.help_groups import OUTPUT, Command, one_of, option
from orebody.cli.options import engine_option, file_option, market_options, output_options, strategy_options
from orebody.cli.output import command_line, output_from
from orebody.errors import ParameterError, unknown_name

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison, Progress, Research

__all__ = ["command"]

SECTIONS = ("stress", "gearing", "significance", "scenarios")


@click.command("compare", cls=Command)
@market_options
@strategy_options("One to compare; repeat it for more. Default: all except buy-and-hold, which is the benchmark.")
@engine_option("backtrader")
@option("--out", group=OUTPUT, default="report", type=click.Path(), metavar="FOLDER", help="Where the report goes.")
@option("--tearsheets/--no-tearsheets", group=OUTPUT, default=True, help="Write a tearsheet for each strategy.")
@file_option("--table", "Also write the equity of each strategy by date, as .csv or .parquet.")
@option(
    "--include",
    "sections",
    group=OUTPUT,
    multiple=True,
    metavar="SECTION",
    shell_complete=one_of(SECTIONS),
    help="Put research into the report: stress, gearing, significance or scenarios; repeat it.",
)
@option("--open", "browse_it", group=OUTPUT, is_flag=True, help="Open the report in the browser.")
@output_options
def command(engine: str, out: str, tearsheets: bool, sections: tuple[str, ...], browse_it: bool, **options: Any) -> None:
    """Rank strategies against the metal and the miners bought with the same cash flows.

    Prints the ranking and writes a folder with index.html, ranking.csv and a tearsheet for each.

    \b
    Examples:
      orebody compare gold --source sample --open
      orebody compare gold --source prices/ --start 2006-05-22 --contribution 1000
      orebody compare gold --source sample --strategy ratio-rotation \\
        --set ratio-rotation.window=120
      orebody compare gold --source sample --json --no-tearsheets > all.json
    """
    from orebody.backtesting.comparison import compare as compare_strategies
    from orebody.cli.show.console import progress, steps
    from orebody.cli.show.json_document import of_comparison
    from orebody.cli.show.ranking import print_left_out, print_ranking
    from orebody.report.comparison.folder import check_writable
    from orebody.research.significance.bootstrap import check_installed

    answer, table = output_from({**options, "out": out}), options["table"]
    for section in sections:
        if section not in SECTIONS:
            raise unknown_name("section of a report", section, SECTIONS)
    if "significance" in sections:
        check_installed()
    check_writable(Path(out), overwrite=options["force"])
    if table is not None and Path(table).absolute().parent == Path(out).absolute():
        raise ParameterError(f"--table {table!r} is inside the report's folder: choose a file beside it")
    strategies, market, account, left_out = runs_from(options)
    with steps() as tell:
        comparison = compare_strategies(strategies, market, account, engine=engine, start=options["account_start"], progress=tell)

    left_out = {**left_out, **comparison.failed}

    def words() -> None:
        print_ranking(comparison)
        print_left_out(left_out)

    def report(folder: str, *, overwrite: bool) -> Path:
        with progress() as tell:
            research = _research(dict.fromkeys(sections), comparison, tell)
            index = comparison.report(
                folder,
                tearsheets=tearsheets,
                command=command_line(),
                research=research,
                left_out=left_out,
                progress=tell,
                overwrite=overwrite,
            )
        return Path(folder) / index.name

    document = partial(of_comparison, comparison, engine=engine, left_out=left_out)
    written = answer.give(words, document, report=report, table=comparison.save)
    if browse_it and written["report"] is not None:
        browser.browse(written["report"])


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
