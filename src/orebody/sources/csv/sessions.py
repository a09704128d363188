"""The day of the session to which a time stamp belongs, when stamps carry times of day and zones."""

from __future__ import annotations

import pandas as pd

from orebody.errors import DataError

__all__ = ["session_days"]

_EXCHANGES = (
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Johannesburg",
    "Asia/Hong_Kong",
    "Asia/Tokyo",
    "Australia/Sydney",
)
_OPENS, _CLOSED = pd.Timedelta(hours=7), pd.Timedelta(hours=18)  # every one of them trades within these hours of its own day
_MIDNIGHT = pd.Timedelta(0)


def session_days(days: pd.Series, times: pd.Series, zones: pd.Series, file: str) -> pd.DatetimeIndex:
    """Return the local date of each row's session, or the stamps themselves where rows follow each other within days.

    A stamp of midnight, as written, is its date. Otherwise it is read as it is written and, because providers write times in UTC, on the
    clocks of the exchanges in which miners are listed. A reading makes sense when all its times are midnight, as Yahoo stamps a day, or
    all lie within a session, 7:00 to 18:00; what is written without a zone always makes sense. When all readings that make sense give the
    same dates, these are taken; when they do not, those that put bars on a Saturday or Sunday are dropped; when there are still two, stamps
    with a zone are refused, and those without stay what they are.

    Parameters
    ----------
    days, times, zones
        Of each row as written: a date, a text of hours and minutes, and a text such as ``+00:00``, ``Z``, or NaN for none.
    file
        Its name, for messages.

    Raises
    ------
    DataError
        For zones on some rows only, bars within days that carry a zone, and stamps that make sense as none or several sessions' days.
    """
    if zones.notna().any() and zones.isna().any():
        raise DataError(
            f"{file}: the dates mix time zones, some carry one and some do not: name each session by its local date, as 2006-05-22"
        )
    zoned = bool(zones.notna().any())
    written = pd.DatetimeIndex(days + pd.to_timedelta(times.where(times.str.count(":").eq(2), times + ":00")), name="Date")
    if (written == written.normalize()).all():
        return written
    within_days = written.normalize().has_duplicates and (written.is_monotonic_increasing or written.is_monotonic_decreasing)
    if within_days and not zoned:
        return written
    readings = _readings(written, zones if zoned else None)
    if len(readings) > 1:
        readings = [dates for dates in readings if (dates.day_of_week < 5).all()] or readings
    if len(readings) == 1 and not within_days:
        return readings[0]
    if not zoned:
        return written  # it is what the file says; no reading as a session's day is better
    example = f"{days.iloc[0].date()} {times.iloc[0]}{zones.iloc[0]}"
    why = (
        "several rows fall on a day, so take the daily file"
        if within_days
        else "no exchange's clock"
        if not readings
        else "exchanges' clocks differ on it"
    )
    raise DataError(
        f"{file}: dates such as {example} do not tell the day of the session ({why}): name each session by its local date, as 2006-05-22"
    )


def _readings(written: pd.DatetimeIndex, zones: pd.Series | None) -> list[pd.DatetimeIndex]:
    """Return the different dates that the stamps may stand for."""
    if zones is None:
        clocks, utc = [written], written
    else:
        offsets = pd.to_timedelta(zones.replace({"Z": "+00:00", "UTC": "+00:00"}).map(_offset), unit="min")
        utc = pd.DatetimeIndex(written - offsets.to_numpy())
        clocks = [] if (offsets == _MIDNIGHT).all() else [written]  # nobody trades by UTC all year
    clocks += [utc.tz_localize("UTC").tz_convert(zone).tz_localize(None) for zone in _EXCHANGES]
    readings: list[pd.DatetimeIndex] = []
    for clock in clocks:
        time = clock - clock.normalize()
        if (zones is None and clock is written) or (time == _MIDNIGHT).all() or ((time >= _OPENS) & (time < _CLOSED)).all():
            dates = pd.DatetimeIndex(clock.normalize(), name="Date")
            if not any(dates.equals(known) for known in readings):
                readings.append(dates)
    return readings


def _offset(zone: str) -> int:
    """Return the minutes that a text such as +05:30 is ahead of UTC."""
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    return (hours * 60 + minutes) * (-1 if zone[0] == "-" else 1)
