"""``orebody backtest``: one strategy beside the metal."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from orebody.cli.arguments import account_from, market_from
from orebody.cli.help_groups import Command
from orebody.cli.options import engine_option, file_option, market_options, output_options, set_option, strategy_argument
from orebody.cli.output import output_from
from orebody.cli.parsing import strategy_from
from orebody.cli.progress_lines import step

__all__ = ["command"]


@click.command("backtest", cls=Command)
@strategy_argument
@market_options
@set_option("A parameter, such as window=120; repeat it.")
@engine_option("backtrader")
@file_option("--tearsheet", "Also write the tearsheet, an HTML file.")
@file_option("--table", "Also write equity, cash, units and costs by date, as .csv or .parquet.")
@output_options
def command(name: str, changes: tuple[str, ...], engine: str, **options: Any) -> None:
    """Run one strategy and print its figures beside the metal bought with the same cash flows.

    \b
    Examples:
      orebody backtest ratio-rotation gold --source sample --set window=120
      orebody backtest buy-and-hold gold --source sample \\
        --set split=metal:0.7,miners:0.3
      orebody backtest dollar-cost-average gold --source sample \\
        --tearsheet dca.html --table dca.csv
    """
    from orebody.backtesting.backtest import backtest as run
    from orebody.cli.show.figures import print_figures
    from orebody.cli.show.json_document import of_result

    answer = output_from(options)
    strategy = strategy_from(name, changes)
    market, account = market_from(options), account_from(options)
    step(f"running {name} on the {engine} engine, and looking for look-ahead")
    result = run(strategy, market, account, engine=engine, start=options["account_start"])
    answer.give(partial(print_figures, result), partial(of_result, result), tearsheet=result.tearsheet, table=result.save)
