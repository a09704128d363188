"""Universes of users' own, in a TOML file: a table for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orebody.errors import DataError, OrebodyError, ParameterError, unknown_name
from orebody.io.toml import read, tables_in
from orebody.market.universe import Universe

__all__ = ["KEYS", "in_file", "names_a_file", "read_universes", "universe_from"]

_ENDING = ".toml"
_LONGEST = 255  # of a file's name, as file systems have it
_TEXTS = ("metal", "currency")
_TABLES = ("since", "until", "names")
KEYS = ("metal", "miners", *_TABLES, "currency")


def read_universes(path: str | Path) -> dict[str, Universe]:
    """Return the universes of a TOML file by name, in the file's order.

    Each table is a universe, and its heading the name::

        [my-gold]
        metal = "GLD"
        miners = ["NEM", "B", "FRES.L"]
        since = { B = 2025-05-09 }
        names = { B = "Barrick", "FRES.L" = "Fresnillo" }
        currency = "USD"

    ``metal`` and ``miners`` are needed, the others mean what they mean in `orebody.Universe`.

    Parameters
    ----------
    path
        Of the file.

    Raises
    ------
    MissingFileError
        When the file is not there; the nearest file name is suggested.
    DataError
        For a file that is no TOML, or has no table.
    ParameterError
        For a key that is missing or holds the wrong thing, and for what `orebody.Universe` refuses.
    UnknownNameError
        For a key that is none of the above, and for dates or names of what is not in the universe.
    """
    path = Path(path)
    tables = tables_in(read(path), path.name)
    loose = [key for key, value in tables.items() if not isinstance(value, dict)]
    if loose:
        raise ParameterError(f"{path.name}: {loose[0]} stands outside a table: put a heading such as [my-gold] above it")
    if not tables:
        raise DataError(f"{path.name} holds no universe: write a table for each, [my-gold], with metal and miners")
    return {name: universe_from(name, table, path.name, f"{path.name}, [{name}]") for name, table in tables.items()}


def names_a_file(asked: str) -> bool:
    """Return whether a universe is asked for as ``file.toml`` or ``file.toml:name``."""
    return asked.lower().endswith(_ENDING) or f"{_ENDING}:" in asked.lower()


def in_file(asked: str) -> Universe:
    """Return the universe that ``file.toml`` holds, or the one that ``file.toml:name`` names.

    Raises
    ------
    ParameterError
        When the file holds several and none is named.
    UnknownNameError
        When it holds none of that name.
    MissingFileError, DataError, ParameterError, UnknownNameError
        As `read_universes` does.
    """
    if asked.lower().endswith(_ENDING):
        file, name = asked, None
    else:
        at = asked.lower().rindex(f"{_ENDING}:") + len(_ENDING)
        file, name = asked[:at], asked[at + 1 :]
    if not file.isprintable() or len(Path(file).name) > _LONGEST:
        raise ParameterError(f"{file[-_LONGEST:]!r} is not the name of a file: up to {_LONGEST} characters that can be printed are")
    universes = read_universes(file)
    if name is not None:
        if name not in universes:
            raise unknown_name(f"universe in {Path(file).name}", name[:100], universes)
        return universes[name]
    if len(universes) > 1:
        raise ParameterError(
            f"{Path(file).name} holds {len(universes)} universes, {', '.join(universes)}: name one, as '{file}:{next(iter(universes))}'"
        )
    return next(iter(universes.values()))


def universe_from(name: str, table: Mapping[str, Any], file: str, where: str) -> Universe:
    """Return the universe that a table of a file describes.

    Parameters
    ----------
    name
        Of the universe.
    table
        Its keys are `KEYS`.
    file, where
        What messages call the file, and the table in it.

    Raises
    ------
    ParameterError, UnknownNameError
        As `read_universes` does.
    """
    for key in table:
        if key not in KEYS:
            raise unknown_name(f"key in {where}", key, KEYS)
    for key, example in (("metal", 'metal = "GLD"'), ("miners", 'miners = ["GDX"]')):
        if key not in table:
            raise ParameterError(f"{where} has no {key}: write {example}")
    for key, value in table.items():
        if key in _TEXTS and not isinstance(value, str):
            raise ParameterError(f"{where}: {key} is {value!r}: give a text in quotes")
        if key == "miners" and not (isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))):
            raise ParameterError(f'{where}: miners is {value!r}: give a list of tickers, ["NEM", "B"]')
        if key in _TABLES:
            _check_table(value, f"{where}: {key}")
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    try:
        return Universe(name, **given)
    except OrebodyError as error:
        raise type(error)(f"{file}: {error}") from None


def _check_table(value: object, where: str) -> None:
    """Raise `ParameterError` unless a value is a table of single values by ticker."""
    if not isinstance(value, dict):
        raise ParameterError(f"{where} is {value!r}: give a table by ticker, {{ B = ... }}")
    nested = [key for key, inner in value.items() if isinstance(inner, dict)]
    if nested:
        raise ParameterError(
            f'{where}: {nested[0]} is a table: put a ticker that has a dot in quotes, "{nested[0]}.{next(iter(value[nested[0]]), "")}"'
        )
