"""Series on the same labels of which one begins the period and the other ends it: only their prices tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import orebody as ob
from orebody.errors import DataError

DAYS = pd.bdate_range("2018-01-01", "2021-12-31")
MOVES = np.random.RandomState(11).standard_normal(len(DAYS)) * 0.01
OWN = np.random.RandomState(12).standard_normal(len(DAYS)) * 0.01
LONGER = {"Open": "first", "High": "max", "Low": "min", "Close": "last"}


def frame(moves: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(dict.fromkeys(LONGER, 100 * np.exp(np.cumsum(moves))), index=DAYS)


METAL, MINER = frame(MOVES), frame(2 * MOVES + OWN)  # correlated by 2 / sqrt(5) = 0.89


def market(metal: pd.DataFrame, miner: pd.DataFrame) -> ob.Market:
    return ob.Market.from_frames({"METAL": metal, "MINER": miner})


@pytest.mark.parametrize(("rule", "periods"), [("W-SUN", 1), ("ME", 1), ("W-FRI", 1)])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_series_dated_a_period_off_is_refused(rule: str, periods: int, side: str) -> None:
    metal, miner = (one.resample(rule).agg(LONGER) for one in (METAL, MINER))
    assert not market(metal, miner).doubts
    off = miner.set_axis(miner.index.shift(-periods if side == "before" else periods, freq=rule))
    with pytest.raises(DataError, match=f"^MINER moves one bar {side} METAL: over .* on the same bar; .* last day of the period$"):
        market(metal, off)


def test_the_correlations_in_the_message_are_those_of_the_returns() -> None:
    metal, miner = (one.resample("W-SUN").agg(LONGER) for one in (METAL, MINER))
    off = miner.set_axis(miner.index - pd.Timedelta(days=7))
    moves = pd.DataFrame({"metal": metal["Close"], "off": off["Close"]}).dropna().apply(np.log).diff().dropna()
    shifted, same = moves["off"].corr(moves["metal"].shift(-1)), moves["off"].corr(moves["metal"])
    with pytest.raises(DataError, match=f"over {len(moves)} bars .* by {shifted:.2f} so, and by {same:.2f} on the same bar"):
        market(metal, off)


@pytest.mark.parametrize(("by", "side"), [(1, "after"), (-1, "before")])
def test_days_that_are_a_day_off_are_doubtful_and_no_more(by: int, side: str) -> None:
    made = market(METAL, MINER.shift(by).dropna())
    assert [text.partition(":")[0] for text in made.doubts] == [f"MINER moves one bar {side} METAL"]


def test_one_wild_bar_does_not_decide() -> None:
    metal, miner = (one.resample("W-FRI").agg(LONGER) for one in (METAL, frame(OWN)))
    metal.iloc[100:] *= 3.0
    miner.iloc[101:] *= 3.0
    assert not market(metal, miner).doubts


def test_series_that_have_nothing_to_do_with_each_other_are_let() -> None:
    assert not market(METAL, frame(OWN)).doubts
    assert not market(METAL.resample("ME").agg(LONGER), frame(OWN).resample("ME").agg(LONGER)).doubts
    assert not market(METAL[:20], MINER.shift(1).dropna()[:20]).doubts  # too few to tell
    assert not market(METAL, METAL.assign(Open=5.0, High=5.0, Low=5.0, Close=5.0)).doubts  # never moves
