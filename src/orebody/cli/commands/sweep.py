"""``orebody sweep``: one strategy at many points of its parameters."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.asking import Command
from orebody.cli.options import (
    account_from,
    check_output,
    check_places,
    draw_options,
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


@click.command("sweep", cls=Command)
@strategy_argument
@market_options
@grid_option()
@set_option("A parameter that stays the same; repeat it.")
@metric_option("By which the best is chosen.")
@draw_options
@workers_option
@file_option("--table", "Also write every point, as .csv or .parquet.")
@file_option("--html", "Also write the heatmap and the best points, an HTML file.")
@output_options
def command(
    name: str,
    grid: tuple[str, ...],
    changes: tuple[str, ...],
    metric: str,
    sample: int | None,
    seed: int,
    workers: str | None,
    table: str | None,
    html: str | None,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Which parameters would have been best, and is the best a hill or a lone peak?

    Runs one strategy at every point of a grid, on the compiled engine.

    \b
    Examples:
      orebody sweep ratio-rotation gold --source sample --grid window=20:260:5
      orebody sweep ratio-rotation gold --source sample \\
        --grid window=20:260:20 --grid entry=0.5:2:0.25 --html sweep.html
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.document import of_sweep, print_document
    from orebody.cli.show.sweep import print_sweep
    from orebody.registry import find
    from orebody.research.sweep import sweep as run

    check_output(quiet=quiet, as_json=as_json)
    check_places({"--html": html}, table)
    strategy = find(name)
    settings = settings_for(strategy, changes)
    base = strategy.build(**settings)
    values = grid_from(base, grid)
    for both in settings.keys() & values.keys():
        raise ParameterError(f"{both} is given by --set and by --grid: give one of them")
    market, account = market_from(asked), account_from(asked)
    with progress() as tell:
        options = {"metric": metric, "sample": sample, "seed": seed, "start": asked["opening"], "workers": workers}
        result = run(base, values, market, account, progress=tell, **options)
    if not (quiet or as_json):
        print_sweep(result)
    written = result.save(table) if table is not None else None
    page = result.report(html) if html is not None else None
    if as_json:
        print_document(of_sweep(result, table=written, page=page))
    else:
        say_paths({"Table": written, "Page": page}, quiet=quiet)
