"""``orebody``: finds the command, and turns every refusal into one line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

import orebody
from orebody.cli.output import printable
from orebody.errors import OrebodyError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every refusal is one sentence on standard error and exit code 2, an interrupt exit code 130.

    A reader of standard output that closes it early (`head -1`) stops the printing, not the work.
    """
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
    except SystemExit:
        return 141  # click's answer to a pipe that closed while it printed help
    return outcome if isinstance(outcome, int) else 0


def _refused(message: str) -> int:
    """Say it in one plain line: control characters in what the user typed never reach the terminal."""
    click.echo(f"orebody: {printable(message)}", err=True)
    return 2


_COMMANDS = {
    "backtest": "Run one strategy; print its figures beside the metal's.",
    "compare": "Compare strategies with each other, and with holding.",
    "data": "Show what is cached, how old it is, and what is wrong with it.",
    "fetch": "Download a universe or tickers into the cache.",
    "scenarios": "Run strategies on many paths resampled from history, tilted to what might come.",
    "significance": "Judge whether strategies, or a sweep's points, are better than the metal by more than luck.",
    "gearing": "Show by how much more miners move than the metal, and why.",
    "stress": "Show what happened to strategies in 2008, in March 2020 and their like.",
    "strategies": "List the strategies, or show one.",
    "sweep": "Run one strategy at many points of its parameters.",
    "walk-forward": "Choose parameters on the past alone, and trade them on what came next.",
}
"""Each command, in `orebody.cli.commands.<name>`, and what it does in a line; read for help, so that help imports none of them."""


class Commands(click.Group):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, or None where there is none."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"orebody.cli.commands.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name]) for name in self.list_commands(ctx)])


_EXITS = """\b
Exit codes: 0 done; 2 refused, standard error says why in one sentence;
130 interrupted, what was there before is as it was.
`orebody COMMAND --help` shows the options of a command, with examples."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=_EXITS)
@click.version_option(orebody.__version__, prog_name="orebody")
def cli() -> None:
    """Backtest miners against metal: hold, average into, or rotate between a metal and its producers.

    \b
    Try it on the embedded, simulated sample:
      orebody compare gold --source sample --out report
    On your own prices, a folder with GLD.csv and GDX.csv:
      orebody compare --metal GLD --miners GDX --source prices/ --contribution 1000
    """
