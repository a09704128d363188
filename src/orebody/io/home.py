"""A home folder for those who have none, such as a user of a container without an entry in the list of users."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

__all__ = ["is_borrowed", "provide_home"]

_BORROWED = "OREBODY_BORROWED_HOME"
"""Set in the environment while there is one, for the processes of this one."""


def provide_home() -> None:
    """See to it that there is a home folder: without one bokeh cannot be imported, and numba and others make a folder called ``~``.

    Where there is none, HOME names a folder that is removed when this process ends; nothing that is to last may go there.
    """
    try:
        Path.home()
    except RuntimeError:
        pass
    else:
        return
    made = tempfile.mkdtemp(prefix="orebody-home-")
    os.environ["HOME"] = os.environ[_BORROWED] = made
    atexit.register(_remove, made, os.getpid())


def is_borrowed(path: Path) -> bool:
    """Whether a path is in a home folder that ends with the process."""
    home = os.environ.get(_BORROWED)
    return home is not None and path.is_relative_to(home)


def _remove(folder: str, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
