"""The charts of the tearsheet: what is drawn, point by point, a second time."""

from __future__ import annotations

import math
from functools import cache
from statistics import fmean, stdev
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import recomputed
import recomputed_tearsheet
from matplotlib.backends.backend_agg import FigureCanvasAgg
from small_markets import Told, market

import orebody as ob
from orebody.report.tearsheet import charts as tearsheet_charts
from orebody.report.tearsheet import document
from orebody.report.tearsheet.style import drawing
from orebody.strategies import DollarCostAverage, DryPowderAveraging

NAMES = ("averaging", "SIM-GOLD, same cash flows")


@cache
def result() -> ob.Result:
    prices = ob.load_market("gold", source="sample")
    return ob.backtest(DollarCostAverage(), prices, ob.Account(contribution=1_000, cash_rate=0.02), label="averaging")


def axes_of(run: ob.Result, charts: int | None = None) -> dict[str, Any]:
    """The axes of every chart that is drawn, or of the first so many, by title."""
    import matplotlib.pyplot as plt

    found = {}
    with drawing():
        for title, draw in tearsheet_charts.CHARTS[:charts]:
            figure = draw(document.chart_series(run))
            if not isinstance(figure, str):
                plt.close(figure)
                FigureCanvasAgg(figure).draw()
                found[title] = figure.axes[0]
    return found


@cache
def axes(title: str) -> Any:
    return charts()[title]


@cache
def charts() -> dict[str, Any]:
    return axes_of(result())


def line(title: str, label: str) -> np.ndarray:
    (found,) = (one for one in axes(title).get_lines() if one.get_label() == label)
    return np.asarray(found.get_ydata(), dtype=float)


def both() -> list[tuple[str, ob.Result]]:
    return list(zip(NAMES, (result(), result().benchmark), strict=True))


def wealth(run: ob.Result) -> np.ndarray:
    return np.array([1.0, *np.cumprod(1 + np.array(recomputed.returns_of(run)))])


def ticks(axis: Any) -> list[str]:
    return [text.get_text() for text in axis.get_ticklabels() if text.get_text()]


def test_growth_of_both_from_the_first_bar() -> None:
    for name, run in both():
        np.testing.assert_allclose(line("Cumulative return, time-weighted", name), wealth(run) - 1, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(line("Growth of 1, logarithmic scale", name), wealth(run), rtol=1e-9)
    assert axes("Growth of 1, logarithmic scale").get_yscale() == "log"


def test_every_chart_over_time_has_the_same_ends() -> None:
    titles = [title for title, one in charts().items() if isinstance(one.xaxis.get_major_locator(), mpl.dates.AutoDateLocator)]
    assert len(titles) == 7
    assert len({axes(title).get_xlim() for title in titles}) == 1


def test_drawdown() -> None:
    expected = wealth(result()) / np.maximum.accumulate(wealth(result())) - 1
    np.testing.assert_allclose(line("Drawdown", NAMES[0]), expected, atol=1e-12)
    assert all(label.endswith("%") for label in ticks(axes("Drawdown").yaxis))


def test_rolling_windows_are_full_and_over_the_cash_rate() -> None:
    window, at = 126, slice(None, None, 250)
    for i, (name, run) in enumerate(both()):
        returns, excess = recomputed.returns_of(run), recomputed_tearsheet.excess_of(run)
        ends = list(range(window, len(returns) + 1))
        expected = [stdev(returns[end - window : end]) * math.sqrt(252) for end in ends[at]]
        drawn = line("Rolling volatility, 6 months", name)
        assert np.isnan(drawn[:window]).all()  # the first bar has no return: bar 126 ends the first window
        np.testing.assert_allclose(drawn[window:][at], expected, rtol=1e-6)
        ratios = [fmean(part) / stdev(part) * math.sqrt(252) for part in (excess[end - window : end] for end in ends[at])]
        drawn = line("Rolling Sharpe ratio over the cash rate, 6 months", name)
        assert np.isnan(drawn[:window]).all()
        np.testing.assert_allclose(drawn[window:][at], ratios, rtol=1e-6, atol=1e-9)
        if i == 0:
            mean = axes("Rolling volatility, 6 months").get_lines()[2].get_ydata()[0]
            assert mean == pytest.approx(np.nanmean(line("Rolling volatility, 6 months", name)))
    mine, metal = (recomputed.returns_of(run) for _, run in both())
    for label, bars in (("6 months", 126), ("12 months", 252)):
        drawn = line("Rolling beta to the metal", label)
        assert np.isnan(drawn[:bars]).all()
        expected = [recomputed.slope(mine[end - bars : end], metal[end - bars : end]) for end in range(bars, len(mine) + 1)[at]]
        np.testing.assert_allclose(drawn[bars:][at], expected, rtol=1e-6, atol=1e-9)
    mean = axes("Rolling beta to the metal").get_lines()[2].get_ydata()[0]
    assert mean == pytest.approx(np.nanmean(line("Rolling beta to the metal", "6 months")))


def test_windows_without_a_trade_are_gaps() -> None:
    """A run that holds only cash for years has no Sharpe ratio there, and the metal's goes on."""
    dates = pd.bdate_range("2010-01-04", periods=1_500)
    steps = np.random.RandomState(5).standard_normal((1_500, 2)) * 0.01
    prices = market(dates, 50 * np.exp(np.cumsum(steps, axis=0)), cash_rate=0.03)  # type: ignore[arg-type]
    weights, rows = np.array([[0.0, 1.0], [0.0, 0.0], [0.0, 1.0]]), np.array([100, 500, 1_000])
    run = ob.backtest(Told(ob.Decisions(weights=weights, rows=rows)), prices, check_lookahead=False)
    mine, metal = axes_of(run)["Rolling Sharpe ratio over the cash rate, 6 months"].get_lines()[:2]
    excess = recomputed_tearsheet.excess_of(run)
    flat = [bar for bar in range(126, 1_500) if not any(excess[bar - 126 : bar])]
    assert len(flat) > 300
    known = np.isfinite(np.asarray(mine.get_ydata(), dtype=float))
    assert np.flatnonzero(~known[126:]).tolist() == [bar - 126 for bar in flat]
    assert np.isfinite(np.asarray(metal.get_ydata(), dtype=float)[126:]).all()


def test_gains_that_quantstats_takes_for_prices_are_drawn_as_returns() -> None:
    dates, window = pd.bdate_range("2020-01-01", periods=300), 126
    rising = np.cumprod(1 + np.random.RandomState(2).uniform(0, 0.01, (300, 2)), axis=0)
    rising[150:] *= 3
    weights, rows = np.array([[0.0, 1.0]]), np.array([0])
    run = ob.backtest(Told(ob.Decisions(weights=weights, rows=rows)), market(dates, rising * 10), check_lookahead=False)  # type: ignore[arg-type]
    returns = recomputed.returns_of(run)
    assert min(returns[1:]) >= 0
    assert max(returns) > 1
    drawn = axes_of(run)
    growth = drawn["Cumulative return, time-weighted"].get_lines()
    assert max(np.asarray(one.get_ydata(), dtype=float)[-1] for one in growth) == pytest.approx(
        max(wealth(one)[-1] for one in (run, run.benchmark)) - 1
    )
    volatility = np.asarray(drawn["Rolling volatility, 6 months"].get_lines()[0].get_ydata(), dtype=float)
    assert volatility[-1] == pytest.approx(stdev(returns[-window:]) * math.sqrt(252))


def test_bars_of_years_and_their_marks() -> None:
    chart = axes("Return of calendar years")
    years = []
    for bars, (_, run) in zip(chart.containers, reversed(both()), strict=True):
        days, returns = recomputed.days_of(run), recomputed.returns_of(run)
        expected = recomputed_tearsheet.periods(days, returns, 12)
        years = [year for year, _ in expected]
        assert [bar.get_height() for bar in bars] == pytest.approx(list(expected.values()))
        assert [bar.get_hatch() is None for bar in bars] == [year in recomputed_tearsheet.whole_years(days) for year in years]
    for place, label in zip(chart.get_xticks(), ticks(chart.xaxis), strict=True):
        year = years[int(place)]
        assert label == (f"{year}" if year in recomputed_tearsheet.whole_years(recomputed.days_of(result())) else f"{year}*")
    assert str(years[-1]) in ticks(chart.xaxis)[-1]


def test_shares_of_months() -> None:
    chart = axes("Distribution of monthly returns")
    assert chart.get_ylabel() == "Share of months"
    per_cent = {label: place for label, place in zip(ticks(chart.yaxis), chart.get_yticks(), strict=True) if label != "0%"}
    for _, run in both():
        months = list(recomputed_tearsheet.periods(recomputed.days_of(run), recomputed.returns_of(run), 1).values())
        matches = 0
        for bars in chart.containers:
            edges = [*(bar.get_x() for bar in bars), bars[-1].get_x() + bars[-1].get_width()]
            edges[0], edges[-1] = edges[0] - 1e-9, edges[-1] + 1e-9  # the least and the greatest month lie on them, to a last bit
            counts = np.histogram(months, edges)[0]
            for label, place in per_cent.items():
                shares = [bar.get_height() / place * int(label.removesuffix("%")) for bar in bars]
                matches += shares == pytest.approx([100 * count / len(months) for count in counts])
        assert matches == len(per_cent) > 1
    assert "0%" in ticks(chart.xaxis)


def test_the_deepest_drawdowns_from_peak_to_recovery() -> None:
    chart = axes("Five deepest drawdowns")
    days = recomputed.days_of(result())
    spans = [(patch.get_x(), patch.get_x() + patch.get_width(), patch.get_hatch() is not None) for patch in chart.patches]
    falls = recomputed.falls(days, recomputed.returns_of(result()))[:5]
    number = mpl.dates.date2num
    expected = [(number(peak), number(recovery or days[-1]), recovery is None) for peak, _, recovery, _, _ in falls]
    np.testing.assert_allclose(np.array(spans, dtype=float), np.array(expected, dtype=float))


def test_quantiles_of_whole_periods() -> None:
    chart = axes("Quantiles of returns")
    assert ticks(chart.xaxis) == ["Daily", "Weekly", "Monthly", "Quarterly", "Yearly"]
    days, returns = recomputed.days_of(result()), recomputed.returns_of(result())
    whole = recomputed_tearsheet.whole_months(days)
    months = [one for (year, month), one in recomputed_tearsheet.periods(days, returns, 1).items() if (year, month + 1) in whole]
    years = [
        one for (year, _), one in recomputed_tearsheet.periods(days, returns, 12).items() if year in recomputed_tearsheet.whole_years(days)
    ]
    quarters = list(recomputed_tearsheet.periods(days, returns, 3).values())  # the sample begins and ends with a year
    weeks: dict[int, float] = {}
    for day, one in zip(days[1:], returns, strict=True):
        week = (day.toordinal() - 1) // 7
        weeks[week] = weeks.get(week, 1.0) * (1 + one)
    weekly = [one - 1 for one in list(weeks.values())[: -1 if days[-1].weekday() < 4 else None]]
    for box, values in zip(chart.patches, (returns, weekly, months, quarters, years), strict=True):
        edges = box.get_path().vertices[:, 1]
        assert (edges.min(), edges.max()) == pytest.approx(tuple(np.percentile(values, [25, 75]))), len(values)


def test_labels_are_shown_as_they_read() -> None:
    evil = "<script>alert(1)</script> $x$ =cmd()\x00"
    run = ob.backtest(DollarCostAverage(), ob.load_market("gold", source="sample", start="2022-01-01"), label=evil)
    (label,) = {text.get_text() for text in axes_of(run, 1)["Cumulative return, time-weighted"].get_legend().get_texts()} - {NAMES[1]}
    assert label == "<script>alert(1)</script> $x$ =cmd()\N{REPLACEMENT CHARACTER}"
    hidden = ob.backtest(DryPowderAveraging(), ob.load_market("gold", source="sample", start="2022-01-01"), label="_hidden")
    assert " _hidden" in {text.get_text() for text in axes_of(hidden, 1)["Cumulative return, time-weighted"].get_legend().get_texts()}


@pytest.mark.parametrize("bars", [2, 12, 600, 0])
def test_nothing_lies_over_something_else(bars: int) -> None:
    """Tick labels of one axis never overlap, and no text leaves the picture."""
    drawn = charts()
    if bars:
        steps = np.random.RandomState(bars).standard_normal((bars, 2)) * 0.01
        prices = market(pd.bdate_range("2019-01-02", periods=bars), 50 * np.exp(np.cumsum(steps, axis=0)))  # type: ignore[arg-type]
        drawn = axes_of(ob.backtest(DollarCostAverage(), prices, label="a label of more characters than there is room for"))
    for title, one in drawn.items():
        renderer = one.figure.canvas.get_renderer()
        for axis in (one.xaxis, one.yaxis):
            low, high = sorted(axis.get_view_interval())
            shown = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
            boxes = [text.get_window_extent(renderer) for place, text in shown if text.get_text() and low <= place <= high]
            boxes += [axis.label.get_window_extent(renderer)] if axis.label.get_text() else []
            for i, box in enumerate(boxes):
                assert not any(box.overlaps(other) for other in boxes[i + 1 :]), (
                    title,
                    [text.get_text() for text in axis.get_ticklabels()],
                )
        legend = one.get_legend()
        for text in [*(legend.get_texts() if legend else ()), one.yaxis.label]:
            box = text.get_window_extent(renderer)
            assert 0 <= box.x0 < box.x1 <= one.figure.bbox.width, (title, text.get_text())
            assert 0 <= box.y0 < box.y1 <= one.figure.bbox.height, (title, text.get_text())
