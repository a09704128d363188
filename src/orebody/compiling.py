"""Compiling with numba, and where what was compiled is kept; every compiled function goes through here.

Numba keeps it in ``NUMBA_CACHE_DIR``, else beside the sources, else in the user's cache, and refuses to compile where none can be
written, as in a container with a read-only file system. Here such a function is compiled in every process, and a line says so. What is
kept and cannot be read, such as a file that was cut short, is compiled again and replaced.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba
from numba.core.caching import FunctionCache, NullCache

__all__ = ["njit", "place_of"]

_NumbasCache: Any = FunctionCache  # untyped
_NumbasNull: Any = NullCache
_SAID = "OREBODY_NOTHING_KEPT"
"""Set in the environment once the line is printed, so that the processes of this one do not print it again."""


def njit(function: Callable[..., Any] | None = None, *, cache: bool = False, **options: Any) -> Any:
    """Compile as `numba.njit` does, with a cache that never ends a program."""
    if function is None:
        return lambda one: njit(one, cache=cache, **options)
    compiled = numba.njit(**options)(function)
    if cache and hasattr(compiled, "_cache"):  # not where NUMBA_DISABLE_JIT is set
        compiled._cache = _cache_of(function)
    return compiled


def place_of(compiled: Any) -> str | None:
    """Return the folder in which a compiled function is kept, or None where it is compiled in every process."""
    place: str | None = getattr(getattr(compiled, "_cache", None), "cache_path", None)
    return place


def _cache_of(function: Callable[..., Any]) -> Any:
    try:
        return _Cache(function)
    except (RuntimeError, OSError):  # numba found no folder that can be written
        return _NoCache()


class _Cache(_NumbasCache):  # type: ignore[misc]
    """Numba's, which takes what it cannot read for not there, and goes on where it cannot write."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature, or None where it is not kept, or cannot be read."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # of a file that is cut short or scrambled: whatever pickle and LLVM make of it
            with suppress(Exception):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled; say once that it cannot be."""
        try:
            super().save_overload(sig, data)
        except Exception as error:
            self.disable()
            _say(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


class _NoCache(_NumbasNull):  # type: ignore[misc]
    """Nothing is kept; says so when something is to be compiled."""

    def load_overload(self, sig: Any, target_context: Any) -> None:
        """Say once that nothing is kept."""
        _say("no folder for it can be written")


def _say(why: str) -> None:
    if _SAID in os.environ or multiprocessing.parent_process() is not None or sys.stderr is None:
        return
    os.environ[_SAID] = "1"
    with suppress(OSError, ValueError):
        print(
            f"orebody: compiled code is not kept ({why}), so that every run compiles anew, which takes up to a minute: "
            "set NUMBA_CACHE_DIR to a folder that you can write",
            file=sys.stderr,
        )
