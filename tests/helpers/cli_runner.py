"""The command line, called in this process: its exit code, and what it said."""

from __future__ import annotations

import re

import pytest

from orebody.cli.main import main


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit code, standard output, and standard error but for the steps, of `orebody` with these arguments."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    said = capsys.readouterr()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code, said.out, without_steps(said.err)


def without_steps(text: str) -> str:
    """Return standard error without the lines that say which step begins, as ``   0.3 s  prices of gold``."""
    return re.sub(r"(?m)^ *\d+\.\d s  .*\n", "", text)
