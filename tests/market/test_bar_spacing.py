"""Series belong together only as bars of one spacing on one label; everything else is refused, or resampled on request."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DataError, LookAheadError, ParameterError
from orebody.market.bar_spacing import spacing_of
from orebody.strategies import BuyAndHold

DAYS = pd.bdate_range("2018-01-01", "2020-12-31")


def bars(index: pd.DatetimeIndex, seed: int = 1) -> pd.DataFrame:
    draw = np.random.RandomState(seed)
    close = 100 * np.exp(np.cumsum(draw.standard_normal(len(index)) * 0.01))
    opened = close * np.exp(draw.standard_normal(len(index)) * 0.004)
    high, low = np.maximum(opened, close) * 1.003, np.minimum(opened, close) * 0.997
    return pd.DataFrame({"Open": opened, "High": high, "Low": low, "Close": close}, index=index)


def by_hand(frame: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Return longer bars as pandas makes them."""
    return frame.resample(rule).agg({"Open": "first", "High": "max", "Low": "min", "Close": "last"}).dropna()


def market(metal: pd.DataFrame, *miners: pd.DataFrame, **more: object) -> ob.Market:
    frames = {"METAL": metal} | {f"MINER{at}": frame for at, frame in enumerate(miners)}
    return ob.Market.from_frames(frames, **more)  # type: ignore[arg-type]


HOURS = pd.DatetimeIndex([day + pd.Timedelta(hours=hour) for day in DAYS[:100] for hour in range(10, 16)])
THIN = DAYS[np.random.RandomState(3).rand(len(DAYS)) < 0.12]
INDICES = {
    "intraday": HOURS,
    "day": DAYS,
    "week": pd.date_range("2018-01-05", "2020-12-25", freq="W-FRI"),
    "month": pd.date_range("2018-01-31", "2020-12-31", freq="ME"),
    "quarter": pd.date_range("2012-03-31", "2020-12-31", freq="QE"),
    "year": pd.date_range("1990-12-31", "2020-12-31", freq="YE"),
    "other": pd.date_range("2018-01-05", "2020-12-25", freq="14D"),
}


@pytest.mark.parametrize("kind", INDICES)
def test_a_spacing_is_told(kind: str) -> None:
    assert spacing_of(INDICES[kind]).kind == kind
    assert spacing_of(INDICES[kind][::-1]).kind == kind


@pytest.mark.parametrize(
    ("index", "kind"),
    [
        (THIN, "day"),  # a share that trades on one day in eight
        (DAYS.delete(range(200, 500)), "day"),  # a year and more is missing
        (DAYS.union(pd.DatetimeIndex(["2019-03-02", "2019-03-10"])), "day"),
        (INDICES["week"].delete([5, 40, 41]), "week"),
        (INDICES["month"].delete([3, 20]), "month"),
        (pd.date_range("2018-01-01", "2020-12-31", freq="BMS"), "month"),
        (
            pd.DatetimeIndex([day - pd.Timedelta(days=int(day.week == 15)) for day in INDICES["week"]]),
            "week",
        ),  # Thursday before Good Friday
        (pd.date_range("2018-01-01", periods=900, freq="D"), "day"),
        (DAYS[:5], "day"),
        (pd.date_range("2018-01-31", periods=6, freq="6ME"), "other"),  # half-years
        (pd.date_range("2018-01-31", periods=12, freq="2ME"), "other"),
        (pd.date_range("2018-01-05", periods=8, freq="14D"), "other"),
        (DAYS[:2], ""),
    ],
)
def test_gaps_and_holidays_change_no_spacing(index: pd.DatetimeIndex, kind: str) -> None:
    assert spacing_of(index).kind == kind


@pytest.mark.parametrize("metal", INDICES)
@pytest.mark.parametrize("miner", INDICES)
def test_every_pair_of_spacings_is_refused_but_equal_ones(metal: str, miner: str) -> None:
    frames = bars(INDICES[metal]), bars(INDICES[miner], 2)
    if metal == miner != "intraday":
        assert len(market(*frames)) == len(INDICES[metal])
        return
    with pytest.raises(DataError) as refused:
        market(*frames)
    text = str(refused.value)
    assert "METAL" in text
    assert str(INDICES[metal][0].date()) in text
    if metal != miner:
        assert "MINER0" in text
        assert str(INDICES[miner][0].date()) in text


def test_of_three_the_odd_one_is_named() -> None:
    with pytest.raises(
        DataError, match=r"METAL and 1 more have a bar a day \(from 2018-01-01\), MINER1 has a bar a month \(from 2018-01-31"
    ):
        market(bars(DAYS), bars(DAYS, 2), bars(INDICES["month"], 3))


@pytest.mark.parametrize(("kind", "way"), [("week", "week"), ("month", "month"), ("quarter", "quarter"), ("intraday", "day")])
def test_the_way_out_is_named_and_works(kind: str, way: str) -> None:
    metal, miner = bars(INDICES[kind]), bars(DAYS, 2)
    with pytest.raises(DataError, match=f"frequency='{way}' makes {way}s of the finer ones"):
        market(metal, miner)
    assert market(metal, miner, frequency=way).periods_per_year == {"week": 52, "month": 12, "quarter": 4, "day": 252}[way]


def test_months_of_days_are_what_pandas_makes_of_them() -> None:
    metal, miner = bars(DAYS), bars(DAYS[100:], 2)
    made = market(metal, miner, frequency="month")
    for column, frame in enumerate((by_hand(metal, "ME"), by_hand(miner, "ME"))):
        there = made.tradable[:, column]
        for name in ("open", "high", "low", "close"):
            np.testing.assert_array_equal(getattr(made, name)[there, column], frame[name.capitalize()])
    # a bar is dated by the last day that traded, not by the calendar's
    assert made.dates.equals(pd.DatetimeIndex(DAYS.to_series().groupby(DAYS.to_period("M")).last()))
    assert any("months made of finer bars for METAL (from days), MINER0 (from days)" in text for _, text in made.notes)


def test_prices_are_adjusted_before_bars_are_made() -> None:
    index = pd.DatetimeIndex(["2024-01-02", "2024-01-31", "2024-02-01", "2024-02-29"])
    raw = pd.DataFrame({"Open": [10.0] * 4, "High": [12.0] * 4, "Low": [8.0] * 4, "Close": [10.0] * 4, "Adj Close": [5.0, 5.0, 10.0, 10.0]})
    made = market(raw.set_axis(index), raw.set_axis(index), frequency="month")
    assert made.open[:, 0].tolist() == [5.0, 10.0]
    assert made.high[:, 0].tolist() == [6.0, 12.0]
    assert made.close[:, 0].tolist() == [5.0, 10.0]


@pytest.mark.parametrize("frequency", ["week", "month", "quarter", "year"])
def test_no_bar_knows_a_day_after_its_date(frequency: str) -> None:
    """Whatever happens after a day changes no bar dated on it or before."""
    metal, miner = bars(DAYS), bars(DAYS[::2], 2)
    whole = market(metal, miner, frequency=frequency)
    for day in DAYS[[260, 333, 410, 608]]:
        after = [frame.mul(np.where(frame.index > day, 3.0, 1.0), axis=0) for frame in (metal, miner)]
        changed = market(*after, frequency=frequency)
        known = whole.dates <= day
        assert known.any()
        assert changed.dates.equals(whole.dates)
        np.testing.assert_array_equal(changed.close[known], whole.close[known])
        np.testing.assert_array_equal(changed.high[known], whole.high[known])


def test_the_next_open_is_after_the_date_of_every_bar() -> None:
    """An order decided on a bar is filled at an open that nobody had seen: that of the next period's first day."""
    made = market(bars(DAYS), bars(DAYS, 2), frequency="month")
    opens = bars(DAYS)["Open"]
    firsts = DAYS.to_series().groupby(DAYS.to_period("M")).first()
    assert (firsts.to_numpy()[1:] > made.dates.to_numpy()[:-1]).all()
    np.testing.assert_array_equal(made.open[:, 0], opens[firsts])


def test_a_running_period_is_left_out_and_said() -> None:
    made = market(bars(DAYS[DAYS <= "2020-12-18"]), bars(DAYS[DAYS <= "2020-12-18"], 2), frequency="month")
    assert made.dates[-1] == pd.Timestamp("2020-11-30")
    assert any("2020-12 is left out" in text for _, text in made.notes)


def test_weeks_do_not_fit_into_months() -> None:
    with pytest.raises(DataError, match="weeks do not fit into longer periods"):
        market(bars(INDICES["week"]), bars(INDICES["month"]))
    with pytest.raises(DataError, match="of which no whole months can be made"):
        market(bars(INDICES["week"]), bars(INDICES["week"]), frequency="month")
    with pytest.raises(DataError, match=r"frequency is 'week', and METAL has a bar a month .* that all of them allow is 'month'"):
        market(bars(INDICES["month"]), bars(DAYS), frequency="week")
    with pytest.raises(ParameterError, match="frequency is 'hour': it must be one of day, week, month, quarter, year"):
        market(bars(DAYS), bars(DAYS), frequency="hour")


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("ME", "MS", "month"),
        ("ME", "BME", "month"),
        ("BME", "MS", "month"),
        ("MS", "BMS", "month"),
        ("W-FRI", "W-MON", "week"),
        ("W-SAT", "W-MON", "week"),
        ("QE", "QS", "quarter"),
    ],
)
def test_labels_of_one_period_are_put_on_its_end_and_that_is_said(one: str, other: str, rule: str) -> None:
    span = ("2016-01-01", "2020-12-31")
    first, second = (pd.date_range(*span, freq=freq) for freq in (one, other))
    made = market(bars(first), bars(second, 2))
    code = {"week": "W-SUN", "month": "M", "quarter": "Q"}[rule]
    numbers = made.dates.to_period(code)
    assert numbers.is_unique
    assert set(numbers) == set(first.to_period(code)) | set(second.to_period(code))
    for column, index in enumerate((first, second)):
        placed = made.dates[made.tradable[:, column]]
        assert (placed.to_period(code) == index.to_period(code)).all()  # the bar of a period stays that of the period
        # nothing is known before the last day on which the period may trade
        ends = np.busday_offset(index.to_period(code).end_time.to_numpy().astype("datetime64[D]"), 0, roll="backward")
        assert (placed.to_numpy().astype("datetime64[D]") >= ends).all()
    assert any(what == "Labels" for what, _ in made.notes)


def test_equal_labels_are_left_alone() -> None:
    for freq in ("MS", "ME", "W-WED", "W-SUN"):
        index = pd.date_range("2016-01-01", "2020-12-31", freq=freq)
        made = market(bars(index), bars(index[3:], 2))
        assert made.dates.equals(index)
        assert not made.notes


@pytest.mark.parametrize("pair", [("W-FRI", "W-SUN"), ("W-FRI", "W-WED"), ("W-MON", "W-SUN")])
def test_labels_that_could_be_two_things_are_refused(pair: tuple[str, str]) -> None:
    first, second = (pd.date_range("2016-01-01", "2020-12-31", freq=freq) for freq in pair)
    with pytest.raises(DataError, match="whether that begins or ends the week cannot be told"):
        market(bars(first), bars(second, 2))


def test_the_row_of_a_running_month_is_refused_beside_another_label() -> None:
    months, firsts = pd.date_range("2016-01-31", "2020-12-31", freq="ME"), pd.date_range("2016-01-01", "2020-12-01", freq="MS")
    with pytest.raises(DataError, match="2020-12 has two bars, 2020-12-01 and 2020-12-18"):
        market(bars(months), bars(firsts.append(pd.DatetimeIndex(["2020-12-18"]))))


def test_a_series_that_changes_its_spacing_is_refused() -> None:
    mixed = pd.date_range("2000-01-31", "2010-12-31", freq="ME").append(pd.bdate_range("2011-01-03", "2012-12-31"))
    with pytest.raises(DataError, match=r"METAL changes its spacing: a bar a month over 2000-01-31\.\.2010-12-31, elsewhere a bar a day"):
        market(bars(mixed), bars(mixed))


def test_bars_within_days_are_refused_by_name_and_made_days_on_request() -> None:
    with pytest.raises(DataError, match=r"have a bar each hour \(from 2018-01-01 10:00\): these are bars within days.*frequency='day'"):
        market(bars(HOURS), bars(HOURS, 2))
    made = market(bars(HOURS), bars(HOURS, 2), frequency="day")
    assert made.dates.equals(DAYS[:100])
    np.testing.assert_array_equal(made.open[:, 0], bars(HOURS)["Open"].to_numpy()[::6])
    np.testing.assert_array_equal(made.close[:, 0], bars(HOURS)["Close"].to_numpy()[5::6])


def test_bars_within_days_keep_the_clock_of_their_exchange() -> None:
    late = pd.DatetimeIndex([day + pd.Timedelta(hours=hour) for day in DAYS[:50] for hour in (10, 13, 20)])  # 20:00 is the next day in UTC
    local = bars(late.tz_localize("America/New_York"))
    assert market(local, local, frequency="day").dates.equals(DAYS[:50])
    with pytest.raises(DataError, match=r"tz_convert\(exchange\)\.tz_localize\(None\), and make days of them with frequency='day'"):
        market(local.tz_convert("UTC"), local.tz_convert("UTC"))


def test_the_remedy_for_stamps_in_utc_gives_the_sessions() -> None:
    stamps = bars(DAYS.tz_localize("America/New_York").tz_convert("UTC"))  # midnight in New York: 04:00 and 05:00
    remedy = r"\.tz_convert\(exchange\)\.tz_localize\(None\)\.normalize\(\)"
    with pytest.raises(DataError, match=remedy):
        market(stamps, bars(DAYS))
    plain = stamps.tz_localize(None)
    with pytest.raises(DataError, match=remedy):  # the zone taken off without a thought: every day would stand twice
        market(plain, bars(DAYS, 2))
    mended = plain.set_axis(plain.index.tz_localize("UTC").tz_convert("America/New_York").tz_localize(None).normalize())
    assert market(mended, bars(DAYS, 2)).dates.equals(DAYS)
    assert market(plain, plain).dates.equals(plain.index)  # the same stamps throughout: one bar a day


def test_a_gauge_of_months_is_not_known_before_the_month_is_over() -> None:
    """Providers date a month by its first day; on daily bars that would be the month's close, four weeks early."""
    metal = bars(DAYS)
    closes = metal["Close"].resample("MS").last()
    made = market(metal, bars(DAYS, 2), gauges={"months": closes})
    known = made.gauge("months")
    monthly = metal["Close"].groupby(DAYS.to_period("M")).last()
    for bar, day in enumerate(DAYS):
        over = (
            np.busday_offset(day.to_period("M").end_time.to_datetime64().astype("datetime64[D]"), 0, roll="backward") <= day.to_datetime64()
        )
        month = day.to_period("M") if over else day.to_period("M") - 1
        expected = monthly.get(month, np.nan)
        assert known[bar] == expected or (np.isnan(known[bar]) and np.isnan(expected))
    assert any(what == "Side series" and "taken to be that of 2018-01" in text for what, text in made.notes)


def test_other_gauges_are_known_on_their_dates() -> None:
    for index in (DAYS[::21], pd.date_range("2018-01-10", "2020-12-31", freq="30D"), pd.date_range("2018-01-01", periods=4, freq="MS")):
        gauge = pd.Series(np.arange(len(index), dtype=float), index=index)
        made = market(bars(DAYS), bars(DAYS, 2), gauges={"it": gauge})
        np.testing.assert_array_equal(made.gauge("it"), gauge.reindex(DAYS.union(index)).ffill()[DAYS])
        assert not made.notes
    firsts = pd.date_range("2018-01-01", "2020-12-31", freq="MS")
    gauge = pd.Series(np.arange(len(firsts), dtype=float), index=firsts)
    months = bars(INDICES["month"])  # on bars of the same period, the value of the month is known at its end anyway
    np.testing.assert_array_equal(market(months, months, gauges={"it": gauge}).gauge("it"), np.arange(len(firsts)))


class Knows(ob.Strategy):
    """Read only the series of days, beside a monthly one that is dated by the first of its month."""

    def decide(self, market: ob.Market) -> ob.Decisions:
        decisions = ob.Decisions.empty(market)
        decisions.weights[:, 0] = (market.gauge("months") > market.close[:, 0]).astype(float)
        return decisions


def test_the_guard_on_mixed_bars() -> None:
    """The guard cuts bars, so a future inside a bar passes it: such bars do not come into a market.

    Months dated first, as rows beside days, hold the month's close on its first day. A rule on the days alone gained from them by orders
    filled at opens that had gone by. Both ways into a market are closed: as an instrument they are refused, as a gauge they wait.
    """
    days = bars(DAYS)
    months = by_hand(days, "MS")
    with pytest.raises(DataError, match="do not belong together in time"):
        market(months, days)
    made = market(days, days * 2, gauges={"months": months["Close"]})
    first = days.index.to_series().groupby(DAYS.to_period("M")).first()
    early = made.gauge("months")[np.isin(made.dates, first)]
    np.testing.assert_array_equal(early[1:], months["Close"].to_numpy()[:-1])  # on the first of a month, the month before's
    ob.backtest(Knows(), made)  # and what is decided from it needs no future


def test_the_guard_still_finds_a_peek_on_made_bars() -> None:
    class Peeks(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            decisions = ob.Decisions.empty(market)
            decisions.weights[:-1, 0] = market.close[1:, 0] > market.close[:-1, 0]
            return decisions

    with pytest.raises(LookAheadError, match="looks ahead"):
        ob.backtest(Peeks(), market(bars(DAYS), bars(DAYS, 2), frequency="month"))


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (
            pd.bdate_range("2018-01-01", "2024-12-31").union(pd.DatetimeIndex(["2019-03-02", "2020-05-10"])),
            252.0,
        ),  # one Saturday, one Sunday
        (pd.date_range("2018-01-01", "2024-12-31", freq="D"), 365.0),
        (pd.bdate_range("2018-01-01", "2024-12-30", freq="C", weekmask="Sun Mon Tue Wed Thu"), 252.0),
        (pd.bdate_range("2018-01-01", "2024-12-30", freq="C", weekmask="Sun Mon Tue Wed Thu Fri"), pytest.approx(365.25 * 6 / 7, rel=1e-3)),
        (pd.date_range("2018-01-01", "2024-12-31", freq="SMS"), pytest.approx(24, rel=5e-3)),
        (pd.date_range("2018-01-01", "2024-12-31", freq="W-FRI"), 52.0),
        (pd.date_range("2018-01-01", "2024-12-31", freq="ME"), 12.0),
        (pd.date_range("2018-01-01", "2024-12-31", freq="QE"), 4.0),
        (pd.date_range("2000-01-01", "2024-12-31", freq="YE"), 1.0),
        (pd.date_range("2018-01-01", "2024-12-31", freq="2D"), pytest.approx(182.625, rel=1e-3)),
        (pd.bdate_range("2018-01-01", "2024-12-31")[::2], pytest.approx(130.4, rel=5e-3)),
        (pd.bdate_range("2018-01-01", "2024-12-31").delete(slice(0, None, 14)), 252.0),  # 242 a year, as in Shanghai
    ],
)
def test_periods_per_year_are_counted(dates: pd.DatetimeIndex, expected: float) -> None:
    assert market(bars(dates), bars(dates, 2)).periods_per_year == expected


def written(folder: Path, **frames: pd.DataFrame) -> Path:
    for ticker, frame in frames.items():
        frame.rename_axis("Date").to_csv(folder / f"{ticker}.csv")
    return folder


def test_a_folder_and_its_period_are_judged_alike(tmp_path: Path) -> None:
    universe = ob.Universe("it", "METAL", ("MINER",))
    folder = written(tmp_path, METAL=bars(INDICES["month"]), MINER=bars(DAYS, 2))
    with pytest.raises(DataError, match="METAL has a bar a month .*, MINER has a bar a day"):
        ob.load_market(universe, source=folder)
    made = ob.load_market(universe, source=folder, frequency="month", start="2019-01-01", end="2019-12-31")
    assert made.dates.equals(INDICES["month"][12:24])
    np.testing.assert_array_equal(made.close[:, 1], by_hand(bars(DAYS, 2), "ME")["Close"]["2019"])


def test_hours_of_a_folder_become_days(tmp_path: Path) -> None:
    hours = bars(HOURS)
    text = "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>\n" + "".join(
        f"{when:%Y.%m.%d},{when:%H:%M},{row.Open},{row.High},{row.Low},{row.Close}\n" for when, row in hours.iterrows()
    )
    written(tmp_path, MINER=bars(DAYS[:100], 2))
    (tmp_path / "METAL.csv").write_text(text)
    universe = ob.Universe("it", "METAL", ("MINER",))
    with pytest.raises(DataError, match=r"METAL has a bar each hour \(from 2018-01-01 10:00\), MINER has a bar a day"):
        ob.load_market(universe, source=tmp_path)
    made = ob.load_market(universe, source=tmp_path, frequency="day")
    np.testing.assert_allclose(made.high[:, 0], hours["High"].groupby(HOURS.normalize()).max(), rtol=1e-12)
    ob.backtest(BuyAndHold(), made)
