"""yfinance kept to itself: what it does to the process, to the user's folders and to a failing request is held in here.

Tried with yfinance 1.7:

- It answers a refusal by further requests (another way to a cookie, then the same once more) and only then says so, without the headers.
  Our session ends at the first refusal of a chart or a summary, with its status and ``Retry-After``.
- It asks for a ticker's time zone before its prices, and keeps that answer, also a broken one, for the life of the process: a retry would
  meet the same broken answer again. `ticker` tells it a zone, so that it never asks, and forgets what was kept; dates come from the
  answer's own zone.
- It swallows errors and returns an empty table, unless ``config.debug.hide_exceptions`` is off; it waits for cookies as long as 30 seconds
  whatever time-out was asked for; it keeps time zones and cookies in SQLite files in the user's cache folder, and it logs what it also
  raises.

All that is set while one of our calls is under way, and set back after the last. Only the warnings that arise inside yfinance stay
silenced.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import yfinance  # type: ignore[import-untyped]
import yfinance.cache  # type: ignore[import-untyped]
import yfinance.data  # type: ignore[import-untyped]
from curl_cffi.requests import Session

from orebody.sources.yahoo.retry import RetryPolicy

__all__ = ["VERSION", "HttpStatusError", "RequestContext", "sandboxed", "ticker"]

VERSION = f"yfinance {yfinance.__version__}"
"""The library that downloads, as a vintage names it."""

_TO_YFINANCE = (401, 403)  # a stale crumb: yfinance knows how to get a fresh one


class HttpStatusError(Exception):
    """Yahoo answered a request for data with an error status.

    Parameters
    ----------
    status
        Of HTTP, 400 or more.
    retry_after
        The header's text, or None.
    """

    def __init__(self, status: int, retry_after: str | None, body: str) -> None:
        super().__init__(f"status {status}")
        self.status: int = status
        self.retry_after: str | None = retry_after
        self.body: str = body


@dataclass
class RequestContext:
    """What one call may take and what came of it.

    Attributes
    ----------
    timeout
        Seconds for one request.
    deadline
        Of the monotonic clock; no request outlasts it.
    answer
        The last answer to a request for data, or None.
    """

    timeout: float
    deadline: float
    answer: Any = field(default=None)

    @classmethod
    def of(cls, patience: RetryPolicy) -> RequestContext:
        """Return the watch of a call that begins now."""
        return cls(patience.timeout, time.monotonic() + patience.total)


class _Session(Session):  # type: ignore[type-arg]
    """A session that heeds the watch of the thread that asks; without one it is a plain session."""

    def request(self, method: Any, url: str, *rest: Any, **options: Any) -> Any:
        watch: RequestContext | None = getattr(_WATCHES, "watch", None)
        if watch is None:
            return super().request(method, url, *rest, **options)
        options["timeout"] = max(0.001, min(watch.timeout, watch.deadline - time.monotonic()))
        answer = super().request(method, url, *rest, **options)
        if "/finance/" in urlsplit(url).path:  # data, not a cookie or a crumb
            watch.answer = answer
            if answer.status_code >= 400 and answer.status_code not in _TO_YFINANCE:
                raise HttpStatusError(answer.status_code, answer.headers.get("Retry-After"), answer.text)
        return answer


class _KeptCookies:
    """yfinance's cookie cache in memory: without any, it would ask for a new cookie before every request."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def lookup(self, strategy: str) -> dict[str, Any] | None:
        return self._kept.get(strategy)

    def store(self, strategy: str, cookie: Any) -> None:
        if cookie is None:
            self._kept.pop(strategy, None)
        else:
            self._kept[strategy] = {"cookie": cookie, "age": dt.timedelta(0)}


class _Quiet(logging.Filter):
    """Drops every record: what yfinance would log arrives as an error."""

    def filter(self, record: logging.LogRecord) -> bool:
        return False


_WATCHES = threading.local()
_LOCK = threading.Lock()
_COOKIES = _KeptCookies()
_QUIET = _Quiet()
_session: _Session | None = None
_depth = 0
_before: tuple[Any, ...] = ()


@contextlib.contextmanager
def sandboxed(watch: RequestContext) -> Iterator[None]:
    """Keep yfinance contained, and this thread's requests to `watch`, while the context lasts; threads may overlap."""
    _enter()
    _WATCHES.watch, watch.answer = watch, None  # an answer to an earlier try is none to this one
    try:
        yield
    finally:
        _WATCHES.watch = None
        _leave()


def ticker(name: str) -> Any:
    """Return yfinance's ``Ticker``, on our session; to be used inside `sandboxed`."""
    global _session
    with _LOCK:
        _session = _session or _Session(impersonate="chrome")
    yfinance.data.YfData.cache_get.cache_clear()
    made = yfinance.Ticker(name, session=_session)
    made._tz = "UTC"  # see the top: it only turns our `start` into a moment, which we give with room to spare
    return made


def _enter() -> None:
    global _depth, _before
    with _LOCK:
        _depth += 1
        if _depth > 1:
            return
        debug, network = yfinance.config.debug, yfinance.config.network
        zones, cookies = yfinance.cache._TzCacheManager, yfinance.cache._CookieCacheManager
        _before = (debug.hide_exceptions, network.retries, zones._tz_cache, cookies._Cookie_cache)
        debug.hide_exceptions, network.retries = False, 0
        zones._tz_cache, cookies._Cookie_cache = yfinance.cache._TzCacheDummy(), _COOKIES
        logging.getLogger("yfinance").addFilter(_QUIET)
        warnings.filterwarnings("ignore", module=r"yfinance\b")  # it uses what pandas is about to drop


def _leave() -> None:
    global _depth
    with _LOCK:
        _depth -= 1
        if _depth:
            return
        debug, network = yfinance.config.debug, yfinance.config.network
        zones, cookies = yfinance.cache._TzCacheManager, yfinance.cache._CookieCacheManager
        debug.hide_exceptions, network.retries, zones._tz_cache, cookies._Cookie_cache = _before
        logging.getLogger("yfinance").removeFilter(_QUIET)
