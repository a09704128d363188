"""Calendars of exchanges: whose a ticker is, which sessions there are, and how many bars miss."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from random_bars import ROWS, clean, new_york

from orebody.quality import inspect
from orebody.quality.calendars import calendar_of, sessions


def test_missing_sessions_are_counted_against_the_exchange() -> None:
    frame = new_york()
    assert inspect("X", frame) == ()  # a ticker without suffix, whose rows are New York's sessions
    few = inspect("X", frame.drop(frame.index[[40, 90]]))
    assert [(finding.kind, finding.count, finding.wrong) for finding in few] == [("sessions", 2, False)]
    assert str(frame.index[40].date()) in few[0].what
    many = inspect("X", frame.drop(frame.index[40:60]))
    assert [(finding.kind, finding.count, finding.wrong) for finding in many] == [("sessions", 20, True)]
    holiday = frame.iloc[[5]].set_axis(pd.DatetimeIndex(["2023-07-04"]))
    extra = inspect("X", pd.concat([frame, holiday]).sort_index())
    assert [(finding.kind, finding.count, finding.wrong, str(finding.first.date())) for finding in extra] == [
        ("sessions", 1, False, "2023-07-04")
    ]
    assert inspect("X=F", frame.drop(frame.index[40:60])) == ()  # futures have no calendar
    assert "XLON" in str(inspect("X", frame, exchange="LSE")[0])


@pytest.mark.parametrize(
    ("ticker", "exchange", "calendar"),
    [
        ("GLD", "PCX", "XNYS"),
        ("GDX", "", ""),
        ("FRES.L", "", "XLON"),
        ("FRES", "LSE", "XLON"),
        ("NST.AX", "", "XASX"),
        ("LA.V", "VAN", "XTSE"),
        ("ABX.TO", "", "XTSE"),
        ("SSW.JO", "JNB", "XJSE"),
        ("GC=F", "CMX", None),
        ("^VIX", "", None),
        ("DX-Y.NYB", "", None),
        ("EURUSD=X", "CCY", None),
        ("SIM-GOLD", "", None),
        ("X", "NOWHERE", None),
        ("X.L", "NOWHERE", "XLON"),
    ],
)
def test_calendars_of_tickers(ticker: str, exchange: str, calendar: str | None) -> None:
    assert calendar_of(ticker, exchange) == calendar


@pytest.mark.parametrize(
    ("calendar", "closed", "open_"),
    [
        ("XNYS", "2023-07-04", "2023-05-01"),
        ("XLON", "2023-05-01", "2023-07-04"),
        ("XASX", "2023-04-25", "2023-07-04"),
        ("XTSE", "2023-07-03", "2023-07-04"),
        ("XJSE", "2023-08-09", "2023-07-04"),
        ("XJSE", "1999-06-02", "1999-06-03"),  # the second election of all South Africans
        ("XJSE", "2021-11-01", "2021-11-02"),
        ("XJSE", "2022-12-27", "2022-12-28"),
        ("XJSE", "2023-12-15", "2023-12-14"),
        ("XTSE", "2008-12-17", "2008-12-18"),  # its feed failed before the opening
    ],
)
def test_sessions_of_exchanges(calendar: str, closed: str, open_: str) -> None:
    days = sessions(calendar, np.datetime64("2023-12-31"))
    assert np.datetime64(closed) not in days
    assert np.datetime64(open_) in days
    assert days[-1] >= np.datetime64("2023-12-29")
    assert sessions(calendar, np.datetime64("2024-06-30")) is days  # made once


def test_johannesburg_rests_on_the_days_of_elections_and_decrees() -> None:
    closed = pd.to_datetime(["2021-11-01", "2022-12-27", "2023-12-15", "2024-05-29"])
    days = pd.DatetimeIndex(sessions("XJSE", np.datetime64("2024-12-31"))).intersection(pd.bdate_range("2021-09-01", "2024-06-28"))
    frame = clean(3, rows=len(days)).set_axis(days)
    assert not set(closed) & set(days)
    assert inspect("SSW.JO", frame) == ()
    one = frame.iloc[[40]].set_axis(closed[:1])
    assert [finding.kind for finding in inspect("SSW.JO", pd.concat([frame, one]).sort_index())] == ["sessions"]


def test_weeks_and_months_have_no_sessions() -> None:
    weekly = clean(3).set_axis(pd.date_range("2000-01-02", periods=ROWS, freq="W-SUN"))
    assert inspect("GLD", weekly, exchange="PCX") == ()
