"""Writing all of it or nothing: what was there before stays until the new is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from orebody.errors import OutputError

__all__ = ["new_folder", "try_folder", "write_bytes", "write_text"]


def write_text(path: Path, text: str) -> Path:
    """Write the text as UTF-8; see `write_bytes`."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes, *, durable: bool = False) -> Path:
    """Write the file whole or not at all: an earlier one stays as it was when anything goes wrong.

    Parameters
    ----------
    path
        The file; its folder must be there.
    data
        All of it.
    durable
        Return only when it is on the disk, so that a power cut leaves the earlier or the new one as well.

    Raises
    ------
    OutputError
        When the folder is not there or cannot be written.
    """
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a folder; give the name of a file")
    beside = _beside(path, path.suffix)
    try:
        with beside.open("xb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        beside.replace(path)
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)
    return path


def _sync_folder(folder: Path) -> None:
    """Put the folder's own list of names on the disk, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_folder(parent: Path) -> None:
    """Make a folder in `parent` and remove it: raises the `OSError` that making the real one would raise."""
    trial = _beside(parent / "trial")
    trial.mkdir()
    trial.rmdir()


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a new folder beside `folder` to fill; put it in its place at the end, or leave no trace of it when anything goes wrong."""
    workplace = _beside(folder)
    workplace.mkdir()
    try:
        yield workplace
        _replace(folder, workplace)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _replace(folder: Path, new: Path) -> None:
    """Put `new` in the place of `folder`, which may not be there; on an error put the old one back."""
    earlier = _beside(folder)
    try:
        if folder.exists():
            folder.rename(earlier)
        new.rename(folder)
    except BaseException:
        if earlier.exists():
            earlier.rename(folder)
        raise
    finally:
        shutil.rmtree(earlier, ignore_errors=True)


def _beside(path: Path, suffix: str = "") -> Path:
    """Return a name that nothing has yet, in the same folder, so that a rename suffices."""
    return path.with_name(f".orebody-{token_hex(8)}{suffix}")
