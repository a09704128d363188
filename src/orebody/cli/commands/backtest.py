"""``orebody backtest``: one strategy beside the metal."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.asking import Command
from orebody.cli.options import (
    account_from,
    check_output,
    check_places,
    engine_option,
    file_option,
    market_from,
    market_options,
    output_options,
    set_option,
    strategy_argument,
)
from orebody.cli.output import say_paths
from orebody.cli.settings import settings_for

__all__ = ["command"]


@click.command("backtest", cls=Command)
@strategy_argument
@market_options
@set_option("A parameter, such as window=120; repeat it.")
@engine_option("backtrader")
@file_option("--tearsheet", "Also write the tearsheet, an HTML file.")
@file_option("--table", "Also write equity, cash, units and costs by date, as .csv or .parquet.")
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
    """What did one strategy make of this market, beside the metal bought with the same cash flows?

    \b
    Examples:
      orebody backtest ratio-rotation gold --source sample --set window=120
      orebody backtest buy-and-hold gold --source sample \\
        --set split=metal:0.7,miners:0.3
      orebody backtest dollar-cost-average gold --source sample \\
        --tearsheet dca.html --table dca.csv
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
    else:
        say_paths({"Tearsheet": sheet, "Table": written}, quiet=quiet)
