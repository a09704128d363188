"""The embedded sample beyond gold: silver and copper with real totals and what was planted, listed when their funds were."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.errors import UnknownNameError
from orebody.sources.sample import UNIVERSES, YEAR_RETURNS, sample
from orebody.strategies import BuyAndHold, RatioRotation

# The first year and what SLV, SIL, CPER and COPX publish from it on, as printed.
PUBLISHED = {
    "SIM-SILVER": (
        2007,
        "14.25 -23.79 47.68 82.47 -10.74 9.02 -36.30 -19.51 -12.42 14.56 5.82 -9.19 14.88 47.30 -12.45 2.37 -1.09 20.89 144.66",
    ),
    "SIM-SILVER-MINERS": (
        2011,
        "-22.02 8.22 -50.21 -17.26 -33.12 79.47 1.67 -22.42 34.78 40.30 -18.35 -22.83 1.31 14.63 166.16",
    ),
    "SIM-COPPER": (
        2012,
        "2.08 -8.44 -16.94 -24.97 14.58 28.81 -21.94 6.69 23.89 25.22 -15.14 4.55 4.23 38.95",
    ),
    "SIM-COPPER-MINERS": (
        2011,
        "-30.96 4.82 -27.51 -19.60 -45.88 70.35 38.92 -31.31 12.48 51.66 23.38 -0.76 8.38 3.57 93.50",
    ),
}
LISTED = {"SIM-SILVER": "2006-12-29", "SIM-SILVER-MINERS": "2010-12-31", "SIM-COPPER": "2011-12-30", "SIM-COPPER-MINERS": "2010-12-31"}
# Measured on the funds from their first common whole year to 2025: volatility of the metal and of its miners, beta, correlation with gold.
MEASURED = {"silver": (2011, 0.293, 0.402, 1.02, 0.78), "copper": (2012, 0.235, 0.342, 0.91, 0.24)}


@pytest.fixture(scope="module")
def closes() -> dict[str, pd.Series]:
    return {ticker: frame["Close"] for metal in ("gold", "silver", "copper") for ticker, frame in sample(metal).frames.items()}


@pytest.fixture(scope="module")
def moves(closes: dict[str, pd.Series]) -> pd.DataFrame:
    return pd.DataFrame({ticker: np.log(close).diff() for ticker, close in closes.items()})


@pytest.mark.parametrize("ticker", PUBLISHED)
def test_all_published_years_together_return_what_the_fund_did(ticker: str, closes: dict[str, pd.Series]) -> None:
    first, printed = PUBLISHED[ticker]
    years = [float(year) for year in printed.split()]
    assert YEAR_RETURNS[ticker] == {first + at: year for at, year in enumerate(years)}
    before, last = closes[ticker][: str(first - 1)].iloc[-1], closes[ticker].iloc[-1]
    assert last / before == pytest.approx(np.prod([1 + year / 100 for year in years]), rel=0.005 / before + 0.005 / last)


@pytest.mark.parametrize("metal", MEASURED)
def test_what_was_planted_is_found_within_three_standard_errors(metal: str, moves: pd.DataFrame) -> None:
    first, volatility, of_miners, beta, with_gold = MEASURED[metal]
    days = moves[f"{first}" :]
    ticker, (miners,) = UNIVERSES[metal]
    metals, mined, count = days[ticker], days[miners], len(days)
    assert metals.std() * 252**0.5 == pytest.approx(volatility, abs=3 * volatility / (2 * count) ** 0.5)
    assert mined.std() * 252**0.5 == pytest.approx(of_miners, abs=3 * of_miners / (2 * count) ** 0.5)
    slope = metals.cov(mined) / metals.var()
    assert slope == pytest.approx(beta, abs=3 * (mined - slope * metals).std() / metals.std() / count**0.5)
    assert metals.corr(days["SIM-GOLD"]) == pytest.approx(with_gold, abs=3 * (1 - with_gold**2) / count**0.5)


def test_miners_of_all_metals_move_together_beyond_their_metals(moves: pd.DataFrame) -> None:
    def unexplained(miners: str, metal: str) -> pd.Series:
        days = moves["2012":]
        return days[miners] - days[metal].cov(days[miners]) / days[metal].var() * days[metal]

    of_gold = unexplained("SIM-MINERS", "SIM-GOLD")
    assert unexplained("SIM-SILVER-MINERS", "SIM-SILVER").corr(of_gold) == pytest.approx(0.70, abs=0.05)
    assert unexplained("SIM-COPPER-MINERS", "SIM-COPPER").corr(of_gold) == pytest.approx(0.31, abs=0.05)


@pytest.mark.parametrize("ticker", LISTED)
def test_each_lists_at_100_on_the_last_session_before_its_funds_first_whole_year(ticker: str) -> None:
    frame = sample("silver" if "SILVER" in ticker else "copper").frames[ticker]
    days = sample().frames["SIM-GOLD"].index
    assert frame.index.equals(days[days >= LISTED[ticker]])
    assert frame["Close"].iloc[0] == pytest.approx(100.0)
    assert (frame["High"] >= frame[["Open", "Close"]].max(axis=1)).all()
    assert (frame["Low"] <= frame[["Open", "Close"]].min(axis=1)).all()
    assert (frame["Low"] > 0).all()


@pytest.mark.parametrize(("name", "begins", "both"), [("silver", "2006-12-29", "2010-12-31"), ("copper", "2010-12-31", "2011-12-30")])
def test_what_lists_late_is_neither_held_nor_waited_for_in_silence(name: str, begins: str, both: str) -> None:
    market = ob.load_market(name, source="sample")
    assert str(market.dates[0].date()) == begins
    assert str(market.dates[market.listed].date()) == both
    assert (market.ends == -1).all()
    held = ob.backtest(BuyAndHold(split={"metal": 0.5, "miners": 0.5}), market, engine="compiled")
    assert str(held.dates[0].date()) == both
    assert held.units.iloc[1].gt(0).all()
    comparison = ob.compare([RatioRotation(window=60)], market, ob.Account(contribution=1_000), engine="compiled")
    assert market.dates[market.listed] < comparison.results["ratio-rotation"].dates[0]
    assert f"with a shorter warm-up accounts could open on {both}" in comparison.opening


def test_gauges_are_those_of_gold_but_for_the_metals_own_price(closes: dict[str, pd.Series]) -> None:
    for metal, price in (("silver", 12.90), ("copper", 3.44)):
        gauges, ticker = sample(metal).gauges, UNIVERSES[metal][0]
        assert gauges["spot"][LISTED[ticker]] == pytest.approx(price)
        fund = closes[ticker]
        # the same moves from another first price, each rounded as it is quoted
        np.testing.assert_allclose(gauges["spot"].reindex(fund.index) / price, fund / 100, atol=0.0005 / price + 0.005 / 100)
        for name in ("dollar", "vix", "yield", "iron_ore"):
            pd.testing.assert_series_equal(gauges[name], sample().gauges[name])
    assert sample("silver").gauges["copper"].equals(sample().gauges["copper"])
    assert sample("copper").gauges["copper"].equals(sample("copper").gauges["spot"])  # one price of copper in a market of copper
    assert sample("copper").gauges["spot"].between(1, 8).all()


def test_miners_are_rated_from_their_listing_on_and_have_no_statements() -> None:
    for metal in MEASURED:
        rows, (_, (miners,)) = sample(metal).ratings, UNIVERSES[metal]
        assert set(rows["ticker"]) == {miners}
        assert str(rows["date"].min().date()) == "2011-01-03"
        assert (rows[["bullish", "neutral", "bearish"]].sum(axis=1) == 40).all()
        assert sample(metal).fundamentals is None


def test_metals_can_be_mixed_and_the_universes_own_says_what_stands_beside_the_prices() -> None:
    mixed = ob.Universe("gold-silver", "SIM-GOLD", ("SIM-SILVER", "SIM-SILVER-MINERS", "SIM-ROYALTY"))
    market = ob.load_market(mixed, source="sample")
    assert market.gauge("spot")[0] == pytest.approx(635.0)
    assert (~np.isnan(market.fundamental("aisc")[-1])).tolist() == [False, False, False, True]
    assert (~np.isnan(market.rating("bullish")[-1])).tolist() == [False, False, True, True]
    market = ob.load_market(ob.Universe("silver-gold", "SIM-SILVER", ("SIM-ROYALTY",)), source="sample")
    assert market.gauge("spot")[0] == pytest.approx(12.90)
    assert not market.fundamentals  # costs of an ounce of gold say nothing beside a price of silver


def test_what_is_not_in_the_sample_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        UnknownNameError, match=r"universe in the sample 'sliver'; did you mean 'silver'\? \(known: copper, gold, .*silver\)"
    ):
        ob.load_market("sliver", source="sample")
    with pytest.raises(UnknownNameError, match="unknown ticker in the sample 'SIM-SILVER-MINER'; did you mean 'SIM-SILVER-MINERS'"):
        ob.load_market(ob.Universe("mine", "SIM-SILVER", ("SIM-SILVER-MINER",)), source="sample")
    with pytest.raises(UnknownNameError, match="unknown metal in the sample 'coper'; did you mean 'copper'"):
        sample("coper")


def test_the_same_in_every_process_whatever_was_asked_before_and_gold_is_not_made_for_it() -> None:
    code = (
        "import orebody as ob; from orebody.sources.sample import gold; m = ob.load_market('copper', source='sample'); "
        "print(m.digest, gold.gold.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [ob.load_market("copper", source="sample").digest, "0"]
