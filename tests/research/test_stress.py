"""Stress: episodes found on the bars, figures worked by hand, and what is said where there is nothing to say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from real_data import FOLDER, needs_real_prices

import orebody as ob
from orebody.errors import ParameterError
from orebody.research.stress.episodes import EPISODES, Episode, locate
from orebody.strategies import BuyAndHold, CoreSatellite, RatioRotation

DAYS = pd.bdate_range("2024-01-01", periods=6)  # Monday to next Monday
METAL = [100.0, 110.0, 99.0, 99.0, 108.9, 120.0]
MINERS = [50.0, 50.0, 40.0, 30.0, 45.0, 54.0]
FREE = ob.Account(cash=1000.0, costs=ob.Costs(slippage=0.0))


def frame(closes: list[float]) -> pd.DataFrame:
    return pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), closes), index=DAYS)


def market(**beside: object) -> ob.Market:
    return ob.Market.from_frames({"METAL": frame(METAL), "MINER": frame(MINERS)}, **beside)  # type: ignore[arg-type]


def test_figures_of_an_episode_by_hand() -> None:
    """Bought at the second open (110 and 50); the episode goes from the close of 2 January to that of 5 January."""
    stress = ob.stress({"half": BuyAndHold(split={"metal": 0.5, "miners": 0.5})}, market(), FREE, {"fall": ("2024-01-02", "2024-01-05")})
    rows = stress.table.set_index("strategy")
    assert rows.loc["metal: METAL", "return"] == pytest.approx(108.9 / 110 - 1, abs=1e-12)
    assert rows.loc["miners: MINER", "return"] == pytest.approx(45 / 50 - 1, abs=1e-12)
    # 500 in each: 500/110 METAL and 10 MINER
    worth = [1000.0, 500 * 99 / 110 + 400, 500 * 99 / 110 + 300, 500 * 108.9 / 110 + 450]
    half = rows.loc["half"]
    assert half["return"] == pytest.approx(worth[3] / worth[0] - 1, abs=1e-12)
    assert half["profit"] == pytest.approx(worth[3] - worth[0], abs=1e-9)
    assert half["max_drawdown"] == pytest.approx(worth[2] / worth[0] - 1, abs=1e-12)
    assert half["worst_day"] == pytest.approx(worth[1] / worth[0] - 1, abs=1e-12)
    assert half["worst_date"] == pd.Timestamp("2024-01-03")
    assert (half["metal"], half["miners"], half["cash"]) == (pytest.approx(0.5), pytest.approx(0.5), pytest.approx(0.0, abs=1e-12))
    assert half["first"] == pd.Timestamp("2024-01-02")
    assert half["last"] == pd.Timestamp("2024-01-05")


def test_the_drawdown_counts_from_the_first_close_on_not_from_an_earlier_high() -> None:
    stress = ob.stress([BuyAndHold(split={"metal": 1.0})], market(), FREE, {"later": ("2024-01-03", "2024-01-08")})
    assert stress.table.set_index("strategy").loc["metal: METAL", "max_drawdown"] == 0.0


def test_contributions_are_no_return_and_no_profit() -> None:
    days = pd.bdate_range("2024-01-29", periods=6)  # February begins on the fourth
    flat = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), 10.0), index=days)
    account = ob.Account(cash=1000.0, contribution=500.0, costs=ob.Costs(slippage=0.0))
    stress = ob.stress([BuyAndHold()], ob.Market.from_frames({"A": flat, "B": flat}), account, {"quiet": ("2024-01-30", "2024-02-05")})
    assert stress.table["return"].abs().max() < 1e-12
    assert stress.table["profit"].abs().max() < 1e-9


def test_days_without_a_bar_count_as_the_last_bar_before() -> None:
    assert locate(Episode("weekend", "2024-01-06", "2024-01-08"), market()) == (4, 5)
    assert locate(Episode("within a weekend", "2024-01-06", "2024-01-07"), market()) == "there is no bar in it"


def test_what_accounts_did_not_see_is_left_out_and_said() -> None:
    stress = ob.stress([BuyAndHold()], market(), FREE)
    assert stress.table.empty
    assert set(stress.left_out) == {episode.name for episode in EPISODES}
    assert stress.left_out["2008 crash"] == "the accounts open on 2024-01-01, after it began"
    assert stress.left_out["2025 rise"] == "the prices end on 2024-01-08, before it ended"
    assert "no episode lies" in repr(stress)
    assert any("2008 crash is left out" in sentence for sentence in stress.sentences)


def test_worst_days_of_equities_by_a_plain_loop() -> None:
    draw = np.random.default_rng(5)
    days = pd.bdate_range("2020-01-01", periods=401)
    closes = {name: 100 * np.exp(np.cumsum(draw.normal(0, 0.02, 401))) for name in ("A", "B")}
    frames = {name: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), values), index=days) for name, values in closes.items()}
    index = pd.Series(100 * np.exp(np.cumsum(draw.normal(0, 0.01, 401))), index=days)
    stress = ob.stress([BuyAndHold()], ob.Market.from_frames(frames, gauges={"equities": index}), FREE)
    moves = [(index.iloc[t] / index.iloc[t - 1] - 1, t) for t in range(1, 401)]
    worst = [t for move, t in moves if move <= np.quantile([one for one, _ in moves], 0.05)]
    held = [closes["B"][t] / closes["B"][t - 1] - 1 for t in worst if t > 1]  # bought at the second open, which is the second close
    assert len(worst) == 20
    assert stress.safe_haven is not None
    row = stress.safe_haven.loc["miners: B"]
    zeros = sum(t == 1 for t in worst)
    assert row["mean"] == pytest.approx(sum(held) / (len(held) + zeros), abs=1e-12)
    assert row["worst"] == pytest.approx(min(held), abs=1e-12)
    assert row["up"] == pytest.approx(sum(one > 0 for one in held) / 20)
    assert stress.safe_haven_note.startswith("the 20 of 400 days on which equities fell by ")


def test_without_equities_it_says_so() -> None:
    stress = ob.stress([BuyAndHold()], market(), FREE)
    assert stress.safe_haven is None
    assert "no gauge 'equities'" in stress.safe_haven_note


def test_a_comparison_brings_its_strategies_market_and_account() -> None:
    sample_market = ob.load_market("gold", source="sample")
    strategies = {"rotate": RatioRotation(), "core": CoreSatellite()}
    comparison = ob.compare(strategies, sample_market)
    stress = ob.stress(comparison)
    assert stress.market.digest == sample_market.digest
    assert stress.account is comparison.account
    pd.testing.assert_frame_equal(stress.table, ob.stress(strategies, sample_market).table, rtol=1e-9)
    year = stress.table[stress.table["episode"] == "2025 rise"].set_index("strategy")["return"]
    before = sample_market.dates.searchsorted(pd.Timestamp("2024-12-31"))
    held = sample_market.close[-1] / sample_market.close[before] - 1  # all cash has long been spent
    assert [year["metal: SIM-GOLD"], year["miners: SIM-MINERS"]] == pytest.approx(held.tolist(), abs=1e-9)
    with pytest.raises(ParameterError, match="a comparison brings its own market"):
        ob.stress(comparison, sample_market)


def long_market() -> ob.Market:
    """Forty bars of two prices that swing, so that windows of ten and of thirty both decide."""
    days = pd.bdate_range("2024-01-01", periods=40)
    closes = {"METAL": 100.0 + np.arange(40) % 7, "MINER": 50.0 + np.arange(40) % 5}
    frames = {name: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), values), index=days) for name, values in closes.items()}
    return ob.Market.from_frames(frames)


def test_each_account_opens_when_its_own_strategy_can_decide() -> None:
    """A window of 10 bars is full on bar 9, one of 30 on bar 29; an episode from bar 12 to bar 20 is seen by the first alone."""
    bars = long_market()
    early = {"early": (str(bars.dates[12].date()), str(bars.dates[20].date())), "late": (str(bars.dates[31].date()), "2024-02-20")}
    strategies = {"quick": RatioRotation(window=10), "slow": RatioRotation(window=30)}
    stress = ob.stress(strategies, bars, FREE, early)
    rows = stress.table.set_index(["episode", "strategy"])
    assert rows.loc["early"].index.tolist() == ["metal: METAL", "miners: MINER", "quick"]
    assert set(rows.loc["late"].index) == {"metal: METAL", "miners: MINER", "quick", "slow"}
    assert stress.late("early") == ["slow"]
    assert stress.results["quick"].dates[0] == rows.loc[("early", "quick"), "opened"] == bars.dates[9]
    assert stress.results["slow"].dates[0] == rows.loc[("late", "slow"), "opened"] == bars.dates[29]
    assert stress.market.opening == 9
    assert f"quick on {bars.dates[9].date()}; slow on {bars.dates[29].date()}" in stress.opening
    assert any("not open yet: slow" in sentence for sentence in stress.sentences)
    again = ob.stress(ob.compare(strategies, bars, FREE), episodes=early)
    pd.testing.assert_frame_equal(again.table, stress.table)


def test_a_start_or_a_comparison_with_one_opens_all_accounts_there() -> None:
    bars = long_market()
    strategies = {"quick": RatioRotation(window=10), "slow": RatioRotation(window=30)}
    for stress in (
        ob.stress(strategies, bars, FREE, {"x": ("2024-01-20", "2024-01-30")}, start=5),
        ob.stress(ob.compare(strategies, bars, FREE, start=5), episodes={"x": ("2024-01-20", "2024-01-30")}),
    ):
        assert {result.market.opening for result in stress.results.values()} == {5}
        assert "as asked, before all is ready" in stress.opening
        waited = f"money waited: {bars.dates[5].date()} to {bars.dates[29].date()}"
        assert waited in stress.results["slow"].flags
        assert any(waited in row[0] for table in stress.section().tables for row in table.rows)


def test_the_worst_days_of_an_account_that_opened_late_stand_beside_the_metals_on_these_days() -> None:
    draw = np.random.default_rng(8)
    days = pd.bdate_range("2020-01-01", periods=401)
    closes = {name: 100 * np.exp(np.cumsum(draw.normal(0, 0.02, 401))) for name in ("A", "B")}
    frames = {name: pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), values), index=days) for name, values in closes.items()}
    index = pd.Series(100 * np.exp(np.cumsum(draw.normal(0, 0.01, 401))), index=days)
    bars = ob.Market.from_frames(frames, gauges={"equities": index})
    stress = ob.stress({"quick": BuyAndHold(), "slow": RatioRotation(window=200)}, bars, FREE)
    moves = index.to_numpy()[1:] / index.to_numpy()[:-1] - 1
    worst = np.flatnonzero(moves <= np.quantile(moves, 0.05)) + 1
    seen = worst[worst > 199]  # it opens on bar 199, and the next is the first that it goes through
    assert stress.safe_haven is not None
    slow, metal = stress.safe_haven.loc["slow"], closes["A"]
    assert slow["days"] == len(seen) < len(worst) == stress.safe_haven.loc["quick", "days"]
    assert slow["metal"] == pytest.approx(np.mean(metal[seen] / metal[seen - 1] - 1), abs=1e-12)


def test_a_ruined_account_lies_still() -> None:
    crash = [100.0, 100.0, 400.0, 400.0, 100.0, 100.0]
    frames = {"METAL": frame(METAL), "MINER": frame(crash)}

    class Short(ob.Strategy):
        def decide(self, market: ob.Market) -> ob.Decisions:
            weights = np.full((1, 2), np.nan)
            weights[0, 1] = -1.0
            return ob.Decisions(weights=weights, rows=np.array([0]))

    account = ob.Account(cash=1000.0, costs=ob.Costs(slippage=0.0, borrow_rate=0.0))
    stress = ob.stress({"short": Short()}, ob.Market.from_frames(frames), account, {"after": ("2024-01-04", "2024-01-08")})
    row = stress.table.set_index("strategy").loc["short"]
    assert (row["return"], row["metal"], row["miners"], row["cash"]) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("episodes", "message"),
    [
        ({"x": ("2024-01-05", "2024-01-02")}, "its last day must come after its first"),
        ({"x": ("2024-01-05", "soon")}, "is 'soon', not a date"),
        ({"x": "2024-01-05"}, "give its first and its last day"),
        ({}, "no episodes were given"),
        ({"": ("2024-01-02", "2024-01-05")}, "give it a name"),
        ((Episode("a", "2024-01-02", "2024-01-03"),) * 2, "an episode is given twice"),
        (("a",), "'a' is no episode"),
    ],
)
def test_bad_episodes_are_refused(episodes: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ob.stress([BuyAndHold()], market(), FREE, episodes)  # type: ignore[arg-type]


def test_the_page_marks_the_metal_and_escapes_names(tmp_path: Path) -> None:
    stress = ob.stress({"<script>alert(1)</script>": BuyAndHold()}, market(), FREE, {"$x$ & <b>": ("2024-01-02", "2024-01-05")})
    page = stress.report(tmp_path / "stress.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "metal: METAL (benchmark)" in page
    assert page == stress.report(tmp_path / "again.html").read_text(encoding="utf-8")


@needs_real_prices
def test_real_episodes_as_published() -> None:
    stress = ob.stress([BuyAndHold()], ob.load_market("gold", source=FOLDER))
    returns = stress.table[stress.table["is_benchmark"]].pivot(index="episode", columns="strategy", values="return")
    assert not stress.left_out
    assert returns.loc["2011-2016 bear market", "miners: GDX"] == pytest.approx(-0.8057, abs=2e-4)  # PortfoliosLab: -80.57 %
    assert returns.loc["2025 rise"].tolist() == pytest.approx([0.6368, 1.5477], abs=2e-4)  # published by the funds
    assert returns.loc["30 January 2026"].tolist() == pytest.approx([-0.103, -0.128], abs=1e-3)
