"""Reading TOML files that users write by hand."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from orebody.errors import DataError, MissingFileError

__all__ = ["read", "tables_in"]

_ENDING = ".toml"


def read(path: Path) -> str:
    """Return the text of a file, line ends and a byte order mark as they are.

    Raises
    ------
    MissingFileError
        When the file is not there; the nearest file name is suggested.
    DataError
        When it cannot be read, such as a folder, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        pass
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path.name} is not a readable TOML file: it is not UTF-8 (at line {line}); save it as UTF-8") from None
    except ValueError:  # a NUL in the name
        raise DataError(f"{path.name!r} is not the name of a file") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}") from None
    near = get_close_matches(path.name, sorted(other.name for other in path.parent.glob(f"*{_ENDING}")), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise MissingFileError(f"there is no {path.name} in {path.parent.absolute()}{hint}")


def tables_in(text: str, name: str) -> dict[str, Any]:
    """Return what the text of the file `name` says; `DataError` says in which line it is no TOML."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a plain ValueError
        raise DataError(f"{name} is not a readable TOML file: {error}") from None
