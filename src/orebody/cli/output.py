"""How a command answers: in words, as one JSON document, or with nothing but where files were written; and which files those are."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from orebody.cli.progress_lines import step
from orebody.cli.stdout import echo
from orebody.errors import ParameterError

__all__ = ["CommandOutput", "command_line", "output_from"]

_OPTIONS = {"page": "--html", "tearsheet": "--tearsheet", "table": "--table"}
"""What is written as a file of its own, and the option that says where."""


@dataclass(frozen=True)
class CommandOutput:
    """What was asked of an answer, refused before anything runs where it cannot be given.

    Parameters
    ----------
    quiet
        Print nothing but where files were written.
    as_json
        Print one JSON document and nothing else.
    places
        Where each thing that the command can write goes; None is not asked for.
    force
        Whether files that somebody else wrote or changed may be replaced.
    prices
        The source of the prices; what lies in a folder of prices is not replaced by force either.
    """

    quiet: bool
    as_json: bool
    places: dict[str, str | None]
    force: bool = False
    prices: str | None = None

    def __post_init__(self) -> None:
        """Raise `ParameterError` unless it can be printed in one way, and each file be written to a place of its own."""
        if self.quiet and self.as_json:
            raise ParameterError("--quiet and --json are two ways to print: give one of them")
        files = [(what, option, place) for what, option in _OPTIONS.items() if (place := self.places.get(what)) is not None]
        taken: dict[Path, str] = {}
        for _, option, place in files:
            first = taken.setdefault(Path(place).absolute(), option)
            if first != option:
                raise ParameterError(f"{option} and {first} are both {place!r}: give two files")
        for what, option, place in files:
            from orebody.io.owned_files import PAGES, check_output

            check_output(place, overwrite=self._may_replace(place))
            if what != "table" and not place.lower().endswith(PAGES):
                raise ParameterError(f"{option} is {place!r}: it is written as an HTML page, so give a name that ends in .html")
        table = self.places.get("table")
        if table is not None:
            from orebody.export import check

            check(table)

    def _may_replace(self, place: str) -> bool:
        """Whether whatever plain file is at a place may be replaced."""
        if not self.force or self.prices is None:
            return self.force
        return not Path(os.path.realpath(place)).is_relative_to(os.path.realpath(self.prices))

    def give(
        self, words: Callable[[], object], document: Callable[..., dict[str, Any]], **writers: Callable[..., Path]
    ) -> dict[str, Path | None]:
        """Print what came out, write what was asked for, say where it is, and return that.

        `words` prints for a person. `document` makes what ``--json`` prints; it is called with the path of each thing that can be
        written, by its name, None where it was not. `writers` write them, in this order; they are called with the place and `overwrite`.
        """
        from orebody.cli.show.json_document import print_document

        if not (self.quiet or self.as_json):
            words()
        places = {what: self.places[what] for what in writers}
        written: dict[str, Path | None] = dict.fromkeys(places)
        for what, place in places.items():
            if place is not None:
                written[what] = _write_file(what, place, partial(writers[what], overwrite=self._may_replace(place)))
        if self.as_json:
            print_document(document(**written))
            return written
        for what, path in written.items():
            if path is not None:
                echo(f"{path}" if self.quiet else f"{what.capitalize()}: {path}")
        return written


def output_from(options: dict[str, Any]) -> CommandOutput:
    """Return the answer that was asked for with --quiet, --json and the options that name files."""
    places = {"report": "out", "page": "html", "tearsheet": "tearsheet", "table": "table"}
    return CommandOutput(
        options["quiet"],
        options["as_json"],
        {what: options.get(name) for what, name in places.items()},
        options["force"],
        options.get("source"),
    )


def command_line() -> str | None:
    """Return the command line as it was typed, for a report to show, or None where there was none."""
    return shlex.join(["orebody", *sys.argv[1:]]) if len(sys.argv) > 1 else None


def _write_file(what: str, place: str, write: Callable[[str], Path]) -> Path:
    step(f"writing the {what}: {place}")
    return write(place)
