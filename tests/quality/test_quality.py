"""The quality report: what is planted is found, what is real is left alone, repairs do what they say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_bars import ROWS, clean, new_york

from orebody.errors import DataError, ParameterError
from orebody.market.market import Market
from orebody.quality import KINDS, Finding, QualityReport, inspect, refuse_errors, repair_frame
from orebody.sources.sample import sample


def scaled(frame: pd.DataFrame, rows: slice | int, factor: float) -> pd.DataFrame:
    changed = frame.copy()
    at = slice(rows, rows + 1) if isinstance(rows, int) else rows
    for name in ("Open", "High", "Low", "Close"):
        values = changed[name].to_numpy(copy=True)
        values[at] *= factor
        changed[name] = values
    return changed


def put(frame: pd.DataFrame, column: str, row: int, value: float) -> pd.DataFrame:
    values = frame[column].to_numpy(dtype=float, copy=True) if column in frame else np.zeros(len(frame))
    values[row] = value
    return frame.assign(**{column: values})


def paying(frame: pd.DataFrame, amounts: dict[int, float], counted: dict[int, float] | None = None) -> pd.DataFrame:
    """Give the frame distributions, and the Adj Close that an independent loop makes of those `counted`."""
    dividends = np.zeros(len(frame))
    for row, amount in amounts.items():
        dividends[row] = amount
    close, factor = frame["Close"].to_numpy(), 1.0
    adjusted = np.empty(len(frame))
    for row in range(len(frame) - 1, -1, -1):
        adjusted[row] = close[row] * factor
        amount = (amounts if counted is None else counted).get(row, 0.0)
        if amount:
            factor *= 1 - amount / close[row - 1]
    return frame.assign(**{"Adj Close": adjusted, "Dividends": dividends})


def kinds(findings: tuple[Finding, ...], *, wrong: bool = True) -> list[str]:
    return [finding.kind for finding in findings if finding.wrong is wrong]


def with_split_in_prices(frame: pd.DataFrame) -> pd.DataFrame:
    return put(scaled(frame, slice(0, 300), 4.0), "Stock Splits", 300, 4.0)


def with_saturday(frame: pd.DataFrame) -> pd.DataFrame:
    row = frame.iloc[[7]].set_axis(pd.DatetimeIndex(["2021-03-13"], name="Date"))
    return pd.concat([frame.iloc[:10], row, frame.iloc[10:]]).sort_index()


def held(frame: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Let all prices from row `first` to before `last` be the first's close."""
    still = (np.arange(len(frame)) >= first) & (np.arange(len(frame)) < last)
    close = frame["Close"].iloc[first]
    return frame.assign(**{name: np.where(still, close, frame[name]) for name in ("Open", "High", "Low", "Close")})


def with_stray(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(frame.index[1:200])


PLANTED: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], str, bool]] = {
    # name: kind, how it is planted, the day it must name, whether a repair can mend it
    "zone": ("stamps", lambda f: f.set_axis(f.index.tz_localize("America/New_York").tz_convert("UTC")), "2021-03-01", True),
    "time of day": ("stamps", lambda f: f.set_axis(f.index + pd.Timedelta(hours=13.5)), "2021-03-01", True),
    "shuffled": ("order", lambda f: f.iloc[[*range(100, 600), *range(100)]], "2021-03-01", True),
    "copied": ("duplicates", lambda f: pd.concat([f, f.iloc[-30:]]), str(pd.bdate_range("2021-03-01", periods=600)[570].date()), True),
    "contradicting": ("duplicates", lambda f: pd.concat([f, put(f.iloc[-1:], "Close", 0, 1.0)]), "2023-06-16", False),
    "saturday": ("weekend", with_saturday, "2021-03-13", True),
    "stray": ("stray", with_stray, "2021-03-01", True),
    "zero open": ("cells", lambda f: put(f, "Open", 9, 0.0), "2021-03-12", True),
    "empty close": ("cells", lambda f: put(f, "Close", 9, np.nan), "2021-03-12", True),
    "infinite high": ("cells", lambda f: put(f, "High", 9, np.inf), "2021-03-12", True),
    "close outside": ("ohlc", lambda f: put(f, "High", 9, 0.97 * f["Low"].iloc[9]), "2021-03-12", True),
    "print": ("print", lambda f: scaled(f, 300, 0.7), "2022-04-25", True),
    "print of a week": ("print", lambda f: scaled(f, slice(300, 305), 1.5), "2022-04-25", True),
    "stale print": ("print", lambda f: put(scaled(f, 300, 0.85), "Volume", 300, 0.0), "2022-04-25", True),
    "open": ("print", lambda f: put(put(f, "Open", 300, 20.0), "Low", 300, 20.0), "2022-04-25", True),
    "stale": ("stale", lambda f: held(f, 250, 350), "2022-02-15", True),
    "stale from the start": ("stale", lambda f: held(f, 0, 100), "2021-03-01", True),
    "pence": ("currency", lambda f: scaled(f, slice(200, 420), 100.0), "2021-12-06", True),
    "pence once": ("currency", lambda f: scaled(f, slice(0, 40), 100.0), "2021-03-01", True),
    "pence long ago": ("currency", lambda f: scaled(f, slice(0, 200), 100.0), "2021-03-01", False),
    "pence just now": ("currency", lambda f: scaled(f, slice(597, 600), 100.0), "2021-03-01", False),
    "split": ("split", lambda f: scaled(f, slice(0, 300), 4.0), "2022-04-25", False),
    "recorded split": ("split", with_split_in_prices, "2022-04-25", False),
    "split in one bar": ("split", lambda f: put(scaled(f, 300, 0.1), "Stock Splits", 300, 0.1), "2022-04-25", True),
    "doubled distribution": ("dividend", lambda f: paying(f, {300: 0.4, 302: 0.4}, {302: 0.8}), "2022-04-25", True),
    "doubled without adj": ("dividend", lambda f: paying(f, {300: 0.4, 302: 0.4}).drop(columns="Adj Close"), "2022-04-27", True),
    "phantom": ("dividend", lambda f: paying(f, {300: 15.0}), "2022-04-25", True),
    "not counted": ("adjustment", lambda f: paying(f, {300: 0.4}, {}), "2022-04-25", False),
    "counted backwards": ("adjustment", lambda f: paying(f, {}, {300: -0.4}), "2022-04-25", False),
    "seam": ("seam", lambda f: scaled(f, slice(300, 330), 1 - 0.75 / 51.2), "2022-04-25", False),
}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("sigma", [0.0005, 0.01, 0.05])
def test_nothing_is_found_in_a_clean_series(seed: int, sigma: float) -> None:
    frame = clean(seed, sigma)
    assert inspect("X", frame) == ()
    assert inspect("X", frame.iloc[::-1]) == ()  # the door turns newest-first round
    assert inspect("X", paying(frame, {100: 0.3, 200: 0.35, 460: 0.3})) == ()
    assert inspect("X", frame[["Close"]].rename(columns={"Close": "Adj Close"})) == ()


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_is_found_and_named(name: str) -> None:
    kind, plant, day, mendable = PLANTED[name]
    frame = plant(clean(3))
    findings = [finding for finding in inspect("X", frame) if finding.wrong]
    assert [finding.kind for finding in findings] == [kind]
    assert (findings[0].fix is not None) is mendable
    assert not day or str(findings[0].first.date()) == day
    assert kind in KINDS
    with pytest.raises(DataError, match="the prices cannot be trusted, 1 thing is wrong"):
        refuse_errors(QualityReport(tuple(findings)))


@pytest.mark.parametrize("how", ["drop", "mask"])
@pytest.mark.parametrize("name", [name for name in PLANTED if PLANTED[name][3]])
def test_a_repair_leaves_nothing_wrong_and_changes_nothing_else(name: str, how: str) -> None:
    _, plant, _, _ = PLANTED[name]
    frame = plant(clean(3))
    before = frame.copy(deep=True)
    findings = inspect("X", frame)
    mended, notes, masked = repair_frame(frame, findings, how)
    pd.testing.assert_frame_equal(frame, before)  # the caller's own is not touched
    assert kinds(inspect("X", mended)) == []
    assert len(notes) == 1
    assert notes[0][0] == "repair of X"
    Market.from_frames({"X": mended, "Y": clean(4)})  # and the door agrees
    gone = len(frame) - len(mended)
    assert len(masked) == (gone if how == "mask" and name not in ("copied", "saturday") else 0)  # a Saturday is no day to keep
    assert not set(masked) & set(mended.index)
    if PLANTED[name][0] not in ("stamps", "order", "dividend"):
        kept = frame[~frame.index.duplicated()].loc[mended.index]
        pd.testing.assert_frame_equal(kept, mended)


@pytest.mark.parametrize("name", [name for name in PLANTED if not PLANTED[name][3]])
def test_what_no_repair_can_mend_stays_refused(name: str) -> None:
    frame = PLANTED[name][1](clean(3))
    for how in ("drop", "mask"):
        with pytest.raises(DataError, match="no repair can tell what is right"):
            repair_frame(frame, inspect("X", frame), how)


def test_opens_and_closes_a_little_outside_widen_the_bar_and_are_counted() -> None:
    frame = clean(3)
    ends = frame[["Open", "Close"]]
    for row in range(0, ROWS, 2):  # every other bar, as in Johannesburg, above and below in turn
        column, value = ("High", 0.997 * ends.iloc[row].max()) if row % 4 else ("Low", 1.003 * ends.iloc[row].min())
        frame = put(frame, column, row, value)
    found = inspect("SSW.L", frame)
    near = [finding for finding in found if finding.kind == "ohlc"]
    assert [finding.wrong for finding in near] == [False]
    assert near[0].count == ROWS // 2
    assert f"on {ROWS // 2} of {ROWS} rows" in near[0].what


def test_closes_of_another_adjustment_than_the_range_are_refused_and_not_repaired() -> None:
    frame = clean(3)
    back = np.where(np.arange(ROWS) < 440, 0.93, 1.0)  # as yfinance's back_adjust: all but the close
    frame = frame.assign(**{name: frame[name] * back for name in ("Open", "High", "Low")})
    (found,) = [finding for finding in inspect("X", frame) if finding.kind == "ohlc"]
    assert (found.wrong, found.fix) == (True, None)
    assert "the close is above the high on 440 of 600 rows" in found.what
    for how in ("drop", "mask"):
        with pytest.raises(DataError, match="no repair can tell"):
            repair_frame(frame, inspect("X", frame), how)


def test_some_sundays_do_not_make_a_series_of_seven_days() -> None:
    frame = clean(3)
    sundays = pd.date_range("2021-03-07", periods=24, freq="28D")  # 4 % of the rows, as GC=F has them
    rows = frame.iloc[: len(sundays)].set_axis(sundays)
    found = [finding for finding in inspect("GC=F", pd.concat([frame, rows]).sort_index()) if finding.kind == "weekend"]
    assert [(finding.wrong, finding.count) for finding in found] == [(True, 24)]
    every = clean(3).set_axis(pd.date_range("2021-03-01", periods=ROWS))
    assert inspect("BTC", every) == ()
    gulf = pd.date_range("2021-02-28", periods=900)
    gulf = gulf[~gulf.day_of_week.isin([4, 5])][:ROWS]  # Sunday to Thursday
    assert inspect("MA", clean(3).set_axis(gulf)) == ()


def test_another_repair_is_refused() -> None:
    with pytest.raises(ParameterError, match="repair is 'fill': it must be 'drop' or 'mask'"):
        repair_frame(clean(), (), "fill")


def test_dates_are_named_by_the_session_of_their_exchange() -> None:
    sydney = clean(3).tz_localize("Australia/Sydney").tz_convert("UTC")  # midnight there is the afternoon of the day before
    mended, _, _ = repair_frame(sydney, inspect("BHP.AX", sydney), "drop")
    assert list(mended.index) == list(clean(3).index)
    findings = inspect("BHP.PA", sydney)  # whose zone is not known: the stamps fall on Sundays to Thursdays
    assert findings[0].kind == "stamps"
    assert findings[0].fix is None


def test_bars_of_hours_may_carry_times() -> None:
    frame = clean(3).set_axis(pd.date_range("2021-03-01", periods=ROWS, freq="h"))
    assert inspect("X", frame) == ()


def test_a_doubled_distribution_is_taken_out_of_record_and_adj_close() -> None:
    frame = paying(clean(3), {300: 0.4, 302: 0.4}, {302: 0.8})
    right = paying(clean(3), {302: 0.4})
    mended, notes, masked = repair_frame(frame, inspect("X", frame), "drop")
    pd.testing.assert_frame_equal(mended, right, rtol=1e-12)
    assert "2022-04-25" in notes[0][1]
    assert not len(masked)


def test_a_distribution_on_a_wrong_row_counts_on_the_next() -> None:
    frame = scaled(paying(clean(3), {300: 0.4}).drop(columns="Adj Close"), 300, 0.7)
    mended, notes, _ = repair_frame(frame, inspect("X", frame), "drop")
    assert mended["Dividends"][mended["Dividends"] > 0].to_dict() == {pd.Timestamp("2022-04-26"): 0.4}
    assert notes[-1] == ("repair of X", "the distribution of 0.4 on 2022-04-25 counts on 2022-04-26")
    pence = scaled(paying(clean(3), {300: 0.4}).drop(columns="Adj Close"), slice(290, 310), 100.0)
    mended, notes, _ = repair_frame(pence, inspect("X", pence), "mask")
    assert not mended["Dividends"].any()  # in pounds or pence?
    assert notes[-1][1] == "the distribution of 0.4 on 2022-04-25 is dropped with its row"


def test_a_phantom_is_taken_out_of_adj_close_where_nothing_is_recorded() -> None:
    frame = paying(clean(3), {300: 15.0}).drop(columns="Dividends")
    mended, _, _ = repair_frame(frame, inspect("X", frame), "drop")
    np.testing.assert_allclose(mended["Adj Close"], clean(3)["Close"], rtol=1e-12)


def test_a_phantom_is_taken_out_of_adj_close_that_has_holes() -> None:
    frame = put(paying(clean(3), {300: 15.0}), "Adj Close", 9, np.nan)
    findings = inspect("X", frame)
    assert kinds(findings) == ["cells", "dividend"]
    mended, _, _ = repair_frame(frame, findings, "drop")
    np.testing.assert_allclose(mended["Adj Close"], clean(3)["Close"].drop(frame.index[9]), rtol=1e-12)


def test_a_real_special_distribution_is_left_alone() -> None:
    fallen = scaled(clean(3), slice(300, ROWS), 0.85)  # the price falls by what is paid: 15 %
    paid = 0.15 * float(clean(3)["Close"].iloc[299])
    assert inspect("X", paying(fallen, {300: paid})) == ()


def test_distributions_may_come_apart_from_the_bars() -> None:
    frame = paying(clean(3), {300: 0.4}, {})
    record = frame["Dividends"][frame["Dividends"] > 0]
    found = inspect("X", frame.drop(columns="Dividends"), distributions=record)
    assert kinds(found) == kinds(inspect("X", frame)) == ["adjustment"]


def test_a_recorded_split_without_a_step_is_as_it_should_be() -> None:
    assert inspect("X", put(clean(3), "Stock Splits", 300, 10.0)) == ()


def test_a_fund_of_bills_may_stand_still() -> None:
    draw = np.random.RandomState(5)
    close = 91.5 + 0.01 * np.cumsum(draw.random_sample(1_000) < 0.1)  # nine days of ten without a move
    frame = pd.DataFrame({"Close": close}, index=pd.bdate_range("2019-01-01", periods=1_000))
    assert inspect("X", frame) == ()


def test_the_true_price_between_two_false_prints_is_kept() -> None:
    frame = scaled(scaled(clean(3), 300, 0.6), 302, 0.6)
    found = inspect("X", frame)
    assert [str(finding.first.date()) for finding in found] == ["2022-04-25", "2022-04-27"]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    sigma=st.floats(0.005, 0.04),
    times=st.floats(30, 50),
    up=st.booleans(),
    row=st.integers(1, ROWS - 2),
)
def test_a_spike_of_any_size_on_any_day_is_found(seed: int, sigma: float, times: float, up: bool, row: int) -> None:
    frame = clean(seed, sigma)
    found = inspect("X", scaled(frame, row, np.exp(sigma * times * (1 if up else -1))))
    assert kinds(found) == ["print"]
    assert [finding.first for finding in found if finding.wrong] == [frame.index[row]]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    size=st.floats(0.05, 0.44),
    up=st.booleans(),
    back=st.floats(0, 0.5),
    row=st.integers(1, ROWS - 2),
)
def test_a_crash_is_no_print_even_if_half_of_it_comes_back(seed: int, size: float, up: bool, back: float, row: int) -> None:
    move = (np.log1p(size) if up else np.log1p(-size)) * np.ones(ROWS)
    move[:row] = 0.0
    move[row + 1 :] *= 1 - back
    frame = clean(seed, 0.008)
    for name in ("Open", "High", "Low", "Close"):
        shifted = np.concatenate(([0.0], move[:-1])) if name == "Open" else move  # it opens where it closed
        frame[name] *= np.exp(shifted)
    frame["High"] = frame[["Open", "High", "Close"]].max(axis=1)
    frame["Low"] = frame[["Open", "Low", "Close"]].min(axis=1)
    assert kinds(inspect("X", frame)) == []


def test_the_report_is_a_list_a_table_and_a_text_of_80_columns() -> None:
    frame = scaled(put(clean(3), "Open", 9, 0.0), 300, 0.7)
    report = QualityReport.of([inspect("X", frame), inspect("Y", new_york().drop(new_york().index[[40]]))])
    assert [finding.ticker for finding in report.wrong] == ["X", "X"]
    assert [finding.ticker for finding in report.doubtful] == ["Y"]
    assert list(report.table.columns) == ["ticker", "kind", "first", "last", "count", "wrong", "repairable", "what"]
    assert report.table["repairable"].tolist() == [True, True, False]
    text = str(report)
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith("wrong:\n  X: 2021-03-12: Open is 0 on 2021-03-12 (1 such row in all); drop")
    assert str(QualityReport()) == "nothing found"
    assert list(QualityReport().table.columns) == list(report.table.columns)
    refuse_errors(QualityReport(report.doubtful))


def test_a_refusal_names_the_first_and_counts_the_others() -> None:
    frame = clean(3)
    for row in range(20, ROWS, 50):
        frame = scaled(frame, row, 0.5)
    findings = inspect("X", frame)
    assert len(findings) == 12
    with pytest.raises(DataError, match="12 things are wrong") as caught:
        refuse_errors(QualityReport(findings))
    message = str(caught.value)
    assert "and 4 more" in message
    assert "repair='drop'" in message
    assert max(map(len, message.splitlines())) <= 100
    mended, notes, masked = repair_frame(frame, findings, "mask")
    assert len(notes) == len(masked) == 12
    assert len(mended) == ROWS - 12


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame(), "the table of prices is empty"),
        (clean().reset_index(drop=True), "not by dates"),
        (clean().drop(columns="Close"), "no column Close"),
        (clean().assign(close=1.0), "two columns"),
        (clean().assign(Close="many"), "not a number"),
        (clean().set_axis([pd.NaT, *clean().index[1:]]), "row 1 has no date"),
    ],
)
def test_what_cannot_be_inspected_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(DataError, match=message):
        inspect("X", frame)


def test_tiny_tables_are_inspected() -> None:
    for rows in (1, 2, 3, 7):
        assert inspect("X", clean(3).iloc[:rows]) == ()
    assert kinds(inspect("X", put(clean(3).iloc[:1], "Close", 0, np.nan))) == ["cells"]


def test_the_sample_is_clean() -> None:
    for ticker, frame in sample().frames.items():
        assert inspect(ticker, frame) == ()
