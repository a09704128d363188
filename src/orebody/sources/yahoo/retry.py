"""How long a download is tried, and what is said when it fails for good."""

from __future__ import annotations

import datetime as dt
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from orebody.errors import DownloadError, ParameterError

__all__ = [
    "ELSEWHERE",
    "OFFLINE",
    "AccessDeniedError",
    "MalformedResponseError",
    "NoConnectionError",
    "RetryPolicy",
    "TransientError",
    "retry",
    "seconds_to_wait",
]

OFFLINE = "try again later, or take what is cached with offline=True"
"""The remedy of every failure that may pass."""

ELSEWHERE = "asking again will not help: take its prices from a CSV file, or take what is cached with offline=True"
"""The remedy where Yahoo's answer itself is what cannot be used."""

_Got = TypeVar("_Got")
_COUNTS = ("attempts", "unreached")
_DICE = random.Random()  # of our own: the caller's seeded stream stays what it is


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long one ticker is tried.

    Parameters
    ----------
    attempts
        Requests at most, the first included.
    unreached
        Requests at most, one after the other, that reach nobody: the name of the server is not found, or the connection is refused. Fewer,
        because without a network none of a universe's tickers will come, and who waits for that waits for nothing.
    timeout
        Seconds that one request may take, from the connection to the last byte.
    first_wait
        Seconds before the second try; doubled before each further one, and drawn between half of that and the whole.
    longest_wait
        Bound of one wait in seconds, also of one that Yahoo asks for with ``Retry-After``.
    total
        Bound in seconds of everything together: no wait is begun that would end after it, and no request may outlast it.

    Raises
    ------
    ParameterError
        For fewer than one attempt, or seconds that are not positive and finite.
    """

    attempts: int = 5
    timeout: float = 30.0
    first_wait: float = 1.0
    longest_wait: float = 60.0
    total: float = 240.0
    unreached: int = 2

    def __post_init__(self) -> None:
        for name in _COUNTS:
            count = getattr(self, name)
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise ParameterError(f"{name} is {count!r}: give a whole number of at least 1")
        for field in fields(self):
            if field.name in _COUNTS:
                continue
            seconds = getattr(self, field.name)
            if not isinstance(seconds, int | float) or not math.isfinite(seconds) or seconds <= 0:
                raise ParameterError(f"{field.name} is {seconds!r}: give a positive number of seconds")


class TransientError(Exception):
    """A failure that may pass: too many requests, a server in trouble, a cut line, an answer that makes no sense.

    Parameters
    ----------
    what
        What came, as the end of "could not be downloaded: …".
    wait
        Seconds that Yahoo asks to wait, or None where it does not say.
    """

    remedy = OFFLINE
    settled = False  # whether it will stay so when it comes alike twice

    def __init__(self, what: str, wait: float | None = None) -> None:
        super().__init__(what)
        self.wait = wait


class MalformedResponseError(TransientError):
    """A whole answer in which something is not as it should be. It may have been cut or mixed up; what comes alike twice is so."""

    remedy = ELSEWHERE
    settled = True


class AccessDeniedError(TransientError):
    """A refusal to let this client in, which lasts for hours where it comes twice."""

    remedy = "it may last for hours: update yfinance, ask from another network or tomorrow, or take what is cached with offline=True"
    settled = True


class NoConnectionError(TransientError):
    """A failure before anybody answered: no such name, or nobody who takes the connection. Mostly there is no network."""


def retry(ticker: str, attempt: Callable[[], _Got], patience: RetryPolicy, sleep: Callable[[float], object] = time.sleep) -> _Got:
    """Return what `attempt` returns, trying again after each `TransientError` as `patience` allows.

    Waits grow exponentially with jitter, so that parallel downloads do not come back all at once; where Yahoo says how long to wait, that
    is waited, up to `patience.longest_wait`. An answer that cannot be used and comes alike twice is not asked for a third time.

    Raises
    ------
    DownloadError
        After the last try: the ticker, what came, how many tries in what time, and what to do. Whatever else `attempt` raises
        is raised at once.
    """
    in_vain, before, alike = 0, "", False

    def counted() -> _Got:
        nonlocal in_vain, before, alike
        try:
            return attempt()
        except TransientError as failure:
            in_vain = in_vain + 1 if isinstance(failure, NoConnectionError) else 0
            alike = failure.settled and str(failure) == before
            before = str(failure)
            raise

    retrying = Retrying(
        sleep=lambda seconds: (sleep(seconds), None)[1],
        stop=lambda state: alike or in_vain >= patience.unreached or _time_is_up(state, patience),
        wait=lambda state: _wait(state, patience),
        retry=retry_if_exception_type(TransientError),
        reraise=True,
    )
    begun = time.monotonic()
    try:
        return retrying(counted)
    except TransientError as error:
        tries = int(retrying.statistics["attempt_number"])
        spent = max(time.monotonic() - begun, float(retrying.statistics["idle_for"]))
        often = "1 try" if tries == 1 else f"{tries} tries in {spent:.0f} s"
        asks = "" if error.wait is None else f" and asks to wait {error.wait:.0f} s"
        often += " with the same answer" if alike else ""
        raise DownloadError(f"{ticker} could not be downloaded: {error}{asks}, after {often}: {error.remedy}") from error


def seconds_to_wait(header: str | None, now: dt.datetime | None = None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, given as seconds or as a date; None where it says nothing readable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - (now or dt.datetime.now(dt.UTC))).total_seconds())


def _failure(state: RetryCallState) -> TransientError:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TransientError) else TransientError("nothing")


def _wait(state: RetryCallState, patience: RetryPolicy) -> float:
    asked = _failure(state).wait
    if asked is not None:
        return min(asked, patience.longest_wait)
    grown = min(patience.first_wait * 2.0 ** min(state.attempt_number - 1, 60), patience.longest_wait)
    return grown * _DICE.uniform(0.5, 1.0)


def _time_is_up(state: RetryCallState, patience: RetryPolicy) -> bool:
    spent = max(state.seconds_since_start or 0.0, state.idle_for)  # the larger, so that a test that does not really wait is bounded, too
    return state.attempt_number >= patience.attempts or spent + state.upcoming_sleep > patience.total
