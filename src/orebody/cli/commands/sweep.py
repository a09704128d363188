"""``orebody sweep``: one strategy at many points of its parameters."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.options import account_from, check_output, check_places, market_from, market_options, output_options
from orebody.cli.output import say
from orebody.cli.settings import grid_from, settings_for
from orebody.errors import ParameterError

__all__ = ["command"]


@click.command("sweep")
@click.argument("name", metavar="STRATEGY")
@market_options
@click.option("--grid", "grid", multiple=True, metavar="PARAM=VALUES", help="Values as 0.5,1,1.5 or 20:260:5 (from, to, step); repeat it.")
@click.option("--set", "changes", multiple=True, metavar="PARAM=VALUE", help="A parameter that stays the same.")
@click.option("--metric", default="sharpe", show_default=True, help="By which the best is chosen.")
@click.option("--sample", type=int, help="Try only so many points, drawn at random.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of that draw.")
@click.option("--workers", metavar="ADDRESS", help="Have the workers of a Dask scheduler do it, such as tcp://127.0.0.1:8786.")
@click.option("--table", metavar="FILE", help="Write every point, as .csv or .parquet.")
@click.option("--html", metavar="FILE", help="Write the heatmap and the best points, an HTML file.")
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
    """Run one strategy at every point of a grid of parameters, on the compiled engine.

    \b
    Examples:
      orebody sweep ratio-rotation gold --source sample --grid window=20:260:5 --grid entry=0.5,1,1.5,2
      orebody sweep ratio-rotation gold --source sample --grid window=20:260:20 --grid entry=0.5:2:0.25 --html sweep.html
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
        return
    for what, path in (("Table", written), ("Page", page)):
        if path is not None:
            say(f"{path}" if quiet else f"{what}: {path}")
