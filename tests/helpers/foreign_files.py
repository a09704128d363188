"""Things in folders that are not orebody's, how a folder is compared with what it was, and a comparison small enough to write often."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import small_markets

import orebody as ob
from orebody.strategies import BuyAndHold


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may be 108 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def make_device(path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root makes device nodes")
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))  # a null device of its own, never the machine's
    except PermissionError:
        pytest.skip("this machine lets nobody make device nodes")


def make_link_to_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("target"))
    path.symlink_to("target")


def make_broken_link(path: Path) -> None:
    path.symlink_to("nothing")


def make_link_to_file(path: Path) -> None:
    path.with_name("target").write_text("mine")
    path.symlink_to("target")


def make_folder(path: Path) -> None:
    path.mkdir()
    (path / "thesis.doc").write_text("mine")


def make_file(path: Path) -> None:
    path.write_text("mine")


THINGS: dict[str, Callable[[Path], None]] = {
    "a pipe": make_pipe,
    "a socket": make_socket,
    "a device": make_device,
    "a link to a pipe": make_link_to_pipe,
    "a broken link": make_broken_link,
    "a link to a file": make_link_to_file,
    "a folder": make_folder,
    "a file": make_file,
}


def snapshot(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Return the kind, inode and content of everything below a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        seen = path.lstat()
        text = path.read_text() if stat.S_ISREG(seen.st_mode) else str(path.readlink()) if path.is_symlink() else ""
        found[str(path.relative_to(folder))] = (seen.st_mode, seen.st_ino, text)
    return found


@cache
def small_comparison() -> ob.Comparison:
    closes = 10 + np.cumsum(np.random.RandomState(1).normal(size=(400, 2)), axis=0) * 0.1
    market = small_markets.market(ob.load_market("gold", source="sample").dates[:400], closes)
    return ob.compare({"half": BuyAndHold(split={"metal": 0.5})}, market, engine="compiled")
