"""``orebody significance``: how much of a comparison, or of a sweep, is more than luck."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.options import account_from, check_places, market_from, market_options
from orebody.cli.output import say
from orebody.cli.settings import grid_from, runnable, strategies_from
from orebody.errors import ParameterError

__all__ = ["command"]


@click.command("significance")
@market_options
@click.option("--strategy", "names", multiple=True, metavar="NAME", help="A strategy to judge; repeat it for more. All by default.")
@click.option("--set", "changes", multiple=True, metavar="NAME.PARAM=VALUE", help="A parameter, such as ratio-rotation.window=120.")
@click.option(
    "--grid", "grid", multiple=True, metavar="PARAM=VALUES", help="Judge a sweep of the one --strategy: 0.5,1,1.5 or 20:260:5; repeat it."
)
@click.option(
    "--metric", "metrics", multiple=True, metavar="NAME", help="A figure to give an interval, such as cagr; repeat it. All by default."
)
@click.option("--samples", type=int, default=2000, show_default=True, help="Resampled histories, and twins of each strategy.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all draws.")
@click.option("--level", type=float, default=0.95, show_default=True, help="Probability between the ends of an interval.")
@click.option("--tried", type=int, metavar="COUNT", help="How many were tried in all; what runs here by default.")
@click.option("--blocks", type=int, default=16, show_default=True, help="Of the probability of overfitting; even.")
@click.option("--html", metavar="FILE", help="Also write the page, an HTML file.")
def command(
    names: tuple[str, ...],
    changes: tuple[str, ...],
    grid: tuple[str, ...],
    metrics: tuple[str, ...],
    html: str | None,
    **asked: Any,
) -> None:
    """Judge whether strategies, or the points of a sweep, are better than holding the metal by more than luck.

    \b
    Examples:
      orebody significance gold --source sample
      orebody significance gold --source sample --strategy ratio-rotation --tried 60
      orebody significance gold --source sample --strategy ratio-rotation --grid window=20:260:20 --grid entry=0.5,1,1.5
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.ranking import print_left_out
    from orebody.cli.show.significance import print_significance
    from orebody.comparison import Comparison, compare
    from orebody.research.significance.judge import significance
    from orebody.research.sweep import Sweep, sweep

    check_places({"--html": html}, None)
    if grid and len(names) != 1:
        raise ParameterError("--grid needs the one strategy whose points are to be judged: give --strategy once")
    strategies = strategies_from(names, changes)
    market, account = market_from(asked), account_from(asked)
    if not names:
        strategies, left_out = runnable(strategies, market)
        print_left_out(left_out)
    options = {name: asked[name] for name in ("samples", "seed", "level", "tried", "blocks")}
    if metrics:
        options["metrics"] = metrics
    source: Comparison | Sweep
    with progress() as tell:
        if grid:
            (base,) = strategies.values()
            source = sweep(base, grid_from(base, grid), market, account, keep="equity", start=asked["opening"], progress=tell)
        else:
            source = compare(strategies, market, account, engine="compiled", start=asked["opening"], progress=tell)
        found = significance(source, progress=tell, **options)
    print_significance(found)
    if html is not None:
        say(f"Page: {found.report(html)}")
