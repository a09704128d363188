"""Where the cache keeps what, one folder for each ticker: its files, its lock, what was set aside, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_dir

from orebody.errors import OutputError, ParameterError
from orebody.io.home import is_borrowed
from orebody.sources.cache.folder_names import KIND, folder_of, known_kind, ticker_of

__all__ = ["VARIABLE", "TickerFolder", "at_home", "default_folder", "places"]

VARIABLE = "OREBODY_CACHE"
_SUFFIX = ".parquet"
_LEFT_BEHIND = ".orebody-*"  # what `orebody.io.atomic` writes beside a file before it takes its place


def default_folder() -> Path:
    """Return the folder named by the environment variable OREBODY_CACHE, or else the user's cache folder of this system.

    Raises
    ------
    ParameterError
        When the user has no home folder.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return at_home(named)
    try:
        folder: Path | None = Path(user_cache_dir("orebody", appauthor=False))
    except RuntimeError:  # there is no home folder
        folder = None
    if folder is None or is_borrowed(folder):
        raise ParameterError(
            f"cache is not given, and you have no home folder in which Yahoo's data would be kept: name a folder there, or in {VARIABLE}"
        )
    return folder


def at_home(folder: str | os.PathLike[str]) -> Path:
    """Return the path of a folder, ``~`` and ``~user`` put in full; raises `ParameterError` where there is no such user."""
    try:
        return Path(folder).expanduser()
    except RuntimeError:
        raise ParameterError(f"there is no home folder for {os.fspath(folder)!r}: give the path in full") from None


@dataclass(frozen=True)
class TickerFolder:
    """One file of the cache.

    Attributes
    ----------
    root
        Of the cache.
    ticker
        Whose it is.
    kind
        ``"quotes"``, or the name of a table.
    """

    root: Path
    ticker: str
    kind: str

    @property
    def folder(self) -> Path:
        """The ticker's own folder."""
        return self.root / folder_of(self.ticker)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / f"{known_kind(self.kind)}{_SUFFIX}"

    @property
    def aside(self) -> list[Path]:
        """Broken files that were set aside."""
        return sorted(self.folder.glob(f"{self.path.name}.broken-*"))

    @contextmanager
    def locked(self, patience: float) -> Iterator[None]:
        """Keep other processes and threads from writing anything of this ticker; what killed writers left behind is removed.

        Raises
        ------
        OutputError
            When the folder cannot be written, or another process keeps the lock for longer than `patience` seconds.
        """
        lock = FileLock(self.folder / "lock", timeout=patience)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise OutputError(
                f"{self.ticker}: another process has been refreshing it for more than {patience:g} s: wait until it is done, or end it"
            ) from None
        except OSError as error:
            raise _unwritable(self.root, error) from None
        try:
            for left in self.folder.glob(_LEFT_BEHIND):
                with suppress(OSError):  # what cannot be removed stays until it can
                    shutil.rmtree(left, ignore_errors=True) if left.is_dir() and not left.is_symlink() else left.unlink(missing_ok=True)
            yield
        finally:
            lock.release()

    def set_aside(self) -> Path:
        """Rename the file, which is broken, so that nothing of it is lost, and return its new name; the ticker must be locked."""
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.broken-{number}")).exists():
            number += 1
        try:
            return self.path.rename(aside)
        except OSError as error:
            raise _unwritable(self.root, error) from None


def _unwritable(root: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write to the cache in {root}: {error.strerror}; name another folder in {VARIABLE}, or take what is there with offline=True"
    )


def places(root: Path) -> list[TickerFolder]:
    """Return all files of a cache, by ticker and kind; what is not the cache's is passed over."""
    found = []
    for path in root.glob(f"*/*{_SUFFIX}"):
        ticker = ticker_of(path.parent.name)
        if ticker is not None and KIND.fullmatch(path.stem):
            found.append(TickerFolder(root, ticker, path.stem))
    return sorted(found, key=lambda place: (place.ticker, place.kind != "quotes", place.kind))
