"""What a holder earned comes out of every form in which providers write prices, or the market says that it cannot be told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cli_runner import call
from distributing_tables import ROWS, folder, paying, split_at, total
from random_bars import clean

import orebody as ob
from orebody.errors import DataError
from orebody.market.market import Market
from orebody.strategies import BuyAndHold

HELD = total()["Close"].iloc[-1] / total()["Close"].iloc[0] - 1
QUARTERS = dict.fromkeys(range(40, ROWS, 63), 0.015)


def tiingo(raw: pd.DataFrame, adjusted: pd.Series, row: int, ratio: float) -> pd.DataFrame:
    out = raw[["Close", "High", "Low", "Open"]].rename(columns=str.lower).rename_axis("date")
    paid = raw.get("Dividends", 0.0)
    factor = np.where(np.arange(ROWS) == row, ratio, 1.0)
    return out.assign(volume=1000, adjClose=adjusted, adjOpen=adjusted, divCash=paid, splitFactor=factor)


def alpha_vantage(raw: pd.DataFrame, adjusted: pd.Series, row: int, ratio: float) -> pd.DataFrame:
    out = raw[["Open", "High", "Low", "Close"]].rename(columns=str.lower).rename_axis("timestamp")
    factor = np.where(np.arange(ROWS) == row, ratio, 1.0)
    out = out.assign(adjusted_close=adjusted, volume=1000, dividend_amount=raw.get("Dividends", 0.0), split_coefficient=factor)
    return out.iloc[::-1]


def eodhd(raw: pd.DataFrame, adjusted: pd.Series, row: int, ratio: float) -> pd.DataFrame:
    return raw[["Open", "High", "Low", "Close"]].assign(Adjusted_close=adjusted, Volume=1000)


def load(path: Path, miner: pd.DataFrame, metal: pd.DataFrame | None = None) -> Market:
    folder(path, AAA=clean(5) if metal is None else metal, BBB=miner)
    return ob.load_market(ob.Universe("own", "AAA", ("BBB",)), source=path)


def earned(market: Market) -> float:
    return float(market.close[-1, 1] / market.close[0, 1] - 1)


@pytest.mark.parametrize("provider", [tiingo, alpha_vantage, eodhd])
@pytest.mark.parametrize("ratio", [3.0, 2.0, 1.5, 0.1, 20.0])
@pytest.mark.parametrize("shares", [{}, QUARTERS], ids=["nothing paid", "paying"])
def test_raw_closes_with_the_step_of_a_split_are_what_adj_close_says(
    provider: Callable[..., pd.DataFrame], ratio: float, shares: dict[int, float], tmp_path: Path
) -> None:
    raw = split_at(paying(total(), shares), 400, ratio)
    market = load(tmp_path, provider(raw, total()["Close"], 400, ratio))
    assert earned(market) == pytest.approx(HELD, abs=1e-9)
    assert market.doubts == ()


@pytest.mark.parametrize("part", [0.3, 0.47, 0.6])
def test_a_spin_off_that_adj_close_counts_is_no_fault(part: float, tmp_path: Path) -> None:
    raw = split_at(total(), 400, 1 / (1 - part))
    market = load(tmp_path, raw.assign(**{"Adj Close": total()["Close"]}))
    assert earned(market) == pytest.approx(HELD, abs=1e-9)


def test_a_step_of_adj_close_that_the_price_does_not_show_is_refused(tmp_path: Path) -> None:
    counted = total()["Close"] * np.where(np.arange(ROWS) < 400, 0.6, 1.0)
    with pytest.raises(DataError, match="a distribution of 40.0% of the price, which"):
        load(tmp_path, total().assign(**{"Adj Close": counted}))


def test_capital_gains_of_yfinance_count(tmp_path: Path) -> None:
    raw = paying(total(), {200: 0.08, 450: 0.08})
    paid = raw["Dividends"]
    own = raw.assign(**{"Dividends": paid / 8, "Capital Gains": paid * 7 / 8, "Adj Close": total()["Close"], "Stock Splits": 0.0})
    market = load(tmp_path, own)
    assert earned(market) == pytest.approx(HELD, abs=1e-9)
    assert market.doubts == ()


def test_gains_that_the_dividend_contains_count_once_though_adj_close_counts_them_twice(tmp_path: Path) -> None:
    raw = paying(total(sigma=0.008), {200: 0.08, 450: 0.08})
    paid, close = raw["Dividends"], raw["Close"].to_numpy()
    gains = paid * 7 / 8
    adjusted, factor = np.empty(ROWS), 1.0
    for row in range(ROWS - 1, -1, -1):
        adjusted[row] = close[row] * factor
        if paid.iloc[row]:
            factor *= 1 - (paid + gains).iloc[row] / close[row - 1]
    market = load(tmp_path, raw.assign(**{"Capital Gains": gains, "Adj Close": adjusted, "Stock Splits": 0.0}))
    closes = total(sigma=0.008)["Close"]
    assert earned(market) == pytest.approx(closes.iloc[-1] / closes.iloc[0] - 1, abs=1e-9)
    assert any("2 capital gains are inside the dividend" in text for _, text in market.notes)


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_adjusted_prices_with_a_special_distribution_beside_them_are_taken_as_they_are(share: float, tmp_path: Path) -> None:
    special = np.where(np.arange(ROWS) == 300, share * total()["Close"].iloc[299], 0.0)
    market = load(tmp_path, total().assign(**{"Dividends": special, "Stock Splits": 0.0}))
    assert earned(market) == pytest.approx(HELD, abs=1e-9)
    assert market.doubts == ()


@pytest.mark.parametrize("name", ["Dividends", "divCash", "dividend_amount", "Dividend"])
def test_raw_closes_with_distributions_and_no_adj_close_count_them(name: str, tmp_path: Path) -> None:
    raw = paying(total(sigma=0.01), dict.fromkeys(range(40, ROWS, 63), 0.03)).rename(columns={"Dividends": name})
    market = load(tmp_path, raw)
    closes = total(sigma=0.01)["Close"]
    assert earned(market) == pytest.approx(closes.iloc[-1] / closes.iloc[0] - 1, abs=1e-9)
    assert market.doubts == ()


def test_small_distributions_that_the_price_cannot_tell_are_a_doubt_with_what_hangs_on_it(tmp_path: Path) -> None:
    raw = paying(total(sigma=0.03), {100: 0.002, 400: 0.002})
    market = load(tmp_path, raw)
    closes = total(sigma=0.03)["Close"]
    assert earned(market) == pytest.approx(closes.iloc[-1] / closes.iloc[0] - 1, abs=1e-9)
    (doubt,) = market.doubts
    assert "they are taken to be raw; otherwise a holding ends 0.4% lower" in doubt
    (tmp_path / "written").mkdir()
    as_yfinance = load(tmp_path / "written", raw.assign(**{"Stock Splits": 0.0}))
    assert earned(as_yfinance) == pytest.approx(raw["Close"].iloc[-1] / raw["Close"].iloc[0] - 1, abs=1e-9)
    assert "as yfinance writes such tables; otherwise a holding ends 0.4% higher" in as_yfinance.doubts[0]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A metal whose distributions are counted, and a miner of which nobody knows."""
    raw = paying(total(), QUARTERS)
    metal = raw.drop(columns="Dividends").assign(**{"Adj Close": total()["Close"]})
    return folder(tmp_path, AAA=metal, BBB=clean(5))


def test_a_price_return_beside_a_total_return_is_said_wherever_figures_are(mixed: Path) -> None:
    market = ob.load_market(ob.Universe("own", "AAA", ("BBB",)), source=mixed)
    (doubt,) = market.doubts
    assert doubt.startswith("BBB: closes alone do not say whether distributions are in them, while those of AAA are counted")
    comparison = ob.compare([BuyAndHold({"miners": 1.0})], market, engine="compiled")
    result = ob.backtest(BuyAndHold({"miners": 1.0}), market, engine="compiled")
    for thing in (comparison, result, comparison.results[next(iter(comparison.results))]):
        assert f"Doubtful: {doubt}" in repr(thing)
        assert "BBB: closes alone" in thing._repr_html_()
    assert "doubtful, see market.doubts: 1" in repr(market)
    assert "Doubtful: BBB: closes alone" in market._repr_html_()


@pytest.mark.parametrize(
    "command",
    [
        ("backtest", "buy-and-hold"),
        ("compare", "--strategy", "dollar-cost-average", "--no-tearsheets", "--engine", "compiled"),
        ("sweep", "ratio-rotation", "--grid", "window=20:40:20"),
        ("stress", "--strategy", "dollar-cost-average", "--episode", "x=2022-01-03..2022-03-01"),
        ("gearing",),
    ],
    ids=lambda command: command[0],
)
def test_every_command_says_what_is_doubtful(
    command: tuple[str, ...], mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [*command, "--metal", "AAA", "--miners", "BBB", "--source", str(mixed)]
    asked += ["--out", str(tmp_path / "report")] if command[0] == "compare" else []
    words = " ".join(call(capsys, *asked)[1].split())
    assert "Doubtful: BBB: closes alone do not say whether distributions are in them" in words
    document = json.loads(call(capsys, *asked, "--json")[1])
    assert document["doubts"][0].startswith("BBB: closes alone")


def test_a_leap_that_stays_is_said_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    leapt = split_at(clean(5), 300, 1 / 2.63)
    folder(tmp_path, AAA=clean(6), BBB=leapt)
    _, printed, _ = call(capsys, "backtest", "buy-and-hold", "--metal", "AAA", "--miners", "BBB", "--source", str(tmp_path))
    assert "Doubtful: BBB: 2022-04-25: the close goes from" in " ".join(printed.split())
