"""From Yahoo to a market: the real yfinance against the loopback server, through the cache, inspected, adjusted, in one currency."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_runner import without_steps
from yahoo_faults import TRUNCATED, UNAVAILABLE, rate_limited
from yahoo_series import simulated
from yahoo_server import YahooServer

import orebody as ob
from orebody.cli.main import main
from orebody.errors import DataError, DownloadError, MissingFileError, OutputError, ParameterError
from orebody.sources.cache.store import Cache
from orebody.strategies import BuyAndHold, RatingsBreadth

LONDON = ob.Universe("london", "GLD", ("FRES.L",))


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in a test."""
    from orebody.sources.yahoo import client

    quick = client.RetryPolicy(attempts=2, first_wait=0.01, longest_wait=0.01, total=60.0)
    monkeypatch.setattr(client, "RetryPolicy", lambda: quick)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_the_same_numbers_again_tomorrow(yahoo: YahooServer, cache: Path) -> None:
    market = ob.load_market("gold", cache=cache)
    asked = len(yahoo.asked)
    again = ob.load_market("gold", cache=cache)
    offline = ob.load_market("gold", cache=cache, offline=True)
    assert again.digest == offline.digest == market.digest
    assert again.notes == market.notes
    assert len(yahoo.asked) == asked + yahoo.count("SPY") - 1, "only what was not to be had is asked for again"
    assert market.source.startswith("Yahoo Finance, downloaded ")
    assert not market.simulated


def test_prices_are_adjusted_by_their_distributions(yahoo: YahooServer, cache: Path) -> None:
    """GDX pays 1 each December: the closes must move as the server's own Adj Close, which a plain loop makes."""
    market = ob.load_market("gold", cache=cache)
    served = simulated()["GDX"]
    expected = served.adjusted_closes()
    np.testing.assert_allclose(market.close[:, 1], expected, rtol=1e-12)
    assert market.close[0, 1] != pytest.approx(served.bars["Close"].iloc[0], rel=0.01)
    ratio = market.open[:, 1] / served.bars["Open"].to_numpy()
    np.testing.assert_allclose(ratio, expected / served.bars["Close"].to_numpy(), rtol=1e-12)


def test_the_cash_rate_is_the_bills_turned_around(yahoo: YahooServer, cache: Path) -> None:
    market = ob.load_market("gold", cache=cache)
    sample = ob.load_market("gold", source="sample")
    np.testing.assert_allclose(market.cash_rate, sample.cash_rate, rtol=1e-12)  # the server made ^IRX of it, by the inverse formula
    assert ob.load_market("gold", cache=cache, cash_rate=0.01).cash_rate[0] == 0.01


def test_gauges_come_with_the_market_and_what_is_missing_is_said(yahoo: YahooServer, cache: Path) -> None:
    market = ob.load_market("gold", cache=cache)
    assert sorted(market.gauges) == ["copper", "dollar", "iron_ore", "spot", "vix", "yield"]
    left_out = [text for what, text in market.notes if what == "Left out"]
    assert len(left_out) == 1
    assert left_out[0].startswith("gauge equities: SPY is not known to Yahoo")
    own = pd.Series(1.0, index=market.dates)
    before = yahoo.count("DX-Y.NYB")
    with_own = ob.load_market("gold", cache=cache, gauges={"dollar": own})
    assert set(with_own.gauge("dollar")) == {1.0}
    assert yahoo.count("DX-Y.NYB") == before


def test_a_second_choice_stands_in_for_a_gauge(yahoo: YahooServer, cache: Path) -> None:
    yahoo.series["UUP"] = yahoo.series.pop("DX-Y.NYB")
    market = ob.load_market("gold", cache=cache)
    assert "dollar" in market.gauges
    assert any(what == "Gauge" and text.startswith("dollar: UUP") for what, text in market.notes)


def test_pence_are_pounds_over_100_and_pounds_are_dollars_by_the_day(yahoo: YahooServer, cache: Path) -> None:
    market = ob.load_market(LONDON, cache=cache)
    served = simulated()
    pence, rate = served["FRES.L"].bars["Close"], served["GBPUSD=X"].bars["Close"]
    day = pd.Timestamp("2015-06-10")
    bar = market.dates.get_loc(day)
    before = rate.index[rate.index.get_loc(day) - 1]  # the day's own rate ends at midnight, hours after London's close
    assert market.close[bar, 1] == pytest.approx(pence[day] / 100 * rate[before], rel=1e-12)
    assert ("currency", "FRES.L from GBp to USD, each bar at the last GBPUSD=X at or before it") in market.notes


def test_a_holiday_of_one_exchange_is_no_bar_there(yahoo: YahooServer, cache: Path) -> None:
    series = yahoo.series["FRES.L"]
    bank_holiday = pd.Timestamp("2015-05-25")  # both closed in London that day; New York too: take one that only London has
    london = pd.Timestamp("2015-08-31")
    series.bars = series.bars.drop([day for day in (bank_holiday, london) if day in series.bars.index])
    market = ob.load_market(LONDON, cache=cache)
    bar = market.dates.get_loc(london)
    assert market.tradable[bar].tolist() == [True, False]
    assert np.isnan(market.close[bar, 1])
    result = ob.backtest(BuyAndHold(split={"miners": 1.0}), market)
    assert london not in set(result.fills["date"])


def test_another_currency_is_had_by_asking(yahoo: YahooServer, cache: Path) -> None:
    with pytest.raises(
        DownloadError, match=r"the prices need the exchange rate USDGBP=X \(rates= takes another\): USDGBP=X is not known to Yahoo"
    ):
        ob.load_market(LONDON, cache=cache, currency="GBP")
    pounds = 1 / yahoo.series["GBPUSD=X"].bars["Close"]
    yahoo.series["USDGBP=X"] = simulated()["GBPUSD=X"]
    yahoo.series["USDGBP=X"].bars = pd.DataFrame({**dict.fromkeys(("Open", "High", "Low", "Close"), pounds), "Volume": 0.0})
    market = ob.load_market(LONDON, cache=cache, currency="GBP")
    assert market.close[100, 1] == pytest.approx(simulated()["FRES.L"].bars["Close"].iloc[100] / 100, rel=1e-12)


def test_false_prints_are_refused_dropped_or_masked(yahoo: YahooServer, cache: Path) -> None:
    day = pd.Timestamp("2014-12-04")
    for ticker in ("GLD", "GDX"):
        bars = yahoo.series[ticker].bars
        bars.loc[day, ["Open", "High", "Low", "Close"]] *= 0.6
    with pytest.raises(DataError, match=r"2014-12-04: close .*\s+.*which comes back in full") as refused:
        ob.load_market("gold", cache=cache)
    assert "GDX" in str(refused.value)
    assert "repair='drop'" in str(refused.value)
    dropped = ob.load_market("gold", cache=cache, repair="drop")
    masked = ob.load_market("gold", cache=cache, repair="mask")
    assert day not in dropped.dates
    assert len(masked) == len(dropped) + 1
    assert not masked.tradable[masked.dates.get_loc(day)].any()
    assert sum(what.startswith("repair of") for what, _ in masked.notes) == 2
    for engine in ("backtrader", "compiled"):
        one, other = (ob.backtest(BuyAndHold(), market, engine=engine).equity for market in (dropped, masked))
        assert other.drop(day).to_numpy() == pytest.approx(one.to_numpy(), rel=1e-9)
        assert other[day] == pytest.approx(other.shift()[day], rel=1e-3)  # marked at the last close, with a day's interest


def test_what_is_wrong_before_the_period_is_nobodys_concern(yahoo: YahooServer, cache: Path) -> None:
    bars = yahoo.series["GDX"].bars
    bars.loc[pd.Timestamp("2008-12-04"), ["Open", "High", "Low", "Close"]] *= 0.5
    assert len(ob.load_market("gold", cache=cache, start="2010-01-01", end="2012-12-31")) > 700


def test_a_fault_leaves_the_cache_and_says_how_old_it_is(yahoo: YahooServer, cache: Path) -> None:
    import datetime as dt

    market = ob.load_market("gold", cache=cache)
    before = {path: path.read_bytes() for path in cache.rglob("*.parquet")}
    yahoo.misbehave("GDX", UNAVAILABLE, always=True)
    with pytest.raises(DownloadError, match=r"GDX .*status 503.*offline=True; cached is GDX as of "):
        ob.load_market("gold", cache=cache, max_age=dt.timedelta(0))
    assert before[next(path for path in before if "GDX" in path.parts[-2])] in [path.read_bytes() for path in cache.rglob("*.parquet")]
    yahoo.behave()
    yahoo.misbehave("GDX", TRUNCATED)
    assert ob.load_market("gold", cache=cache, max_age=dt.timedelta(0)).digest == market.digest


def test_a_study_is_pinned_by_its_vintage(yahoo: YahooServer, cache: Path) -> None:
    import datetime as dt

    market = ob.load_market("gold", cache=cache)
    now = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    yahoo.series["GDX"] = yahoo.series["GDX"].with_dividend("2020-06-01", 2.0)
    later = ob.load_market("gold", cache=Cache(cache, clock=lambda: now, whole_every=dt.timedelta(hours=1)))
    assert later.digest != market.digest
    assert any("re-adjusted" in text or "whole" in text for what, text in later.notes if what == "Cache") or later.notes != market.notes
    pinned = ob.load_market("gold", cache=cache, as_of=dt.datetime.now(dt.UTC).date().isoformat())
    assert pinned.digest == market.digest


def test_ratings_are_those_of_companies(yahoo: YahooServer, cache: Path) -> None:
    grade = {
        "epochGradeDate": int(pd.Timestamp("2012-03-05 13:00").timestamp()),
        "firm": "A",
        "toGrade": "Buy",
        "fromGrade": "",
        "action": "init",
    }
    yahoo.grades["NEM"] = [grade, {**grade, "firm": "B", "toGrade": "Hold"}]
    market = ob.load_market(ob.Universe("one", "GLD", ("NEM",)), cache=cache)
    bar = market.dates.get_loc(pd.Timestamp("2012-03-06"))
    assert np.isnan(market.rating("bullish")[bar - 1, 1])
    assert (market.rating("bullish")[bar, 1], market.rating("neutral")[bar, 1]) == (1.0, 1.0)
    assert yahoo.count("GLD", kind="summary") == 0
    ob.backtest(RatingsBreadth(), market)


def test_statements_only_when_asked_for_and_labelled(yahoo: YahooServer, cache: Path) -> None:
    universe = ob.Universe("one", "GLD", ("NEM",))
    ends = ("2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31")
    yahoo.statements["NEM"] = {
        "quarterlyTotalDebt": dict.fromkeys(ends, 500.0),
        "quarterlyCashAndCashEquivalents": dict.fromkeys(ends, 100.0),
        "quarterlyEBITDA": dict.fromkeys(ends, 50.0),
    }
    assert not ob.load_market(universe, cache=cache).fundamentals
    assert yahoo.count(kind="statements") == 0
    market = ob.load_market(universe, cache=cache, fundamentals="yahoo")
    assert market.fundamental("net_debt_ebitda")[-1, 1] == pytest.approx((500 - 100) / 200)
    known = int(np.isfinite(market.fundamental("net_debt_ebitda")[:, 1]).argmax())
    assert market.dates[known] > pd.Timestamp("2024-12-31") + pd.Timedelta(days=120)
    assert any(what == "Fundamentals" and text.startswith("not point in time") for what, text in market.notes)


def test_a_ticker_that_names_something_else_now_is_refused(yahoo: YahooServer, cache: Path) -> None:
    from dataclasses import replace

    yahoo.series["GOLD"] = replace(yahoo.series["NEM"], name="Gold.com, Inc.")
    with pytest.raises(DataError, match=r"GOLD is Gold\.com, Inc\., but .*Barrick"):
        ob.load_market(ob.Universe("mine", "GLD", ("GOLD",)), cache=cache)
    with pytest.raises(DataError, match=r"NEM is .*not Newmont"):
        ob.load_market(ob.Universe("mine", "GLD", ("NEM",), names={"NEM": "Newmont"}), cache=cache)


def test_an_interrupt_wakes_those_that_wait(yahoo: YahooServer, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from orebody.sources.yahoo import client, retry

    monkeypatch.setattr(client, "RetryPolicy", lambda: retry.RetryPolicy())  # the real one: it would wait 50 s
    yahoo.misbehave("GDX", rate_limited(50), always=True)

    def impatient(done: int, total: int, what: str) -> None:
        if done == total - 1:
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        ob.load_market("gold", cache=cache, progress=impatient)
    assert time.monotonic() - begun < 50


def test_offline_without_a_cache_says_how_to_get_one(cache: Path) -> None:
    with pytest.raises(MissingFileError, match="quotes of GLD in the cache .*orebody fetch GLD"):
        ob.load_market("gold", cache=cache, offline=True)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"offline": True}, "only source='yahoo' has a cache"),
        ({"as_of": "2026-01-01"}, "only source='yahoo' has a cache"),
        ({"fundamentals": "yahoo"}, "only source='yahoo' knows statements"),
        ({"repair": "fix"}, "it must be 'drop', 'mask'"),
        ({"currency": "USD"}, "the sample's prices are in no real currency"),
    ],
)
def test_what_only_yahoo_has_is_refused_elsewhere(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ob.load_market("gold", source="sample", **asked)  # type: ignore[arg-type]


def test_the_command_line_compares_what_yahoo_has(
    yahoo: YahooServer, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["compare", "gold", "--cache", str(cache), "--strategy", "ratio-rotation", "--no-tearsheets", "--json"]
    with pytest.raises(SystemExit) as done:
        main([*arguments, "--out", str(tmp_path / "report")])
    out = capsys.readouterr()
    assert (done.value.code, without_steps(out.err)) == (0, "")
    assert json.loads(out.out)["simulated"] is False
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "Yahoo Finance, downloaded " in page
    assert "SHA-256" in page
    assert "13-week Treasury bill" in page
    with pytest.raises(SystemExit) as refused:
        main(["compare", "gold", "--cache", str(tmp_path / "empty"), "--offline"])
    assert refused.value.code == 2
    assert "orebody fetch GLD" in capsys.readouterr().err


def test_a_false_print_of_an_exchange_rate_is_refused(yahoo: YahooServer, cache: Path) -> None:
    yahoo.series["GBPUSD=X"].bars.loc[pd.Timestamp("2015-06-10")] /= 100
    with pytest.raises(DataError, match=r"GBPUSD=X: 2015-06-10: .*100"):
        ob.load_market(LONDON, cache=cache)


def test_a_false_print_of_a_rate_outside_the_period_concerns_nobody(yahoo: YahooServer, cache: Path) -> None:
    right = ob.load_market(LONDON, cache=cache, start="2016-01-04")
    bars = yahoo.series["GBPUSD=X"].bars
    bars.loc[pd.Timestamp("2015-06-10")] /= 100
    spoilt = ob.load_market(LONDON, cache=cache.with_name("other"), start="2016-01-04")
    np.testing.assert_array_equal(spoilt.close, right.close)
    with pytest.raises(DataError, match=r"give a right one as rates, by pair or as a file GBPUSD=X.csv"):
        ob.load_market(LONDON, cache=cache.with_name("other"), start="2015-06-01")


def test_a_rate_that_is_handed_over_counts_from_its_own_date(yahoo: YahooServer, cache: Path) -> None:
    own = pd.Series(1.25, index=pd.bdate_range("2006-12-01", "2025-12-31"))
    own.iloc[-1] = 2.0
    market = ob.load_market(LONDON, cache=cache, rates={"GBPUSD=X": own})
    pence = simulated()["FRES.L"].bars["Close"].to_numpy()
    np.testing.assert_allclose(market.close[-2:, 1], [pence[-2] / 100 * 1.25, pence[-1] / 100 * 2.0], rtol=1e-12)
    assert yahoo.count("GBPUSD=X") == 0
    with pytest.raises(ParameterError, match="rates holds 'pounds': give Series by pair"):
        ob.load_market(LONDON, cache=cache, rates={"pounds": own})


def test_a_break_is_judged_by_the_whole_history_whatever_the_start(yahoo: YahooServer, cache: Path) -> None:
    """The last six rows in another unit: nobody can tell which side is right, and a late start does not change that."""
    bars = yahoo.series["GDX"].bars
    bars.iloc[-6:, :4] /= 100
    for start in (None, "2025-10-15"):
        with pytest.raises(DataError, match="no repair can tell what is right|which side"):
            ob.load_market("gold", cache=cache, start=start, repair="drop")


def test_a_rate_belongs_to_the_currency_of_the_market(yahoo: YahooServer, cache: Path) -> None:
    yahoo.series["USDGBP=X"] = simulated()["GBPUSD=X"]
    market = ob.load_market("gold", cache=cache, currency="GBP")
    assert not market.cash_rate.any()
    assert any(what == "Cash rate" and "the market is in GBP" in text for what, text in market.notes)


def test_a_gauge_that_fails_today_keeps_its_meaning(yahoo: YahooServer, cache: Path) -> None:
    import datetime as dt

    ob.load_market("gold", cache=cache)
    yahoo.series["UUP"] = yahoo.series["^VIX"]
    yahoo.misbehave("DX-Y.NYB", UNAVAILABLE, always=True)
    market = ob.load_market("gold", cache=cache, max_age=dt.timedelta(0))
    assert "dollar" not in market.gauges
    assert any(what == "Left out" and text.startswith("gauge dollar: DX-Y.NYB") for what, text in market.notes)


def test_a_series_that_stopped_is_said(yahoo: YahooServer, cache: Path) -> None:
    yahoo.series["^VIX"] = yahoo.series["^VIX"].until("2010-06-30")
    market = ob.load_market("gold", cache=cache)
    assert ("doubtful", "^VIX ends on 2010-06-30: its last value stands from there to 2025-12-31") in market.notes


def test_a_future_is_its_own_spot_price(yahoo: YahooServer, cache: Path) -> None:
    market = ob.load_market(ob.Universe("future", "GC=F", ("GDX",)), cache=cache)
    assert "spot" not in market.gauges


@pytest.mark.parametrize("asked", [{"cache": 5}, {"cache": "a\0b"}, {"source": 5}, {"source": ""}, {"as_of": "nonsense"}])
def test_what_is_no_folder_source_or_date_is_refused(cache: Path, asked: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        ob.load_market("gold", **({"cache": cache} | asked))  # type: ignore[arg-type]


def test_a_cache_with_an_endless_name_is_refused() -> None:
    with pytest.raises(OutputError, match="cannot be used: File name too long"):
        ob.load_market("gold", cache="a" * 300)
