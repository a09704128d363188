"""Writing all of it or nothing, and only where a plain file or nothing is."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO

from orebody.errors import OutputError

__all__ = ["check_replaceable", "is_busy", "kind_of", "printable_path", "stage_files", "try_folder", "write_bytes"]

_STAGE = re.compile(r"\.orebody-[0-9a-f]{16}")
_NEW = 60.0
"""Seconds in which a stage without a lock may belong to a process that is just making it."""

_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


def kind_of(path: Path) -> str:
    """Return what is at a path: "" for nothing, or file, folder, link, pipe, socket or device. A link is not followed.

    Raises
    ------
    OutputError
        For what can be no path here: a name that is too long, that holds a zero byte, or that lies below a file.
    """
    try:
        return _KINDS.get(stat.S_IFMT(os.lstat(path).st_mode), "device")
    except FileNotFoundError:
        return ""
    except ValueError:
        raise OutputError(f"cannot write {printable_path(path)}: a path holds no zero byte") from None
    except OSError as error:
        raise OutputError(f"cannot write {printable_path(path)}: {error.strerror}") from None


def printable_path(path: Path) -> str:
    """Return a path as a sentence has it: cut where it is very long, control characters shown and not obeyed."""
    text = str(path)
    text = text if len(text) <= 300 else f"{text[:120]}…{text[-120:]}"
    return text if text.isprintable() else repr(text)[1:-1]


def check_replaceable(path: Path) -> None:
    """Raise `OutputError` unless there is nothing at a path or a plain file, which a rename may replace."""
    kind = kind_of(path)
    if kind == "link":
        raise OutputError(f"cannot write {printable_path(path)}: it is a link; name the file that it leads to")
    if kind not in ("", "file"):
        raise OutputError(f"cannot write {printable_path(path)}: it is a {kind}; give the name of a file")


def write_bytes(path: Path, data: bytes, *, durable: bool = False) -> Path:
    """Write the file whole or not at all: an earlier one stays as it was when anything goes wrong.

    Parameters
    ----------
    path
        The file; its folder must be there. Whoever may replace what is there is decided by the caller.
    data
        All of it.
    durable
        Return only when it is on the disk, so that a power cut leaves the earlier or the new one as well.

    Raises
    ------
    OutputError
        When the folder is not there or cannot be written, or something else than a file is at the path.
    """
    check_replaceable(path)
    try:
        with stage_files(path.parent, [data], durable=durable) as (made,):
            check_replaceable(path)
            made.replace(path)
            if durable:
                _sync_folder(path.parent)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write {printable_path(path)}: {error.strerror}") from None
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
    trial = parent / f".orebody-{token_hex(8)}"
    trial.mkdir()
    trial.rmdir()


@contextmanager
def stage_files(folder: Path, contents: Sequence[bytes], *, durable: bool = False) -> Iterator[list[Path]]:
    """Give files with these contents, each whole, in a stage inside `folder`, from which a rename puts them in their places.

    The stage is gone at the end, with what is still in it. Stages of processes that were killed are removed first: their locks,
    which end with a process however it ends, are free.
    """
    _sweep(folder)
    stage = folder / f".orebody-{token_hex(8)}"
    stage.mkdir()
    try:
        with (stage / "lock").open("xb") as lock:
            _hold(lock)
            made = [stage / str(number) for number in range(len(contents))]
            for path, data in zip(made, contents, strict=True):
                with path.open("xb") as stream:
                    stream.write(data)
                    if durable:
                        stream.flush()
                        os.fsync(stream.fileno())
            yield made
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def is_busy(folder: Path) -> bool:
    """Whether another process has a stage in a folder; those of dead ones are removed."""
    return _sweep(folder)


def _sweep(folder: Path) -> bool:
    """Remove the stages of processes that are no more, and return whether one of a living process is there."""
    living = False
    for stage in folder.iterdir():
        if not _STAGE.fullmatch(stage.name) or kind_of(stage) != "folder":
            continue
        if _is_dead(stage):
            shutil.rmtree(stage, ignore_errors=True)
        else:
            living = True
    return living


def _is_dead(stage: Path) -> bool:
    """Whether the process that made a stage is no more, as far as its lock proves it.

    A lock that nobody has proves it only once it was held: another process may be about to take it.
    """
    lock = stage / "lock"
    try:
        if kind_of(lock) == "file":
            with lock.open("r+b") as stream:
                if not _take(stream):
                    return False
                if os.fstat(stream.fileno()).st_size > 0:
                    return True
        elif any(stage.iterdir()):
            return False
        return time.time() - stage.stat().st_mtime > _NEW
    except OSError:  # it is gone by now, or somebody else's
        return False


def _hold(lock: IO[bytes]) -> None:
    """Lock the file of a stage, and put a byte into it, which tells that it was locked."""
    for _ in range(20):  # whoever looks whether this process is alive has it for a moment
        if _take(lock):
            lock.write(b"1")
            lock.flush()
            return
        time.sleep(0.005)


def _take(lock: IO[bytes]) -> bool:
    """Lock a file for as long as it is open, and return whether that could be done."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody has it, or the file system knows no locks
        return False
    return True
