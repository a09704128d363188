"""``orebody``: finds the command, and turns every refusal into one line."""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click
from click.shell_completion import CompletionItem

import orebody
from orebody.cli.error_messages import for_cli
from orebody.cli.own_strategies import raised_in_own_file
from orebody.cli.stdout import escape_unprintable, flush, silence_stdout
from orebody.errors import OrebodyError, unknown_name
from orebody.io.home import provide_home
from orebody.io.text import printable_lines

__all__ = ["COMPLETING", "cli", "main"]

_LONG_WORD = re.compile(r"\S{600,}")  # longer than any path that one types
COMPLETING = "_OREBODY_COMPLETE"
"""The environment variable with which a shell asks for completions; click's own name for it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; every refusal is one sentence on standard error and exit code 2, an interrupt exit code 130.

    A reader of standard output that closes it early (`head -1`) stops the printing, not the work.
    """
    escape_unprintable()
    provide_home()
    with warnings.catch_warnings():
        warnings.showwarning = _warn
        sys.exit(_run(list(sys.argv[1:] if arguments is None else arguments)))


def _warn(message: Warning | str, *where: object, **more: object) -> None:
    """Print a warning in one plain line, without the place in the code that raised it."""
    click.echo(printable_lines(f"orebody: warning: {message}"), err=True)


def _run(arguments: list[str]) -> int:
    if any("\0" in one for one in arguments):
        return _print_refusal("an argument holds a NUL character, which no name, path or number does: take it out")
    try:
        outcome = cli.main(args=arguments, prog_name="orebody", standalone_mode=False)
        flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except (click.ClickException, OrebodyError) as error:
        return _print_refusal(for_cli(error, " ".join(["orebody", *(one for one in arguments[:1] if one in _NAMES)])))
    except OSError as error:
        return _print_refusal(raised_in_own_file(error) or _of_limits(error) or _of_the_system(error))
    except (KeyboardInterrupt, click.Abort) as stop:
        if isinstance(stop.__cause__, EOFError):  # click takes every one for a reader who pressed Ctrl-D
            return _print_refusal(raised_in_own_file(stop.__cause__) or f"something that was read ended early: {stop.__cause__!s:.200}")
        click.echo("orebody: interrupted; every file that is there is whole", err=True)
        return 130
    except SystemExit as stopped:
        if COMPLETING in os.environ:
            return stopped.code if isinstance(stopped.code, int) else 0
        if _raised_by_click(stopped):
            return 141  # its answer to a pipe that closed while it printed help
        return _print_refusal(raised_in_own_file(stopped) or f"a package that was used ended the program: sys.exit({stopped.code!r:.100})")
    except Exception as error:
        sentence = raised_in_own_file(error) or _of_limits(error)
        if sentence is None:
            raise
        return _print_refusal(sentence)
    return outcome if isinstance(outcome, int) else 0


def _raised_by_click(error: BaseException) -> bool:
    """Whether click itself raised it, and nothing that a command called."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    return frame.f_globals.get("__name__") == "click.core"


def _of_limits(error: Exception) -> str | None:
    """Return in a sentence which limit of the system was reached, or None where it was none."""
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return "the system allows no more threads or processes: raise its limit (ulimit -u), or end others"
    limit = _memory_limit()
    failed = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    # out of memory, a library that is not loaded and C code are heard of in other words
    unclear = isinstance(error, ImportError | SystemError) or (isinstance(error, OSError) and error.errno is None)
    if not failed and (limit is None or not unclear):
        return None
    remedy = "take fewer tickers, points or paths, a shorter period, or a larger machine"
    return f"there is not enough memory: {remedy if limit is None else f'the limit is {limit:,.0f} MB (ulimit -v), raise it, or {remedy}'}"


def _memory_limit() -> float | None:
    """Return how many megabytes this process may have, or None where there is no limit."""
    if sys.platform == "win32":
        return None
    import resource

    limits = (resource.getrlimit(which)[0] for which in (resource.RLIMIT_AS, resource.RLIMIT_DATA))
    return min((limit / 1e6 for limit in limits if limit != resource.RLIM_INFINITY), default=None)


def _of_the_system(error: OSError) -> str:
    """Return in a sentence what the system refused: the folder one is in, standard output, or a file."""
    try:
        Path.cwd()
    except OSError:
        return "the folder you are in is no longer there: go to one that is"
    if error.errno is None:
        return f"something that is needed cannot be used: {error!s:.300}"
    if error.filename is None:
        silence_stdout()
        return f"cannot print what came out: {error.strerror or error}; what is printed goes to a full disk or a closed device"
    return f"{error.filename}: {error.strerror}"


def _print_refusal(message: str) -> int:
    """Print it in one plain line, a list a line each: control characters in what the user typed never reach the terminal."""
    click.echo(printable_lines(f"orebody: {_LONG_WORD.sub(_shorten, message)}"), err=True)
    return 2


def _shorten(word: re.Match[str]) -> str:
    """Return the two ends of a word that would fill the terminal."""
    return f"{word[0][:120]}[... {len(word[0]) - 160} characters ...]{word[0][-40:]}"


_COMMANDS = {
    "Backtests": {
        "backtest": "Run one strategy; print its figures beside the metal's.",
        "compare": "Compare strategies with each other, and with holding.",
        "run": "Run a study: one file that says everything a run needs.",
        "strategies": "List the strategies, or show one.",
    },
    "Research": {
        "gearing": "Show by how much more miners move than the metal, and why.",
        "scenarios": "Run strategies on resampled paths: bullish, bearish or yours.",
        "significance": "Judge whether strategies beat the metal by more than luck.",
        "stress": "Show how strategies fared in 2008, March 2020 and their like.",
        "sweep": "Run one strategy at many points of its parameters.",
        "walk-forward": "Choose parameters on the past alone, and trade what came next.",
    },
    "Prices": {
        "data": "Show what is cached, how old it is, and what is wrong with it.",
        "fetch": "Download a universe or tickers into the cache.",
    },
    "This installation": {
        "completion": "Print what makes your shell complete orebody's commands.",
        "doctor": "Check that all is well, and say what to do where it is not.",
    },
}
"""Each command, in `orebody.cli.commands.<name>`, and what it does in a line; read for help, so that help imports none of them."""

_NAMES = sorted(name for group in _COMMANDS.values() for name in group)


class Commands(click.Group):
    """The commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return _NAMES

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, or None where there is none."""
        if cmd_name not in _NAMES:
            return None
        command: click.Command = import_module(f"orebody.cli.commands.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that was typed, or raise `UnknownNameError` with the nearest."""
        if args[0] not in _NAMES and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise unknown_name("command", args[0], _NAMES)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command without importing any."""
        if incomplete.startswith("-"):
            return [CompletionItem(word) for word in ("--help", "--version") if word.startswith(incomplete)]
        told = {name: about for group in _COMMANDS.values() for name, about in group.items()}
        return [CompletionItem(name, help=told[name]) for name in _NAMES if name.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the lists of commands without importing them."""
        width = max(map(len, _NAMES))
        for group, commands in _COMMANDS.items():
            with formatter.section(group):
                formatter.write_dl([(name.ljust(width), about) for name, about in commands.items()])


_ENDING = """\b
orebody COMMAND --help shows the options of a command, with examples.
Exit codes: 0 done; 1 the doctor found a problem; 2 refused, standard error
says why in one sentence; 130 interrupted, every file that is there is whole."""


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_ENDING,
    subcommand_metavar="COMMAND …",
)
@click.version_option(orebody.__version__, prog_name="orebody")
def cli() -> None:
    """Backtest miners against metal: is it better to hold gold, to hold the companies that dig it up, or to move between the two?

    \b
    Try it on the embedded, simulated sample:
      orebody compare gold --source sample --out report
    On your own prices, a folder with GLD.csv and GDX.csv:
      orebody compare gold --source prices/ --contribution 1000
    On Yahoo's:
      orebody compare gold --start 2006-05-22
    """
