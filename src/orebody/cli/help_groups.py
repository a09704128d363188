"""Commands whose help stands under headings: every option and argument says to which it belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from orebody.cli.progress_lines import begin

__all__ = [
    "ACCOUNT",
    "COSTS",
    "MARKET",
    "OUTPUT",
    "PRICES",
    "STRATEGIES",
    "YAHOO",
    "Command",
    "argument",
    "one_of",
    "option",
]

MARKET, STRATEGIES, PRICES, ACCOUNT, COSTS, YAHOO, OUTPUT = (
    "Market",
    "Strategies",
    "Prices",
    "Account",
    "Costs",
    "Yahoo and its cache",
    "Output",
)
_ORDER = (MARKET, STRATEGIES, "", PRICES, ACCOUNT, COSTS, YAHOO, OUTPUT)  # a heading that a command has to itself stands where "" does

Completed = Callable[[click.Context, click.Parameter, str], Sequence[CompletionItem]]


class Option(click.Option):
    """An option under a heading; numbers among the defaults are shown as a person writes them."""

    def __init__(self, *names: Any, group: str, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.group = group

    def get_help_extra(self, ctx: click.Context) -> Any:
        """Return what stands in brackets behind the help."""
        extra = super().get_help_extra(ctx)
        if "default" in extra and type(self.default) in (int, float):
            extra["default"] = f"{self.default:,.10g}"
        return extra


class Argument(click.Argument):
    """An argument with a line of help, under a heading."""

    def __init__(self, *names: Any, group: str, about: str, **settings: Any) -> None:
        super().__init__(*names, **settings)
        self.group, self.about = group, about

    def get_help_record(self, ctx: click.Context) -> tuple[str, str]:  # type: ignore[override, unused-ignore]  # releases of click differ in whether None may come
        """Return how it is written, and what it means."""
        return self.make_metavar(ctx), self.about


class Command(click.Command):
    """A command whose help has its options under headings; one that takes ``--quiet`` says at once that it has begun."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what was typed is well-formed."""
        if "quiet" in ctx.params and not ctx.params.get("schema"):
            begin(ctx)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each heading with what belongs to it."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                groups.setdefault(getattr(parameter, "group", OUTPUT), []).append(record)
        for group in sorted(groups, key=lambda name: _ORDER.index(name if name in _ORDER else "")):
            with formatter.section(group):
                formatter.write_dl(groups[group])


def option(*names: str, group: str, **settings: Any) -> Callable[[Any], Any]:
    """Add an option to a command, under the heading `group`; a default is shown."""
    shown = settings.get("default") is not None and not settings.get("is_flag")
    return click.option(*names, cls=Option, group=group, **{"show_default": shown, **settings})


def argument(*names: str, group: str, about: str, **settings: Any) -> Callable[[Any], Any]:
    """Add an argument to a command, under the heading `group`, with the line `about`."""
    return click.argument(*names, cls=Argument, group=group, about=about, **settings)


def one_of(words: Iterable[str]) -> Completed:
    """Return what completes one of a few words; whether what was typed is one of them is checked where it is used."""
    given = tuple(words)
    return lambda ctx, parameter, typed: [CompletionItem(word) for word in given if word.startswith(typed)]
