"""One look for all pages: the frame, the currency, definitions one press away, and what stands on a page while tearsheets are drawn."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from browser import needs_a_browser, opened
from comparison_fixture import ACCOUNT, comparison, sample
from small_markets import market

import orebody as ob
from orebody.metrics import Metrics, format_column, format_figure
from orebody.report.comparison import folder
from orebody.report.page import money_is_in
from orebody.strategies import RatioRotation

PAGES = ("index", "strategy", "tearsheet", "sweep", "walk-forward", "gearing", "stress", "significance")


@cache
def written(kept: Path) -> dict[str, Path]:
    """One page of each kind, on the simulated sample."""
    made, grid = comparison(), {"window": [20, 60], "entry": [0.5, 1.0]}
    made.report(kept / "report", tearsheets=False)
    pages = {name: kept / f"{name}.html" for name in PAGES[2:]}
    made.results["ratio-rotation"].tearsheet(pages["tearsheet"])
    ob.sweep(RatioRotation, grid, sample(), ACCOUNT).report(pages["sweep"])
    ob.walk_forward(RatioRotation, grid, sample(), ACCOUNT, "3 years", "2 years").report(pages["walk-forward"])
    ob.gearing(sample()).report(pages["gearing"])
    ob.stress(made).report(pages["stress"])
    ob.significance(made, samples=100).report(pages["significance"])
    return {"index": kept / "report" / "index.html", "strategy": kept / "report" / "strategy-ratio-rotation.html"} | pages


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return written(tmp_path_factory.mktemp("look"))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_the_frame_the_currency_and_its_definitions(pages: dict[str, Path], name: str) -> None:
    text = pages[name].read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert "Money is in no real currency." in text
    ids = re.findall(r' id="([^"]+)"', re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    assert len(ids) == len(set(ids))
    assert set(re.findall(r' href="#([^"]+)"', text)) <= set(ids)
    assert {f"def-{field.name}" for field in dataclasses.fields(Metrics)} <= set(ids)


def test_each_heading_of_a_figure_leads_to_its_definition(pages: dict[str, Path]) -> None:
    index = pages["index"].read_text(encoding="utf-8")
    heads = re.findall(r"<th scope=.col.[^>]*>(.*?)</th>", index.partition('<table id="ranking"')[2].partition("</thead>")[0])
    assert len(heads) == 17
    assert all(' href="#def-' in head for head in heads[1:])
    own = pages["strategy"].read_text(encoding="utf-8").partition('<table id="figures"')[2].partition("</table>")[0]
    assert own.count(' href="#def-') == len(dataclasses.fields(Metrics))
    assert 'href="ranking.csv"' in index
    assert (pages["index"].parent / "ranking.csv").is_file()


@pytest.mark.parametrize(
    ("notes", "words"),
    [
        ((("Currency", "USD, all prices"),), "All money is in USD."),
        ((("Currency", "not stated: all prices are taken to be in one, and converted nowhere"),), "Currency not stated:"),
        ((), "Currency not stated:"),
    ],
)
def test_the_currency_is_the_one_that_the_source_states(notes: tuple[tuple[str, str], ...], words: str) -> None:
    made = dataclasses.replace(market(["2020-01-01", "2020-01-02"], np.full((2, 2), 10.0)), notes=notes)
    assert money_is_in(made).startswith(words)


def test_large_amounts_have_no_cents() -> None:
    figures = {99_999.99: "99,999.99", 100_000.0: "100,000", -1_234_567.89: "-1,234,568", 0.0: "0.00"}
    assert {value: format_figure("money", value) for value in figures} == figures
    assert format_column("money", [355_050.4, 61_048.15, math.nan, -0.4]) == ["355,050", "61,048", "–", "0"]
    assert format_column("money", [99_999.99, 0.5, None]) == ["99,999.99", "0.50", "–"]
    assert format_column("percent", [0.5, 2.0]) == ["50.00 %", "200.00 %"]


def test_the_index_is_whole_before_the_first_tearsheet_and_links_appear_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "report"
    own = [there / f"strategy-{name}.html" for name in ("metal-sim-gold", "ratio-rotation")]
    seen = []

    def stopped(runs: dict[str, object], progress: object) -> Iterator[tuple[str, str, str]]:
        assert (there / "index.html").read_text(encoding="utf-8").endswith("</html>")
        seen.append([page.read_text(encoding="utf-8") for page in own])
        yield "tearsheet-metal-sim-gold.html", "<html>whole</html>", ""
        seen.append([page.read_text(encoding="utf-8") for page in own])
        raise KeyboardInterrupt

    monkeypatch.setattr(folder, "_tearsheets", stopped)
    with pytest.raises(KeyboardInterrupt):
        comparison().report(there)
    waiting, link = "Tearsheet: being drawn", '<a href="tearsheet-{}.html">Tearsheet</a>'
    assert all(waiting in text for text in seen[0])
    assert waiting not in seen[1][0]
    assert link.format("metal-sim-gold") in seen[1][0]
    assert waiting in seen[1][1]
    assert (there / "tearsheet-metal-sim-gold.html").read_text(encoding="utf-8") == "<html>whole</html>"
    assert len(list(there.glob("tearsheet-*"))) == 1


@needs_a_browser
@pytest.mark.parametrize("width", [390, 800])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_the_screen(chromium: object, pages: dict[str, Path], name: str, width: int) -> None:
    with opened(chromium, pages[name], viewport={"width": width, "height": 844}, color_scheme="dark") as seen:  # type: ignore[arg-type]
        assert seen.run("document.documentElement.scrollWidth <= innerWidth")


@needs_a_browser
@pytest.mark.parametrize(("width", "heaviest"), [(1366, 2.6), (390, 1.3)])
def test_a_run_is_drawn_beside_the_benchmarks(
    chromium: object,
    pages: dict[str, Path],
    width: int,
    heaviest: float,
) -> None:
    made = comparison()
    with opened(chromium, pages["strategy"], viewport={"width": width, "height": 844}) as seen:  # type: ignore[arg-type]
        seen.page.wait_for_function("document.documentElement.dataset.ready")
        lines = seen.run(
            """() => Bokeh.documents[0].roots().map((plot) => plot.renderers.map(({ name, visible, glyph, data_source }) =>
            [name, visible, glyph.line_width.value ?? glyph.line_width, data_source.data[glyph.y.field].at(-1)]))"""
        )
    order = [*made.benchmarks, "ratio-rotation"]
    for column, values in zip(lines, ([made.results[one].equity.iloc[-1] for one in order], None), strict=True):
        assert [line[0] for line in column] == order
        assert all(line[1] for line in column)
        assert max(line[2] for line in column) == heaviest
        if values is not None:
            assert [line[3] for line in column] == values
