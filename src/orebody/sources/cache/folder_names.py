"""Names of folders that tickers are kept under: reversible, and safe on every file system."""

from __future__ import annotations

import re

from orebody.errors import ParameterError

__all__ = ["KIND", "folder_of", "known_kind", "printable_name", "ticker_of"]

_TICKER = re.compile(r"[A-Za-z0-9^=][A-Za-z0-9^=._&\-]{0,31}")
KIND = re.compile(r"[a-z][a-z_]{0,23}")
_ESCAPED = re.compile(r"%([0-9A-F]{2})")
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10))}
_LONGEST_SHOWN = 40


def folder_of(ticker: str) -> str:
    """Return the name of the folder that a ticker is kept in.

    Upper-case letters, digits and ``^ = . _ & -`` stand for themselves. Small letters are written as ``%`` and their code, so that ``abc``
    and ``ABC`` never meet on a file system that takes them for one; so are a full stop at the end and the first letter of a name that
    Windows keeps for its devices (``CON`` is ``%43ON``).

    Raises
    ------
    ParameterError
        For what is no ticker: up to 32 letters, digits and ``^ = . _ & -`` are, beginning with none of ``. _ -``.
    """
    if not isinstance(ticker, str) or not _TICKER.fullmatch(ticker):
        raise ParameterError(
            f"{printable_name(ticker)} is not a ticker: up to 32 letters, digits and ^ = . _ & - are, beginning with none of . _ -"
        )
    device = ticker.split(".")[0] in _RESERVED
    last = len(ticker) - 1
    return "".join(
        f"%{ord(letter):02X}" if letter.islower() or (device and at == 0) or (letter == "." and at == last) else letter
        for at, letter in enumerate(ticker)
    )


def ticker_of(folder: str) -> str | None:
    """Return the ticker that a folder is named for, or None where `folder_of` never gives that name."""
    ticker = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), folder)
    return ticker if _TICKER.fullmatch(ticker) and folder_of(ticker) == folder else None


def known_kind(kind: str) -> str:
    """Return the kind of a table, which names its file, or raise `ParameterError`: small letters and ``_``, at most 24."""
    if not isinstance(kind, str) or not KIND.fullmatch(kind):
        raise ParameterError(f"{printable_name(kind)} is not a kind of table: up to 24 small letters and _ are, such as 'ratings'")
    return kind


def printable_name(name: object) -> str:
    """Return any name as a message may show it: in quotes, nothing unprintable, at most 40 characters of it."""
    if isinstance(name, str):
        return ascii(name) if len(name) <= _LONGEST_SHOWN else f"{name[:_LONGEST_SHOWN]!a}… ({len(name):,} characters)"
    return f"{ascii(name)[:_LONGEST_SHOWN]}, a {type(name).__name__},"
