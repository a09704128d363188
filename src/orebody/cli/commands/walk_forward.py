"""``orebody walk-forward``: parameters chosen on the past alone, and traded on what came next."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.asking import Command, option
from orebody.cli.options import (
    account_from,
    check_output,
    check_places,
    draw_options,
    engine_option,
    file_option,
    grid_option,
    market_from,
    market_options,
    metric_option,
    output_options,
    set_option,
    strategy_argument,
    workers_option,
)
from orebody.cli.output import say_paths
from orebody.cli.settings import grid_from, settings_for
from orebody.errors import ParameterError

__all__ = ["command"]

WINDOWS = "Windows"


@click.command("walk-forward", cls=Command)
@strategy_argument
@market_options
@grid_option()
@set_option("A parameter that stays the same; repeat it.")
@engine_option("compiled", "Which carries the joined account out: compiled or backtrader.")
@option("--train", group=WINDOWS, required=True, metavar="LENGTH", help="What is chosen on: bars, as 756, or periods, as '3 years'.")
@option("--test", group=WINDOWS, required=True, metavar="LENGTH", help="What is traded then: bars, as 252, or periods, as '1 year'.")
@option("--anchored", group=WINDOWS, is_flag=True, help="Let all trainings begin where the first does.")
@option("--purge", group=WINDOWS, type=int, default=0, metavar="BARS", help="Left out between training and test.")
@metric_option("By which is chosen.")
@draw_options
@workers_option
@file_option("--table", "Also write the windows, as .csv or .parquet.")
@file_option("--html", "Also write the equity, the windows and how they were computed, an HTML file.")
@file_option("--tearsheet", "Also write the tearsheet of the joined account, an HTML file.")
@output_options
def command(
    name: str,
    grid: tuple[str, ...],
    changes: tuple[str, ...],
    train: str,
    test: str,
    table: str | None,
    html: str | None,
    tearsheet: str | None,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Would choosing parameters on the past alone have worked on what came next?

    They are chosen on each training window, traded on the test after it, and the tests are joined into one account.

    \b
    Examples:
      orebody walk-forward ratio-rotation gold --source sample \\
        --grid window=20:260:20 --grid entry=0.5,1,1.5 \\
        --train "3 years" --test "1 year"
      orebody walk-forward ratio-rotation gold --source sample \\
        --grid window=20:260:20 --train 756 --test 252 --purge 5 --html walk.html
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.document import print_document
    from orebody.cli.show.research import of_walk_forward
    from orebody.cli.show.walk_forward import print_walk_forward
    from orebody.registry import find
    from orebody.research.walk_forward import walk_forward

    check_output(quiet=quiet, as_json=as_json)
    check_places({"--html": html, "--tearsheet": tearsheet}, table)
    strategy = find(name)
    settings = settings_for(strategy, changes)
    base = strategy.build(**settings)
    values = grid_from(base, grid)
    for both in settings.keys() & values.keys():
        raise ParameterError(f"{both} is given by --set and by --grid: give one of them")
    market, account = market_from(asked), account_from(asked)
    options = {option: asked[option] for option in ("anchored", "purge", "metric", "engine", "sample", "seed", "workers")}
    with progress() as tell:
        result = walk_forward(
            base, values, market, account, _length(train), _length(test), start=asked["opening"], progress=tell, **options
        )
    if not (quiet or as_json):
        print_walk_forward(result)
    written = result.save(table) if table is not None else None
    page = result.report(html) if html is not None else None
    sheet = result.result.tearsheet(tearsheet) if tearsheet is not None else None
    if as_json:
        print_document(of_walk_forward(result, table=written, page=page, tearsheet=sheet))
    else:
        say_paths({"Table": written, "Page": page, "Tearsheet": sheet}, quiet=quiet)


def _length(text: str) -> int | str:
    """Return a length as `walk_forward` takes it: whole numbers are bars."""
    return int(text) if text.strip().isdecimal() else text
