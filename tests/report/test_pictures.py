"""Pictures of research: plain data, drawn as charts in pages that fit a phone, and as pictures that do not move elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from browser import needs_a_browser, opened
from chart_data import block, models, unpacked

import orebody as ob
from orebody.presentation import Axis, Chart, Picture, Presentable, Section, Series, Table, draw, write_page
from orebody.report.interactive.document import inert, javascript
from orebody.report.key import key
from orebody.report.still import thinned
from orebody.strategies import BuyAndHold, CoreSatellite, RatioRotation
from orebody.testing import random_market

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MARKET = random_market(3, bars=400)
LINE = Series("line", "a line", x=np.arange(5.0), y=[1.0, 2.0, np.nan, 4.0, 5.0])
DATES = pd.date_range("2024-01-01", periods=5)
HAS_WORDS = """(words) => {
  const has = (root) => [...root.querySelectorAll("*")].some(
    (one) => (one.shadowRoot && has(one.shadowRoot))
      || (!one.children.length && one.tagName !== "SCRIPT" && one.textContent.includes(words)));
  return has(document);
}"""
"""Whether words stand anywhere on a page, in what Bokeh adds to it too."""


def page_of(tmp_path: Path, *pictures: Picture, **others: Any) -> str:
    section = Section("Title", ["A sentence."], [Table("Table", ["a", "b"], [["1", "2"]])], pictures, **others)
    return write_page(section, tmp_path / "page.html", MARKET, ob.Account(), overwrite=True).read_text(encoding="utf-8")


def charted(*series: Series, x: Axis = Axis(), y: Axis = Axis(), **others: Any) -> Picture:  # noqa: B008
    return Picture("Caption", [Chart(x, y, series, **others)], "In words.")


def roots(page: str) -> list[dict[str, Any]]:
    return [root["attributes"] for root in block(page, "pictures")["docs"]["charts"]["roots"]]


def data(model: Any) -> dict[str, Any]:
    entries = next(one for one in models(model) if one["name"] == "ColumnDataSource")["attributes"]["data"]["entries"]
    return {name: unpacked(one) if isinstance(one, dict) and "array" in one else one for name, one in entries}


def every_kind() -> Picture:
    at = np.array([0.0, 1.0])
    return charted(
        Series("area", "an area", x=[0.0, 1.0], low=[0.0, 0.0], high=[1.0, 1.0], opacity=0.2),
        Series("step", "a step", x=at, y=[1.0, 2.0]),
        Series("dots", "dots", x=at, y=at, texts=["one", "two"], marker="diamond", width=9.0),
        Series("hbar", "a bar", y=at, low=[0.0, 0.0], high=[1.0, 2.0], texts=["one", "two"], width=0.4),
        Series("vbar", "a column", x=at, low=[0.0, 0.0], high=[1.0, 2.0], texts=["one", "two"], width=0.4, color="soft"),
        Series("vrule", "a rule", x=[0.5], dashed=True, color="line"),
        Series("hrule", y=[0.5], color="ink"),
        LINE,
    )


@cache
def results() -> dict[str, Presentable]:
    comparison = ob.compare([RatioRotation(window=20), CoreSatellite()], MARKET, engine="compiled", check_lookahead=False)
    grid = {"window": [20, 30, 40], "entry": [0.5, 1.0]}
    return {
        "sweep": ob.sweep(RatioRotation, grid, MARKET),
        "one parameter": ob.sweep(RatioRotation, {"window": [20, 30, 40]}, MARKET),
        "walk-forward": ob.walk_forward(RatioRotation, grid, MARKET, ob.Account(), train=150, test=60),
        "significance": ob.significance(comparison, samples=100, level=0.9),
        "stress": ob.stress(comparison, episodes={"early": (str(MARKET.dates[100].date()), str(MARKET.dates[150].date()))}),
        "gearing": ob.gearing(MARKET),
        "decomposition": ob.decompose(comparison),
        "scenarios": ob.scenarios([CoreSatellite()], MARKET, paths=20),
    }


NAMES = ("sweep", "one parameter", "walk-forward", "significance", "stress", "gearing", "decomposition", "scenarios")


class TestData:
    def test_a_line_goes_to_the_page_whole(self, tmp_path: Path) -> None:
        (root,) = roots(page_of(tmp_path, charted(LINE)))
        columns = data(root)
        np.testing.assert_array_equal(columns["x"], np.arange(5.0))
        np.testing.assert_array_equal(next(values for name, values in columns.items() if name != "x"), [1.0, 2.0, np.nan, 4.0, 5.0])

    def test_lines_over_the_same_dates_share_them(self, tmp_path: Path) -> None:
        when = DATES.to_numpy()
        lines = [Series("line", str(at), x=when, y=np.arange(5.0) + at) for at in range(3)]
        page = page_of(tmp_path, charted(*lines, x=Axis(unit="date")), charted(lines[0], x=Axis(unit="date")))
        sources = [one for one in models(block(page, "pictures")) if one["name"] == "ColumnDataSource"]
        assert len(sources) == 1
        np.testing.assert_array_equal(data(sources)["x"], DATES.to_numpy().astype("datetime64[ms]").astype(float))

    def test_every_chart_has_its_place_on_the_page(self, tmp_path: Path) -> None:
        page = page_of(tmp_path, charted(LINE), Picture("Two", [charted(LINE).charts[0]] * 2, "Words of two."))
        places = ["picture-1-1-1", "picture-1-2-1", "picture-1-2-2"]
        assert re.findall(r'id="(picture-[^"]*)"', page) == places
        (item,) = block(page, "pictures")["items"]
        assert list(item["roots"].values()) == places
        assert page.count('role="img" aria-label="Words of two."') == 1

    def test_the_ends_of_a_logarithmic_axis_hold_all_that_is_drawn(self, tmp_path: Path) -> None:
        bars = Series("hbar", y=[0.0], low=[0.25], high=[8.0], texts=["x"], width=0.2)
        (root,) = roots(page_of(tmp_path, charted(bars, x=Axis(unit="multiple", logarithmic=True), y=Axis(unit="rows", names=["one"]))))
        ends = root["x_range"]["attributes"]
        assert 0.125 < ends["start"] < 0.25
        assert 8.0 < ends["end"] < 16.0

    def test_charts_side_by_side_have_one_vertical_scale(self, tmp_path: Path) -> None:
        charts = [charted(replace(LINE, y=np.arange(5.0) * times)).charts[0] for times in (1.0, 10.0)]
        ranges = [root["y_range"]["attributes"] for root in roots(page_of(tmp_path, Picture("Two", charts, "Words.")))]
        assert (ranges[0]["start"], ranges[0]["end"]) == (ranges[1]["start"], ranges[1]["end"])
        assert ranges[0]["start"] < 0.0
        assert ranges[0]["end"] > 40.0

    def test_no_name_is_taken_for_a_formula_or_a_tag(self, tmp_path: Path) -> None:
        label = "$$x^2$$ <script>alert(1)</script> \\[y\\]"
        page = page_of(tmp_path, charted(replace(LINE, name=label), x=Axis(label), y=Axis(unit="rows", names=[label])))
        assert "<script>alert" not in page
        assert "$$" not in block(page, "pictures").__repr__()
        assert [inert(text) for text in ("$1", "a(b)", "$$")] == ["$1", "a(b)", "$\u200b$"]

    def test_the_key_names_each_series_once(self) -> None:
        names = ["an area", "a step", "dots", "a bar", "a column", "a rule", "a line"]
        assert [name for name, _, _ in key(every_kind())] == names
        twice = Picture("Two", [every_kind().charts[0]] * 2, "Words.")
        assert len(key(twice)) == len(names)

    def test_a_section_below_another_keeps_the_parts_of_both(self) -> None:
        one, two = (Section(name, [name], [Table(name, ["a"], [])], [charted(LINE)], [(name, "x")], warnings=[name]) for name in "ab")
        both = one.with_below(two)
        assert (both.title, both.sentences, both.warnings) == ("a", ["a", "b"], ["a", "b"])
        assert [table.caption for table in both.tables] == ["a", "b"]
        assert len(both.pictures) == len(both.settings) == 2


class TestStill:
    def test_every_kind_is_drawn(self) -> None:
        (axes,) = draw(every_kind()).axes
        assert len(axes.patches) == 4
        assert len(axes.lines) == 5  # step, dots, two rules, line

    def test_a_heatmap_frames_the_best_point(self) -> None:
        sweep = results()["sweep"]
        assert isinstance(sweep, ob.Sweep)
        marker = sweep.heatmap().axes[0].get_lines()[0]
        windows, entries = sorted({20, 30, 40}), sorted({0.5, 1.0})
        best = sweep.table.loc[sweep.table["sharpe"].idxmax()]
        assert windows[int(marker.get_xdata()[0])] == best["window"]  # type: ignore[index]
        assert entries[int(marker.get_ydata()[0])] == best["entry"]  # type: ignore[index]

    def test_a_long_line_keeps_its_peak_and_its_ends(self) -> None:
        values = np.zeros(10_000)
        values[[1_234, 7_777]] = 1.0, -1.0
        kept = thinned(values, 400)
        assert {0, 1_234, 7_777, 9_999} <= set(kept.tolist())
        assert len(kept) <= 402


class TestResults:
    @pytest.mark.parametrize("name", NAMES)
    def test_each_is_a_page_and_a_card_from_one_section(self, name: str, tmp_path: Path) -> None:
        result = results()[name]
        section = result.section()
        page = result.report(tmp_path / "page.html").read_text(encoding="utf-8")
        assert page == result.report(tmp_path / "again.html").read_text(encoding="utf-8")
        assert page.count('<figure class="plot">') == len(section.pictures) > 0
        assert len(roots(page)) == sum(len(picture.charts) for picture in section.pictures)
        assert "<img" not in page
        card = result._repr_html_()
        assert "<svg role" in card
        assert len(card) < 100_000
        for sentence in result.sentences:
            assert sentence in [*section.sentences, *section.warnings]

    @pytest.mark.parametrize("name", ["significance", "decomposition"])
    def test_who_beat_the_benchmarks_is_counted(self, name: str, tmp_path: Path) -> None:
        comparison = ob.compare([RatioRotation(window=20), CoreSatellite()], MARKET, engine="compiled", check_lookahead=False)
        table = comparison.table
        own, metal, miners = table[~table["is_benchmark"]], *(table.loc[label] for label in comparison.benchmarks)
        ahead = [int((own[figure] > held[figure] * (1 + 1e-9)).sum()) for held in (metal, miners) for figure in ("sharpe", "final_equity")]
        words = results()[name].sentences
        (counted,) = [one for one in words if "beat holding" in one]
        ratios = [f"by Sharpe ({held['sharpe']:.2f})" for held in (metal, miners)]
        assert counted.startswith(f"{ahead[0]} of 2 strategies beat holding {MARKET.universe.metal} {ratios[0]}, {ahead[1]} by ")
        assert f"; {ahead[2]} beat holding the miners {ratios[1]}, {ahead[3]} by " in counted

    def test_one_run_taken_apart_is_counted_beside_the_same_benchmarks(self) -> None:
        alone = ob.decompose(ob.backtest(CoreSatellite(), MARKET, engine="compiled"))
        beside = ob.compare([CoreSatellite()], MARKET, engine="compiled", start=alone.source.dates[0])
        assert alone.beating == ob.decompose(beside).beating
        assert alone.beating.count("of 1 strategy beat holding") == 1


class TestWords:
    def test_doubts_and_a_missing_cash_rate_stand_below_the_verdict(self, tmp_path: Path) -> None:
        doubtful = replace(MARKET, notes=(*MARKET.notes, ("doubtful", "the price of <b> leaps on 2020-02-03")), rate_known=False)
        said = ["Doubtful: the price of &lt;b&gt; leaps on 2020-02-03.", "No cash rate is known: cash earned 0 %"]
        comparison = ob.compare([BuyAndHold()], doubtful, engine="compiled", check_lookahead=False)
        index = comparison.report(tmp_path / "report", tearsheets=False)
        own = next(index.parent.glob("strategy-buy-*.html"))
        alone = ob.decompose(comparison).report(tmp_path / "alone.html")
        for path in (index, own, alone):
            head = path.read_text(encoding="utf-8").partition("</header>")[0]
            for words in said:
                assert words in head, path.name
        assert "Sharpe over 0 %" in own.read_text(encoding="utf-8").partition('id="definitions"')[0]
        assert "over the cash rate" not in own.read_text(encoding="utf-8").partition('id="definitions"')[0]

    def test_nothing_is_said_of_a_rate_that_is_known(self, tmp_path: Path) -> None:
        comparison = ob.compare([BuyAndHold()], MARKET, ob.Account(cash_rate=0.02), engine="compiled", check_lookahead=False)
        own = next(comparison.report(tmp_path / "report", tearsheets=False).parent.glob("strategy-buy-*.html")).read_text(encoding="utf-8")
        assert "No cash rate is known" not in own
        assert "Sharpe over the cash rate" in own.partition('id="definitions"')[0]


class TestLibrary:
    def test_a_report_has_it_once_and_its_manifest_names_it(self, tmp_path: Path) -> None:
        comparison = ob.compare([BuyAndHold()], MARKET, engine="compiled", check_lookahead=False)
        folder = comparison.report(tmp_path / "report", tearsheets=False, research=[results()["stress"]]).parent
        assert (folder / "bokeh.min.js").read_text(encoding="utf-8") == javascript()
        for page in folder.glob("*.html"):
            assert page.stat().st_size < 800_000
            assert page.read_text(encoding="utf-8").count('<script src="bokeh.min.js" nonce="') == 1
        assert "  bokeh.min.js\n" in (folder / "manifest.sha256").read_text(encoding="utf-8")

    def test_a_page_by_itself_has_it_inside(self, tmp_path: Path) -> None:
        page = results()["stress"].report(tmp_path / "alone.html").read_text(encoding="utf-8")
        assert "<script src" not in page
        assert javascript() in page


@needs_a_browser
class TestBrowser:
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize(("width", "scheme"), [(1366, "light"), (390, "dark")])
    def test_pages_draw_and_fit(self, chromium: Browser, tmp_path: Path, name: str, width: int, scheme: Any) -> None:
        path = results()[name].report(tmp_path / "page.html")
        with opened(chromium, path, color_scheme=scheme, viewport={"width": width, "height": 900}) as seen:
            seen.page.wait_for_selector("html[data-ready]")
            assert seen.run("document.getElementById('failed').textContent") == ""
            assert seen.run("document.documentElement.scrollWidth") <= width
            drawn = seen.run("Bokeh.documents.at(-1).roots().map(({ inner_width }) => inner_width)")
            assert len(drawn) == sum(len(picture.charts) for picture in results()[name].section().pictures)
            assert min(drawn) > (150 if width == 1366 else 220)
            ink, labels = seen.run(
                "[getComputedStyle(document.documentElement).getPropertyValue('--soft').trim(),"
                " Bokeh.documents.at(-1).roots().map((one) => one.below[0].major_label_text_color)]"
            )
            assert set(labels) == {ink}

    def test_a_mark_says_its_words(self, chromium: Browser, tmp_path: Path) -> None:
        bars = Series("hbar", "bars", y=[0.0], low=[-1.0], high=[1.0], texts=["the <b> middle"], width=0.8)
        page_of(tmp_path, charted(bars))
        with opened(chromium, tmp_path / "page.html") as seen:
            seen.page.wait_for_selector("html[data-ready]")
            box = seen.page.locator(".chart").bounding_box()
            assert box is not None
            middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            seen.page.mouse.move(middle[0] - 5, middle[1])
            seen.page.mouse.move(*middle)
            seen.page.wait_for_function(HAS_WORDS, arg="the <b> middle")

    def test_without_the_library_beside_it_a_page_says_so(self, chromium: Browser, tmp_path: Path) -> None:
        comparison = ob.compare([BuyAndHold()], MARKET, engine="compiled", check_lookahead=False)
        index = comparison.report(tmp_path / "report", tearsheets=False)
        page = chromium.new_page()
        page.goto(index.as_uri())
        page.wait_for_selector("html[data-ready]")
        assert page.locator("#failed").text_content() == ""
        (index.parent / "bokeh.min.js").unlink()
        page.goto(index.as_uri())
        page.wait_for_selector("html[data-ready]")
        assert "bokeh.min.js is not beside this page" in (page.locator("#failed").text_content() or "")
        page.close()
