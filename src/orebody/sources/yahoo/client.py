"""Downloads by yfinance: histories, analysts' grades, statements; each tried with patience, each failure one sentence."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd
from curl_cffi.const import CurlECode
from curl_cffi.requests import exceptions as http
from yfinance import exceptions as yf  # type: ignore[import-untyped]

from orebody.errors import DownloadError, OrebodyError, ParameterError
from orebody.market.point_in_time import day as plain_day
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo import parsing
from orebody.sources.yahoo.retry import (
    OFFLINE,
    AccessDeniedError,
    MalformedResponseError,
    NoConnectionError,
    RetryPolicy,
    TransientError,
    retry,
    seconds_to_wait,
)
from orebody.sources.yahoo.yfinance_sandbox import VERSION, HttpStatusError, RequestContext, sandboxed, ticker

__all__ = ["VERSION", "RetryPolicy", "grades", "normalise_ticker", "quotes", "statements"]

_TICKER = re.compile(r"[A-Z0-9^=][A-Z0-9^=._&\-]{0,31}")
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")  # yfinance would ask another site what it is
_UNREACHED = (CurlECode.COULDNT_RESOLVE_PROXY, CurlECode.COULDNT_RESOLVE_HOST, CurlECode.COULDNT_CONNECT)
_BEFORE = dt.timedelta(days=10)  # so that an action on a closed day before `since` is carried to the same row as in a whole download
_OLDEST_RATE = dt.timedelta(days=10)  # the longest run of days without an exchange rate


def quotes(
    name: str,
    *,
    since: dt.date | str | None = None,
    now: dt.datetime | None = None,
    patience: RetryPolicy | None = None,
    sleep: Callable[[float], object] = time.sleep,
) -> Quotes:
    """Download one ticker's finished daily bars.

    Parameters
    ----------
    name
        As Yahoo writes it: ``"GLD"``, ``"FRES.L"``, ``"^IRX"``, ``"GC=F"``; small letters are taken for capitals.
    since
        First day of the exchange that is wanted; by default its whole history.
    now
        With a zone; by default the clock. The last bar is left out while its session is open; see `bars.session_open`.
    patience
        How often and how long to try; see `RetryPolicy` for the defaults.
    sleep
        Called with the seconds to wait between tries.

    Returns
    -------
    Quotes
        Prices as Yahoo serves them: adjusted for splits and not for distributions, which stand beside them, capital gains of funds
        included, in the currency of the price. A dividend in another currency is turned at the last close of Yahoo's exchange
        rate at or before its ex-date. An action on a day without a bar stands on the next bar. Days without any price are left out; those
        with some are not.

    Raises
    ------
    ParameterError
        For something that is no ticker, date or moment.
    DownloadError
        When Yahoo refuses, fails, answers nonsense or with nothing, after all tries; for a ticker that it does not know, at once.
    """
    asked, first, moment = normalise_ticker(name), _since(since), _moment(now)
    patience = patience or RetryPolicy()
    watch = RequestContext.of(patience)
    rates: dict[str, pd.Series] = {}

    def exchange(paid_in: str, currency: str, when: dt.date) -> float:
        pair = f"{paid_in}{currency}=X"
        if pair not in rates:
            try:
                rates[pair] = quotes(pair, now=moment, patience=patience, sleep=sleep).bars["Close"].dropna()
            except DownloadError as error:
                raise DownloadError(f"{asked} pays dividends in {paid_in} on a price in {currency}: {error}") from error
        return _rate_on(rates[pair], pair, when, asked)

    def attempt() -> Quotes:
        result = _chart(asked, watch, first)
        with _reading():
            return parsing.read(asked, result, moment, exchange, first)

    return retry(asked, attempt, patience, sleep)


def grades(name: str, *, patience: RetryPolicy | None = None, sleep: Callable[[float], object] = time.sleep) -> pd.DataFrame:
    """Download what analysts said about one ticker, oldest first.

    Returns
    -------
    pandas.DataFrame
        Columns ``graded`` (moment in UTC, without a zone), ``firm``, ``grade`` (the firm's own word), ``before`` and ``action``; no
        rows where Yahoo has none, as for funds. See `ratings.ratings`.

    Raises
    ------
    ParameterError, DownloadError
        As `quotes`; but a ticker that Yahoo does not know has no rows.
    """
    asked, patience = normalise_ticker(name), patience or RetryPolicy()
    watch = RequestContext.of(patience)
    columns = {"Firm": "firm", "ToGrade": "grade", "FromGrade": "before", "Action": "action"}

    def attempt() -> pd.DataFrame:
        with _asking(asked, watch):
            try:
                said = ticker(asked).get_upgrades_downgrades()
            except HttpStatusError as refused:
                if refused.status != 404:
                    raise
                return _nothing("graded", *columns.values())
            except yf.YFDataException:
                if _history_is_empty(watch):
                    return _nothing("graded", *columns.values())
                raise
        with _reading():
            rows = said.rename(columns=columns).reindex(columns=list(columns.values())).fillna("").astype(str)
            rows.insert(0, "graded", pd.DatetimeIndex(said.index).as_unit("ns"))
            return rows.sort_values("graded", kind="stable").reset_index(drop=True)

    return retry(asked, attempt, patience, sleep)


def statements(name: str, *, patience: RetryPolicy | None = None, sleep: Callable[[float], object] = time.sleep) -> pd.DataFrame:
    """Download the last quarters' balance sheets and income statements of one ticker, as Yahoo restates them today.

    Returns
    -------
    pandas.DataFrame
        A row for each end of a quarter, called ``period_end``, oldest first, with a column for each item that Yahoo has, such as
        ``TotalDebt``, ``CashAndCashEquivalents`` and ``EBITDA``, in the company's own currency, NaN where it is not given; no rows for what
        has no statements. See `statements.net_debt_ebitda`.

    Raises
    ------
    ParameterError, DownloadError
        As `quotes`.
    """
    asked, patience = normalise_ticker(name), patience or RetryPolicy()
    watch = RequestContext.of(patience)

    def attempt() -> pd.DataFrame:
        with _asking(asked, watch):
            company = ticker(asked)
            parts = [company.get_balance_sheet(freq="quarterly", pretty=False), company.get_income_stmt(freq="quarterly", pretty=False)]
        with _reading():
            table = pd.concat([part.T for part in parts if not part.empty] or [pd.DataFrame()], axis=1).sort_index()
            table = table.loc[:, ~table.columns.duplicated()].astype(float)
            table.index = pd.DatetimeIndex(table.index).as_unit("ns").rename("period_end")
            return table.reset_index()

    return retry(asked, attempt, patience, sleep)


def _chart(asked: str, watch: RequestContext, first: dt.date | None) -> Mapping[str, Any]:
    """Return the result of Yahoo's chart of daily bars, from its beginning or from some days before `first`.

    yfinance is what asks. What it makes of the answer is not looked at, nor what it trips over in it: the answer is read by `bars.read`.
    """
    with _asking(asked, watch):
        start = {"period": "max"} if first is None else {"start": first - _BEFORE}
        try:
            ticker(asked).history(**start, interval="1d", auto_adjust=False, actions=True, repair=False, keepna=True)
        except Exception:
            if _result(watch) is None:
                raise
    result = _result(watch)
    if result is None:
        raise TransientError(f"Yahoo answered {_status(watch)}without prices")
    return result


def _result(watch: RequestContext) -> Mapping[str, Any] | None:
    """Return the first result of the last answer, if that was a chart."""
    try:
        found = watch.answer.json()["chart"]["result"][0] if watch.answer.status_code == 200 else None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None
    return found if isinstance(found, Mapping) and found else None


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Turn whatever an answer of another form makes of reading it into one sentence: it is this ticker's failure and nobody else's."""
    try:
        yield
    except (TransientError, OrebodyError):
        raise
    except Exception as error:
        raise MalformedResponseError(f"Yahoo's answer cannot be read ({type(error).__name__}: {_safe(str(error))})") from error


@contextlib.contextmanager
def _asking(asked: str, watch: RequestContext) -> Iterator[None]:
    """Keep yfinance contained, and turn whatever it raises into what may pass and what will not."""
    with sandboxed(watch):
        try:
            with _access_denied(watch):
                yield
        except (TransientError, DownloadError):
            raise
        except HttpStatusError as refused:
            raise error_for_status(asked, refused) from refused
        except yf.YFRateLimitError:
            raise TransientError("Yahoo answered with status 429 (too many requests)") from None
        except yf.YFPricesMissingError as missing:
            if missing.yahoo_reason and watch.answer is not None and watch.answer.status_code == 200:
                raise DownloadError(f"{asked} was refused by Yahoo: {_safe(missing.yahoo_reason)}: check the ticker") from None
            raise TransientError(f"Yahoo answered {_status(watch)}without prices") from None
        except http.Timeout:
            raise TransientError(f"Yahoo did not answer within {watch.timeout:g} s") from None
        except http.RequestException as error:
            if error.code in _UNREACHED:
                raise NoConnectionError(f"nobody was reached, is there a network? ({_safe(str(error).split('. See')[0])})") from None
            raise TransientError(f"the connection failed ({_safe(str(error).split('. See')[0])})") from None
        except json.JSONDecodeError:
            raise TransientError(f"Yahoo answered {_status(watch)}with something that is not the JSON it should be") from None
        except Exception as error:  # whatever yfinance trips over in an answer of another form
            raise MalformedResponseError(
                f"Yahoo's answer cannot be read by {VERSION} ({type(error).__name__}: {_safe(str(error))})"
            ) from error


@contextlib.contextmanager
def _access_denied(watch: RequestContext) -> Iterator[None]:
    """Tell a refusal to let us in from what yfinance makes of it: a failed connection, no JSON, no prices."""
    try:
        yield
    except Exception as error:
        if getattr(watch.answer, "status_code", None) in (401, 403):
            raise AccessDeniedError(
                f"Yahoo refused with status {watch.answer.status_code}, though yfinance asked with a fresh cookie"
            ) from error
        raise


def error_for_status(asked: str, refused: HttpStatusError) -> Exception:
    status = refused.status
    if status == 429:
        return TransientError("Yahoo answered with status 429 (too many requests)", seconds_to_wait(refused.retry_after))
    if status == 408 or status >= 500:
        return TransientError(f"Yahoo answered with status {status} (a failure of its own)", seconds_to_wait(refused.retry_after))
    if status == 404:
        return DownloadError(f"{asked} is not known to Yahoo, or no longer: check how Yahoo writes it, or take the prices from a CSV file")
    return DownloadError(f"{asked} was refused by Yahoo with status {status} ({_safe(refused.body)}): {OFFLINE}")


def _status(watch: RequestContext) -> str:
    status = getattr(watch.answer, "status_code", 200)
    return "" if status == 200 else f"with status {status} and "


def _history_is_empty(watch: RequestContext) -> bool:
    """Return whether Yahoo said that there are no grades: yfinance raises the same for that and for an answer it cannot read."""
    try:
        return not watch.answer.json()["quoteSummary"]["result"][0]["upgradeDowngradeHistory"]["history"]
    except (KeyError, IndexError, TypeError, ValueError):
        return False


def _nothing(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="datetime64[ns]" if name == "graded" else object) for name in columns})


def _safe(text: str) -> str:
    """Return words of a server as they may be shown: printable, on one line, short."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= 120 else line[:117] + "..."


def normalise_ticker(name: object) -> str:
    """Return the ticker in capitals.

    Raises
    ------
    ParameterError
        For what is none: it becomes part of an address.
    """
    upper = name.upper() if isinstance(name, str) and name.isascii() else ""
    if _ISIN.fullmatch(upper):
        raise ParameterError(f"{name!r} is an ISIN: give the ticker that Yahoo shows for it")
    if not _TICKER.fullmatch(upper):
        shown = repr(name) if len(repr(name)) <= 40 else f"{repr(name)[:37]}..."
        raise ParameterError(
            f"{shown} is not a ticker of Yahoo's: up to 32 letters, digits and ^ = . _ & - are, such as GLD, FRES.L or GC=F"
        )
    return upper


def _since(since: object) -> dt.date | None:
    return None if since is None else plain_day(since, "since").date()


def _moment(now: dt.datetime | None) -> dt.datetime:
    if now is None:
        return dt.datetime.now(dt.UTC)
    if not isinstance(now, dt.datetime) or now.tzinfo is None:
        raise ParameterError(f"now is {now!r}: give a datetime with a time zone")
    return now


def _rate_on(rates: pd.Series, pair: str, when: dt.date, asked: str) -> float:
    known = rates[: pd.Timestamp(when)]
    if known.empty or pd.Timestamp(when) - known.index[-1] > _OLDEST_RATE:
        begins = rates.index[0].date() if len(rates) else "never"
        raise DownloadError(
            f"{asked} paid a dividend on {when} in {pair[:3]} and Yahoo has no rate of {pair} for that day (its rates begin {begins}): "
            "ask for bars since then"
        )
    return float(known.iloc[-1])
