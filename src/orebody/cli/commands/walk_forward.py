"""``orebody walk-forward``: parameters chosen on the past alone, and traded on what came next."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.options import account_from, check_places, market_from, market_options
from orebody.cli.output import say
from orebody.cli.settings import grid_from, settings_for
from orebody.errors import ParameterError

__all__ = ["command"]


@click.command("walk-forward")
@click.argument("name", metavar="STRATEGY")
@market_options
@click.option("--grid", "grid", multiple=True, metavar="PARAM=VALUES", help="Values as 0.5,1,1.5 or 20:260:5 (from, to, step); repeat it.")
@click.option("--set", "changes", multiple=True, metavar="PARAM=VALUE", help="A parameter that stays the same.")
@click.option("--train", required=True, metavar="LENGTH", help="What is chosen on: bars, as 756, or periods, as '3 years'.")
@click.option("--test", required=True, metavar="LENGTH", help="What is traded then: bars, as 252, or periods, as '1 year'.")
@click.option("--anchored", is_flag=True, help="Let all trainings begin where the first does.")
@click.option("--purge", type=int, default=0, show_default=True, help="Bars left out between training and test.")
@click.option("--metric", default="sharpe", show_default=True, help="By which is chosen.")
@click.option("--sample", type=int, help="Try only so many points, drawn at random.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of that draw.")
@click.option("--engine", default="compiled", show_default=True, help="Which carries the joined account out: compiled or backtrader.")
@click.option("--workers", metavar="ADDRESS", help="Have the workers of a Dask scheduler do it, such as tcp://127.0.0.1:8786.")
@click.option("--table", metavar="FILE", help="Write the windows, as .csv or .parquet.")
@click.option("--html", metavar="FILE", help="Write the equity, the windows and how they were computed, an HTML file.")
@click.option("--tearsheet", metavar="FILE", help="Write the tearsheet of the joined account, an HTML file.")
def command(
    name: str,
    grid: tuple[str, ...],
    changes: tuple[str, ...],
    train: str,
    test: str,
    table: str | None,
    html: str | None,
    tearsheet: str | None,
    **asked: Any,
) -> None:
    """Choose parameters on each training window alone, trade them on the test after it, and join the tests into one account.

    \b
    Examples:
      orebody walk-forward ratio-rotation gold --source sample --grid window=20:260:20 --grid entry=0.5,1,1.5 \\
        --train "3 years" --test "1 year"
      orebody walk-forward ratio-rotation gold --source prices/ --grid window=20:260:20 --train 756 --test 252 --purge 5 --html walk.html
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.walk_forward import print_walk_forward
    from orebody.registry import find
    from orebody.research.walk_forward import walk_forward

    check_places({"--html": html, "--tearsheet": tearsheet}, table)
    if html is not None and html == tearsheet:
        raise ParameterError(f"--html and --tearsheet are both {html!r}: give two files")
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
    print_walk_forward(result)
    if table is not None:
        say(f"Table: {result.save(table)}")
    if html is not None:
        say(f"Page: {result.report(html)}")
    if tearsheet is not None:
        say(f"Tearsheet: {result.result.tearsheet(tearsheet)}")


def _length(text: str) -> int | str:
    """Return a length as `walk_forward` takes it: whole numbers are bars."""
    return int(text) if text.strip().isdecimal() else text
