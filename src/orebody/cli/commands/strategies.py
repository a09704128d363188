"""``orebody strategies``: the strategies and their parameters."""

from __future__ import annotations

import click

from orebody.cli import completion
from orebody.cli.help_groups import STRATEGIES, Command, argument

__all__ = ["command"]


@click.command("strategies", cls=Command)
@argument(
    "name",
    group=STRATEGIES,
    about="The one to show with its parameters.",
    required=False,
    metavar="[STRATEGY]",
    shell_complete=completion.strategies,
)
def command(name: str | None) -> None:
    """List the strategies, or show one with its parameters.

    \b
    Examples:
      orebody strategies
      orebody strategies ratio-rotation
    """
    from orebody.cli.own_strategies import strategy_class
    from orebody.cli.show.strategies import print_strategies, print_strategy
    from orebody.registry import strategies as every

    if name is None:
        print_strategies(every())
    else:
        print_strategy(strategy_class(name))
