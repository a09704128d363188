"""Everything orebody refuses, under one base class.

Each leaf is also the builtin error a caller would expect, so ``except ValueError`` works as well as ``except OrebodyError``.
A message says what was asked, what came, the bound and the remedy, in one sentence a user can act on.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "ClusterError",
    "DataError",
    "DecisionError",
    "DownloadError",
    "EngineError",
    "LookAheadError",
    "MissingFileError",
    "OrebodyError",
    "OutputError",
    "ParameterError",
    "UnknownNameError",
    "UnknownParameterError",
    "UnsupportedError",
]

_LONGEST = 300


class OrebodyError(Exception):
    """Base of every error that orebody raises on purpose."""


class DataError(OrebodyError, ValueError):
    """Prices, rates or side series that cannot be trusted, or too few of them."""


class MissingFileError(OrebodyError, FileNotFoundError):
    """A file or folder that was asked for is not there."""


class ParameterError(OrebodyError, ValueError):
    """A parameter of a strategy, an account or a call is out of its bounds."""


class UnknownNameError(OrebodyError, LookupError):
    """A strategy, universe, ticker, parameter or metric of that name does not exist."""


class UnknownParameterError(ParameterError, UnknownNameError, TypeError):
    """A strategy or an account was given a parameter that it does not have, or too many, or too few of them."""


class UnsupportedError(OrebodyError, ValueError):
    """A request that makes sense but that this version refuses rather than half-handle."""


class DecisionError(OrebodyError, ValueError):
    """A strategy returned decisions that no account could carry out."""


class LookAheadError(OrebodyError, ValueError):
    """A strategy's decision on a bar depends on later bars."""


class OutputError(OrebodyError, OSError):
    """A report or table cannot be written where it was asked for."""


class ClusterError(OrebodyError, ConnectionError):
    """A cluster that was to do the work does not answer, or has nobody to do it."""


class DownloadError(OrebodyError, ConnectionError):
    """A data provider refused, failed, or answered with nothing, also after retries."""


class EngineError(OrebodyError, RuntimeError):
    """An invariant of the accounting broke: a defect of orebody, never of the input."""


def unknown_parameter(owner: str, name: str, known: Iterable[str]) -> UnknownParameterError:
    """Return the error for a parameter that `owner` does not have, with the nearest known name and the full list."""
    return UnknownParameterError(str(unknown_name(f"parameter of {owner}", name, known)))


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for an unknown `name`, with the nearest known name and the full list."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1) or get_close_matches(name.lower(), [n.lower() for n in names], n=1)
    near = [n for n in names if near and n.lower() == near[0].lower()]
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return UnknownNameError(f"unknown {kind} {name!r}{hint} (known: {', '.join(names) or 'none'})")


def in_a_row(error: Exception) -> str:
    """Return what stands in the row of a strategy that failed: the sentence of a refusal, or what its code raised."""
    if isinstance(error, OrebodyError):
        return str(error)
    text = repr(error)
    return f"its code raises {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}"
