"""The replication shelf: pages are what their figures make, verdicts are computed, figures are those of plain pandas over the files."""

from __future__ import annotations

import importlib
import itertools
import math
import sys
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from real_data import FOLDER, needs_real_prices

from project import ROOT

DATA = FOLDER.parent
PAGES = ROOT / "docs" / "replications"
pytestmark = pytest.mark.skipif(not PAGES.is_dir(), reason="the shelf is in a checkout, benchmarks/replications, and not here")


@pytest.fixture(scope="module", autouse=True)
def _on_path() -> Any:
    """The shelf is a package beside its script, and no part of what is installed."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    yield
    sys.path.remove(str(ROOT / "benchmarks"))


def part(name: str) -> Any:
    return importlib.import_module(f"replications.{name}")


@cache
def found() -> dict[str, list[Any]]:
    return {name: study.figures(DATA) for name, study in part("shelf").STUDIES.items()}


def ours(study: str, begins: str) -> tuple[float, ...]:
    named = [figure for figure in found()[study] if figure.what.startswith(begins)]
    assert len(named) == 1, begins
    values: tuple[float, ...] = named[0].ours
    return values


@cache
def adjusted(ticker: str, folder: str = "daily") -> pd.Series:
    return pd.read_csv(DATA / folder / f"{ticker}.csv", index_col="Date", parse_dates=True)["Adj Close"].loc[:"2026-05-01"]  # type: ignore[misc]


@cache
def prices() -> pd.DataFrame:
    return pd.DataFrame({ticker: adjusted(ticker) for ticker in ("GLD", "GDX", "SPY")}).loc["2006-05-22":]  # type: ignore[misc]


@cache
def fixing() -> pd.Series:
    return pd.read_csv(DATA / "daily" / "LBMA_GOLD.csv", index_col="Date", parse_dates=True)["USD (PM)"].dropna()


def slope(on: Any, of: Any) -> float:
    return float(np.polyfit(on, of, 1)[0])


# what needs no prices


def test_a_verdict_is_computed() -> None:
    figure = part("figure")
    near = figure.Figure("a | b", figure.Near((1.0, 2.0), (0.05, 0.1)), (1.04, 2.2), "{:.1f}", "how")
    assert near.verdict is figure.Verdict.FAILS
    assert (near.claimed, near.made) == ("1.0 / 2.0", "1.0 / 2.2")
    for judge, holds in (
        (figure.Near((1.0,), 0.04), True),
        (figure.Near((1.0,), 0.03), False),
        (figure.Near((1.0, 2.0)), False),
        (figure.Above((1.0,)), True),
        (figure.Above((1.04,)), False),
        (figure.Below((1.05,)), True),
        (figure.Below((1.04,)), False),
    ):
        one = figure.Figure("a", judge, (1.0390625,) if judge == figure.Near((1.0,), 0.04) else (1.04,))
        assert (one.verdict is figure.Verdict.HOLDS) is holds, judge
    assert figure.Figure("a", None, (1.0,)).verdict is figure.Verdict.OURS
    assert figure.Figure("a", None, (), missing="no prices").verdict is figure.Verdict.UNCHECKED
    for wrong in (
        lambda: figure.Figure("a", figure.Near((1.0,)), ()),
        lambda: figure.Figure("a", figure.Near((1.0,)), (), missing="x"),
        lambda: figure.Figure("a", None, (float("nan"),)),
    ):
        with pytest.raises(ValueError, match="a:"):
            wrong()


def test_a_page_shows_what_fails_and_what_cannot_be_checked() -> None:
    figure, study = part("figure"), part("study")
    figures = [
        figure.Figure("one | two", figure.Near((1.0,), 0.1), (1.0,)),
        figure.Figure("three", figure.Above((2.0,)), (1.0,), said="more than two"),
        figure.Figure("four", None, (), said="5", missing="no prices of it"),
    ]
    shelf = study.Study("name", "Title", "Somebody (1900), Work; read elsewhere", "A claim.", "then", "now", "Because.", lambda _: figures)
    page = part("pages").page(shelf, figures)
    assert "| one \\| two | 1.00 | 1.00 | within 0.1 | holds | – |  |" in page
    assert "| three | more than two | 1.00 | above 2 | **fails** | – |  |" in page
    assert "| four | 5 | – | – | cannot be checked here | – | no prices of it |" in page
    assert "Verdict: **in part: 1 of 2 hold**; 1 cannot be checked." in page
    index = part("pages").index({shelf: figures})
    assert "| [Title](name.md) | Somebody (1900), Work | then | **in part: 1 of 2 hold**; 1 cannot be checked |" in index
    assert "3 published figures: 1 hold, 1 fail, 1 cannot be checked here." in index
    assert [study.summary(some) for some in (figures[:1], figures[1:2], figures[2:])] == ["holds", "**fails**", "cannot be checked here"]


def test_each_study_has_its_page_and_each_page_its_study() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {*part("shelf").STUDIES, "README"}
    assert all(study.name == name for name, study in part("shelf").STUDIES.items())


# against the files


@needs_real_prices
def test_pages_are_what_the_figures_make() -> None:
    studies = part("shelf").STUDIES
    for name, figures in found().items():
        assert (PAGES / f"{name}.md").read_text(encoding="utf-8") == part("pages").page(studies[name], figures), (
            f"replicate.py --write: {name}"
        )
    index = part("pages").index({studies[name]: figures for name, figures in found().items()})
    assert (PAGES / "README.md").read_text(encoding="utf-8") == index


@needs_real_prices
def test_what_fails_is_known() -> None:
    failing = {
        (name, figure.what.split(",")[0]) for name, figures in found().items() for figure in figures if str(figure.verdict) == "fails"
    }
    assert failing == {
        ("lump_sum", "lump sum ahead with GLD"),
        ("lump_sum", "lump sum ahead with GDX"),
        ("tufano", "the same"),
        ("golden_constant", "highest real price"),
        ("golden_constant", "price in mid-2015 at the highest"),
        ("golden_constant", "real return of gold over the next ten years"),
        ("autumn", "mean return of September"),
        ("autumn", "mean return of November"),
        ("shine", "change of volatility"),
        ("elasticity", "monthly elasticity of KGC"),
        ("elasticity", "monthly elasticity of NEM"),
    }


@needs_real_prices
def test_cxo_by_pandas() -> None:
    weeks = prices().loc[:"2016-05-20"].resample("W-FRI").last()  # type: ignore[misc]
    table = weeks.pct_change().iloc[1:]
    assert ours("cxo", "weekly mean") == pytest.approx(100 * table[["GLD", "GDX"]].mean().to_numpy(), rel=1e-9)
    assert ours("cxo", "weekly standard") == pytest.approx(100 * table[["GLD", "GDX"]].std().to_numpy(), rel=1e-9)
    assert ours("cxo", "correlation of weekly")[0] == pytest.approx(table.corr().loc["GLD", "GDX"], rel=1e-9)
    early = prices().loc[:"2015-09-25"].resample("W-FRI").last().pct_change().iloc[1:]  # type: ignore[misc]
    assert ours("cxo", "weekly beta") == pytest.approx((slope(early.GLD, early.GDX), 100 * early.corr().loc["GLD", "GDX"] ** 2), rel=1e-9)
    ratio = weeks.GLD / weeks.GDX
    z = (ratio - ratio.rolling(13).mean()) / ratio.rolling(13).std(ddof=0)
    for name in ("GLD", "GDX"):
        both = pd.DataFrame({"z": z, "next": weeks[name].pct_change().shift(-1)}).dropna()
        assert len(both) == 509
        mine = [figure.ours[0] for figure in found()["cxo"] if figure.what.endswith(f"return of {name}")]
        assert mine[0] == pytest.approx(both.corr().iloc[0, 1], rel=1e-6)
    change = np.log(ratio).reset_index(drop=True).diff(13)
    expected = pd.DataFrame({"past": change, "next": change.shift(-13)}).dropna().corr().iloc[0, 1]
    assert ours("cxo", "correlation of the ratio's change")[0] == pytest.approx(expected, rel=1e-9)


@needs_real_prices
def test_chan_by_a_loop() -> None:
    from statsmodels.tsa.stattools import coint

    frame = {ticker: adjusted(ticker, "chan") for ticker in ("GLD", "GDX")}
    table = pd.DataFrame(frame).dropna()
    one, two = table.GLD.to_numpy(), table.GDX.to_numpy()
    hedge = float(one[:252] @ two[:252] / (two[:252] @ two[:252]))
    spread = one - hedge * two
    z = (spread - spread[:252].mean()) / spread[:252].std()
    held, position = [], 0
    for value in z:
        position = 0 if abs(value) <= 1 else -1 if value >= 2 else 1 if value <= -2 else position
        held.append(position)
    earned = np.array([0.0] + [held[t - 1] * (one[t] / one[t - 1] - two[t] / two[t - 1]) for t in range(1, len(one))])
    sharpe = [float(np.sqrt(252) * half.mean() / half.std(ddof=1)) for half in (earned[:252], earned[252:])]
    assert ours("chan", "hedge ratio on")[0] == pytest.approx(hedge, rel=1e-12)
    assert (*ours("chan", "Sharpe on the training"), *ours("chan", "Sharpe on the year after")) == pytest.approx(sharpe, rel=1e-9)
    assert ours("chan", "Engle")[0] == pytest.approx(coint(table.GLD[:252], table.GDX[:252])[0], rel=1e-9)


@needs_real_prices
def test_falls_and_years_by_pandas() -> None:
    for ticker, name in (("GDX", "maximum drawdown of GDX,"), ("GDXJ", "maximum drawdown of GDXJ,")):
        assert ours("drawdowns", name)[0] == pytest.approx(100 * (adjusted(ticker) / adjusted(ticker).cummax() - 1).min(), rel=1e-9)
    depth = adjusted("GDX") / adjusted("GDX").cummax() - 1
    low = depth.idxmin()
    assert ours("drawdowns", "its peak") == tuple(float(day.strftime("%Y%m%d")) for day in (adjusted("GDX").loc[:low].idxmax(), low))
    for ticker, published in part("years").PUBLISHED.items():
        ends = adjusted(ticker).groupby(adjusted(ticker).index.year).last()
        off = max(abs(100 * (ends[year] / ends[year - 1] - 1) - figure) for year, figure in published.items())
        assert ours("years", f"{ticker}, ")[0] == pytest.approx(off, abs=1e-9)
    gold = prices().GLD
    depth = 1 - gold / gold.rolling(252).max()
    assert ours("january_2026", "days on which GLD")[0] == pytest.approx(100 * (depth.dropna() >= 0.3).mean(), rel=1e-9)
    day = [100 * (adjusted(name).loc["2026-01-30"] / adjusted(name).loc["2026-01-29"] - 1) for name in ("GLD", "SLV", "GDX")]
    assert ours("january_2026", "GLD / SLV / GDX") == pytest.approx(day, rel=1e-9)


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
        assert part("lump_sum").lump_wins(DATA, at) == [(wins[0], 147), (wins[1], 147)]


@needs_real_prices
def test_gearing_by_pandas() -> None:
    moves = np.log(prices()).diff().iloc[1:]
    assert ours("gearing", "annual volatility") == pytest.approx(100 * np.sqrt(252) * moves[["GLD", "GDX"]].std().to_numpy(), rel=1e-9)
    assert ours("gearing", "daily correlation") == pytest.approx((moves.GLD.corr(moves.GDX), slope(moves.GLD, moves.GDX)), rel=1e-9)
    up, down = (moves[side * moves.GLD > 0] for side in (1, -1))
    assert ours("gearing", "up-beta") == pytest.approx([slope(side.GLD, side.GDX) for side in (up, down)], rel=1e-9)
    captures = [100 * np.expm1(side.GDX.mean()) / np.expm1(side.GLD.mean()) for side in (up, down)]
    assert ours("gearing", "up-capture") == pytest.approx(captures, rel=1e-9)
    several = (
        np.log(pd.DataFrame({name: adjusted(name, "adjclose") for name in ("GLD", *part("gearing").TICKERS)}).dropna()).diff().iloc[1:]
    )
    betas = [slope(several.GLD, several[name]) for name in part("gearing").TICKERS]
    assert ours("gearing", "daily beta of single") == pytest.approx((min(betas), max(betas)), rel=1e-6)
    risks = 100 * np.sqrt(252) * several.drop(columns="GLD").std()
    assert ours("gearing", "their annual") == pytest.approx((risks.min(), risks.max()), rel=1e-6)


def _on_the_fixing(tickers: tuple[str, ...], first: str, last: str, grouped: str) -> pd.DataFrame:
    both = pd.DataFrame({"gold": fixing(), **{name: adjusted(name, "adjclose") for name in tickers}}).dropna()
    ends = both.groupby(both.index.to_period(grouped)).last().pct_change()
    return ends.loc[first:last]  # type: ignore[misc]


@needs_real_prices
def test_tufano_and_elasticity_by_pandas() -> None:
    four = ("AEM", "B", "NEM", "KGC")
    weeks, months = _on_the_fixing(four, "1990-01-01", "1994-03-25", "W-SUN"), _on_the_fixing(four, "1990-01", "1994-03", "M")
    assert (len(weeks), len(months)) == (221, 51)
    betas = [slope(weeks.gold, weeks[name]) for name in four]
    assert ours("tufano", "weekly beta")[0] == pytest.approx(np.mean(betas), rel=1e-9)
    assert ours("tufano", "lowest / highest") == pytest.approx((min(betas), max(betas)), rel=1e-9)
    assert ours("tufano", "the same, monthly")[0] == pytest.approx(np.mean([slope(months.gold, months[name]) for name in four]), rel=1e-9)
    for name in part("elasticity").TICKERS:
        decade = _on_the_fixing((name,), "1981-01", "1990-12", "M").dropna()
        assert ours("elasticity", f"monthly elasticity of {name}")[0] == pytest.approx(slope(decade.gold, decade[name]), rel=1e-9)
    moves, simple = np.log(prices()).diff().iloc[1:], prices().pct_change().iloc[1:]
    beta = (simple.GDX.rolling(252).cov(simple.GLD) / simple.GLD.rolling(252).var()).loc[:"2019-12-31"]  # type: ignore[misc]
    assert ours("tufano", "rolling one-year") == pytest.approx([beta.min(), beta.max()], rel=1e-6)
    mean = prices().GLD.rolling(200).mean()
    above, known = (prices().GLD > mean).shift(1).iloc[1:].astype(bool), mean.shift(1).iloc[1:].notna()
    betas = [slope(side.GLD, side.GDX) for side in (moves[known & ~above], moves[known & above])]
    assert ours("tufano", "beta below")[0] == pytest.approx(betas[0] - betas[1], rel=1e-8)


@needs_real_prices
def test_miner_myths_by_pandas() -> None:
    months = prices().loc[:"2017-05-31"].resample("ME").last().pct_change().iloc[1:]  # type: ignore[misc]
    assert len(months) == 132

    def capture(mine: str, of: str, side: int) -> float:
        chosen = months[side * months[of] > 0]
        grown = [np.exp(12 * np.log1p(chosen[name]).mean()) - 1 for name in (mine, of)]
        return float(100 * grown[0] / grown[1])

    assert ours("miner_myths", "capture of GDX in months in which GLD") == pytest.approx(
        (capture("GDX", "GLD", 1), capture("GDX", "GLD", -1))
    )
    assert ours("miner_myths", "capture of GLD in")[0] == pytest.approx(capture("GLD", "SPY", -1))
    assert ours("miner_myths", "capture of GDX in months in which SPY")[0] == pytest.approx(capture("GDX", "SPY", -1))
    assert ours("miner_myths", "monthly correlation of GDX")[0] == pytest.approx(months.GDX.corr(months.SPY))
    assert ours("miner_myths", "months in which")[0] == pytest.approx(100 * (months.GDX[months.SPY < 0] < 0).mean())
    assert ours("miner_myths", "October")[0] == pytest.approx(100 * months.GDX.loc["2008-10-31"])


@needs_real_prices
def test_safe_haven_by_statsmodels() -> None:
    import statsmodels.api as sm

    for metal, first, last, begins in (
        (fixing(), "1995-11-30", "2005-11-30", "slope of gold on American"),
        (fixing(), "1993-01-29", "2009-03-31", "slope of gold, 1993"),
        (adjusted("GLD"), "2006-05-22", "2026-05-01", "slope of GLD, 2006"),
    ):
        table = pd.DataFrame({"metal": metal, "shares": adjusted("SPY", "adjclose")}).dropna().pct_change().loc[first:last].dropna()  # type: ignore[misc]
        shares = table.shares
        columns = pd.DataFrame(
            {"all": shares, **{f"q{tail}": shares.where(shares <= shares.quantile(tail), 0.0) for tail in (0.05, 0.025, 0.01)}}
        )
        fit = sm.OLS(table.metal, sm.add_constant(columns)).fit(cov_type="HC0")
        assert ours("safe_haven", begins) == pytest.approx((fit.params["all"], fit.tvalues["all"]), rel=1e-6)
        summed = fit.t_test(np.array([[0.0, 1.0, 1.0, 1.0, 1.0]]))
        tails = part("safe_haven").slopes(metal, adjusted("SPY", "adjclose"), first, last)[-1]
        assert tails == pytest.approx((summed.effect[0], summed.tvalue[0, 0]), rel=1e-6)
    for hour in ("AM", "PM"):  # the page says that with the next day's fixings the verdicts are the same
        later = part("prices").london_fix(DATA, hour).shift(-1)
        for first, last in (("1995-11-30", "2005-11-30"), ("1993-01-29", "2009-03-31")):
            found_later = part("safe_haven").slopes(later.dropna(), adjusted("SPY", "adjclose"), first, last)
            assert max(found_later[0][1], found_later[-1][1]) < 1.96


@needs_real_prices
def test_real_price_and_months_by_loops() -> None:
    last = {(day.year, day.month): price for day, price in fixing().items()}
    index = pd.read_csv(DATA / "monthly" / "CPIAUCSL.csv", index_col=0, parse_dates=True).iloc[:, 0]
    months = [(year, month) for year in range(1975, 2016) for month in range(1, 13)][:-5]
    real = np.array([last[year, month] / index[pd.Timestamp(year, month, 1)] for year, month in months])
    assert (
        *ours("golden_constant", "average real"),
        *ours("golden_constant", "lowest"),
        *ours("golden_constant", "highest"),
    ) == pytest.approx((real.mean(), real.min(), real.max()))
    level, change = np.log(real[:-120]), np.log(real[120:] / real[:-120])
    assert ours("golden_constant", "correlation")[0] == pytest.approx(np.corrcoef(level, change)[0, 1])
    june = index[pd.Timestamp("2015-06-01")]
    assert ours("golden_constant", "real price in mid-2015")[0] == pytest.approx(1098.4 / june)  # the last fixing of July 2015
    assert ours("golden_constant", "fair value")[0] == pytest.approx(real.mean() * june)
    average = pd.read_csv(DATA / "monthly" / "PINK_METALS.csv", index_col=0).iloc[:, 0]
    growth = average["2025-07"] / average["2015-07"] * index[pd.Timestamp("2015-07-01")] / index[pd.Timestamp("2025-07-01")]
    assert ours("golden_constant", "real return of gold")[0] == pytest.approx(100 * (growth**0.1 - 1))
    walks = np.random.RandomState(3)
    lower = 0
    for _ in range(500):
        walk = walks.standard_normal(len(real)).cumsum()
        lower += np.corrcoef(walk[:-120], walk[120:] - walk[:-120])[0, 1] <= np.corrcoef(level, change)[0, 1]
    assert ours("golden_constant", "random walks")[0] == pytest.approx(lower / 5, abs=6)  # two independent draws: 4 standard errors
    returns = {when: last[when] / last[when[0] - (when[1] == 1), (when[1] - 2) % 12 + 1] - 1 for when in last if when > (1969, 1)}
    by_month = {month: [100 * returns[year, month] for year in range(1981, 2011)] for month in range(1, 13)}
    assert ours("autumn", "mean return of September")[0] == pytest.approx(np.mean(by_month[9]))
    assert ours("autumn", "mean return of November")[0] == pytest.approx(np.mean(by_month[11]))
    since = {month: [100 * one for when, one in returns.items() if 1980 <= when[0] <= 2010 and when[1] == month] for month in range(1, 13)}
    high = tuple(float(month) for month, some in since.items() if np.mean(some) > 1.96 * np.std(some, ddof=1) / len(some) ** 0.5)
    assert ours("autumn", "months with") == high
    early = [100 * one for when, one in returns.items() if (1971, 9) <= when <= (1987, 6)]
    assert len(early) == 190
    assert (*ours("jaffe", "mean monthly return of gold,"), *ours("jaffe", "their")) == pytest.approx(
        (np.mean(early), np.std(early, ddof=1))
    )


@needs_real_prices
def test_a_quarter_in_miners_is_near_daily_rebalancing_by_numpy() -> None:
    """A backtest fills at the next open, so that it is near, not equal; the signs and sizes are those of a plain mix of daily returns."""
    daily = prices()[["SPY", "GDX"]].pct_change().iloc[1:]
    mixed = 0.75 * daily.SPY + 0.25 * daily.GDX
    years = (prices().index[-1] - prices().index[0]).days / 365.25
    gain = 100 * (np.prod(1 + mixed) ** (1 / years) - np.prod(1 + daily.SPY) ** (1 / years))
    risk = 100 * np.sqrt(252) * (mixed.std() - daily.SPY.std())
    assert ours("shine", "change of return, % a year: GDX")[0] == pytest.approx(gain, abs=0.1)
    assert ours("shine", "change of volatility, % a year: GDX")[0] == pytest.approx(risk, abs=0.1)


@needs_real_prices
def test_a_quarter_in_the_index_and_the_worst_days_by_loops() -> None:
    shares = {(day.year, day.month): price for day, price in adjusted("SPY", "adjclose").items()}
    index = pd.read_csv(DATA / "monthly" / "HUI.csv", index_col=0, parse_dates=True)["Close"]
    months = [(day.year, day.month) for day in index.loc["1996-06":"2006-12"].index]  # type: ignore[misc]
    alone, mixed = [], []
    for before, now in itertools.pairwise(months):
        one = shares[now] / shares[before] - 1
        two = index[pd.Timestamp(*now, 1)] / index[pd.Timestamp(*before, 1)] - 1
        alone.append(one)
        mixed.append(0.75 * one + 0.25 * two)
    assert len(alone) == 126
    grown = [math.prod(1 + step for step in steps) ** (12 / 126) for steps in (mixed, alone)]
    assert ours("shine", "change of return, % a year: HUI")[0] == pytest.approx(100 * (grown[0] - grown[1]))
    risks = [np.std(steps, ddof=1) * 12**0.5 for steps in (mixed, alone)]
    assert ours("shine", "change of volatility, % a year: HUI")[0] == pytest.approx(100 * (risks[0] - risks[1]))
    worst = prices().pct_change().iloc[1:].sort_values("SPY").iloc[:51]
    assert ours("safe_haven", "mean return of GLD / GDX") == pytest.approx((100 * worst.GLD.mean(), 100 * worst.GDX.mean()))
