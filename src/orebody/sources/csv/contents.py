"""What a file is when it is no table: a web page, JSON, a provider's message, a pointer to a file kept elsewhere."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable

from orebody.errors import DataError

__all__ = ["refuse_message", "refuse_other_contents"]

_QUOTED = 120
_PAGE = re.compile(r"<(?:!doctype|\?xml|html|head|body|script|meta|div|!--|svg|rss)\b|<!--", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"[$€£]?[-+]?\d[\d.,'\u00a0\u202f]*%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
_MESSAGE_KEYS = ("Error Message", "Information", "Note", "error", "message", "detail", "errors", "error_message", "status_message")
_REASONS = (
    (r"limit|exceed|too many|\brate\b|quota|throttl|slow down|429", "the provider refused the download for now: take it again later"),
    (
        r"api.?key|apikey|token|log.?in|sign.?in|unauthori|forbidden|denied|premium|subscri|401|403|captcha|robot",
        "the provider wants a key or a login: sign in, and download the file again",
    ),
    (
        r"no data|not found|404|unknown|invalid|no result|does not exist|delisted",
        "the provider knows no prices of that name: check the symbol, and download the file again",
    ),
)
_REMEDY = "download the file again, and look at it first"


def refuse_other_contents(head: str, file: str) -> None:
    """Raise `DataError` for a text that begins as a web page, as JSON, or as a pointer of Git LFS."""
    start = head.lstrip()
    if _PAGE.match(start):
        title = _TITLE.search(start)
        called = f" titled {_quote(html.unescape(title.group(1)))}" if title and title.group(1).strip() else ""
        text = _reason(re.sub(r"<[^>]*>", " ", start)) or _REMEDY
        raise DataError(f"{file} is a web page{called}, not a table of prices: the site answered with a page instead of the file; {text}")
    if start.startswith(("{", "[{", "[[", "[ ", "[\n", "[\r", "[]", '["')):
        raise DataError(f"{file} {_json(start)}")
    if start.startswith("version https://git-lfs"):
        raise DataError(f"{file} is a pointer of Git LFS, not the file itself: fetch it with git lfs pull")


def refuse_message(lines: Iterable[str], file: str) -> None:
    """Raise `DataError` where lines are words alone: no line has a cell that is a number or a date."""
    texts = [line.strip() for line in lines if line.strip()]
    cells = [cell.strip(" \"'") for line in texts for cell in re.split(r"[,;\t|]", line)]
    if not texts or any(_NUMBER.fullmatch(cell) for cell in cells):
        return
    message = " ".join(texts)
    raise DataError(f"{file} holds a message instead of prices, {_quote(message)}: {_reason(message) or _REMEDY}")


def _json(start: str) -> str:
    """Return what a text of JSON is, and what to do about it."""
    try:
        value = json.loads(start)
    except ValueError:  # long, and cut
        value = None
    if isinstance(value, dict):
        for key in _MESSAGE_KEYS:
            if value.get(key):
                told = value[key] if isinstance(value[key], str) else json.dumps(value[key])
                return f"is JSON with a message instead of prices, {_quote(told)}: {_reason(told) or _REMEDY}"
    if re.match(r'\[\s*\{[^}]*"d"\s*:[^}]*"v"\s*:\s*\[', start):
        return (
            "is JSON, the London fixes as LBMA's site sends them: write a CSV file with the columns Date, from d, and USD, the first "
            "number of v"
        )
    return (
        "is JSON, not CSV: ask the provider for CSV, or write it with pandas.read_json(...).to_csv(...) under the headings "
        "Date, Open, High, Low, Close"
    )


def _reason(text: str) -> str:
    return next((remedy for pattern, remedy in _REASONS if re.search(pattern, text, re.IGNORECASE)), "")


def _quote(text: str) -> str:
    plain = " ".join(text.split())
    return repr(plain[:_QUOTED]) + ("..." if len(plain) > _QUOTED else "")
