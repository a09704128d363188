"""The field's words: no private vocabulary in names, help and headings; a glossary has each term once."""

from __future__ import annotations

import io
import re
import tokenize
from functools import cache
from pathlib import Path

import click
import pytest

import orebody
import orebody_strategies
from orebody.cli.main import cli
from project import DOCS

PACKAGES = (Path(orebody.__file__).parent, Path(orebody_strategies.__file__).parent)

# Words of no quant's vocabulary, and what to write instead.
PRIVATE = {
    "deaf": "ignoring",
    "desk": "broker, workspace",
    "door": "validation",
    "harbour": "safe haven",
    "mend": "fix, repair",
    "mended": "repaired",
    "yardstick": "benchmark",
    "yardsticks": "benchmarks",
}
HEADINGS = re.compile(r"\b(door|mend\w*|yardsticks?|skilless|twins?|spell|harbour|desk|seams?|deaf)\b", re.IGNORECASE)


@cache
def sources() -> tuple[Path, ...]:
    return tuple(path for package in PACKAGES for path in sorted(package.rglob("*.py")))


def parts(name: str) -> list[str]:
    """Return the words of a name in snake or camel case."""
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().split("_")


def place(path: Path) -> str:
    package = next(package for package in PACKAGES if path.is_relative_to(package))
    return path.relative_to(package.parent).as_posix()


def test_names_are_words_of_the_field() -> None:
    found = {
        f"{place(path)}: {token.string} ({PRIVATE[word]})"
        for path in sources()
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        if token.type == tokenize.NAME
        for word in parts(token.string)
        if word in PRIVATE
    }
    assert not found, "\n".join(sorted(found))


def commands(group: click.Command, name: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found = [(name, group)]
    if isinstance(group, click.Group):
        context = click.Context(group)
        for one in group.list_commands(context):
            command = group.get_command(context, one)
            assert command is not None
            found += commands(command, (*name, one))
    return found


def test_help_is_in_words_of_the_field() -> None:
    found = []
    for name, command in commands(cli):
        text = command.get_help(click.Context(command, info_name=" ".join(("orebody", *name))))
        found += [f"{' '.join(name)}: {match[0]}" for match in HEADINGS.finditer(text)]
    assert not found
    assert len(commands(cli)) > 10


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_headings_of_the_docs_are_in_words_of_the_field(page: Path) -> None:
    headings = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert not [line for line in headings if HEADINGS.search(line)]


def test_headings_of_reports_are_in_words_of_the_field() -> None:
    templates = sorted((PACKAGES[0] / "report" / "templates").glob("*.j2"))
    assert templates
    headings = [(one.name, text) for one in templates for text in re.findall(r"<h\d[^>]*>(.*?)</h\d>", one.read_text(encoding="utf-8"))]
    assert headings
    assert not [(name, text) for name, text in headings if HEADINGS.search(text)]


def test_the_glossary_has_one_sentence_for_each_term() -> None:
    lines = (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
    terms = [line for line in lines if line.startswith("**")]
    names = [re.match(r"\*\*(.+?)\*\*: \S", line) for line in terms]
    assert all(names)
    assert len({match[1].lower() for match in names if match}) == len(terms) >= 60
