"""``orebody gearing``: by how much more the miners move than the metal, and what their costs say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from orebody.cli.options import account_from, check_places, market_from, market_options
from orebody.cli.settings import strategies_from
from orebody.errors import ParameterError

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.market.market import Market
    from orebody.research.gearing import Decomposition
    from orebody.strategy import Strategy

__all__ = ["command"]


@click.command("gearing")
@market_options
@click.option("--frequency", default="day", show_default=True, metavar="PERIOD", help="Returns by day, week or month.")
@click.option("--window", type=int, metavar="RETURNS", help="Returns in a rolling window; a year of them by default.")
@click.option("--returns", "kind", default="log", show_default=True, metavar="log|simple", help="Which returns.")
@click.option("--move", type=float, default=0.2, show_default=True, help="Change of the spot price for which profit is told.")
@click.option("--strategy", "names", multiple=True, metavar="NAME", help="Also take apart this strategy's return; repeat it for more.")
@click.option("--set", "changes", multiple=True, metavar="NAME.PARAM=VALUE", help="A parameter, such as ratio-rotation.window=120.")
@click.option("--html", metavar="FILE", help="Also write the page, an HTML file.")
@click.option("--table", "table", metavar="FILE", help="Also write the rolling betas as .csv or .parquet.")
def command(
    frequency: str,
    window: int | None,
    kind: str,
    move: float,
    names: tuple[str, ...],
    changes: tuple[str, ...],
    html: str | None,
    table: str | None,
    **asked: Any,
) -> None:
    """Show by how much more miners move than the metal: beta, up and down, capture, leads and lags, regimes, and what costs imply.

    With --strategy, what its return was made of: the metal, the miners' gearing, the miners themselves, timing, cash and costs.

    \b
    Examples:
      orebody gearing gold-producers --source sample
      orebody gearing gold --source prices/ --frequency week --html gearing.html
      orebody gearing gold --source prices/ --strategy ratio-rotation
    """
    from orebody.cli.show.gearing import print_gearing
    from orebody.research.gearing import gearing

    check_places({"--html": html}, table)
    if changes and not names:
        raise ParameterError("--set changes a strategy, and none is named: add --strategy NAME")
    strategies = strategies_from(names, changes) if names else {}
    market, account = market_from(asked), account_from(asked)
    result = gearing(market, window=window, frequency=frequency, returns=kind, move=move)
    print_gearing(result)
    apart = _taken_apart(strategies, market, account, asked["opening"]) if strategies else None
    if html is not None:
        click.echo(f"Page: {result.report(html, apart)}")
    if table is not None:
        click.echo(f"Table: {result.save(table)}")


def _taken_apart(strategies: dict[str, Strategy], market: Market, account: Account, start: str | None) -> Decomposition:
    from orebody.cli.show.console import progress
    from orebody.cli.show.gearing import print_decomposition
    from orebody.comparison import compare
    from orebody.research.gearing import decompose

    with progress() as tell:
        comparison = compare(strategies, market, account, engine="compiled", start=start, progress=tell)
    apart = decompose(comparison)
    print_decomposition(apart)
    click.echo(comparison.opening)
    return apart
