"""``orebody backtest``: one strategy beside the metal."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.options import account_from, check_place, market_from, market_options
from orebody.cli.settings import settings_for

__all__ = ["command"]


@click.command("backtest")
@click.argument("name", metavar="STRATEGY")
@market_options
@click.option("--set", "changes", multiple=True, metavar="PARAM=VALUE", help="A parameter, such as window=120.")
@click.option("--engine", default="backtrader", show_default=True, metavar="NAME", help="backtrader, or compiled.")
@click.option("--tearsheet", metavar="FILE", help="Also write the tearsheet, an HTML file.")
def command(name: str, changes: tuple[str, ...], engine: str, tearsheet: str | None, **asked: Any) -> None:
    """Run one strategy and print its figures beside the metal's.

    \b
    Examples:
      orebody backtest ratio-rotation gold --source sample --set window=120
      orebody backtest buy-and-hold gold --source sample --set split=metal:0.7,miners:0.3
    """
    from orebody.cli.show.figures import print_figures
    from orebody.registry import find
    from orebody.run import backtest as run

    check_place(tearsheet)
    strategy = find(name)
    instance = strategy.build(**settings_for(strategy, changes))
    result = run(instance, market_from(asked), account_from(asked), engine=engine, start=asked["opening"])
    print_figures(result)
    if tearsheet is not None:
        click.echo(f"Tearsheet: {result.tearsheet(tearsheet)}")
