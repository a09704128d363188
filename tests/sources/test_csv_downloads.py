"""Files as providers, browsers and spreadsheets hand them out: read where they say one thing, else refused by what they are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DataError, MissingFileError
from orebody.sources.csv import read
from orebody.sources.csv.folder import read_folder, read_gauges

OPEN, HIGH, LOW, CLOSE = [10.0, 11.0, 12.5], [12.0, 13.0, 13.0], [9.0, 10.0, 12.0], [11.0, 12.0, 12.25]
DAYS = ["2024-01-12", "2024-01-15", "2024-01-16"]  # a Friday, a Monday, a Tuesday
BARS = ("10,12,9,11", "11,13,10,12", "12.5,13,12,12.25")
SECONDS = (1705071600, 1705330800, 1705417200)  # 15:00 in UTC on these days, 10:00 in New York


def write(folder: Path, text: str, encoding: str = "utf-8", name: str = "X.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def rows(heading: str, dates: tuple[str, ...] | list[str], *, separator: str = ",", decimal: str = ".") -> str:
    bars = [bar.replace(",", separator).replace(".", decimal) for bar in BARS]
    lines = [f"{date}{separator}{bar}" for date, bar in zip(dates, bars, strict=True)]
    return "\n".join((heading, *lines)) + "\n"


def same(frame: pd.DataFrame) -> None:
    frame = frame.sort_index()
    assert [str(day) for day in frame.index.date] == DAYS
    assert (frame.index == frame.index.normalize()).all()
    for name, values in (("open", OPEN), ("high", HIGH), ("low", LOW), ("close", CLOSE)):
        assert frame[next(column for column in frame if column.lower().strip("<>1234. ") == name)].tolist() == values, name


HEADINGS = {
    "TradingView, seconds": ("time,open,high,low,close", [str(second) for second in SECONDS]),
    "Polygon, milliseconds": ("t,o,h,l,c", [f"{second}000" for second in SECONDS]),
    "midnights in UTC": ("unix,Open,High,Low,Close", ["1705017600", "1705276800", "1705363200"]),
    "TradingView, texts": ("time,open,high,low,close", [f"{day}T14:30:00Z" for day in DAYS]),
    "Alpha Vantage": ("timestamp,open,high,low,close", DAYS),
    "Alpha Vantage, numbered": (",1. open,2. high,3. low,4. close", DAYS),
    "Alpha Vantage, coins": ("timestamp,1a. open (USD),2a. high (USD),3a. low (USD),4a. close (USD)", DAYS),
    "Dukascopy": ("Gmt time,Open,High,Low,Close", ["12.01.2024 00:00:00.000", "15.01.2024 00:00:00.000", "16.01.2024 00:00:00.000"]),
    "Dukascopy, local": (
        "Local time,Open,High,Low,Close",
        [f"{day}.01.2024 00:00:00.000 GMT+0100" for day in (12, 15, 16)],
    ),
    "MarketWatch": ("Date,Open,High,Low,Close", ["01/12/2024 4:00 PM", "01/15/2024 4:00 PM", "01/16/2024 4:00 PM"]),
    "GOOGLEFINANCE": ("Date,Open,High,Low,Close", ["1/12/2024 16:00:00", "1/15/2024 16:00:00", "1/16/2024 16:00:00"]),
    "a weekday before": ("Date,Open,High,Low,Close", ['"Fri, Jan 12, 2024"', '"Mon, Jan 15, 2024"', '"Tue, Jan 16, 2024"']),
    "French months": ("Date,Ouv.,Plus Haut,Plus Bas,Dernier", ["12 janv. 2024", "15 janv. 2024", "16 janv. 2024"]),
    "Spanish months": ("Fecha,Apertura,Máximo,Mínimo,Último", ["12 de enero de 2024", "15 de enero de 2024", "16 de enero de 2024"]),
    "German months": ("Datum,Eröffn.,Hoch,Tief,Zuletzt", ["12. Januar 2024", "15. Jan. 2024", "16. Jänner 2024".replace("Jänner", "Jan")]),
    "Portuguese": ("Data,Abertura,Máxima,Mínima,Fechamento", ["12/01/2024", "15/01/2024", "16/01/2024"]),
    "Italian": ("Data,Apertura,Massimo,Minimo,Chiusura", ["12/01/2024", "15/01/2024", "16/01/2024"]),
}


@pytest.mark.parametrize("form", HEADINGS)
def test_headings_and_dates_of_providers(form: str, tmp_path: Path) -> None:
    heading, dates = HEADINGS[form]
    same(read(write(tmp_path, rows(heading, dates))))


@pytest.mark.parametrize(
    ("heading", "dates"),
    [
        ("Datum;Eröffnung;Hoch;Tief;Schluss", ["12.01.2024", "15.01.2024", "16.01.2024"]),
        ("Datum;Erster;Hoch;Tief;Schlusskurs", DAYS),
        ("Fecha;Apertura;Máximo;Mínimo;Cierre", ["12/01/2024", "15/01/2024", "16/01/2024"]),
        ("Date;Ouverture;Plus haut;Plus bas;Clôture", ["12/01/2024", "15/01/2024", "16/01/2024"]),
        ("Date;Ouverture;+haut;+bas;Dernier", ["12/01/2024", "15/01/2024", "16/01/2024"]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_languages_with_decimal_commas_in_each_encoding(heading: str, dates: list[str], encoding: str, tmp_path: Path) -> None:
    same(read(write(tmp_path, rows(heading, dates, separator=";", decimal=","), encoding)))


@pytest.mark.parametrize(
    ("cell", "price"),
    [("1 234,50", 1234.5), ("1\u00a0234,5", 1234.5), ("1\u202f234,5", 1234.5), ("€ 38,96", 38.96), ("38,96 €", 38.96), ("1'234.5", 1234.5),
     ("1’234.5", 1234.5), ("£1,234.5", 1234.5), ("38.96 USD", 38.96)],
)  # fmt: skip
def test_signs_of_money_and_between_thousands(cell: str, price: float, tmp_path: Path) -> None:
    assert read(write(tmp_path, f"Date;Close\n2024-01-12;{cell}\n2024-01-15;{cell}\n"))["Close"].tolist() == [price, price]


def test_a_windows_file_says_how_it_was_read(tmp_path: Path) -> None:
    write(tmp_path, "Date;Open;High;Low;Close;Währung\n2024-01-12;10;12;9;11;€\n", "cp1252")
    files = read_folder(tmp_path, ("X",))
    assert files.frames["X"]["Close"].tolist() == [11.0]
    assert [text for _, text in files.notes] == [
        "X.csv is not UTF-8: read as Windows-1252, as older programs write; digits are the same in both"
    ]


def test_a_tabbed_utf16_file_of_excel(tmp_path: Path) -> None:
    same(read(write(tmp_path, rows("Date\tOpen\tHigh\tLow\tClose", DAYS, separator="\t"), "utf-16")))


def test_what_stands_above_the_headings_is_left_out_and_said(tmp_path: Path) -> None:
    text = 'Macrotrends Data Download\n\n"GLD, prices, as they are"\n\n' + rows("Date,Open,High,Low,Close", DAYS)
    write(tmp_path, text)
    files = read_folder(tmp_path, ("X",))
    same(files.frames["X"])
    assert files.notes == (("file", "X.csv: 4 lines above the headings left out"),)
    write(tmp_path, text.replace("11,13,10,12", "11,13,x,12"))
    with pytest.raises(DataError, match=r"X.csv, line 7 .2024-01-15.: Low is 'x'"):
        read(tmp_path / "X.csv")
    write(tmp_path, "sep=;\n" + rows("Date;Open;High;Low;Close", DAYS, separator=";"))
    assert read_folder(tmp_path, ("X",)).notes == ()


def test_barchart_with_its_last_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        "Symbol,Time,Open,High,Low,Last,Change,%Chg,Volume\n"
        'GDX,01/16/2024,12.5,13,12,12.25,0.25,"+2.08%",300\nGDX,01/15/2024,11,13,10,12,1,"+9.09%",200\n'
        'GDX,01/12/2024,10,12,9,11,0.1,"+0.10%",100\n"Downloaded from Barchart.com as of 11-28-2026 03:12pm CST"\n',
    )
    files = read_folder(tmp_path, ("X",))
    same(files.frames["X"])
    assert files.frames["X"]["Volume"].tolist() == [300.0, 200.0, 100.0]
    assert files.notes == (("file", "X.csv: left out at its end, 'Downloaded from Barchart.com as of 11-28-2026 03:12pm CST'"),)


def test_a_last_row_without_prices_is_not_taken_for_words(tmp_path: Path) -> None:
    frame = read(write(tmp_path, rows("Date,Open,High,Low,Close", DAYS) + "2024-01-17\n"))
    assert str(frame.index[-1].date()) == "2024-01-17"
    with pytest.raises(DataError, match=r"line 3: 'some words here' is not a date"):
        read(write(tmp_path, "Date,Close\n2024-01-12,1\nsome words here,\n2024-01-15,2\n"))


YAHOO = (
    "Date\tOpen\tHigh\tLow\tClose Close price adjusted for splits.\t"
    "Adj Close Adjusted close price adjusted for splits and dividend and/or capital gain distributions.\tVolume\n"
    "Jan 16, 2024\t12.5\t13\t12\t12.25\t12.25\t1,300\n"
    "Jan 16, 2024\t0.25 Dividend\n"
    "Jan 15, 2024\t11\t13\t10\t12\t11.75\t1,200\n"
    "Jan 15, 2024\t2:1 Stock Splits\n"
    "Jan 12, 2024\t10\t12\t9\t11\t10.75\t1,100\n"
)


def test_the_table_of_yahoos_site_with_its_dividends(tmp_path: Path) -> None:
    write(tmp_path, YAHOO)
    files = read_folder(tmp_path, ("X",))
    frame = files.frames["X"].sort_index()
    same(frame)
    assert frame["Adj Close"].tolist() == [10.75, 11.75, 12.25]
    assert frame["Volume"].tolist() == [1100.0, 1200.0, 1300.0]
    assert frame["Dividends"].iloc[2] == 0.25
    assert frame["Stock Splits"].iloc[1] == 2.0
    assert frame["Dividends"].iloc[:2].isna().all()
    assert files.notes == (("file", "X.csv: 2 rows of dividends, gains or splits between the bars read as such"),)
    write(tmp_path, YAHOO.replace("Jan 16, 2024\t0.25 D", "Jan 17, 2024\t0.25 D"))
    with pytest.raises(DataError, match=r"X.csv, line 3: '0.25 Dividend' on Jan 17, 2024, which has 0 rows of prices"):
        read(tmp_path / "X.csv")


def test_metatrader_has_its_time_in_a_column_of_its_own(tmp_path: Path) -> None:
    heading = "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>"
    frame = read(write(tmp_path, rows(heading, ["2022.01.03,10:00", "2022.01.03,11:00", "2022.01.04,10:00"])))
    assert frame.index.tolist() == [pd.Timestamp(when) for when in ("2022-01-03 10:00", "2022-01-03 11:00", "2022-01-04 10:00")]
    same(read(write(tmp_path, rows(heading.replace(",", "\t"), [f"{day.replace('-', '.')}\t00:00:00" for day in DAYS], separator="\t"))))
    same(read(write(tmp_path, rows("Date,Time,Open,High,Low,Close", [f"{day},000000" for day in DAYS]))))


def test_fred_has_one_series_and_points_for_no_value(tmp_path: Path) -> None:
    text = "observation_date,GOLDPMGBD228NLBM\n2024-01-12,2050.5\n2024-01-15,.\n2024-01-16,2040\n"
    frame = read(write(tmp_path, text))
    assert frame["Close"].to_dict() == {pd.Timestamp("2024-01-12"): 2050.5, pd.Timestamp("2024-01-16"): 2040.0}
    (tmp_path / "gauges").mkdir()
    (tmp_path / "gauges" / "yield.csv").write_text(text)
    assert read_gauges(tmp_path)["yield"].tolist() == [2050.5, 2040.0]


def test_months_of_investing_tell_their_order(tmp_path: Path) -> None:
    months = pd.date_range("2022-11-01", "2024-03-01", freq="MS")
    for form in ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y"):
        text = "Date,Price\n" + "".join(f"{day.strftime(form)},1.5\n" for day in months[::-1])
        assert read(write(tmp_path, text)).index[::-1].tolist() == months.tolist()
    within_one_year = "Date,Price\n" + "".join(f"{month:02d}/01/2024,1.5\n" for month in (6, 5, 4, 3, 2, 1))
    with pytest.raises(DataError, match="is not a date that reads one way"):  # six days from Monday on, or six months
        read(write(tmp_path, within_one_year))


def test_empty_cells_behind_the_last_column_are_no_cells(tmp_path: Path) -> None:
    text = "Date,Open,High,Low,Close\n" + "".join(f"{day},{bar},\n" for day, bar in zip(DAYS, BARS, strict=True))
    same(read(write(tmp_path, text)))
    same(read(write(tmp_path, text.replace("12,\n", "12,,,\n", 1))))


LONG = "2024-01-17,1,1,1,1,7\n"
HEAD = "Date,Open,High,Low,Close\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<!DOCTYPE html><html><head><title>Yahoo</title></head><body>Too Many Requests</body></html>", "is a web page titled 'Yahoo'"),
        ("\n <html lang='en'><body>Sign in to go on</body></html>", "X.csv is a web page, not a table of prices.*sign in"),
        ('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "X.csv is a web page"),
        ('[{"is_cms_locked":0,"d":"2023-01-03","v":[1800.1,1500.2,1700.3]}]', "X.csv is JSON, the London fixes as LBMA's site sends them"),
        ('{"Information": "Our standard API rate limit is 25 requests per day."}', "instead of prices, 'Our standard API rate limit"),
        ('{"chart": {"result": null}}', "X.csv is JSON, not CSV: ask the provider for CSV"),
        ("Exceeded the daily hits limit", "'Exceeded the daily hits limit': the provider refused the download for now"),
        ("No data", "'No data': the provider knows no prices of that name"),
        ("404: Not Found\n", "holds a message instead of prices, '404: Not Found'"),
        ("Invalid API key. Sign in, please,\nor buy, or rent, a better, plan, today.\n", "prices, 'Invalid API key.*key or a login"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "pointer of Git LFS.*git lfs pull"),
        (f"{HEAD}2024-01-12,1,1,1,1\n{LONG}", "X.csv, line 3: it has 6 cells, more cells than the header has .5.: '2024-01-17,1,1,1,1,7'"),
        (f'{HEAD}2024-01-12,1,1,1,1\n2024-01-15,"1,1,1,1\n', "X.csv, line 3: a quotation mark opens and does not close"),
        ("2024.01.03,10:00,1,1,1,1,5\n2024.01.04,10:00,1,1,1,1,5\n", "X.csv has no line of headings, its first line is a row already"),
        ("Date,Close\n45303,1\n", "'45303' is not a date but a count of days, as Excel keeps one"),
        ("Date,Close\n31-Dec-24,1\n", "'31-Dec-24' has a year of two digits"),
        ("Date,Close\n2024-01-12 25:61,1\n", "'2024-01-12 25:61' is not a date"),
        ("Datum;Schluss\n12. Brumaire 2024;1\n", "'12. Brumaire 2024' is not a date"),
        (f"time,close\n{SECONDS[0]},1\n{SECONDS[1]}000,2\n", f"line 3: '{SECONDS[1]}000' is not a date like '{SECONDS[0]}' before it"),
        (f"time,close\n{SECONDS[0]},1\n{SECONDS[0] + 3600},2\n", "several rows fall on a day, so take the daily file"),
    ],
)  # fmt: skip
def test_what_a_file_is_instead(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says) as error:
        read(write(tmp_path, text))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04\x14\x00", "not a CSV file but an Excel workbook or a ZIP archive"),
        (b"\x1f\x8b\x08\x00", "not a CSV file but compressed by gzip"),
        (b"%PDF-1.7\n", "not a CSV file but a PDF document"),
        (b"PAR1\x15\x04", "not a CSV file but a Parquet file"),
        (b"Date,Close\n2024-01-12,\x81\x8d\n", "from byte 23 on it is neither UTF-8 nor Windows-1252"),
        (b"\xff\xfeD\x00a\x00t", "it is not the UTF-16 that it begins as"),
        (b"Date,Close\n2024\x00,1\n", "byte 16 is 0, which no text has"),
    ],
)
def test_files_that_are_no_text(data: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "X.csv").write_bytes(data)
    with pytest.raises(DataError, match=says):
        read(tmp_path / "X.csv")


def test_all_files_that_cannot_be_used_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "No data", name="A.csv")
    write(tmp_path, rows("Date,Open,High,Low,Close", DAYS), name="B.csv")
    gold = ob.Universe("u", "A", ("B", "C"))
    with pytest.raises(DataError) as error:
        ob.load_market(gold, source=tmp_path)
    first, one, other = str(error.value).split("\n")
    assert first == "2 files cannot be used:"
    assert one.startswith("  A.csv holds a message instead of prices, 'No data'")
    assert other.startswith("  there is no C.csv in ")
    with pytest.raises(MissingFileError, match="2 files cannot be used"):
        ob.load_market(ob.Universe("u", "D", ("C",)), source=tmp_path)
