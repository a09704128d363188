"""``orebody scenarios``: every strategy on many paths resampled from history, tilted to what might come."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from orebody.cli.arguments import runs_from
from orebody.cli.help_groups import Command, one_of, option
from orebody.cli.options import file_option, market_options, output_options, strategy_options, workers_option
from orebody.cli.output import output_from
from orebody.errors import ParameterError

if TYPE_CHECKING:
    from orebody.research.scenarios import Scenario

__all__ = ["command", "scenarios_from"]

PATHS = "Paths"
_NUMBERS = ("drift", "volatility", "gearing", "alpha", "derating")


@click.command("scenarios", cls=Command)
@market_options
@strategy_options("One to run; repeat it for more. All by default.")
@option(
    "--scenario",
    "given",
    group=PATHS,
    multiple=True,
    metavar="NAME:PARAM=VALUE,…",
    shell_complete=one_of(("bullish", "bearish", "in between")),
    help="One of your own, or bullish, bearish, 'in between'; repeat it. Those three by default.",
)
@option("--horizon", group=PATHS, type=int, default=252, metavar="BARS", help="Length of a path.")
@option("--paths", group=PATHS, type=int, default=5000, metavar="COUNT", help="How many of each scenario.")
@option("--seed", group=PATHS, type=int, default=0, metavar="NUMBER", help="Of the random numbers.")
@option("--block", group=PATHS, type=float, metavar="BARS", help="Mean length of the blocks of days; measured by default.")
@workers_option
@file_option("--table", "Also write the table of outcomes, as .csv or .parquet.")
@file_option("--html", "Also write the page with tables and fans, an HTML file.")
@output_options
def command(given: tuple[str, ...], **options: Any) -> None:
    """Run strategies on thousands of paths drawn from the market's own days: bullish, bearish, in between, or yours.

    Paths go on from the last bar; accounts open on their first. These are resampled histories, no forecast. A scenario's parameters are
    drift, volatility, gearing, alpha, derating, crash=BAR/METAL/MINERS and pullback=EVERY/LENGTH/DEPTH.

    \b
    Examples:
      orebody scenarios gold --source sample --paths 500
      orebody scenarios gold --source sample --paths 500 \\
        --strategy ratio-rotation --scenario bearish --html scenarios.html \\
        --scenario "2013 again:drift=-0.3,volatility=1.3,crash=70/-0.09/-0.1"
    """
    from orebody.cli.show.console import progress
    from orebody.cli.show.json_research import of_scenarios
    from orebody.cli.show.ranking import print_left_out
    from orebody.cli.show.scenarios import print_scenarios
    from orebody.research.scenarios import scenarios

    answer, chosen = output_from(options), scenarios_from(given)
    runs = runs_from(options)
    if options["account_start"] is not None:
        raise ParameterError("--account-start: accounts open on the first bar of the paths, after the last of the prices; leave it out")
    arguments = {name: options[name] for name in ("horizon", "paths", "seed", "block", "workers")}
    with progress() as tell:
        result = scenarios(runs.strategies, runs.market, runs.account, scenarios=chosen, progress=tell, **arguments)

    def words() -> None:
        print_scenarios(result)
        print_left_out(runs.left_out)

    answer.give(words, partial(of_scenarios, result, left_out=runs.left_out), table=result.save, page=result.report)


def scenarios_from(texts: tuple[str, ...]) -> list[Scenario] | None:
    """Return the scenarios that ``NAME`` or ``NAME:PARAM=VALUE,…`` texts give, or None where there are none."""
    from orebody.research.scenarios import CASES, Scenario

    known, found = {one.name: one for one in CASES}, []
    for text in texts:
        name, colon, rest = (part.strip() for part in text.partition(":"))
        if not colon:
            if name not in known:
                raise ParameterError(
                    f"--scenario {text!r}: it is none of {', '.join(known)}; one of your own is NAME:PARAM=VALUE,…, such as 'flat:drift=0'"
                )
            found.append(known[name])
            continue
        settings: dict[str, Any] = {}
        for part in rest.split(","):
            what, equals, value = (one.strip() for one in part.partition("="))
            if not equals or what not in (*_NUMBERS, "crash", "pullback") or what in settings:
                raise ParameterError(
                    f"--scenario {text!r}: {part.strip()!r} is no new PARAM=VALUE with one of {', '.join(_NUMBERS)}, crash, pullback"
                )
            settings[what] = _figures(text, value, whole={"crash": 1, "pullback": 2}.get(what, 0), many=what in ("crash", "pullback"))
        found.append(Scenario(name, **settings))
    return found or None


def _figures(text: str, value: str, *, whole: int, many: bool) -> float | tuple[float, ...]:
    """Return a number, or, of several with strokes between, the first `whole` as whole numbers."""
    try:
        if not many:
            return float(value)
        return tuple(int(part) if at < whole else float(part) for at, part in enumerate(value.split("/")))
    except ValueError:
        raise ParameterError(f"--scenario {text!r}: {value!r} is not {'numbers as 21/-0.1/-0.13' if many else 'a number'}") from None
