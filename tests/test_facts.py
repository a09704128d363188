"""Facts that prices decide: docs/facts.md is what its script makes, and the figures are those of plain pandas over the files."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from realdata import FOLDER, needs_real_prices

ROOT = Path(__file__).parents[1]


@cache
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("facts_script", ROOT / "benchmarks" / "facts.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["facts_script"] = module
    spec.loader.exec_module(module)
    return module


@cache
def found() -> dict[str, object]:
    return {fact.what: fact for fact in script().facts(FOLDER)}


def ours(begins: str) -> tuple[float, ...]:
    named = [fact for what, fact in found().items() if what.startswith(begins)]
    assert len(named) == 1, begins
    values: tuple[float, ...] = named[0].ours  # type: ignore[attr-defined]
    return values


@cache
def prices() -> pd.DataFrame:
    raw = {ticker: pd.read_csv(FOLDER / f"{ticker}.csv", index_col="Date", parse_dates=True)["Adj Close"] for ticker in ("GLD", "GDX")}
    return pd.DataFrame(raw).loc["2006-05-22":"2026-05-01"]  # type: ignore[misc]


def weeks(end: str) -> pd.DataFrame:
    table = prices().loc[:end].resample("W-FRI").last()  # type: ignore[misc]
    if table.index[-1] > pd.Timestamp(end):  # the last week is not over
        table = table.iloc[:-1]
    return table.pct_change().iloc[1:]


def test_a_fact_holds_or_does_not() -> None:
    fact = script().Fact("a | b", "x", "y", (1.0, 2.0), (1.04, 2.2), (0.05, 0.1), "{:.1f}", "how")
    assert fact.holds is False
    assert "| 1.0 / 2.0 | 1.0 / 2.2 | **no** |" in fact.row
    assert script().Fact("a", "x", "y", (1.0,), (1.04,), 0.05, "{:.1f}", "how").holds is True
    assert script().Fact("a", "x", "y", (1.0,), (1.0,), 0.05, "{:.1f}", "how", above=True).holds is False
    assert script().Fact("a", "x", "y", (), (1.0,), 0.0, "{:.1f}", "how").holds is None


@needs_real_prices
def test_the_page_is_what_the_script_makes() -> None:
    assert (ROOT / "docs" / "facts.md").read_text(encoding="utf-8") == script().page(FOLDER)


@needs_real_prices
def test_what_fails_is_the_lump_sum_and_nothing_else() -> None:
    failing = {what for what, fact in found().items() if fact.holds is False}  # type: ignore[attr-defined]
    assert failing == {"lump sum beats 12-month averaging, GLD, % of starts", "the same, GDX"}


@needs_real_prices
def test_weekly_figures_by_pandas() -> None:
    table = weeks("2016-05-31")
    assert len(table) == 522
    assert ours("weekly mean return") == pytest.approx(100 * table[["GLD", "GDX"]].mean().to_numpy(), rel=1e-9)
    assert ours("weekly standard deviation") == pytest.approx(100 * table[["GLD", "GDX"]].std().to_numpy(), rel=1e-9)
    assert ours("correlation of weekly returns")[0] == pytest.approx(table.corr().loc["GLD", "GDX"], rel=1e-9)
    early = weeks("2015-09-30")
    beta, r2 = ours("weekly beta of GDX")
    assert beta == pytest.approx(np.polyfit(early["GLD"], early["GDX"], 1)[0], rel=1e-9)
    assert r2 == pytest.approx(100 * early.corr().loc["GLD", "GDX"] ** 2, rel=1e-9)
    ratio = np.log1p(table["GDX"]).cumsum() - np.log1p(table["GLD"]).cumsum()
    change = pd.concat((pd.Series([0.0]), ratio.reset_index(drop=True))).reset_index(drop=True).diff(13)
    expected = pd.concat((change, change.shift(-13)), axis=1).dropna().corr().iloc[0, 1]
    assert ours("correlation of the ratio's change")[0] == pytest.approx(expected, rel=1e-9)


@needs_real_prices
def test_daily_figures_by_pandas() -> None:
    moves = np.log(prices()).diff().iloc[1:]
    assert ours("annual volatility") == pytest.approx(100 * np.sqrt(252) * moves[["GLD", "GDX"]].std().to_numpy(), rel=1e-9)
    simple = prices().pct_change().iloc[1:]
    beta = (simple["GDX"].rolling(252).cov(simple["GLD"]) / simple["GLD"].rolling(252).var()).loc[:"2019-12-31"]  # type: ignore[misc]
    assert ours("rolling one-year beta") == pytest.approx([beta.min(), beta.max()], rel=1e-6)
    up, down = (moves[side * moves["GLD"] > 0] for side in (1, -1))
    slopes = [np.polyfit(part["GLD"], part["GDX"], 1)[0] for part in (up, down)]
    assert ours("up-beta") == pytest.approx(slopes, rel=1e-9)
    captures = [100 * np.expm1(part["GDX"].mean()) / np.expm1(part["GLD"].mean()) for part in (up, down)]
    assert ours("up-capture") == pytest.approx(captures, rel=1e-9)
    above = (prices()["GLD"] > prices()["GLD"].rolling(200).mean()).shift(1).iloc[1:]
    known = prices()["GLD"].rolling(200).mean().shift(1).iloc[1:].notna()
    betas = [np.polyfit(part["GLD"], part["GDX"], 1)[0] for part in (moves[known & ~above.astype(bool)], moves[known & above.astype(bool)])]
    assert ours("exposure falls")[0] == pytest.approx(betas[0] - betas[1], rel=1e-8)


@needs_real_prices
def test_lump_sum_against_averaging_by_a_loop_over_month_ends() -> None:
    """Twelve parts from month i on, valued in month i + 12; 87 and 59 of 147 windows, from first bars 83 and 58."""
    for at, expected in (("last", (87, 59)), ("first", (83, 58))):
        months = getattr(prices().loc[:"2019-07-31"].groupby(lambda day: (day.year, day.month)), at)()  # type: ignore[misc]
        wins = []
        for ticker in ("GLD", "GDX"):
            price = months[ticker].to_numpy()
            ahead = [
                price[i + 12] / price[i] > sum(price[i + 12] / price[k] for k in range(i, i + 12)) / 12 for i in range(len(price) - 12)
            ]
            assert len(ahead) == 147
            wins.append(sum(ahead))
        assert tuple(wins) == expected
        assert script().lump_wins(FOLDER, at) == [(wins[0], 147), (wins[1], 147)]


@needs_real_prices
def test_falls_by_pandas() -> None:
    for ticker, name in (("GDX", "maximum drawdown of GDX,"), ("GDXJ", "maximum drawdown of GDXJ,")):
        closes = pd.read_csv(FOLDER / f"{ticker}.csv", index_col="Date", parse_dates=True)["Adj Close"].loc[:"2026-05-01"]  # type: ignore[misc]
        assert ours(name)[0] == pytest.approx(100 * (closes / closes.cummax() - 1).min(), rel=1e-9)
    gold = prices()["GLD"]
    depth = 1 - gold / gold.rolling(252).max()
    assert ours("days on which GLD")[0] == pytest.approx(100 * (depth.dropna() >= 0.3).mean(), rel=1e-9)
