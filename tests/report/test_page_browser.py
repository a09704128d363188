"""The interactive page in headless Chromium: nothing fails, nothing is fetched, and everything that can be pressed does what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import recomputed
from browser import Seen, needs_a_browser, opened
from comparison_fixture import HOSTILE
from recomputed import money
from small_markets import Told

import orebody as ob
from orebody.strategies import BuyAndHold, DollarCostAverage, MomentumRotation, RatioRotation, TrimStretch

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_a_browser

ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))
STRATEGIES = (DollarCostAverage(), RatioRotation(window=60), MomentumRotation(), TrimStretch(window=252), BuyAndHold())

# What the charts hold, asked of Bokeh itself.
PLOT = "(name) => Bokeh.documents.at(-1).roots().find((root) => root.tags[0] === name)"
ROWS = "[...document.querySelectorAll('#ranking tbody tr')]"
SHOWN = f"(name) => ({PLOT})(name).renderers.filter((one) => one.visible).map((one) => one.name)"
FULL = f"() => ({PLOT})('equity').renderers.filter((one) => one.visible && one.glyph.line_alpha.value === 1).map((one) => one.name)"


@pytest.fixture(scope="module")
def comparison() -> ob.Comparison:
    market = ob.load_market("gold", source="sample", start="2012-01-01")
    named = {strategy.name(): strategy for strategy in STRATEGIES} | {"idle": Told(ob.Decisions())}
    return ob.compare(named, market, ACCOUNT, engine="compiled")


@pytest.fixture(scope="module")
def report(comparison: ob.Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return comparison.report(tmp_path_factory.mktemp("page") / "report", tearsheets=False)


@pytest.fixture
def seen(chromium: Browser, report: Path) -> Iterator[Seen]:
    with opened(chromium, report) as page:
        wait(page)
        yield page


def wait(page: Seen) -> None:
    page.page.wait_for_selector("html[data-ready]", state="attached")
    failed = page.page.query_selector("#failed")
    assert failed is None or failed.inner_text() == ""


def column(page: Seen, at: int) -> list[str]:
    found: list[str] = page.run(f"(at) => {ROWS}.map((row) => row.cells[at].textContent)", at)
    return [" ".join(cell.split()) for cell in found]


def choose(page: Seen, name: str) -> None:
    page.page.get_by_role("radio", name=name, exact=True).check()


def key_order(comparison: ob.Comparison) -> list[str]:
    """The benchmarks, then the strategies, the best of each first."""
    return sorted(comparison.results, key=lambda label: label not in comparison.benchmarks)


class TestRanking:
    def test_it_sorts_by_every_column_both_ways_and_what_is_missing_comes_last(self, seen: Seen) -> None:
        heads = seen.page.locator("#ranking thead button")
        assert heads.count() == 17
        missing = 0
        for at in range(1, 17):
            for direction in ("descending", "ascending"):
                if seen.page.locator("#ranking thead th").nth(at).get_attribute("aria-sort") != direction:
                    heads.nth(at).click()
                assert seen.page.locator("#ranking thead th").nth(at).get_attribute("aria-sort") == direction
                numbers = seen.run(f"(at) => {ROWS}.map((row) => row.cells[at].dataset.number)", at)
                known = [float(one) for one in numbers if one is not None]
                assert known == sorted(known, reverse=direction == "descending")
                assert all(one is None for one in numbers[len(known) :])
                missing += len(numbers) - len(known)
        assert missing  # the idle one has no drawdown, hence no Calmar ratio
        assert seen.page.locator("#ranking thead th[aria-sort]").count() == 1
        heads.nth(0).click()
        names = column(seen, 0)
        assert names == sorted(names, key=str.lower)

    def test_the_keyboard_sorts_too(self, seen: Seen) -> None:
        seen.page.locator("#ranking thead button").nth(4).focus()
        seen.page.keyboard.press("Enter")
        assert seen.page.locator("#ranking thead th").nth(4).get_attribute("aria-sort") == "descending"

    def test_its_figures_are_those_of_the_comparison(self, seen: Seen, comparison: ob.Comparison) -> None:
        expected = {label: recomputed.figures(result) for label, result in comparison.results.items()}
        names = seen.page.locator("#ranking .name").all_text_contents()
        for name, equity, drawdown in zip(names, column(seen, 1), column(seen, 4), strict=True):
            figures = expected[name]
            assert equity == money(figures["final_equity"])
            assert drawdown == f"{100 * figures['max_drawdown']:.2f} %"  # type: ignore[operator]


class TestKey:
    def test_it_names_every_run_with_its_final_equity(self, seen: Seen, comparison: ob.Comparison) -> None:
        names, values = (seen.page.locator(f"#key {which}").all_text_contents() for which in (".name", ".now"))
        said = [list(pair) for pair in zip(names, values, strict=True)]
        assert said == [[label, money(comparison.results[label].equity.iloc[-1])] for label in key_order(comparison)]

    def test_a_click_hides_a_strategy_in_every_chart_and_another_brings_it_back(self, seen: Seen, comparison: ob.Comparison) -> None:
        best = next(label for label in comparison.results if label not in comparison.benchmarks)
        button = seen.page.get_by_role("button", name=re.compile(rf"^{re.escape(best)}"))
        assert button.get_attribute("aria-pressed") == "true"
        button.click()
        assert button.get_attribute("aria-pressed") == "false"
        for chart in ("equity", "drawdown", "beta"):
            assert best not in seen.run(SHOWN, chart)
            assert len(seen.run(SHOWN, chart)) == len(comparison.results) - 1
        button.focus()
        seen.page.keyboard.press("Space")
        assert best in seen.run(SHOWN, "drawdown")

    def test_the_benchmarks_and_the_best_three_stand_out_at_first(self, seen: Seen, comparison: ob.Comparison) -> None:
        strategies = [label for label in comparison.results if label not in comparison.benchmarks]
        assert set(seen.run(FULL)) == {*comparison.benchmarks, *strategies[:3]}
        choose(seen, "Benchmarks only")
        assert set(seen.run(SHOWN, "equity")) == set(comparison.benchmarks)
        seen.page.locator('input[name="draw"][value="all"]').check()
        assert set(seen.run(FULL)) == set(comparison.results)

    def test_the_pointer_tells_the_values_of_a_day(self, seen: Seen, comparison: ob.Comparison) -> None:
        seen.page.locator("#chart-equity").scroll_into_view_if_needed()
        box = seen.page.locator("#chart-equity").bounding_box()
        assert box is not None
        seen.page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 200)
        seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 200)
        seen.page.wait_for_function("() => document.getElementById('key-title').textContent.includes(' on ')")
        said = seen.page.inner_text("#key-title")
        day = said.removeprefix("Equity on ")
        values = seen.page.locator("#key .now").all_inner_texts()
        assert values == [money(comparison.results[label].equity[day]) for label in key_order(comparison)]


class TestControls:
    def test_log_and_linear(self, seen: Seen) -> None:
        scale = f"() => ({PLOT})('equity').y_scale.type"
        assert seen.run(scale) == "LogScale"
        choose(seen, "Linear")
        assert seen.run(scale) == "LinearScale"
        choose(seen, "Log")
        assert seen.run(scale) == "LogScale"
        ticks = seen.run(f"() => ({PLOT})('equity').left[0].ticker.ticks")
        assert {100_000, 200_000} <= {round(tick) for tick in ticks}

    def test_money_and_time_weighted(self, seen: Seen, comparison: ob.Comparison) -> None:
        choose(seen, "Time-weighted")
        drawn = seen.run(f"() => ({PLOT})('equity').renderers.map((one) => one.glyph.y.field)")
        assert drawn == [f"g{at}" for at in range(len(comparison.results))]
        assert seen.page.inner_text("#equity-title") == "Growth of 1, time-weighted"
        grown = [float(text) for text in seen.page.locator("#key .now").all_inner_texts()]
        for found, label in zip(grown, key_order(comparison), strict=True):
            assert found == pytest.approx(1 + recomputed.figures(comparison.results[label])["total_return"], abs=6e-5)  # type: ignore[operator]

    def test_the_period_zooms_all_charts_and_the_scale_fits_what_is_left(self, seen: Seen, comparison: ob.Comparison) -> None:
        choose(seen, "3 y")
        starts = seen.run("() => Bokeh.documents.at(-1).roots().map((root) => root.x_range.start)")
        since = comparison.market.dates[-1] - pd.DateOffset(years=3)
        assert set(starts) == {since.timestamp() * 1_000}
        low, high = seen.run(f"() => [({PLOT})('equity').y_range.start, ({PLOT})('equity').y_range.end]")
        least = min(result.equity[since:].min() for result in comparison.results.values())
        most = max(result.equity[since:].max() for result in comparison.results.values())
        assert low < least < low * 1.3
        assert high / 1.3 < most < high

    def test_a_period_is_pressed_only_while_it_is_what_is_seen(self, seen: Seen, comparison: ob.Comparison) -> None:
        pressed = "() => [...document.querySelectorAll('input[name=period]:checked')].map((one) => one.value)"
        span = f"() => [({PLOT})('equity').x_range.start, ({PLOT})('equity').x_range.end]"
        whole = seen.run(span)
        assert seen.run(pressed) == ["0"]
        seen.page.locator("#chart-equity").scroll_into_view_if_needed()
        box = seen.page.locator("#chart-equity").bounding_box()
        assert box is not None
        seen.page.mouse.move(box["x"] + 200, box["y"] + 200)
        seen.page.mouse.down()
        seen.page.mouse.move(box["x"] + 400, box["y"] + 200, steps=4)
        seen.page.mouse.up()
        seen.page.wait_for_function("() => !document.querySelector('input[name=period]:checked')")
        low, high = seen.run(span)
        assert whole[0] < low < high < whole[1]
        seen.page.locator('input[name="period"][value="0"]').check()
        assert seen.run(span) == whole
        choose(seen, "1 y")
        low, high = seen.run(span)
        last = comparison.market.dates[-1].timestamp() * 1_000
        assert last < high <= last + 0.0101 * (last - low)  # no empty stretch after the data
        assert seen.run(pressed) == ["1"]

    def test_all_runs_can_be_hidden_without_a_word_on_the_console(self, seen: Seen) -> None:
        choose(seen, "Benchmarks only")
        for left in (0, 2):  # the fixture fails on any warning
            for button in seen.page.locator("#key .run[data-benchmark]").all():
                button.click()
            assert len(seen.run(SHOWN, "drawdown")) == left

    def test_profit_and_loss_are_shaded_apart(self, seen: Seen, comparison: ob.Comparison) -> None:
        at = list(comparison.results).index("miners: SIM-MINERS")
        seen.page.select_option("#which", str(at))
        shade = seen.run(
            f"() => {{ const data = ({PLOT})('value').renderers[0].data_source.data;"
            " return [[...data.put_in], [...data.above], [...data.below]]; }"
        )
        result, paid = comparison.results["miners: SIM-MINERS"], ACCOUNT.cash
        assert len(shade[0]) == len(result.equity)
        lost = 0
        for put_in, above, below, equity, flow in zip(*shade, result.equity, result.flows, strict=True):
            paid += flow
            assert put_in == pytest.approx(paid)
            assert (above, below) == pytest.approx((max(equity, paid), min(equity, paid)))
            lost += equity < paid
        assert lost  # the miners were below the money put in for years
        colors = f"() => ({PLOT})('value').renderers.slice(0, 2).map((one) => [one.name, one.glyph.fill_color.value])"
        assert seen.run(colors) == [["profit", "#009E73"], ["loss", "#D55E00"]]

    def test_dark_and_light_are_followed(self, chromium: Browser, report: Path) -> None:
        with opened(chromium, report, color_scheme="dark") as dark:
            wait(dark)
            ink = f"() => ({PLOT})('equity').left[0].major_label_text_color"
            assert luminance(dark.run(ink)) > 0.3
            before = dark.run(ink)
            dark.page.emulate_media(color_scheme="light")
            dark.page.wait_for_function(f"(before) => JSON.stringify(({ink})()) !== JSON.stringify(before)", arg=before)
            assert luminance(dark.run(ink)) < 0.2
            dark.page.emulate_media(color_scheme="dark")
            dark.run("() => dispatchEvent(new Event('beforeprint'))")
            assert luminance(dark.run(ink)) < 0.2  # paper is white


def luminance(color: object) -> float:
    text = color["value"] if isinstance(color, dict) else str(color)
    parts = [int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return sum(weight * part**2.2 for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


class TestOneStrategy:
    def test_the_picked_run_is_shown(self, seen: Seen, comparison: ob.Comparison) -> None:
        for at, (label, result) in enumerate(comparison.results.items()):
            seen.page.select_option("#which", str(at))
            assert f"became {money(result.equity.iloc[-1])}" in seen.page.inner_text("#detail-words")
            assert seen.run(f"() => ({PLOT})('value').renderers[2].glyph.y.field") == f"e{at}"
            table = result.fills[result.fills["units"] != 0]
            assert seen.run(f"() => ({PLOT})('ratio').renderers[1].data_source.data.date.length") == table["date"].nunique()
            assert seen.page.locator(".of-run:visible").get_attribute("data-run") == str(at)
            assert label in seen.page.locator(".of-run:visible caption").inner_text()

    def test_the_stack_adds_up_to_equity(self, seen: Seen) -> None:
        top = seen.run(f"() => [...({PLOT})('allocation').renderers[0].data_source.data.cash1]")
        assert top == pytest.approx([1.0] * len(top), abs=1e-5)

    def test_its_page_opens_and_leads_back(self, seen: Seen) -> None:
        seen.page.click("#own-page")
        assert "Parameters" in seen.page.inner_text("main") or "Figures" in seen.page.inner_text("main")
        seen.page.click("nav.top a")
        wait(seen)
        assert seen.page.url.endswith("index.html")


def test_every_link_leads_somewhere(seen: Seen, report: Path) -> None:
    links = seen.run("() => [...document.querySelectorAll('a[href]')].map((one) => one.getAttribute('href'))")
    assert len(links) > 10
    for link in links:
        file, _, place = link.partition("#")
        assert not file or (report.parent / file).is_file(), link
        assert not place or seen.page.locator(f"#{place}").count() == 1, link


def test_hostile_names_are_text_in_tooltips_too(chromium: Browser, tmp_path: Path) -> None:
    market = ob.load_market("gold", source="sample", start="2024-01-01")
    names = [name for name in HOSTILE if len(name) < 100]
    made = ob.compare({name: BuyAndHold(split={"metal": (at + 1) / 10}) for at, name in enumerate(names)}, market, check_lookahead=False)
    with opened(chromium, made.report(tmp_path / "report", tearsheets=False)) as page:
        wait(page)
        said = page.page.locator("#key .name").all_text_contents()
        assert said == key_order(made)
        page.page.locator('input[name="draw"][value="all"]').check()
        page.page.locator("#chart-equity").scroll_into_view_if_needed()
        box = page.page.locator("#chart-equity").bounding_box()
        assert box is not None
        for step in range(0, 300, 12):  # down through the lines, so that tooltips of several appear
            page.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 60 + step)
        page.run("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))")
        assert page.run("() => document.documentElement.scrollWidth") <= 1366


def test_a_phone_has_no_sideways_scrolling(chromium: Browser, report: Path) -> None:
    with opened(chromium, report, viewport={"width": 375, "height": 800}, has_touch=True) as phone:
        wait(phone)
        assert phone.run("() => document.documentElement.scrollWidth") == 375
        own = next(report.parent.glob("strategy-ratio*.html"))
        phone.page.goto(own.as_uri())
        assert phone.run("() => document.documentElement.scrollWidth") == 375


def test_a_phone_shows_names_and_the_figures_that_matter_most_at_once(chromium: Browser, report: Path) -> None:
    with opened(chromium, report, viewport={"width": 390, "height": 800}, has_touch=True) as phone:
        wait(phone)
        heads = phone.page.locator("#ranking thead th").all_inner_texts()[:5]
        assert [" ".join(head.split()) for head in heads] == ["Strategy", "Final equity", "XIRR", "Sharpe", "Max drawdown"]
        ends = phone.run(f"{ROWS}.map((row) => [row.cells[0].getBoundingClientRect().left, row.cells[4].getBoundingClientRect().right])")
        assert all(0 <= left < right <= 390 for left, right in ends)


def test_tables_of_research_can_be_read_on_a_phone(chromium: Browser, comparison: ob.Comparison, tmp_path: Path) -> None:
    page = ob.stress(comparison).report(tmp_path / "stress.html")
    with opened(chromium, page, viewport={"width": 390, "height": 800}, has_touch=True) as phone:
        assert phone.run("() => document.documentElement.scrollWidth") == 390
        seen = "document.querySelectorAll('.told caption span, .told tbody td:nth-child(3)')"
        ends = phone.run(f"[...{seen}].map((one) => one.getBoundingClientRect().right)")
        assert ends
        assert max(ends) <= 390, "each caption whole, and beside each name its return and its largest drawdown"


@pytest.mark.parametrize("width", [1280, 1440])
def test_a_desktop_shows_the_whole_ranking(chromium: Browser, report: Path, width: int) -> None:
    with opened(chromium, report, viewport={"width": width, "height": 800}) as seen:
        room = seen.run("(({scrollWidth, clientWidth}) => [scrollWidth, clientWidth])(document.querySelector('#ranking').parentElement)")
        assert room[0] <= room[1]


@pytest.mark.parametrize("odd", ["one bar", "idle", "no strategy"])
def test_odd_runs_open_without_trouble(chromium: Browser, tmp_path: Path, odd: str) -> None:
    market = ob.load_market("gold", source="sample", start="2023-01-01")
    if odd == "one bar":
        made = ob.compare([BuyAndHold()], market.opened(len(market) - 1))
    elif odd == "idle":
        made = ob.compare({"idle": Told(ob.Decisions())}, market, ob.Account(cash=0, contribution=10), check_lookahead=False)
    else:
        made = ob.compare({}, market)
    with opened(chromium, made.report(tmp_path / "report", tearsheets=False)) as page:
        wait(page)
        assert page.page.locator("#ranking tbody tr").count() == len(made.results)
        if odd != "one bar":
            choose(page, "Linear")
            choose(page, "Time-weighted")


def test_it_is_ready_in_time(chromium: Browser, report: Path) -> None:
    with opened(chromium, report) as page:
        wait(page)
        taken = page.run("() => performance.getEntriesByName('ready')[0].startTime")
        assert 0 < taken < 10_000  # as loose as a busy machine needs; benchmarks/page.py holds it to 2,500
