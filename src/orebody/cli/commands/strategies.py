"""``orebody strategies``: which there are, and what their parameters mean."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("strategies")
@click.argument("name", required=False, metavar="[STRATEGY]")
def command(name: str | None) -> None:
    """List the strategies, or show one with its parameters, their units and bounds.

    \b
    Examples:
      orebody strategies
      orebody strategies ratio-rotation
    """
    from orebody.cli.show.strategies import print_strategies, print_strategy
    from orebody.registry import find
    from orebody.registry import strategies as every

    if name is None:
        print_strategies(every())
    else:
        print_strategy(find(name))
