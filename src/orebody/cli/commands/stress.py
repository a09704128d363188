"""``orebody stress``: each strategy in named episodes of history."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from orebody.cli.arguments import runs_from
from orebody.cli.help_groups import Command, option
from orebody.cli.options import file_option, market_options, output_options, strategy_options
from orebody.cli.output import output_from
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
def command(given: tuple[str, ...], **options: Any) -> None:
    """Show how each strategy fared in 2008, from 2011 to 2016, in March 2020, in 2025 and on 30 January 2026.

    Each strategy runs over all prices once and comes into an episode holding what it then held.

    \b
    Examples:
      orebody stress gold --source sample
      orebody stress gold --source sample \\
        --episode "2013 crash=2013-04-09..2013-06-27"
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.json_research import of_stress
    from orebody.cli.show.ranking import print_left_out
    from orebody.cli.show.stress import print_stress
    from orebody.research.stress.analysis import stress

    answer, episodes = output_from(options), episodes_from(given)
    runs = runs_from(options)
    with progress() as tell:
        result = stress(runs.strategies, runs.market, runs.account, episodes, start=options["account_start"], progress=tell)

    def words() -> None:
        print_stress(result)
        print_left_out(runs.left_out)

    answer.give(words, partial(of_stress, result, left_out=runs.left_out), table=result.save, page=result.report)


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
