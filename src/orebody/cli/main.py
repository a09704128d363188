"""``orebody``: compare strategies, run one, list them."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

import orebody
from orebody.cli.options import account_from, check_place, market_from, market_options, runnable, settings_for, strategies_from
from orebody.errors import OrebodyError, ParameterError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every refusal is one sentence on standard error and exit code 2, an interrupt exit code 130."""
    sys.exit(_run(list(sys.argv[1:] if arguments is None else arguments)))


def _run(arguments: list[str]) -> int:
    try:
        outcome = cli.main(args=arguments, prog_name="orebody", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        return _refused(error.format_message())
    except OrebodyError as error:
        return _refused(str(error))
    except (KeyboardInterrupt, click.Abort):
        click.echo("orebody: interrupted; what was there before is as it was", err=True)
        return 130
    except BrokenPipeError:
        return 141
    return outcome if isinstance(outcome, int) else 0


def _refused(message: str) -> int:
    """Say it in one plain line: control characters in what the user typed never reach the terminal."""
    line = " ".join("".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in part) for part in message.split())
    click.echo(f"orebody: {line}", err=True)
    return 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(orebody.__version__, prog_name="orebody")
def cli() -> None:
    """Backtest miners against metal: hold, average into, or rotate between a metal and its producers.

    \b
    Try it on the embedded, simulated sample:
      orebody compare gold --source sample --out report
    On your own prices, a folder with GLD.csv and GDX.csv:
      orebody compare --metal GLD --miners GDX --source prices/ --contribution 1000
    """


@cli.command()
@market_options
@click.option(
    "--strategy",
    "names",
    multiple=True,
    metavar="NAME",
    help="A strategy to compare; repeat it for more. All by default, but buy-and-hold, which the yardsticks are.",
)
@click.option("--set", "changes", multiple=True, metavar="NAME.PARAM=VALUE", help="A parameter, such as ratio-rotation.window=120.")
@click.option("--engine", default="backtrader", show_default=True, metavar="NAME", help="backtrader, or compiled.")
@click.option("--out", default="report", metavar="FOLDER", show_default=True, help="Where the report goes.")
@click.option("--tearsheets/--no-tearsheets", default=True, show_default=True, help="Write a tearsheet for each strategy.")
def compare(names: tuple[str, ...], changes: tuple[str, ...], engine: str, out: str, tearsheets: bool, **asked: Any) -> None:
    """Compare strategies with each other, and with the metal and the miners bought with the same cash flows.

    Prints the ranking and writes a folder with index.html, ranking.csv and a tearsheet for each.

    \b
    Examples:
      orebody compare gold --source sample
      orebody compare gold --source prices/ --start 2006-05-22 --contribution 1000 --out report
      orebody compare gold --source sample --strategy ratio-rotation --set ratio-rotation.window=120
    """
    from orebody.cli.terminal import print_left_out, print_ranking, progress
    from orebody.comparison import compare as compare_strategies
    from orebody.report.folder import check_writable

    check_writable(Path(out))
    strategies = strategies_from(names, changes)
    market, account = market_from(asked), account_from(asked)
    if not names:
        strategies, left_out = runnable(strategies, market)
        print_left_out(left_out)
    with progress() as tell:
        comparison = compare_strategies(strategies, market, account, engine=engine, start=asked["opening"], progress=tell)
    print_ranking(comparison)
    with progress() as tell:
        command = shlex.join(["orebody", *sys.argv[1:]]) if len(sys.argv) > 1 else None
        index = comparison.report(out, tearsheets=tearsheets, command=command, progress=tell)
    click.echo(f"Report: {Path(out) / index.name}")


@cli.command(short_help="Run one strategy; print its figures beside the metal's.")
@click.argument("name", metavar="STRATEGY")
@market_options
@click.option("--set", "changes", multiple=True, metavar="PARAM=VALUE", help="A parameter, such as window=120.")
@click.option("--engine", default="backtrader", show_default=True, metavar="NAME", help="backtrader, or compiled.")
@click.option("--tearsheet", metavar="FILE", help="Also write the tearsheet, an HTML file.")
def backtest(name: str, changes: tuple[str, ...], engine: str, tearsheet: str | None, **asked: Any) -> None:
    """Run one strategy and print its figures beside the metal's.

    \b
    Examples:
      orebody backtest ratio-rotation gold --source sample --set window=120
      orebody backtest buy-and-hold gold --source sample --set split=metal:0.7,miners:0.3
    """
    from orebody.cli.terminal import print_figures
    from orebody.registry import find
    from orebody.run import backtest as run

    check_place(tearsheet)
    strategy = find(name)
    instance = strategy.build(**settings_for(strategy, changes))
    result = run(instance, market_from(asked), account_from(asked), engine=engine, start=asked["opening"])
    print_figures(result)
    if tearsheet is not None:
        click.echo(f"Tearsheet: {result.tearsheet(tearsheet)}")


@cli.command(short_help="Run one strategy at many points of its parameters.")
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
def sweep(
    name: str,
    grid: tuple[str, ...],
    changes: tuple[str, ...],
    metric: str,
    sample: int | None,
    seed: int,
    workers: str | None,
    table: str | None,
    html: str | None,
    **asked: Any,
) -> None:
    """Run one strategy at every point of a grid of parameters, on the compiled engine.

    \b
    Examples:
      orebody sweep ratio-rotation gold --source sample --grid window=20:260:5 --grid entry=0.5,1,1.5,2
      orebody sweep ratio-rotation gold --source sample --grid window=20:260:20 --grid entry=0.5:2:0.25 --html sweep.html
    """
    from orebody.cli.options import grid_from, table_writer
    from orebody.cli.terminal import print_sweep, progress
    from orebody.registry import find
    from orebody.research.sweep import sweep as run

    for path in (table, html):
        check_place(path)
    if table is not None and table == html:
        raise ParameterError(f"--table and --html are both {table!r}: give two files")
    write = table_writer(table)
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
    print_sweep(result)
    if write is not None:
        prices = "SIMULATED" if market.simulated else market.digest
        click.echo(f"Table: {write(result.table.assign(prices=prices))}")
    if html is not None:
        click.echo(f"Page: {result.report(html)}")


@cli.command(short_help="List the strategies, or show one.")
@click.argument("name", required=False, metavar="[STRATEGY]")
def strategies(name: str | None) -> None:
    """List the strategies, or show one with its parameters, their units and bounds.

    \b
    Examples:
      orebody strategies
      orebody strategies ratio-rotation
    """
    from orebody.cli.terminal import print_strategies, print_strategy
    from orebody.registry import find
    from orebody.registry import strategies as every

    if name is None:
        print_strategies(every())
    else:
        print_strategy(find(name))
