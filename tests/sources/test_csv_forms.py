"""Price files in the forms in which people have them, and what is refused because it could be read in two ways."""

from __future__ import annotations

import csv
import os
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DataError
from orebody.sources.csv import read
from orebody.sources.csv.folder import read_gauges

DATA = Path(os.environ.get("OREBODY_DATA", ""))
needs_real_files = pytest.mark.skipif(
    not (DATA / "dirty").is_dir() or "OREBODY_DATA" not in os.environ, reason="real prices: set OREBODY_DATA"
)

PRICES = {"Open": [10.0, 11.0, 12.5], "High": [12.0, 13.0, 13.0], "Low": [9.0, 10.0, 12.0], "Close": [11.0, 12.0, 12.25]}
DAYS = ["2024-01-12", "2024-01-15", "2024-01-16"]


def table(path: Path, text: str, encoding: str = "utf-8") -> pd.DataFrame:
    (path / "X.csv").write_bytes(text.encode(encoding))
    return read(path / "X.csv")


def same(frame: pd.DataFrame, **more: list[float]) -> None:
    """Assert that a frame has the three bars above, and no more columns than those given."""
    assert [str(day) for day in frame.index.date] == DAYS
    assert frame.index.tz is None
    assert frame.index.name == "Date"
    for name, values in (PRICES | more).items():
        assert frame[name].tolist() == values, name
    assert set(frame.columns) == {*PRICES, *more}


FORMS = {
    "yahoo": (
        "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-12,10.000000,12.000000,9.000000,11.000000,5.5,100\n"
        "2024-01-15,11,13,10,12,6,200\n2024-01-16,12.5,13,12,12.25,6.125,300",
        {"Adj Close": [5.5, 6.0, 6.125], "Volume": [100.0, 200.0, 300.0]},
    ),
    "yfinance, three rows": (
        "Price,Close,High,Low,Open,Volume\nTicker,GLD,GLD,GLD,GLD,GLD\nDate,,,,,\n"
        "2024-01-12,11,12,9,10,100\n2024-01-15,12,13,10,11,200\n2024-01-16,12.25,13,12,12.5,300\n",
        {"Volume": [100.0, 200.0, 300.0]},
    ),
    "yfinance, by ticker": (
        "Ticker,GLD,GLD,GLD,GLD\nPrice,Open,High,Low,Close\nDate,,,,\n2024-01-12,10,12,9,11\n2024-01-15,11,13,10,12\n2024-01-16,12.5,13,12,12.25\n",
        {},
    ),
    "yfinance, older": (
        ",Open,High,Low,Close\n,GLD,GLD,GLD,GLD\nDate,,,,\n2024-01-12,10,12,9,11\n2024-01-15,11,13,10,12\n2024-01-16,12.5,13,12,12.25\n",
        {},
    ),
    "yfinance, two rows": (
        "Date,Open,High,Low,Close\n,GLD,GLD,GLD,GLD\n2024-01-12,10,12,9,11\n2024-01-15,11,13,10,12\n2024-01-16,12.5,13,12,12.25\n",
        {},
    ),
    "yfinance, history": (
        "Date,Open,High,Low,Close,Volume,Dividends,Stock Splits\n2024-01-12 00:00:00-05:00,10,12,9,11,100,0.0,0.0\n"
        "2024-01-15 00:00:00-05:00,11,13,10,12,200,0.25,0.0\n2024-01-16 00:00:00-05:00,12.5,13,12,12.25,300,0.0,2.0\n",
        {"Volume": [100.0, 200.0, 300.0], "Dividends": [0.0, 0.25, 0.0], "Stock Splits": [0.0, 0.0, 2.0]},
    ),
    "an index without a name": (",Open,High,Low,Close\n2024-01-12,10,12,9,11\n2024-01-15,11,13,10,12\n2024-01-16,12.5,13,12,12.25\n", {}),
    "stooq": (
        "Date,Open,High,Low,Close,Volume\r\n2024-01-12,10,12,9,11,100\r\n2024-01-15,11,13,10,12,200\r\n2024-01-16,12.5,13,12,12.25,300\r\n",
        {"Volume": [100.0, 200.0, 300.0]},
    ),
    "stooq, whole database": (
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nGLD.US,D,20240112,000000,10,12,9,11,100,0\n"
        "GLD.US,D,20240115,000000,11,13,10,12,200,0\nGLD.US,D,20240116,000000,12.5,13,12,12.25,300,0\n",
        None,
    ),
    "investing": (
        '\ufeff"Date","Price","Open","High","Low","Vol.","Change %"\n"01/16/2024","12.25","12.50","13.00","12.00","19.91M","2.08%"\n'
        '"01/15/2024","12.00","11.00","13.00","10.00","28.5K","9.09%"\n"01/12/2024","11.00","10.00","12.00","9.00","-","-1.17%"\n',
        None,
    ),
    "nasdaq": (
        "Date,Close/Last,Volume,Open,High,Low\n01/16/2024,$12.25,300,$12.50,$13.00,$12.00\n"
        "01/15/2024,$12.00,200,$11.00,$13.00,$10.00\n01/12/2024,$11.00,100,$10.00,$12.00,$9.00\n",
        None,
    ),
    "semicolons": ("Date;Open;High;Low;Close\n2024-01-12;10;12;9;11\n2024-01-15;11;13;10;12\n2024-01-16;12.5;13;12;12.25\n", {}),
    "tabs": ("Date\tOpen\tHigh\tLow\tClose\n2024-01-12\t10\t12\t9\t11\n2024-01-15\t11\t13\t10\t12\n2024-01-16\t12.5\t13\t12\t12.25", {}),
    "decimal commas": (
        "Date;Open;High;Low;Close\n12.01.2024;10,0;12,0;9,0;11,0\n15.01.2024;11,0;13,0;10,0;12,0\n16.01.2024;12,5;13,0;12,0;12,25\n",
        {},
    ),
    "compact time stamps": (
        '"Date","Open","High","Low","Close"\n"20240112 00:00:00","10","12","9","11"\n"20240115 00:00:00","11","13","10","12"\n'
        '"20240116 00:00:00","12.5","13","12","12.25"\n',
        {},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_the_same_three_bars(form: str, tmp_path: Path) -> None:
    text, more = FORMS[form]
    frame = table(tmp_path, text).sort_index()
    if form == "investing":
        assert frame.pop("Volume").tolist()[1:] == [28_500.0, 19_910_000.0]
        more = {}
    elif more is None:
        assert frame.pop("Volume").tolist() == [100.0, 200.0, 300.0] or "<VOL>" in text
        more = {}
    frame.columns = [
        str(name).strip("<>").capitalize() if name.strip("<>").lower() in ("open", "high", "low", "close") else name for name in frame
    ]
    same(frame, **more)


def test_a_form_goes_through_to_a_market(tmp_path: Path) -> None:
    (tmp_path / "M.csv").write_text(FORMS["stooq, whole database"][0])
    (tmp_path / "N.csv").write_text(FORMS["decimal commas"][0])
    market = ob.load_market(ob.Universe("u", "M", ("N",)), source=tmp_path)
    assert market.close.tolist() == [[11.0, 11.0], [12.0, 12.0], [12.25, 12.25]]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2,345.10", "987.60"], [2345.10, 987.6]),
        (["12,345,678", "1"], [12345678.0, 1.0]),
        (["1.234,56", "987,6"], [1234.56, 987.6]),
        (["38,96", "39,1"], [38.96, 39.1]),
        (["1.234.567", "1,5"], [1234567.0, 1.5]),
        (["0,125", "1,250"], [0.125, 1.25]),
        (["1e3", "2.5E-1"], [1000.0, 0.25]),
        (["1.234", "1.250"], [1.234, 1.25]),
    ],
)
def test_thousands_and_decimals(cells: list[str], expected: list[float], tmp_path: Path) -> None:
    frame = table(tmp_path, "Date,Close\n" + "".join(f'2024-01-{at + 2:02d},"{cell}"\n' for at, cell in enumerate(cells)))
    assert frame["Close"].tolist() == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Date;Close\n2024-01-02;1.234\n2024-01-03;1.250\n", r"X.csv, line 2: '1.234' may mean 1.234 or 1234, and no other price"),
        ('Date,Close\n2024-01-02,"1,234"\n2024-01-03,"1,250"\n', r"X.csv, line 2: '1,234' may mean 1.234 or 1234"),
        ("Date;Close\n2024-01-02;1234.5\n2024-01-03;1,25\n", "'1234.5' on line 2 has a decimal point and '1,25' on line 3 a decimal comma"),
        ('Date,Close\n2024-01-02,"1,23.4"\n', r"line 2 .2024-01-02.: Close is '1,23.4', not a number"),
        ("Date,Close\n2024-01-02,19.91M\n", "Close is '19.91M', not a number"),
        ("Date,Close,Volume\n2024-01-02,1.5,many\n", "Volume is 'many', not a number"),
        ("Date,Close\n03/04/2024,1\n04/04/2024,2\n", "may be 2024-03-04 .month/day/year. or 2024-04-03 .day/month/year., and nothing"),
        ("Date,Close\n13/13/2024,1\n", "line 2: '13/13/2024' is not a date .1 such in all."),
        ("Date,Close\n01/31/2024,1\n31/01/2024,2\n", "line 3: '31/01/2024' is not a date like '01/31/2024' before it"),
        ("Date,Close\n5/22/06,1\n", "'5/22/06' has a year of two digits"),
        ("Date,Close\n2024-05,1\n", "'2024-05' names no day"),
        ("Date,Close\n2024,1\n", "'2024' names no day"),
        ("Date,Close\n38859,1\n", "line 2: '38859' is not a date"),
        ("Date,Close\n2024-01-02,1\n20240103,1\n", "line 3: '20240103' is not a date like '2024-01-02' before it"),
        ("Date,Close\n2024-02-30,1\n", "line 2: '2024-02-30' is not a date"),
        (
            "Date,Rate\n2024-02-20,1\n",
            "X.csv has no column of prices among Date, Rate: it needs Open, High, Low and Close, or a Close alone",
        ),
        ("Price,Close,Close\nTicker,GDX,GLD\nDate,,\n2024-01-02,1,2\n", "X.csv holds several tickers, GDX, GLD: write a file for each"),
        ("Ticker,Date,Close\nA,2024-01-02,1\nB,2024-01-02,1\n", "X.csv holds several tickers, A, B"),
        ("<TICKER>,<PER>,<DATE>,<TIME>,<CLOSE>\nA,60,20240102,100000,1\n", "its rows are not of days .<PER> is 60."),
        ("Price,Close,Close\nTicker,GLD,GLD\nDate,,\n2024-01-02,1,2\n", "two columns have the same name: Close, Close"),
    ],
)
def test_what_is_refused_in_one_sentence(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says) as error:
        table(tmp_path, text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["01/31/2025", "02/03/2025"], ["2025-01-31", "2025-02-03"]),
        (["31/01/2025", "03/02/2025"], ["2025-01-31", "2025-02-03"]),
        # no part above 12: one order alone puts all on weekdays; in the third, neither does; in the fourth, both do
        (["01/02/2025", "01/03/2025"], ["2025-01-02", "2025-01-03"]),
        (["03/02/2025", "08/02/2025"], None),
        (["03/04/2024", "04/04/2024"], None),
        (["02/01/2025", "03/01/2025", "06/01/2025"], ["2025-01-02", "2025-01-03", "2025-01-06"]),
        (["05/05/2025", "06/06/2025"], ["2025-05-05", "2025-06-06"]),
        (["2025/02/03", "2025/02/04"], ["2025-02-03", "2025-02-04"]),
        (["2025.2.3", "2025.2.4"], ["2025-02-03", "2025-02-04"]),
        (["Feb 3, 2025", "Feb 4, 2025"], ["2025-02-03", "2025-02-04"]),
        (["3-Feb-2025", "4-Feb-2025"], ["2025-02-03", "2025-02-04"]),
        (["1/31/2025 16:00:00", "2/3/2025 16:00:00"], ["2025-01-31", "2025-02-03"]),
        (["2025-01-31 23:59:59", "2025-02-28 23:59:59"], ["2025-01-31", "2025-02-28"]),
        (["2025-01-31 09:30", "2025-01-31 10:30"], ["2025-01-31 09:30:00", "2025-01-31 10:30:00"]),
    ],
)
def test_dates_are_decided_for_the_whole_file(cells: list[str], expected: list[str] | None, tmp_path: Path) -> None:
    text = "Date,Close\n" + "".join(f'"{cell}",1.5\n' for cell in cells)
    if expected is None:
        with pytest.raises(DataError, match="is not a date that reads one way"):
            table(tmp_path, text)
    else:
        assert table(tmp_path, text).index.tolist() == [pd.Timestamp(day) for day in expected]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Africa/Johannesburg", "Australia/Sydney", "Asia/Tokyo"])
@pytest.mark.parametrize("hour", [0, 10, 16])
@pytest.mark.parametrize("shown", ["own offset", "UTC", "UTC, bare"])
def test_stamps_become_the_local_day_of_the_session(zone: str, hour: int, shown: str, tmp_path: Path) -> None:
    days = pd.bdate_range("2023-01-02", "2023-12-29")  # across both changes of the clock
    local = (days + pd.Timedelta(hours=hour)).tz_localize(zone)
    stamps = local if shown == "own offset" else local.tz_convert("UTC")
    texts = [str(stamp) if "bare" not in shown else str(stamp.tz_localize(None)) for stamp in stamps]
    frame = table(tmp_path, "Date,Close\n" + "".join(f"{text},1.5\n" for text in texts))
    assert frame.index.tolist() == days.tolist()


@pytest.mark.parametrize(
    ("stamps", "says"),
    [
        # Monday noon in New York is a Tuesday's midnight in Sydney, and both are weekdays
        (["2024-07-08 14:00:00+00:00", "2024-07-09 14:00:00+00:00"], "do not tell the day of the session .exchanges' clocks differ on it."),
        (["2024-07-08 02:30:00+03:00", "2024-07-09 22:30:00+03:00"], "no exchange's clock"),
        (["2024-07-08 09:30:00-04:00", "2024-07-08 10:30:00-04:00"], "several rows fall on a day"),
        (["2024-07-08 00:00:00-04:00", "2024-07-09 00:00:00"], "the dates mix time zones"),
    ],
)
def test_stamps_that_do_not_tell_the_session_are_refused(stamps: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        table(tmp_path, "Date,Close\n" + "".join(f"{stamp},1.5\n" for stamp in stamps))


def test_london_fixes_are_closes_and_a_day_without_one_is_no_bar(tmp_path: Path) -> None:
    frame = table(
        tmp_path, "Date,USD (AM),USD (PM),GBP (AM)\n2024-01-04,2040.1,2045.5,1600\n2024-01-03,2041,,1601\n2024-01-02,2063,2067.5,1620\n"
    )
    assert frame["Close"].to_dict() == {pd.Timestamp("2024-01-04"): 2045.5, pd.Timestamp("2024-01-02"): 2067.5}
    assert table(tmp_path, "Date,USD,GBP,EURO\n2024-01-02,23.1,18,\n")["Close"].tolist() == [23.1]


def test_gauges_are_read_in_these_forms_too(tmp_path: Path) -> None:
    (tmp_path / "gauges").mkdir()
    (tmp_path / "gauges" / "spot.csv").write_text("Date;Value\n31.01.2024;2.034,50\n01.02.2024;2.041,00\n")
    spot = read_gauges(tmp_path)["spot"]
    assert spot.tolist() == [2034.5, 2041.0]
    assert spot.index.tolist() == [pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-01")]


def test_a_column_that_is_empty_is_nan_and_a_dash_no_volume(tmp_path: Path) -> None:
    frame = table(tmp_path, "Date;Open;Close;Volume;Dividends\n2024-01-02;;1,5;-;\n2024-01-03;;2,5;1,5M;\n")
    assert frame["Open"].isna().all()
    assert frame["Dividends"].isna().all()
    np.testing.assert_array_equal(frame["Volume"], [np.nan, 1_500_000.0])


# What each real file is, written down from its lines alone: (rows, first day, last day), or why it is refused.
REFUSED = {
    "daily/DFF.csv": "has no column of prices among Date, DFF",
    "monthly/CPIAUCSL.csv": "has no column of prices",
    "monthly/TB3MS.csv": "has no column of prices",
    "monthly/PINK_METALS.csv": "has no column of prices",
    "monthly/PINK_METALS_2026_rounded.csv": "has no column of prices",
    "monthly/GOLD.csv": "line 2: '1833-01' names no day",
}
FORMAT = {
    "dirty/GDX_investing_excerpt.csv": "%m/%d/%Y",
    "dirty/GDX_mdy_descending.csv": "%m/%d/%Y",
    "dirty/GDX_quoted_compact_timestamps.csv": "%Y%m%d",
}
CLOSE = {"daily/LBMA_GOLD.csv": "USD (PM)", "daily/LBMA_SILVER.csv": "USD", "dirty/GDX_investing_excerpt.csv": "Price"}
FOLDERS = ("daily", "adjclose", "monthly", "chan", "dirty")
REAL = sorted(f"{path.parent.name}/{path.name}" for folder in FOLDERS for path in (DATA / folder).glob("*.csv")) if DATA.name else []


def by_hand(file: str) -> list[tuple[date, float]]:
    """Return date and close of every row by the standard library; the text of a day stands before the time."""
    with (DATA / file).open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    close = CLOSE.get(file) or ("Close" if "Close" in rows[0] else "Adj Close")
    when = "Date" if "Date" in rows[0] else "Datetime"
    form = FORMAT.get(file, "%Y-%m-%d")
    return [(datetime.strptime(row[when].split(" ")[0], form).date(), float(row[close])) for row in rows if row[close]]


@needs_real_files
@pytest.mark.parametrize("file", REAL)
def test_every_real_file_is_read_right_or_refused_with_the_reason(file: str) -> None:
    if file in REFUSED:
        with pytest.raises(DataError, match=REFUSED[file]):
            read(DATA / file)
        return
    frame = read(DATA / file)
    close = "Close" if "Close" in frame else "Adj Close"
    assert list(zip(frame.index.date, frame[close].tolist(), strict=True)) == by_hand(file)
    assert (frame.index == frame.index.normalize()).all()


@needs_real_files
def test_the_forms_of_one_fund_agree() -> None:
    whole = read(DATA / "daily/GDX.csv")
    excerpt = read(DATA / "dirty/GDX_investing_excerpt.csv").sort_index()
    np.testing.assert_allclose(excerpt["Close"], whole["Close"].reindex(excerpt.index).round(2), rtol=0, atol=0.0051)
    assert excerpt["Volume"].iloc[-1] == 19_910_000.0
    falling, compact = read(DATA / "dirty/GDX_mdy_descending.csv"), read(DATA / "dirty/GDX_quoted_compact_timestamps.csv")
    assert falling.index.is_monotonic_decreasing
    assert falling.index[::-1].equals(compact.index)
    np.testing.assert_allclose(falling["Close"].iloc[::-1], compact["Close"], rtol=0, atol=0.0051)


@needs_real_files
@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("KGC_year_repeated", "2024-03-11 stands more than once .2750 repeated rows."),
        ("KGC_zero_opens", "open is 0 on 1981-03-17"),
    ],
)
def test_dirty_files_the_door_refuses(file: str, says: str) -> None:
    frame = read(DATA / f"dirty/{file}.csv")
    with pytest.raises(DataError, match=says):
        ob.Market.from_frames({"M": frame, "N": frame})
