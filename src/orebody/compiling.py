"""Compiling with numba, and where what was compiled is kept; every compiled function goes through here.

Numba keeps it in ``NUMBA_CACHE_DIR``, else beside the sources, else in the user's cache, and refuses to compile where none can be
written, as in a container with a read-only file system. Here such a function is compiled in every process, and a line says so. What is
kept and is no longer what was written, such as a file that was cut short, is compiled again and replaced.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile, NullCache

from orebody.io.home import provide_home

__all__ = ["njit", "place_of"]

provide_home()  # or numba makes a folder called "~"

_NumbasCache: Any = FunctionCache  # untyped
_NumbasFile: Any = IndexDataCacheFile
_NumbasNull: Any = NullCache
_DIGEST = hashlib.sha256().digest_size
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


class _CheckedFile(_NumbasFile):  # type: ignore[misc]
    """Numba's, with a SHA-256 behind what is kept: scrambled machine code would end the program, or compute something else."""

    def _dump(self, obj: Any) -> bytes:
        data: bytes = super()._dump(obj)
        return data + hashlib.sha256(data).digest()

    def _load_data(self, name: str) -> Any:
        data = Path(self._data_path(name)).read_bytes()
        if hashlib.sha256(data[:-_DIGEST]).digest() != data[-_DIGEST:]:
            raise ValueError(f"{name} is not what was kept")
        return pickle.loads(data[:-_DIGEST])


class _Cache(_NumbasCache):  # type: ignore[misc]
    """Numba's, which takes what it cannot read for not there, and goes on where it cannot write."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file.__class__ = _CheckedFile

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
