"""``orebody backtest``: one strategy beside the metal."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.options import account_from, check_output, check_places, market_from, market_options, output_options
from orebody.cli.output import say
from orebody.cli.settings import settings_for

__all__ = ["command"]


@click.command("backtest")
@click.argument("name", metavar="STRATEGY")
@market_options
@click.option("--set", "changes", multiple=True, metavar="PARAM=VALUE", help="A parameter, such as window=120.")
@click.option("--engine", default="backtrader", show_default=True, metavar="NAME", help="backtrader, or compiled.")
@click.option("--tearsheet", metavar="FILE", help="Also write the tearsheet, an HTML file.")
@click.option("--table", metavar="FILE", help="Also write equity, cash, units and costs by date, as .csv or .parquet.")
@output_options
def command(
    name: str,
    changes: tuple[str, ...],
    engine: str,
    tearsheet: str | None,
    table: str | None,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Run one strategy and print its figures beside the metal's.

    \b
    Examples:
      orebody backtest ratio-rotation gold --source sample --set window=120
      orebody backtest buy-and-hold gold --source sample --set split=metal:0.7,miners:0.3
      orebody backtest dollar-cost-average gold --source sample --tearsheet dca.html --table dca.csv
    """
    from orebody.cli.show.document import of_result, print_document
    from orebody.cli.show.figures import print_figures
    from orebody.registry import find
    from orebody.run import backtest as run

    check_output(quiet=quiet, as_json=as_json)
    check_places({"--tearsheet": tearsheet}, table)
    strategy = find(name)
    instance = strategy.build(**settings_for(strategy, changes))
    result = run(instance, market_from(asked), account_from(asked), engine=engine, start=asked["opening"])
    if not (quiet or as_json):
        print_figures(result)
    sheet = result.tearsheet(tearsheet) if tearsheet is not None else None
    written = result.save(table) if table is not None else None
    if as_json:
        print_document(of_result(result, tearsheet=sheet, table=written))
        return
    for what, path in (("Tearsheet", sheet), ("Table", written)):
        if path is not None:
            say(f"{path}" if quiet else f"{what}: {path}")
