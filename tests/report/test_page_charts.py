"""What the charts of the interactive page hold: every line, share, fill and date, each against a plain loop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import recomputed
from chart_data import block, columns, figures, lines, unpacked
from comparison_fixture import comparison, html_of, page, sample
from html_pages import Page

import orebody as ob
from orebody.metrics.relative import rolling_beta
from orebody.report.interactive import line_styles, series
from orebody.strategies import BuyAndHold
from orebody.testing import random_market


class TestCharts:
    def test_each_line_draws_the_run_it_is_named_after(self) -> None:
        data, drawn = columns(page()), figures(page())
        for name, kind in (("equity", "e"), ("drawdown", "d"), ("beta", "b")):
            found = lines(drawn[name])
            assert [label for label, _, _ in found] == list(comparison().results)
            for at, ((label, column, _), result) in enumerate(zip(found, comparison().results.values(), strict=True)):
                assert column == f"{kind}{at}"
                assert label == result.label
        for at, result in enumerate(comparison().results.values()):
            assert data[f"e{at}"].tolist() == result.equity.tolist()  # to the last bit, hence to the cent

    def test_growth_drawdown_and_money_put_in_against_a_plain_loop(self) -> None:
        data = columns(page())
        for at, result in enumerate(comparison().results.values()):
            wealth, highest, paid, flows = 1.0, 1.0, 100_000.0, result.flows.tolist()
            for bar, one in enumerate([0.0, *recomputed.returns_of(result)]):
                wealth *= 1 + one
                highest = max(highest, wealth)
                paid += flows[bar]
                assert data[f"g{at}"][bar] == pytest.approx(wealth, rel=1e-6)
                assert data[f"d{at}"][bar] == pytest.approx(wealth / highest - 1, abs=1e-6)
                assert data[f"p{at}"][bar] == pytest.approx(paid)

    def test_shares_of_equity(self) -> None:
        data = columns(page())
        for at, result in enumerate(comparison().results.values()):
            bars = zip(result.units.to_numpy(), result.closes, result.equity, strict=True)
            metal = [units[0] * close[0] / equity for units, close, equity in bars]
            cash = [money / equity for money, equity in zip(result.cash, result.equity, strict=True)]
            np.testing.assert_allclose(data[f"m{at}"], metal, atol=1e-6)
            np.testing.assert_allclose(1 - data[f"m{at}"] - data[f"n{at}"], cash, atol=1e-6)

    def test_rolling_beta_against_a_regression_of_each_window(self) -> None:
        draw = np.random.RandomState(7)
        metal = draw.standard_normal(80) * 0.01 + 0.0003
        mine = 1.7 * metal + draw.standard_normal(80) * 0.02
        found = rolling_beta(mine, metal, 20)
        assert np.isnan(found[:19]).all()
        for bar in range(19, 80):
            slope = recomputed.slope(mine[bar - 19 : bar + 1].tolist(), metal[bar - 19 : bar + 1].tolist())
            assert found[bar] == pytest.approx(slope, rel=1e-9)
        assert np.isnan(rolling_beta(mine, np.zeros(80), 20)).all()
        assert np.isnan(rolling_beta(mine[:5], metal[:5], 20)).all()

    def test_the_beta_drawn_is_that_of_a_year_of_bars(self) -> None:
        data, metal = columns(page()), recomputed.returns_of(comparison().results["metal: SIM-GOLD"])
        assert series.beta_window(sample()) == 252
        assert "over the last 252 returns" in Page(page()).words
        for at, result in enumerate(comparison().results.values()):
            mine, drawn = recomputed.returns_of(result), data[f"b{at}"]
            assert np.isnan(drawn[:252]).all()  # the first bar has no return
            for bar in (252, 700, len(drawn) - 1):
                assert drawn[bar] == pytest.approx(recomputed.slope(mine[bar - 252 : bar], metal[bar - 252 : bar]), rel=1e-5)

    def test_the_ratio_is_miners_over_metal(self) -> None:
        opened = comparison().market.opening
        prices = comparison().market.close[opened:]
        np.testing.assert_allclose(columns(page())["ratio"], prices[:, 1] / prices[:, 0], rtol=1e-12)
        assert "SIM-MINERS / SIM-GOLD" in Page(page()).words
        several = random_market(3, miners=3).opened(10)
        assert series.ratio(several)[0] == pytest.approx(1.0)
        assert "basket of 3 miners" in series.ratio_name(several)

    def test_every_fill_is_there(self) -> None:
        rest = block(page(), "page")
        packed = {name: unpacked(one) for name, one in rest["fills"].items()}
        for at, result in enumerate(comparison().results.values()):
            mine = packed["run"] == at
            table = result.fills[result.fills["units"] != 0]
            assert [result.dates[bar] for bar in packed["bar"][mine]] == table["date"].tolist()
            assert [rest["tickers"][ticker] for ticker in packed["ticker"][mine]] == table["ticker"].tolist()
            assert [rest["reasons"][reason] for reason in packed["reason"][mine]] == table["reason"].tolist()
            np.testing.assert_allclose(packed["units"][mine], table["units"], rtol=1e-6)

    def test_dates_are_those_of_the_bars(self) -> None:
        found = pd.DatetimeIndex(columns(page())["date"].astype("datetime64[ms]"))
        assert found.tolist() == comparison().market.dates[comparison().market.opening :].tolist()

    def test_forty_lines_are_all_told_apart(self) -> None:
        labels = [f"s{at}" for at in range(40)]
        found = line_styles.looks(["metal", *labels, "miners"], ["metal", "miners"])
        assert list(found) == ["metal", *labels, "miners"]
        assert len({(one.color, one.dash) for one in found.values()}) == 42
        assert found["metal"].width > found["s0"].width

    def test_without_a_full_window_no_beta_is_drawn(self) -> None:
        short = html_of(ob.compare([BuyAndHold()], sample().opened(len(sample()) - 100)))
        assert set(figures(short)) == {"equity", "drawdown", "value", "allocation", "ratio"}
        assert "there are 99, too few for one window" in Page(short).words
