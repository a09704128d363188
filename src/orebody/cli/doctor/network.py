"""Check that Yahoo can be reached, by requesting one ticker's last days."""

from __future__ import annotations

import datetime as dt
import time

from orebody.cli.doctor.finding import OK, PROBLEM, Finding
from orebody.cli.error_messages import for_cli
from orebody.errors import OrebodyError

__all__ = ["check_network"]


def check_network(ticker: str = "GLD") -> list[Finding]:
    """Ask Yahoo once, and wait 20 seconds at most."""
    from orebody.sources.yahoo.client import quotes
    from orebody.sources.yahoo.retry import RetryPolicy

    begun = time.monotonic()
    try:
        came = quotes(ticker, since=dt.date.today() - dt.timedelta(days=14), patience=RetryPolicy(attempts=1, timeout=20.0, total=20.0))
    except OrebodyError as error:
        remedy = "without it: --source with a folder of CSV files, or --source sample"
        return [Finding("Yahoo", PROBLEM, for_cli(error, "orebody doctor"), remedy)]
    text = f"answered in {time.monotonic() - begun:.1f} s, with {ticker} up to {came.bars.index[-1].date()}"
    return [Finding("Yahoo", OK, text)]
