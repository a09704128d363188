"""``orebody stress``: what happened to each strategy in named stretches of history."""

from __future__ import annotations

from typing import Any

import click

from orebody.cli.asking import Command, option
from orebody.cli.options import (
    account_from,
    check_output,
    check_places,
    file_option,
    market_from,
    market_options,
    output_options,
    strategy_options,
)
from orebody.cli.output import say_paths
from orebody.cli.settings import runnable, strategies_from
from orebody.errors import ParameterError

__all__ = ["command"]

EPISODES = "Episodes"


@click.command("stress", cls=Command)
@market_options
@strategy_options("One to look at; repeat it for more. All by default.")
@option(
    "--episode",
    "given",
    group=EPISODES,
    multiple=True,
    metavar="NAME=FIRST..LAST",
    help="An episode of your own, by its two closes; repeat it. Only yours are shown then.",
)
@file_option("--table", "Also write a row for each episode and strategy, as .csv or .parquet.")
@file_option("--html", "Also write the page, an HTML file.")
@output_options
def command(
    names: tuple[str, ...],
    changes: tuple[str, ...],
    given: tuple[str, ...],
    table: str | None,
    html: str | None,
    quiet: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """What happened to each strategy in 2008, from 2011 to 2016, in March 2020, in 2025 and on 30 January 2026?

    Each strategy runs over all prices once and comes into an episode holding what it then held.

    \b
    Examples:
      orebody stress gold --source sample
      orebody stress gold --source sample \\
        --episode "2013 crash=2013-04-09..2013-06-27"
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.document import print_document
    from orebody.cli.show.ranking import print_left_out
    from orebody.cli.show.research import of_stress
    from orebody.cli.show.stress import print_stress
    from orebody.research.stress import stress

    check_output(quiet=quiet, as_json=as_json)
    check_places({"--html": html}, table)
    episodes = episodes_from(given)
    strategies = strategies_from(names, changes)
    market, account = market_from(asked), account_from(asked)
    left_out: dict[str, str] = {}
    if not names:
        strategies, left_out = runnable(strategies, market)
    with progress() as tell:
        result = stress(strategies, market, account, episodes, start=asked["opening"], progress=tell)
    if not (quiet or as_json):
        print_left_out(left_out)
        print_stress(result)
    written = result.save(table) if table is not None else None
    page = result.report(html) if html is not None else None
    if as_json:
        print_document(of_stress(result, left_out=left_out, table=written, page=page))
    else:
        say_paths({"Table": written, "Page": page}, quiet=quiet)


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
