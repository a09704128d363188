"""What a notebook shows: the right figures, every word escaped, small, fast, the same bytes each time, readable on light and dark."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from html_pages import Page
from random_cases import drawn
from recomputed import money
from small_markets import Told, market

import orebody as ob
from orebody.registry import strategies
from orebody.report.notebook import nouns
from orebody.report.still import _coarse, thinned
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation
from orebody.testing import random_market

HOSTILE = ("<script>alert(1)</script>", "$x$", "_x", '" onload="x', "&lt;b&gt;", "金")
MOST = 150_000


@cache
def sample() -> ob.Market:
    return ob.load_market("gold", source="sample", start="2015-01-01")


@cache
def compared() -> ob.Comparison:
    return ob.compare({"rotate": RatioRotation(window=60), "average": DollarCostAverage()}, sample(), ob.Account(contribution=500))


@cache
def swept() -> ob.Sweep:
    return ob.sweep(RatioRotation, {"window": range(20, 61, 10), "entry": [0.5, 1.0, 1.5]}, random_market(11, bars=200))


@cache
def ruined() -> ob.Comparison:
    weights = np.full((len(sample()), 2), np.nan)
    weights[0, 1] = -2.0
    account = ob.Account(maintenance_margin=0.0, cash=100.0, leverage=2.0)
    return ob.compare(
        {"short": Told(ob.Decisions(weights=weights)), "idle": Told(ob.Decisions())}, sample(), account, check_lookahead=False
    )


def shown(thing: object) -> tuple[Page, str]:
    """Return what a notebook shows, after checking what holds for all of it."""
    html: str = thing._repr_html_()  # type: ignore[attr-defined]
    assert html == thing._repr_html_()  # type: ignore[attr-defined]
    assert len(html.encode()) < MOST
    page = Page(html)
    assert "script" not in page.tags
    assert not [address for address in page.addresses if not address.startswith(("#", "data:image/png;base64,"))]
    for picture in re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL):
        xlink = picture.replace("<svg", '<svg xmlns:xlink="http://www.w3.org/1999/xlink"', 1) if "xmlns:xlink" not in picture else picture
        ElementTree.fromstring(xlink)
        assert "<style" not in picture, "it would style the whole notebook"
    return page, html


def test_a_run() -> None:
    result = compared().results["rotate"]
    page, html = shown(result)
    figures, metal = result.metrics(), result.benchmark.metrics()
    rows = {row[0]: row[1:] for row in page.rows("")}
    assert rows["Final equity"] == [money(result.equity.iloc[-1]), money(result.benchmark.equity.iloc[-1])]
    assert rows["Maximum drawdown"] == [f"{100 * figures.max_drawdown:.2f} %", f"{100 * metal.max_drawdown:.2f} %"]
    assert rows["Money put in"] == [money(100_000 + result.flows.sum())] * 2
    assert page.words.startswith("SIMULATED: these prices are made up")
    assert 'aria-label="Equity over time' in html
    assert repr(result).count("\n") == 0


def test_a_comparison() -> None:
    page, _ = shown(compared())
    rows = page.rows("")
    assert [row[0].removesuffix(" (benchmark)") for row in rows] == list(compared().results)
    assert [row[1] for row in rows] == [money(result.equity.iloc[-1]) for result in compared().results.values()]
    assert sum("(benchmark)" in row[0] for row in rows) == 2
    assert compared().opening in page.words
    assert page.words.startswith("SIMULATED")
    assert compared().market.digest in page.words


def test_ruin_and_idleness_are_said() -> None:
    day = ruined().results["short"].ruined
    assert day is not None
    page, _ = shown(ruined())
    assert page.rows("")[-1][0] == f"short (RUINED on {day.date()})"
    assert f"RUINED on {day.date()}: equity was gone" in shown(ruined().results["short"])[0].words
    assert "It never traded." in shown(ruined().results["idle"])[0].words
    assert "It never traded." not in shown(ruined().results["short"])[0].words


def test_a_sweep() -> None:
    page, html = shown(swept())
    best = swept().best
    assert page.rows("")[0][:3] == [
        f"window {best['window']}, entry {best['entry']:g}",
        f"{best['sharpe']:.2f}",
        money(best["final_equity"]),
    ]
    assert "15 points, 0 failed" in page.words
    assert 'aria-label="Sharpe over window and entry;' in html
    assert page.words.startswith("SIMULATED")


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"window": [20, 30, 40]}, "3 points, 0 failed"),
        ({"window": [20]}, "1 points, 0 failed"),
        ({"window": [1, 20], "entry": [1.0, 2.0]}, "4 points, 2 failed"),
        ({"window": [20, 30], "entry": [1.0, 2.0], "exit": [None, 0.5]}, "8 points, 0 failed"),
        ({"exit": [None, 0.5]}, "2 points, 0 failed"),
    ],
)
@pytest.mark.parametrize("metric", ["sharpe", "cagr"])  # the history is too short for a CAGR: no point has one
def test_a_sweep_of_any_shape(grid: dict[str, list[object]], words: str, metric: str) -> None:
    page, _ = shown(ob.sweep(RatioRotation(window=20), grid, random_market(11, bars=100), metric=metric))
    assert words in page.words


def test_a_market() -> None:
    days = pd.bdate_range("2024-01-01", periods=5)
    frame = pd.DataFrame({"Open": 10.0, "High": 15.0, "Low": 5.0, "Close": [10.0, 11.0, 12.0, 13.0, 15.0]}, index=days)
    made = ob.Market.from_frames({"M": frame, "LATE": frame.iloc[[1, 4]] / 20}, source="<b>hand</b>", notes=(("Vintage", "<i>old</i>"),))
    page, html = shown(made)
    assert page.rows("") == [
        ["M", "metal", "2024-01-01", "2024-01-05", "5", "0", "15.00", "50.00 %"],
        ["LATE", "miner", "2024-01-02", "2024-01-05", "2", "2", "0.75", "36.36 %"],
    ]
    assert "Vintage: <i>old</i>" in page.words
    assert "<b>hand</b>" in page.words
    assert "<i>" not in html
    assert "SIMULATED" not in page.words
    assert page.words != shown(sample())[0].words
    assert shown(sample())[0].words.startswith("SIMULATED")
    assert shown(ob.load_market("gold-producers", source="sample"))[0].words.count("Survivors only") == 1
    for bars in range(3):
        shown(made.cut(bars))


def test_names_are_shown_as_they_are_written() -> None:
    named = ob.compare(dict.fromkeys(HOSTILE, BuyAndHold(split={"metal": 0.5})), random_market(3, bars=60))
    page, html = shown(named)
    assert {row[0] for row in page.rows("")} > set(HOSTILE)
    assert 'onload="x' not in html
    for label in HOSTILE:
        page, _ = shown(named.results[label])
        assert label in page.words


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 150))])
def test_no_run_is_too_odd_to_be_shown(seed: int) -> None:
    case = drawn(seed)
    result = case.result("compiled")
    shown(result)
    shown(case.market)
    page, _ = shown(ob.compare({"x": Told(case.decisions)}, case.market, case.account, check_lookahead=False, engine="compiled"))
    assert len(page.rows("")) == 3


def test_a_single_bar_and_no_money_at_first() -> None:
    two = market(["2024-01-01", "2024-01-02"], [[1.0, 2.0]] * 2)
    shown(ob.compare({"x": Told(ob.Decisions())}, two.opened(1), check_lookahead=False))
    empty = ob.compare({"x": Told(ob.Decisions())}, sample(), ob.Account(cash=0, contribution=10), check_lookahead=False)
    shown(empty)
    shown(empty.results["x"])


def test_forty_strategies_and_more_rows_than_are_shown() -> None:
    many = {f"hold {share} %": BuyAndHold(split={"metal": share / 100}) for share in range(1, 61)}
    page, _ = shown(ob.compare(many, random_market(3, bars=300), engine="compiled", check_lookahead=False))
    rows = page.rows("")
    assert nouns.ROWS <= len(rows) <= nouns.ROWS + 2
    assert sum("(benchmark)" in row[0] for row in rows) == 2
    assert f"{62 - len(rows)} more in comparison.table." in page.words


def test_fourteen_strategies_over_5000_bars_are_as_small_as_any() -> None:  # how long it takes is in benchmarks/at_once.py
    runs = {f"s{share}": BuyAndHold(split={"metal": share / 14}) for share in range(1, 15)}
    page, _ = shown(ob.compare(runs, random_market(7, bars=5_000), ob.Account(contribution=100), engine="compiled", check_lookahead=False))
    assert len(page.rows("")) == 16


def test_nothing_that_draws_is_imported_before_it_is_shown() -> None:
    code = (
        "import sys, orebody as ob; from orebody.testing import random_market; from orebody.strategies import BuyAndHold; "
        "c = ob.compare([BuyAndHold()], random_market(1)); repr(c); c.to_frame(); loaded = 'matplotlib' in sys.modules; c._repr_html_(); "
        "print(loaded, 'matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False True False"


def test_what_the_notebook_has_set_is_neither_used_nor_changed() -> None:
    plain = compared()._repr_html_()
    with mpl.rc_context({"lines.color": "red", "font.size": 30.0, "axes.grid": True, "figure.dpi": 300.0, "text.usetex": True}):
        before = dict(mpl.rcParams)
        assert compared()._repr_html_() == plain
        assert dict(mpl.rcParams) == before


def test_of_many_bars_the_extremes_are_drawn() -> None:
    values = np.random.RandomState(1).standard_normal(5_000).cumsum()
    values[2_345], values[3_456] = 500.0, -500.0
    kept = thinned(values, 300)
    assert len(kept) <= 300
    assert {0, 2_345, 3_456, 4_999} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()
    assert thinned(np.full(1_000, np.nan), 50).tolist()[0] == 0
    assert thinned(values[:7], 300).tolist() == list(range(7))


def test_large_surfaces_are_averaged() -> None:
    table = np.array([[1.0, 3.0, np.nan], [5.0, np.nan, np.nan]])
    np.testing.assert_array_equal(_coarse(table, 2, 2), [[3.0, np.nan]])
    np.testing.assert_array_equal(_coarse(table, 1, 1), table)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("color", [*nouns.COLORS, "#808080"])
def test_lines_stand_out_on_white_and_on_the_dark_of_notebooks(color: str) -> None:
    """WCAG 2.2, 1.4.11: 3 to 1 for pictures; JupyterLab's dark is #111111."""
    assert 1.05 / (luminance(color) + 0.05) >= 3.0
    assert (luminance(color) + 0.05) / (luminance("#111111") + 0.05) >= 3.0
    assert color not in (nouns.METAL.color, nouns.MINERS.color)


def test_every_strategy_that_comes_with_it_can_be_shown() -> None:
    names = {name: strategy() for name, strategy in strategies().items() if name not in ("buy-and-hold", "quality-tilt", "trim-stretch")}
    made = ob.compare(
        {name: one for name, one in names.items() if one.bars_needed < 400}, sample(), engine="compiled", check_lookahead=False
    )
    for result in made.results.values():
        shown(result)
