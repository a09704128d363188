"""What orebody wrote in a folder, by a record kept there: that alone is replaced or removed, and only while nobody changed it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from pathlib import Path

import orebody
from orebody.errors import OutputError, ParameterError
from orebody.io.atomic import check_replaceable, kind_of, printable_path, stage_files, try_folder, write_bytes

__all__ = ["PAGES", "RECORD", "OwnedFiles", "check_ending", "check_output", "check_page", "write_output"]

RECORD = ".orebody.sha256"
"""The record of single files, in their folder: tables, pages and tearsheets."""

PAGES = (".html", ".htm")
"""What the name of a page may end in."""

_HEAD = "# Written by orebody"


def check_output(path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Return the path of a file to be written, or raise `OutputError`; to be called before long work, not after it.

    Parameters
    ----------
    path
        Its folder must be there. An earlier file is replaced if orebody wrote it and nobody changed it since.
    overwrite
        Replace any plain file.
    """
    place = Path(os.fspath(path))
    outputs = OwnedFiles(place.parent)
    outputs.check([place.name], overwrite=overwrite)
    try:
        try_folder(place.parent)
    except OSError as error:
        raise OutputError(f"cannot write {printable_path(place)}: {error.strerror}") from None
    return place


def write_output(path: str | os.PathLike[str], data: str | bytes, *, overwrite: bool = False) -> Path:
    """Write a file whole or not at all, as `check_output` allows it, note it in the folder's record, and return its path."""
    place = Path(os.fspath(path))
    try:
        OwnedFiles(place.parent).write({place.name: data}, overwrite=overwrite)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"cannot write {printable_path(place)}: {error.strerror}") from None
    return place


def check_ending(path: str | os.PathLike[str], endings: tuple[str, ...], remedy: str) -> Path:
    """Return the path of a file, or raise `ParameterError` unless its name ends as what is written ends; `remedy` says how."""
    if not isinstance(path, str | os.PathLike) or not isinstance(name := os.fspath(path), str):
        raise ParameterError(f"the file to write is {path!r:.100}: give its name")
    if not name.lower().endswith(endings) or "\0" in name:
        raise ParameterError(f"cannot write {name!r:.300}: {remedy}")
    return Path(name)


def check_page(path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Return the path of an HTML page to be written, as `check_output` does; its name must end in one of `PAGES`.

    Raises
    ------
    ParameterError
        For another ending.
    OutputError
        As `check_output`.
    """
    remedy = "it is written as an HTML page, so give a name that ends in .html"
    if isinstance(path, str | os.PathLike) and Path(path).is_dir():
        return check_output(path, overwrite=overwrite)  # which refuses a folder by that name
    return check_output(check_ending(path, PAGES, remedy), overwrite=overwrite)


class OwnedFiles:
    """The files that orebody wrote in a folder.

    A file is orebody's while its SHA-256 is one that the record has for its name. The record is written as ``sha256sum`` writes it, and
    before the files are put in their places, so that whoever is killed in between leaves nothing that a later run takes for the user's.

    Parameters
    ----------
    folder
        Where they are.
    record
        The name of the record in it.
    """

    def __init__(self, folder: Path, record: str = RECORD) -> None:
        self.folder, self._record = folder, folder / record

    @property
    def recorded(self) -> bool:
        """Whether there is a record that orebody wrote."""
        return bool(self._read())

    def check(self, names: Collection[str], *, overwrite: bool = False, data: Mapping[str, bytes] | None = None) -> None:
        """Raise `OutputError` unless files of these names can be written: nothing is there, or a file of orebody's that nobody changed.

        Parameters
        ----------
        names
            Of files in the folder.
        overwrite
            Whether any plain file may be replaced.
        data
            What is to be written; a file that is the same already is in nobody's way.
        """
        known = self._known()
        for name in names:
            path = self.folder / name
            if any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in name if letter != "\0"):
                raise OutputError(f"cannot write {printable_path(path)}: the name of a file holds no control characters")
            check_replaceable(path)
            if not self.folder.is_dir():
                raise OutputError(f"cannot write {printable_path(path)}: the folder that should hold it is not there")
            if overwrite or kind_of(path) == "" or (data is not None and _holds(path, data[name])):
                continue
            if name not in known:
                raise _not_ours(path, "it is there, and no record says that orebody wrote it")
            if _digest(path) not in known[name]:
                raise _not_ours(path, "it was changed since orebody wrote it")

    def write(self, files: Mapping[str, str | bytes], *, overwrite: bool = False) -> None:
        """Write files, each whole; none of them where one cannot be written.

        Parameters
        ----------
        files
            Their contents by name; text as UTF-8.
        overwrite
            As in `check`.

        Raises
        ------
        OutputError
            As `check`, which is asked again just before each is put in its place.
        OSError
            When the disk is full and the like.
        """
        data = {name: one.encode("utf-8") if isinstance(one, str) else one for name, one in files.items()}
        self.check(data, overwrite=overwrite, data=data)
        with stage_files(self.folder, list(data.values())) as made:
            self._note({name: hashlib.sha256(one).hexdigest() for name, one in data.items()})
            for name, path in zip(data, made, strict=True):
                self.check([name], overwrite=overwrite, data=data)
                path.replace(self.folder / name)

    def keep(self, names: Collection[str]) -> None:
        """Remove orebody's files of other names than these, as long as nobody changed them; the record then names what is left."""
        left = {}
        for name, digests in self._known().items():
            path = self.folder / name
            if kind_of(path) != "file" or (digest := _digest(path)) not in digests:
                continue
            if name in names:
                left[name] = digest
            else:
                path.unlink()
        write_bytes(self._record, _text(left))

    def _read(self) -> list[str]:
        if kind_of(self._record) != "file":
            return []
        text = self._record.read_text(encoding="utf-8", errors="surrogateescape")
        return text.split("\n") if text.startswith(_HEAD) else []

    def _torn(self) -> bool:
        """Whether the last line of the record was cut short by a full disk or the like."""
        return self._read()[-1] != ""

    def _known(self) -> dict[str, set[str]]:
        """Return the digests that the record has for each name; what could be no name in this folder is passed over."""
        known: dict[str, set[str]] = {}
        for line in self._read():
            digest, _, name = line.partition("  ")
            if len(digest) == 64 and name == Path(name).name and name not in ("", ".", ".."):
                known.setdefault(name, set()).add(digest)
        return known

    def _note(self, digests: Mapping[str, str]) -> None:
        """Add files to the record; in a folder where something else has its name nothing is noted."""
        known = self._known()
        new = {name: digest for name, digest in digests.items() if digest not in known.get(name, ())}
        if not new:
            return
        kind = kind_of(self._record)
        if kind == "" or self.recorded:
            with self._record.open("ab") as stream:  # many processes may write tables into one folder, and begin at once
                stream.write(_text(new) if kind == "" else b"\n" * self._torn() + _lines(new))


def _not_ours(path: Path, why: str) -> OutputError:
    return OutputError(f"cannot write {printable_path(path)}: {why}; choose another name, or allow it with overwrite=True")


def _holds(path: Path, data: bytes) -> bool:
    return path.stat().st_size == len(data) and path.read_bytes() == data


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _text(digests: Mapping[str, str]) -> bytes:
    head = f"{_HEAD} {orebody.__version__}, which replaces or removes these files as long as nobody changed them\n"
    return head.encode() + _lines(digests)


def _lines(digests: Mapping[str, str]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode("utf-8", errors="surrogateescape")
