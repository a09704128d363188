"""``orebody walk-forward``: parameters chosen on the past alone, and traded on what came next."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from orebody.cli.arguments import account_from, market_from
from orebody.cli.help_groups import Command, option
from orebody.cli.options import (
    choosing_options,
    engine_option,
    file_option,
    grid_option,
    market_options,
    output_options,
    set_option,
    strategy_argument,
    workers_option,
)
from orebody.cli.output import output_from
from orebody.cli.parsing import points_from
from orebody.cli.progress_lines import step

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
@choosing_options("Figure by which points are chosen, such as cagr.")
@workers_option
@file_option("--table", "Also write the windows, as .csv or .parquet.")
@file_option("--html", "Also write the equity, the windows and how they were computed, an HTML file.")
@file_option("--tearsheet", "Also write the tearsheet of the joined account, an HTML file.")
@output_options
def command(name: str, grid: tuple[str, ...], changes: tuple[str, ...], train: str, test: str, **options: Any) -> None:
    """Choose parameters on past prices alone and trade them on the prices that follow.

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
    from orebody.cli.show.json_research import of_walk_forward
    from orebody.cli.show.walk_forward import print_walk_forward
    from orebody.research.walk_forward.analysis import walk_forward

    answer = output_from(options)
    base, values = points_from(name, changes, grid)
    market, account = market_from(options), account_from(options)
    arguments = {name: options[name] for name in ("anchored", "purge", "metric", "engine", "sample", "seed", "workers")}
    step(f"choosing {name}'s parameters on each window")
    with progress() as tell:
        result = walk_forward(
            base, values, market, account, _length(train), _length(test), start=options["account_start"], progress=tell, **arguments
        )
    words, document = partial(print_walk_forward, result), partial(of_walk_forward, result)
    answer.give(words, document, table=result.save, page=result.report, tearsheet=result.result.tearsheet)


def _length(text: str) -> int | str:
    """Return a length as `walk_forward` takes it: whole numbers are bars."""
    return int(text) if text.strip().isdecimal() else text
