"""Dates as files write them, decided for a whole file; what can be read in two ways is refused, never guessed."""

from __future__ import annotations

import re

import pandas as pd

from orebody.errors import DataError
from orebody.sources.csv.month_names import WORDED, days_in_words
from orebody.sources.csv.sessions import session_days

__all__ = ["dates"]

_CLOCK = r"(?P<time>(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)"
_TIME = rf"(?:(?:[T ]|, )+{_CLOCK}\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{{2}}:?\d{{2}})?)?"
_FORMS = {
    "iso": r"(?P<day>\d{4}(?P<sign>[-/.])\d{1,2}(?P=sign)\d{1,2})",
    "compact": r"(?P<day>\d{8})",
    "parts": r"(?P<day>\d{1,2}(?P<sign>[-/.])\d{1,2}(?P=sign)\d{4})",
    "words": WORDED,
}
_EPOCH = r"\d{9,10}(?:\.0+)?|\d{12,13}|\d{15,16}|\d{18,19}"
_EPOCH_UNITS = {10: "s", 13: "ms", 16: "us", 19: "ns"}  # by the most digits that a time after 1973 and before 2286 has
_NO_DAY = r"\d{4}(?:[-/.]\d{1,2})?"
_SHORT_YEAR = r"\d{1,2}[-/.](?:\d{1,2}|[^\W\d_]{3,9})[-/.]\d{2}"
_SERIAL = r"[1-6]\d{4}(?:\.\d+)?"  # Excel's count of days, from 1927
_ORDERS = {"month/day/year": "%m-%d-%Y", "day/month/year": "%d-%m-%Y"}


def dates(column: pd.Series, file: str) -> pd.DatetimeIndex:
    """Return the dates of a file, called Date, without a zone.

    The first cell says the form, and all others must have it: ``2006-05-22`` and ``2006/05/22``, ``20060522``, ``May 22, 2006`` and
    ``22-May-2006`` (also in other languages), seconds or their thousandths since 1970, or ``05/22/2006``. Whether the last begins with
    the month or the day is told by the whole file: in one order only are all cells dates; failing that, one order only gives first days
    of months where the other gives days of several Januaries; failing that, in one order only do they ascend or descend and fall on
    Mondays to Fridays. Times of day and zones are those of `orebody.sources.csv.sessions`; counts since 1970 are in UTC.

    Parameters
    ----------
    column
        Texts, labelled by their lines.
    file
        Its name, for messages.

    Raises
    ------
    DataError
        For a cell that is no date or has another form than the first, a month without a day, a year of two digits, days and months that
        can be exchanged, zones on some rows only, and times that do not tell the session's day.
    """
    plain = pd.to_datetime(column, format="%Y-%m-%d", errors="coerce")
    if not plain.hasnans:
        return pd.DatetimeIndex(plain, name="Date")
    texts = column.astype("str").str.strip()
    first = texts.iloc[0] if isinstance(texts.iloc[0], str) else ""
    if re.fullmatch(_EPOCH, first):
        return _since_1970(column, texts, file)
    form = next((name for name, pattern in _FORMS.items() if re.fullmatch(pattern + _TIME, first)), "iso")
    parts = texts.str.extract("^" + _FORMS[form] + _TIME + "$")
    _refuse(column, texts, parts["day"].isna(), file)
    days = _days(parts, form, file)
    _refuse(column, texts, days.isna(), file)
    if parts["time"].isna().all():
        return pd.DatetimeIndex(days, name="Date")
    zones = parts["zone"].str.replace(r"^(?:UTC|GMT)(?=[+-])", "", regex=True).replace("GMT", "UTC")
    return session_days(days, _by_24_hours(parts["time"].fillna("00:00"), parts["half"]), zones, file)


def _since_1970(column: pd.Series, texts: pd.Series, file: str) -> pd.DatetimeIndex:
    """Return the dates of counts of seconds, or of parts of them, since 1970-01-01 in UTC."""
    whole = texts.str.replace(r"\.0+$", "", regex=True)
    digits = len(whole.iloc[0])
    most, unit = next((most, unit) for most, unit in _EPOCH_UNITS.items() if digits <= most)
    _refuse(column, texts, ~whole.str.fullmatch(rf"\d{{{most - 1},{most}}}").eq(True), file)
    stamps = pd.to_datetime(whole.astype("int64"), unit=unit)
    days = stamps.dt.normalize()
    if (stamps == days).all():
        return pd.DatetimeIndex(days, name="Date")
    return session_days(days, stamps.dt.strftime("%H:%M:%S"), pd.Series("+00:00", index=texts.index), file)


def _by_24_hours(times: pd.Series, halves: pd.Series) -> pd.Series:
    """Return times with AM or PM beside them by a clock of 24 hours."""
    if halves.isna().all():
        return times
    hours, rest = times.str.extract(r"^(\d+)(:.*)$").T.to_numpy()
    late = halves.str.lower().str.startswith("p").eq(True).to_numpy()
    by_half = [int(hour) % 12 + 12 * bool(after) if int(hour) <= 12 else int(hour) for hour, after in zip(hours, late, strict=True)]
    return pd.Series([f"{hour}{minutes}" for hour, minutes in zip(by_half, rest, strict=True)], index=times.index)


def _days(parts: pd.DataFrame, form: str, file: str) -> pd.Series:
    """Return the days of cells that all have the same form; NaT where a cell cannot be one."""
    days = parts["day"]
    if form == "compact":
        return pd.to_datetime(days, format="%Y%m%d", errors="coerce")
    if form == "words":
        return days_in_words(days)
    plain = days.str.replace(r"[/.]", "-", regex=True)
    return _in_order(days, plain, file) if form == "parts" else pd.to_datetime(plain, format="%Y-%m-%d", errors="coerce")


def _in_order(days: pd.Series, plain: pd.Series, file: str) -> pd.Series:
    """Return the days in the only order of day and month that the whole file allows."""
    read = {order: pd.to_datetime(plain, format=way, errors="coerce") for order, way in _ORDERS.items()}
    whole = {order: found for order, found in read.items() if not found.hasnans}
    if not whole:
        return min(read.values(), key=lambda found: int(found.isna().sum()))
    first, *others = whole.values()
    if not others or first.equals(others[0]):
        return first
    of_months = [found for found, other in ((first, others[0]), (others[0], first)) if _in_sequence(found) and _months(found, other)]
    if of_months:
        return of_months[0]
    likely = [found for found in whole.values() if _in_sequence(found) and (found.dt.day_of_week < 5).all()]
    if len(likely) == 1:
        return likely[0]
    at = int((first != others[0]).to_numpy().argmax())
    readings = " or ".join(f"{found.iloc[at].date()} ({order})" for order, found in whole.items())
    raise DataError(
        f"{file}, line {days.index[at]}: {days.iloc[at]!r} is not a date that reads one way: it may be {readings}, and nothing in the file "
        "tells which; write dates as 2006-05-22"
    )


def _months(found: pd.Series, other: pd.Series) -> bool:
    """Whether dates are first days of months, which the other order turns into the first days of January in several years."""
    return bool((found.dt.day == 1).all() and (other.dt.month == 1).all() and other.dt.year.nunique() > 1)


def _in_sequence(found: pd.Series) -> bool:
    return bool(found.is_unique and (found.is_monotonic_increasing or found.is_monotonic_decreasing))


def _refuse(column: pd.Series, texts: pd.Series, bad: pd.Series, file: str) -> None:
    """Raise `DataError` for the first cell that is not a date of the file's form."""
    if not bad.any():
        return
    at = int(bad.to_numpy().argmax())
    cell = texts.iloc[at] if isinstance(texts.iloc[at], str) else ""
    if re.fullmatch(_NO_DAY, cell):
        why = "names no day: date each row by the day on which its value could be known, as 2006-05-31"
    elif re.fullmatch(_SHORT_YEAR, cell):
        why = "has a year of two digits: write dates as 2006-05-22"
    elif re.fullmatch(_SERIAL, cell):
        why = "is not a date but a count of days, as Excel keeps one: format that column as dates (yyyy-mm-dd), and save the file again"
    else:
        unlike = f" like {texts.iloc[0]!r} before it" if at else ""
        why = f"is not a date{unlike} ({int(bad.sum())} such in all): write dates as 2006-05-22"
    raise DataError(f"{file}, line {column.index[at]}: {column.iloc[at]!r} {why}")
