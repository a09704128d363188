"""SpreadTrade: its rule by hand, and Chan's example 3.6 on his own prices."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_markets import market

import orebody as ob
from orebody.indicators import positions, rolling_spread
from orebody.strategies import SpreadTrade

CHAN = Path(os.environ.get("OREBODY_DATA", "")) / "chan"
needs_chan = pytest.mark.skipif(
    "OREBODY_DATA" not in os.environ or not (CHAN / "GLD.csv").is_file(),
    reason="real prices: set OREBODY_DATA to a folder that holds chan/GLD.csv and chan/GDX.csv",
)


def test_positions_by_hand() -> None:
    z = np.array([0.0, 2.0, 1.5, 1.0, -1.9, -2.0, -4.0, -3.0, -2.5, -1.0, -2.2, 0.4, np.nan, 2.1, -2.1])
    # in short at 2, out at 1, in long at -2, stopped at -4, waits through -3 and -2.5, ready again at -1, in long at -2.2, out at 0.4,
    # in short at 2.1, turned long at -2.1
    expected = [0, -1, -1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, -1, 1]
    assert positions(z, 2.0, 1.0, 4.0).tolist() == expected
    without = [0, -1, -1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0, -1, 1]
    assert positions(z, 2.0, 1.0, None).tolist() == without


def test_rolling_spread_by_hand_and_by_a_plain_loop() -> None:
    one, two = np.array([2.0, 4.0, 5.0, 9.0]), np.array([1.0, 2.0, 3.0, 4.0])
    z, hedge = rolling_spread(one, two, 3)
    # bars 0 to 2: h = (2 + 8 + 15) / (1 + 4 + 9) = 25/14; spread 3/14, 6/14, -5/14: mean 4/42, deviation sqrt((70/196 - 3 (4/42)^2) / 3)
    assert hedge[2] == pytest.approx(25 / 14)
    assert z[2] == pytest.approx((-5 / 14 - 4 / 42) / np.sqrt((70 / 196 - 3 * (4 / 42) ** 2) / 3))
    draw = np.random.RandomState(4)
    one, two = 1e4 + np.cumsum(draw.standard_normal(400)), 50 + np.cumsum(draw.standard_normal(400)) * 0.1
    z, hedge = rolling_spread(one, two, 60)
    for t in (59, 60, 118, 119, 120, 399):
        x, y = one[t - 59 : t + 1], two[t - 59 : t + 1]
        h = x @ y / (y @ y)
        spread = x - h * y
        assert hedge[t] == pytest.approx(h, rel=1e-12)
        assert z[t] == pytest.approx((spread[-1] - spread.mean()) / spread.std(), rel=1e-7)


def test_weights_by_hand() -> None:
    """With a window of 2 and a fixed hedge: h = (10 x 1 + 12 x 1) / (1 + 1) = 11, the spread -1 and 1, mean 0, deviation 1."""
    m = market(pd.bdate_range("2024-01-01", periods=5), [[10.0, 1.0], [12.0, 1.0], [14.0, 1.0], [11.0, 1.0], [8.0, 1.0]])
    strategy = SpreadTrade(hedge="fixed", window=2, entry=2.0, exit=0.5, stop=None, gross=0.8)
    z, hedge = strategy.spread(m)
    assert hedge.tolist() == [11.0] * 5
    np.testing.assert_allclose(z, [-1.0, 1.0, 3.0, 0.0, -3.0])
    plan = strategy.decide(m).on(m)
    assert plan.rows.tolist() == [1, 2, 3, 4]
    # bar 2, dear by 3: metal short, miners long, 14 to 11 of 0.8; bar 3 out; bar 4, cheap: metal long 8 to 11
    np.testing.assert_allclose(plan.weights, [[0, 0], [-0.8 * 14 / 25, 0.8 * 11 / 25], [0, 0], [0.8 * 8 / 19, -0.8 * 11 / 19]])
    assert (plan.contribution_split == 0).all()


@needs_chan
def test_chan_example_3_6() -> None:
    """Hedge ratio 1.631009; Sharpe 2.3 in the training year and 1.5 after it, on his convention: close to close, both legs 1, no costs."""
    frames = {ticker: pd.read_csv(CHAN / f"{ticker}.csv", index_col=0, parse_dates=True) for ticker in ("GLD", "GDX")}
    common = frames["GLD"].index.intersection(frames["GDX"].index)
    m = ob.Market.from_frames({ticker: frame.loc[common] for ticker, frame in frames.items()})
    strategy = SpreadTrade(hedge="fixed", window=252, entry=2, exit=1, stop=None)
    z, hedge = strategy.spread(m)
    assert hedge[0] == pytest.approx(1.631009, abs=5e-7)
    spread = m.close[:252, 0] - hedge[0] * m.close[:252, 1]
    assert spread.mean() == pytest.approx(0.052196, abs=5e-7)
    assert spread.std() == pytest.approx(1.944861, abs=5e-7)
    held = positions(z, 2, 1, None)
    returns = m.close[1:] / m.close[:-1] - 1
    earned = held[:-1] * (returns[:, 0] - returns[:, 1])
    sharpe = [np.sqrt(252) * part.mean() / part.std(ddof=1) for part in (np.concatenate(([0.0], earned[:251])), earned[251:])]
    assert sharpe[0] == pytest.approx(2.3, abs=0.05)
    assert sharpe[1] == pytest.approx(1.5, abs=0.05)
    # what the strategy decides, from the end of the training year on, is these positions
    plan = strategy.decide(m).on(m)
    said = np.full(len(m), np.nan)
    said[plan.rows] = np.sign(plan.weights[:, 0])
    stated = pd.Series(said).ffill().to_numpy()[251:]
    np.testing.assert_array_equal(stated, held[251:])
