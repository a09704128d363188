"""What the site has beyond the files in docs/: written before Sphinx reads its sources, and ignored by git."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import api_pages
import strategy_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]

SHELVES = {"strategies": "strategies/*", "replications/README": "*"}
"""Overviews whose navigation has the pages of a folder below them."""


def setup(app: Sphinx) -> dict[str, bool]:
    """Join Sphinx; see its manual on extensions."""
    app.connect("builder-inited", _write)
    app.connect("source-read", _as_pages)
    app.connect("autodoc-process-signature", _readable)
    app.connect("autodoc-process-docstring", _with_fields, priority=400)  # before numpydoc's, which is at 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(app: Sphinx) -> None:
    docs = Path(app.srcdir)
    _replace(docs / "strategies", strategy_pages.pages(docs / "strategies"))
    _replace(docs / "api", {"index": api_pages.index(), **api_pages.pages()})


def _replace(folder: Path, pages: dict[str, str]) -> None:
    """Write the pages, those that are as they should be left alone so that a second build is quick, and remove what is no page any more."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.md"):
        if old.stem not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _as_pages(app: Sphinx, name: str, source: list[str]) -> None:
    """Turn what suits a code host into what suits a site.

    A link whose text is the name of the file gets the page's title; CONTRIBUTING.md has a page here; the blank line that ends a doctest
    is not shown.
    """
    text = source[0].replace("](../CONTRIBUTING.md", "](contributing.md")
    text = re.sub(r"\[[\w/-]+\.md\]\((?=[\w/-]+\.md[)#])", "[](", text)
    text = re.sub(r"^(```python\n(?:(?!```).*\n)*?)\n+```$", r"\1```", text, flags=re.MULTILINE)
    if name == "strategies":
        text = strategy_pages.linked(text)
    if name in SHELVES:
        text += f"\n```{{toctree}}\n:hidden:\n:glob:\n\n{SHELVES[name]}\n```\n"
    source[0] = text


def _readable(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Return a signature that Sphinx can read: the default of a dataclass's field that makes its own is no Python."""
    return signature and signature.replace("<factory>", "..."), returns


def _with_fields(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Add what a dataclass's fields say of themselves to its docstring."""
    lines += api_pages.described(thing)
