"""``orebody sweep``: one strategy at many points of its parameters."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from orebody.cli.arguments import account_from, market_from
from orebody.cli.help_groups import Command
from orebody.cli.options import (
    choosing_options,
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


@click.command("sweep", cls=Command)
@strategy_argument
@market_options
@grid_option()
@set_option("A parameter that stays the same; repeat it.")
@choosing_options("Figure by which the best point is chosen, such as cagr.")
@workers_option
@file_option("--table", "Also write every point, as .csv or .parquet.")
@file_option("--html", "Also write the heatmap and the best points, an HTML file.")
@output_options
def command(name: str, grid: tuple[str, ...], changes: tuple[str, ...], **options: Any) -> None:
    """Find the best parameters of a strategy, and compare the best point with its neighbours.

    Runs one strategy at every point of a grid, on the compiled engine.

    \b
    Examples:
      orebody sweep ratio-rotation gold --source sample --grid window=20:260:5
      orebody sweep ratio-rotation gold --source sample \\
        --grid window=20:260:20 --grid entry=0.5:2:0.25 --html sweep.html
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.json_document import of_sweep
    from orebody.cli.show.sweep import print_sweep
    from orebody.research.sweep.analysis import sweep as run

    answer = output_from(options)
    base, values = points_from(name, changes, grid)
    market, account = market_from(options), account_from(options)
    arguments = {name: options[name] for name in ("metric", "sample", "seed", "workers")}
    step(f"running {name} at every point")
    with progress() as tell:
        result = run(base, values, market, account, start=options["account_start"], progress=tell, **arguments)
    answer.give(partial(print_sweep, result), partial(of_sweep, result), table=result.save, page=result.report)
