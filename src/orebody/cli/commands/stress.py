"""``orebody stress``: what happened to each strategy in named stretches of history."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.options import account_from, check_place, market_from, market_options
from orebody.cli.settings import runnable, strategies_from
from orebody.errors import ParameterError

__all__ = ["command"]


@click.command("stress")
@market_options
@click.option("--strategy", "names", multiple=True, metavar="NAME", help="A strategy to look at; repeat it for more. All by default.")
@click.option("--set", "changes", multiple=True, metavar="NAME.PARAM=VALUE", help="A parameter, such as ratio-rotation.window=120.")
@click.option("--episode", "given", multiple=True, metavar="NAME=FIRST..LAST", help="An episode of your own, by its two closes; repeat it.")
@click.option("--html", metavar="FILE", help="Also write the page, an HTML file.")
def command(names: tuple[str, ...], changes: tuple[str, ...], given: tuple[str, ...], html: str | None, **asked: Any) -> None:
    """Show what happened to each strategy in 2008, from 2011 to 2016, in March 2020, in 2025 and on 30 January 2026.

    Each strategy runs over all prices once and comes into an episode holding what it then held. With --episode only yours are shown.

    \b
    Examples:
      orebody stress gold --source sample
      orebody stress gold --source prices/ --episode "2013 crash=2013-04-09..2013-06-27"
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.ranking import print_left_out
    from orebody.cli.show.stress import print_stress
    from orebody.research.stress import stress

    check_place(html)
    episodes = episodes_from(given)
    strategies = strategies_from(names, changes)
    market, account = market_from(asked), account_from(asked)
    if not names:
        strategies, left_out = runnable(strategies, market)
        print_left_out(left_out)
    with progress() as tell:
        result = stress(strategies, market, account, episodes, start=asked["opening"], progress=tell)
    print_stress(result)
    if html is not None:
        click.echo(f"Page: {result.report(html)}")


def episodes_from(texts: tuple[str, ...]) -> dict[str, tuple[str, str]] | None:
    """Return the episodes that ``NAME=FIRST..LAST`` texts give, or None where there are none."""
    episodes: dict[str, tuple[str, str]] = {}
    for text in texts:
        name, equals, dates = text.partition("=")
        first, dots, last = dates.partition("..")
        if not (name.strip() and equals and dots):
            raise ParameterError(f"--episode {text!r}: write it as NAME=FIRST..LAST, such as '2013 crash=2013-04-09..2013-06-27'")
        if name.strip() in episodes:
            raise ParameterError(f"--episode gives {name.strip()!r} twice: name each once")
        episodes[name.strip()] = (first.strip(), last.strip())
    return episodes or None
