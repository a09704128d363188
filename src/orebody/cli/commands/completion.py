"""``orebody completion``: the script for completion in a shell."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, get_completion_class

from orebody.cli.help_groups import Command, argument, one_of
from orebody.cli.stdout import echo
from orebody.errors import unknown_name

__all__ = ["SHELLS", "Bash", "command"]

SHELLS = ("bash", "zsh", "fish")


class Bash(BashComplete):
    """click's completion for bash, which leaves the cursor behind ``window=`` and ``ratio-rotation.`` instead of adding a space."""

    source_template = BashComplete.source_template.replace(
        "    return 0\n", "    [[ ${#COMPREPLY[@]} -gt 0 && ${COMPREPLY[0]} == *[=.] ]] && compopt -o nospace\n\n    return 0\n", 1
    )


@click.command("completion", cls=Command)
@argument("shell", group="Shell", about="The shell that you use.", metavar="bash|zsh|fish", shell_complete=one_of(SHELLS))
def command(shell: str) -> None:
    """Complete commands, options, universes, strategies and their parameters in your shell.

    Prints a script for the shell to read; a few lines in its settings make it stay.

    \b
    Examples:
      orebody completion bash > ~/.orebody-completion
      orebody completion zsh > ~/.orebody-completion
      orebody completion fish > ~/.config/fish/completions/orebody.fish

    Then add ". ~/.orebody-completion" to ~/.bashrc, or to ~/.zshrc after compinit. In this shell alone: eval "$(orebody completion bash)".
    """
    from orebody.cli.main import COMPLETING, cli

    if shell not in SHELLS:
        raise unknown_name("shell", shell, SHELLS)
    kind = Bash if shell == "bash" else get_completion_class(shell)
    assert kind is not None  # click has all three
    echo(kind(cli, {}, "orebody", COMPLETING).source().strip())
