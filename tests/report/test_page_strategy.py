"""The page of one run: its idea, parameters, figures, fills and their reasons."""

from __future__ import annotations

import csv

import pytest
import recomputed
from comparison_fixture import agrees, comparison, own_page, sample
from small_markets import Told

import orebody as ob
from orebody.report.sections import fills


class TestOwnPage:
    def test_idea_and_parameters(self) -> None:
        found = own_page(comparison(), "ratio-rotation")
        assert "Hold the miners when they are cheap against the metal, the metal when they are dear." in found.words
        assert found.rows("parameters")[0] == ["window", "60", "bars in the rolling z-score"]
        inner = {row[0]: row[1] for row in own_page(comparison(), "volatility-target").rows("parameters")}
        assert inner["inner"] == "RatioRotation(window=60, entry=1.0, exit=None)"

    def test_a_strategy_without_a_word_says_so(self) -> None:
        class Silent(ob.Strategy):
            def decide(self, market: ob.Market) -> ob.Decisions:
                return ob.Decisions.empty(market)

        made = ob.compare({"silent": Silent(), "told": Told(ob.Decisions())}, sample(), check_lookahead=False)
        assert "its class has no docstring" in own_page(made, "silent").words
        assert "Decides what it is told, whatever the prices." in own_page(made, "told").words
        assert "parameters" not in own_page(made, "silent").tables

    def test_figures_costs_and_drawdowns_are_recomputed(self) -> None:
        for label, result in comparison().results.items():
            found, expected = own_page(comparison(), label), recomputed.figures(result)
            names = {row[0]: row[1] for row in found.rows("figures")}
            agrees(names["Final equity"], expected["final_equity"])
            agrees(names["Down-capture of the metal"], expected["down_capture"])
            days = recomputed.days_of(result)
            years = (days[-1] - days[0]).days / 365.25
            paid = {row[0]: row[1:] for row in found.rows("costs")}
            agrees(paid["Commission"][0], expected["commission"])
            agrees(paid["Both"][0], expected["costs"])
            agrees(paid["Both"][1], float(expected["costs"]) / (sum(result.equity) / len(days)) / years)  # type: ignore[arg-type]
            falls = recomputed.falls(days, recomputed.returns_of(result))[:10]
            for row, (peak, trough, recovery, depth, length) in zip(found.rows("drawdowns"), falls, strict=True):
                assert row[:3] == [str(peak), str(trough), str(recovery or "open")]
                agrees(row[3], depth)
                assert row[4] == (f"{length:,}" if recovery else f"{length:,} so far")

    def test_fills_with_reasons_the_newest_first(self) -> None:
        found, table = own_page(comparison(), "ratio-rotation"), comparison().results["ratio-rotation"].fills
        newest = table.iloc[-1]
        assert found.rows("fills")[0][0] == str(newest["date"].date())
        assert found.rows("fills")[0][2] == newest["ticker"]
        assert found.rows("fills")[0][6] == newest["reason"]
        assert {row[1] for row in found.rows("fills")} <= {"bought", "sold", "not filled"}

    def test_many_fills_are_whole_in_the_file_beside(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fills, "SHOWN", 7)
        result = comparison().results["ratio-rotation"]
        found = own_page(comparison(), "ratio-rotation")
        assert len(found.rows("fills")) == 7
        assert f"The newest 7 of {len(result.fills)}" in found.words
        rows = list(csv.DictReader(fills.all_as_csv(result).splitlines()))
        assert [row["reason"] for row in rows] == result.fills["reason"].tolist()
        assert [float(row["units"]) for row in rows] == result.fills["units"].tolist()
        assert {row["prices"] for row in rows} == {"SIMULATED"}
