"""A folder of price files, as users have them."""

from __future__ import annotations

from pathlib import Path

import pytest

import orebody as ob
from orebody.errors import DataError, MissingFileError, ParameterError, UnknownNameError
from orebody.sources.csv import read

GOLD = ob.Universe("gold", metal="GLD", miners=("GDX",))
HEAD = "Date,Open,High,Low,Close,Adj Close,Volume\n"
ROWS = "2020-01-02,10,12,9,11,5.5,100\n2020-01-03,11,13,10,12,6,100\n2020-01-06,11,13,10,12,6,100\n"


def folder(at: Path, text: str, name: str = "GDX.csv") -> Path:
    (at / "GLD.csv").write_text(HEAD + ROWS)
    (at / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return at


def test_columns_are_matched_by_name_in_any_order_and_case(tmp_path: Path) -> None:
    text = (
        "volume, CLOSE,low,open,High,Date,adj_close\n100,11,9,10,12,2020-01-02,5.5\n,12,10,11,13,2020-01-03,6\n,12,10,11,13,2020-01-06,6\n"
    )
    market = ob.load_market(GOLD, source=folder(tmp_path, "\ufeff" + text))
    assert market.open[:, 1].tolist() == [5.0, 5.5, 5.5]
    assert market.close[:, 1].tolist() == [5.5, 6.0, 6.0]
    assert market.tickers == ("GLD", "GDX")
    assert market.cash_rate.tolist() == [0.0] * 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "GDX.csv is empty"),
        (HEAD, "GDX.csv has a header but no rows"),
        ("Open,High,Low,Close\n1,1,1,1\n", "GDX.csv has no column Date among Open, High, Low, Close"),
        (HEAD.replace("Low", "Lo") + ROWS, "GDX: no column Low among"),
        (HEAD + ROWS.replace("2020-01-03", "03.01.2020"), "GDX.csv, line 3: '03.01.2020' is not a date"),
        (HEAD + ROWS.replace("2020-01-03", ""), "GDX.csv, line 3: nan is not a date"),
        (HEAD + ROWS.replace("2020-01-03,11", "2020-01-03,eleven"), r"GDX.csv, line 3 .2020-01-03.: Open is 'eleven', not a number"),
        (HEAD + ROWS.replace("2020-01-03,11", "2020-01-03,"), "GDX: 2020-01-03: Open is empty"),
        (HEAD + ROWS.replace("2020-01-03", "2020-01-02"), "GDX: 2020-01-02: 1 rows repeat 1 dates"),
        (HEAD + ROWS + "2019-12-31,10,12,9,11,5.5,100\n", "the dates neither ascend nor descend: 2019-12-31\\s+follows 2020-01-06"),
        (
            HEAD + ROWS.replace("2020-01-03", "2020-01-03 05:00:00+00:00"),
            "GDX.csv: the dates mix time zones, some carry one and some do not",
        ),
        (HEAD + ROWS + '2020-01-07,"10,12,9,11,5.5,100\n', "GDX.csv, line 5: a quotation mark opens and does not close"),
    ],
)
def test_files_that_cannot_be_trusted_say_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        ob.load_market(GOLD, source=folder(tmp_path, text))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    folder(tmp_path, "")
    (tmp_path / "GDX.csv").write_bytes(b"Date,Open\n\xff\xfe\x00,1\n")
    with pytest.raises(DataError, match=r"GDX\.csv is not a readable CSV file"):
        ob.load_market(GOLD, source=tmp_path)


def test_a_missing_file_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"there is no GDX\.csv in .*; did you mean GDXJ\?"):
        ob.load_market(GOLD, source=folder(tmp_path, HEAD + ROWS, "GDXJ.csv"))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="there is no folder .*nowhere: give the folder that holds GLD.csv"):
        ob.load_market(GOLD, source=tmp_path / "nowhere")


def test_names_and_periods_that_cannot_be(tmp_path: Path) -> None:
    folder(tmp_path, HEAD + ROWS)
    with pytest.raises(UnknownNameError, match="unknown universe 'golde'; did you mean 'gold'"):
        ob.load_market("golde", source=tmp_path)
    with pytest.raises(ParameterError, match="start 2021-01-01 is after end 2020-01-01"):
        ob.load_market(GOLD, source=tmp_path, start="2021-01-01", end="2020-01-01")
    with pytest.raises(ParameterError, match="end is 'tomorow', not a date"):
        ob.load_market(GOLD, source=tmp_path, end="tomorow")
    with pytest.raises(DataError, match="GLD has no bar from 2021-01-01 to the end: its prices span 2020-01-02..2020-01-06"):
        ob.load_market(GOLD, source=tmp_path, start="2021-01-01")


def test_start_and_end_are_both_included(tmp_path: Path) -> None:
    market = ob.load_market(GOLD, source=folder(tmp_path, HEAD + ROWS), start="2020-01-02", end="2020-01-03")
    assert [str(day.date()) for day in market.dates] == ["2020-01-02", "2020-01-03"]


def test_columns_that_are_no_prices_do_not_reach_the_market(tmp_path: Path) -> None:
    for ticker in ("M", "N"):
        (tmp_path / f"{ticker}.csv").write_text(
            "Date,Open,High,Low,Close,Adjusted Close,Volume,Currency\n2024-01-02,2,2,2,2,1,12.3M,USD\n\n2024-01-03,2,2,2,2,1,-,USD\n"
        )
    market = ob.load_market(ob.Universe("m", "M", ("N",)), source=tmp_path)
    assert market.close.tolist() == [[1.0, 1.0]] * 2


def test_line_numbers_count_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "GLD.csv").write_text("Date,Open,High,Low,Close\n\n\n2024-01-02,1,1,1,1\n2024-01-03,1,x,1,1\n")
    with pytest.raises(DataError, match="line 5 .2024-01-03.: High is 'x'"):
        read(tmp_path / "GLD.csv")


def test_a_device_of_windows_is_never_opened(tmp_path: Path) -> None:
    folder(tmp_path, HEAD + ROWS, "CON.csv")
    (tmp_path / "_CON.csv").write_text(HEAD + ROWS.replace(",5.5,", ",11,").replace(",6,", ",12,"))
    market = ob.load_market(ob.Universe("u", "GLD", ("CON",)), source=tmp_path)
    assert market.close[0].tolist() == [5.5, 11.0]
    with pytest.raises(MissingFileError, match=r"there is no _nul\.L\.csv in"):
        ob.load_market(ob.Universe("u", "GLD", ("nul.L",)), source=tmp_path)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("x\x1b[31m", r"there is no folder 'x\\x1b\[31m'"),
        ("x\x00y", r"there is no folder 'x\\x00y'"),
        ("y" * 300, r"there is no folder 'y{80}'\.\.\.: give the folder that holds GLD\.csv"),
        ("a/b\n/c", r"there is no folder 'a/b\\n/c'"),
    ],
)
def test_folders_that_cannot_be_are_not_asked_for(name: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_dir", lambda _: pytest.fail("the file system was asked"))
    with pytest.raises(MissingFileError, match=says):
        ob.load_market(GOLD, source=name)


def test_what_cannot_be_printed_in_a_file_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Da\x1bt\x1be\x1b[31m,Op\x1ben\n2024-01-02,1\n")
    with pytest.raises(DataError) as error:
        read(tmp_path / "a.csv")
    assert str(error.value).isprintable()
    (tmp_path / "a.csv").write_text("Date,O\x1bpen,Close\n2024-01-02,1,2\n")
    assert read(tmp_path / "a.csv").columns.tolist() == ["Open", "Close"]
    (tmp_path / "a.csv").write_text("Date,Ticker,Close\n2024-01-02,A\x1b,2\n2024-01-03,B,2\n")
    with pytest.raises(DataError, match=r"holds several tickers, 'A\\x1b', B"):
        read(tmp_path / "a.csv")


def test_gauges_whose_names_cannot_be_printed_are_refused(tmp_path: Path) -> None:
    folder(tmp_path, HEAD + ROWS)
    (tmp_path / "gauges").mkdir()
    (tmp_path / "gauges" / "v\x1bix.csv").write_text("Date,Value\n2020-01-02,1\n")
    with pytest.raises(DataError, match=r"'v\\x1bix' is not the name of a gauge"):
        ob.load_market(GOLD, source=tmp_path)
