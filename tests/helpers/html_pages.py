"""Reading our own HTML pages back: their tables, links and everything that could reach out of the file."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Tables by id as lists of rows of text; addresses in href, src and style; text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self._rows: list[list[str]] | None = None
        self._in_cell = self._skip = False
        self.feed(html)
        self.words = " ".join(" ".join(self.text).split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attributes)
        self.addresses += [value or "" for name, value in attributes if name in ("href", "src", "action", "data", "poster", "srcset")]
        self.addresses += [f"event {name}" for name, _ in attributes if name.startswith("on")]
        if tag == "table":
            self._rows = self.tables.setdefault(found.get("id") or found.get("class") or "", [])
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append("")
            self._in_cell = True
        elif tag in ("style", "script"):
            self._skip = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._rows = None
        elif tag in ("td", "th"):
            self._in_cell = False
        elif tag in ("style", "script"):
            self._skip = False

    def handle_data(self, data: str) -> None:
        if self._skip:
            return
        self.text.append(data)
        if self._in_cell and self._rows:
            self._rows[-1][-1] += data

    def rows(self, table: str) -> list[list[str]]:
        """The body of a table, its cells stripped."""
        return [[" ".join(cell.split()) for cell in row] for row in self.tables[table][1:]]
