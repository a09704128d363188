"""A loopback Yahoo that can misbehave, and the way to point the real yfinance at it.

In a test, ask for the fixture `yahoo` (tests/conftest.py hands it out)::

    def test_it(yahoo):
        quotes("GLD")                                    # the real yfinance, answered from here; no request leaves the machine
        assert yahoo.count("GLD") == 1                   # chart requests only; see `count`
        yahoo.misbehave("GDX", RATE_LIMITED, TRUNCATED)  # the next two chart requests for GDX; then all is well again
        yahoo.misbehave("GDX", DROPPED, always=True)     # until `yahoo.behave()`
        yahoo.series["GDX"] = yahoo.series["GDX"].with_dividend("2020-06-01", 2.0)   # a late re-adjustment
        yahoo.series["GDX"] = yahoo.series["GDX"].resplit("2020-06-01")              # 2 for 1: older prices halve, a split appears
        yahoo.series["GDX"] = yahoo.series["GDX"].until("2020-06-30")                # as it was on that evening
        yahoo.now = datetime(2020, 6, 1, 18, 0, tzinfo=UTC)  # what the metadata call now: a bar whose session is open is a snapshot

In a process of its own (tests/ on its path), the server staying with the parent::

    from yahoo_server import point_yfinance_at; point_yfinance_at(port); from orebody.cli import main; main()

The faults are in `yahoo_faults`. By default the simulated tickers of `yahoo_series.simulated` are served (2006-12-29 .. 2025-12-31);
``yahoo.series |= yahoo_series.real()`` adds the funds of the folder OREBODY_DATA. `yahoo.grades[ticker]` and
`yahoo.statements[ticker]` are what quoteSummary and the statements' time series answer.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookiejar import Cookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pandas as pd
from yahoo_faults import Fault
from yahoo_series import PRICES, Series, simulated

CRUMB = "crumb.of/the+day"


@dataclass(frozen=True)
class Asked:
    """One request that came: which kind (``chart``, ``summary``, ``statements``, ``crumb``, ``cookie``, ``other``), for which ticker."""

    kind: str
    ticker: str
    query: dict[str, str]


class YahooServer:
    """Serves `series` on a free port of the loopback interface; a context manager."""

    def __init__(self, series: dict[str, Series] | None = None) -> None:
        self.series = dict(simulated() if series is None else series)
        self.grades: dict[str, list[dict[str, Any]]] = {}
        self.statements: dict[str, dict[str, dict[str, float]]] = {}
        self.now: dt.datetime | None = None
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self._at_once = 0
        self._faults: dict[tuple[str, str], deque[Fault]] = {}
        self._always: dict[tuple[str, str], Fault] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._http = _Listener(("127.0.0.1", 0), _handler(self))
        self.port = int(self._http.server_address[1])
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> YahooServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def misbehave(self, ticker: str, *faults: Fault, kind: str = "chart", always: bool = False) -> None:
        """Answer the next requests of that kind for `ticker` by these faults, one each; or every one by the only fault given."""
        with self._lock:
            if always:
                (self._always[kind, ticker],) = faults
            else:
                self._faults.setdefault((kind, ticker), deque()).extend(faults)

    def behave(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._faults.clear()
            self._always.clear()

    def count(self, ticker: str | None = None, kind: str = "chart") -> int:
        """Return how many requests of that kind came, for `ticker` or at all."""
        return sum(asked.kind == kind and ticker in (None, asked.ticker) for asked in list(self.asked))

    # ---- from here on: called by the handler's threads ----

    def fault(self, asked: Asked) -> Fault | None:
        with self._lock:
            self.asked.append(asked)
            queue = self._faults.get((asked.kind, asked.ticker))
            return queue.popleft() if queue else self._always.get((asked.kind, asked.ticker))

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1

    def wait(self, seconds: float) -> None:
        self._closing.wait(seconds)

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Return the status and the document of a well-behaved answer."""
        if asked.kind == "cookie":
            return 404, "nothing here but a cookie"
        if asked.kind == "crumb":
            return 200, CRUMB
        if asked.kind == "summary" and asked.query.get("crumb") != CRUMB:
            error = {"code": "Unauthorized", "description": "Invalid Crumb"}
            return 401, {"finance": {"result": None, "error": error}}
        if asked.kind == "summary":
            return self._summary(asked)
        if asked.kind == "statements":
            return 200, {"timeseries": {"result": self._statements(asked), "error": None}}
        if asked.kind == "chart" and asked.ticker in self.series:
            return 200, {"chart": {"result": [chart(asked, self.series[asked.ticker], self.now)], "error": None}}
        error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
        return 404, {"chart": {"result": None, "error": error}}

    def _summary(self, asked: Asked) -> tuple[int, Any]:
        if asked.ticker not in self.grades:
            error = {"code": "Not Found", "description": f"No fundamentals data found for symbol: {asked.ticker}"}
            return 404, {"quoteSummary": {"result": None, "error": error}}
        history = {"history": self.grades[asked.ticker], "maxAge": 86400}
        return 200, {"quoteSummary": {"result": [{"upgradeDowngradeHistory": history}], "error": None}}

    def _statements(self, asked: Asked) -> list[dict[str, Any]]:
        known = self.statements.get(asked.ticker, {})
        found = []
        for kind in asked.query.get("type", "").split(","):
            row: dict[str, Any] = {"meta": {"symbol": [asked.ticker], "type": [kind]}}
            if kind in known:
                row["timestamp"] = [int(pd.Timestamp(day, tz="UTC").timestamp()) for day in known[kind]]
                row[kind] = [{"asOfDate": day, "periodType": "3M", "reportedValue": {"raw": raw}} for day, raw in known[kind].items()]
            found.append(row)
        return found


def chart(asked: Asked, series: Series, now: dt.datetime | None) -> dict[str, Any]:
    """Return the result of a chart request, from the moments period1 .. period2, or from the last days of ``range``."""
    moment = dt.datetime.now(dt.UTC) if now is None else now
    days = series.bars.index
    opens = np.array([series.moment(day, series.open_at) for day in days], dtype=np.int64)
    first, last = int(asked.query.get("period1", -(10**11))), int(asked.query.get("period2", 10**11))
    kept = (opens >= first) & (opens < last) & (opens <= moment.timestamp())
    if "range" in asked.query:
        kept &= np.cumsum(kept[::-1])[::-1] <= 1
    rows = series.bars[kept].copy()
    adjusted = series.adjusted_closes()[kept]
    today = moment.astimezone(_zone(series)).date()
    if len(rows) and rows.index[-1].date() == today and moment.timestamp() < series.moment(today, series.close_at):
        rows.iloc[-1, rows.columns.get_loc("Close")] = rows["Open"].iloc[-1]  # a snapshot: the day's close is not known yet
        rows.iloc[-1, rows.columns.get_loc("Volume")] = 7.0
        adjusted[-1] = rows["Close"].iloc[-1]
    begins = {str(day.date()): int(at) for day, at in zip(days, opens, strict=True)}
    events = {}
    for name, of in (("dividends", series.dividends), ("capitalGains", series.gains), ("splits", series.splits)):
        held = {}
        for day, value in of.items():
            at = begins.get(day, series.moment(day, series.open_at))
            if not (first <= at < last and at <= moment.timestamp()):
                continue
            if name == "splits":
                new, old = value  # type: ignore[misc]
                held[str(at)] = {"date": at, "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
            else:
                held[str(at)] = {"date": at, "amount": value}
                if series.dividend_currency and name == "dividends":
                    held[str(at)]["currency"] = series.dividend_currency
        if held:
            events[name] = held
    quote = {name.lower(): _numbers(rows[name]) for name in PRICES} | {"volume": _numbers(rows["Volume"])}
    result: dict[str, Any] = {"meta": _meta(asked.ticker, series, today, int(moment.timestamp()), opens)}
    if len(rows):
        result |= {"timestamp": opens[kept].tolist(), "events": events}
        result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": _numbers(adjusted)}]}
    else:
        result["indicators"] = {"quote": [{}], "adjclose": [{}]}
    return result


def _meta(ticker: str, series: Series, today: dt.date, now: int, opens: np.ndarray) -> dict[str, Any]:
    offset = int(dt.datetime.fromtimestamp(now, _zone(series)).utcoffset().total_seconds())  # type: ignore[union-attr]
    start, end = series.moment(today, series.open_at), series.moment(today, series.close_at)
    period = {"timezone": "XST", "gmtoffset": offset}
    return {
        "currency": series.currency,
        "symbol": ticker,
        "exchangeName": series.exchange,
        "fullExchangeName": f"{series.exchange} in full",
        "instrumentType": series.kind,
        "firstTradeDate": int(opens[0]) if len(opens) else None,
        "regularMarketTime": min(now, end),
        "hasPrePostMarketData": True,
        "gmtoffset": offset,
        "timezone": "XST",
        "exchangeTimezoneName": series.zone,
        "longName": series.name,
        "shortName": series.name[:20],
        "priceHint": 2,
        "currentTradingPeriod": {
            "pre": {**period, "start": start - 3600, "end": start},
            "regular": {**period, "start": start, "end": end},
            "post": {**period, "start": end, "end": end + 3600},
        },
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }


def _zone(series: Series) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(series.zone)


def _numbers(values: Any) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in np.asarray(values, dtype=float)]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that give up are what the tests are about."""


def _handler(server: YahooServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # a header and a body in two packets would each wait 40 ms

        def log_message(self, *_: object) -> None: ...

        def do_GET(self) -> None:
            asked = _read(self.path)
            with server.at_once():
                self._reply(asked, server.fault(asked))

        def _reply(self, asked: Asked, fault: Fault | None) -> None:
            if fault is None:
                self._send(*server.answer(asked), asked=asked)
            elif fault.what == "dropped":
                self.close_connection = True
            elif fault.what == "slow":
                server.wait(fault.delay)
                self._send(*server.answer(asked), asked=asked)
            elif fault.what == "status":
                self._send(fault.status, "Too Many Requests" if fault.status == 429 else "Internal Error", fault.headers)
            elif fault.what == "html":
                self._send(200, "<!DOCTYPE html><html><body>Oops, something went wrong</body></html>")
            elif fault.what in ("truncated", "cut off"):
                self._send(*server.answer(asked), half=fault.what)
            elif fault.what == "empty":
                self._send(200, {"chart": {"result": None, "error": None}})
            elif fault.what == "unknown":
                self._send(*server.answer(Asked("chart", "", {})))
            else:
                status, document = server.answer(asked)
                result = document["chart"]["result"][0]
                if fault.what == "no rows":
                    result.pop("timestamp"), result.pop("events")
                    result["indicators"] = {"quote": [{}], "adjclose": [{}]}
                elif fault.change is not None:
                    fault.change(result)
                self._send(status, document)

        def _send(
            self, status: int, document: Any, headers: tuple[tuple[str, str], ...] = (), *, half: str = "", asked: Asked | None = None
        ) -> None:
            text = document if isinstance(document, str) else json.dumps(document)
            body = text.encode()
            if half == "truncated":
                body = body[: len(body) // 2]
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if text.startswith("<") else "application/json")
            self.send_header("Content-Length", str(len(body)))
            if asked is not None and asked.kind == "cookie":
                self.send_header("Set-Cookie", "A3=loopback; Path=/; Max-Age=31536000")
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if half == "cut off" else body)
            if half == "cut off":
                self.close_connection = True

    return Handler


def _read(path: str) -> Asked:
    parts = urlsplit(path)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    steps = [unquote(step) for step in parts.path.split("/") if step]
    ticker = steps[-1] if steps else ""
    if "chart" in steps:
        return Asked("chart", ticker, query)
    if "quoteSummary" in steps:
        return Asked("summary", ticker, query)
    if "timeseries" in steps:
        return Asked("statements", ticker, query)
    if ticker == "getcrumb":
        return Asked("crumb", "", query)
    return Asked("other" if steps else "cookie", ticker, query)


def point_yfinance_at(port: int) -> Callable[[], None]:
    """Send every request of yfinance's (curl_cffi's) sessions in this process to the loopback server on `port`; return the way back.

    One place covers all of Yahoo's hosts, also those that yfinance writes out in full; a request to any other host is an error.
    """
    from curl_cffi.requests import Session

    before = Session.request

    def request(self: Any, method: str, url: str, *rest: Any, **options: Any) -> Any:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host != "127.0.0.1" and not (host == "yahoo.com" or host.endswith(".yahoo.com")):
            raise AssertionError(f"a test would have left the machine for {host}")
        local = parts._replace(scheme="http", netloc=f"127.0.0.1:{port}").geturl()
        answer = before(self, method, local, *rest, **options)
        if host == "fc.yahoo.com":
            self.cookies.jar.set_cookie(_cookie())  # the server's own is for 127.0.0.1, which yfinance would not know again
        return answer

    Session.request = request

    def undo() -> None:
        Session.request = before

    return undo


def _cookie() -> Cookie:
    expires = int(dt.datetime.now(dt.UTC).timestamp()) + 86_400
    rest = {"port": None, "port_specified": False, "comment": None, "comment_url": None, "rest": {}, "secure": True, "discard": False}
    domain = {"domain": ".yahoo.com", "domain_specified": True, "domain_initial_dot": True}
    return Cookie(version=0, name="A3", value="loopback", path="/", path_specified=True, expires=expires, **domain, **rest)


@contextlib.contextmanager
def loopback(series: dict[str, Series] | None = None) -> Iterator[YahooServer]:
    """Serve, with yfinance of this process pointed at it."""
    with YahooServer(series) as server:
        undo = point_yfinance_at(server.port)
        try:
            yield server
        finally:
            undo()
