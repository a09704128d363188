"""Pictures in light and in dark pages: what of an SVG changes with the scheme, and how they look in a browser."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from browser import needs_a_browser, opened
from matplotlib.figure import Figure
from PIL import Image

import orebody as ob
from orebody.report.color_scheme import light_and_dark
from orebody.report.page import image
from orebody.strategies import DollarCostAverage, RatioRotation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

SVG = (
    "<svg><defs><style>*{stroke-linejoin: round}</style></defs>"
    '<path style="fill: #ffffff; stroke: #348dc1"/><path style="fill: #333333; opacity: 0.5"/><text>fill: #333333</text></svg>'
)


def test_neutral_colours_are_variables_and_hues_and_words_stay() -> None:
    both = light_and_dark(SVG)
    body = both.partition("</defs>")[2]
    assert 'style="fill: var(--ffffff); stroke: #348dc1"' in body
    assert 'style="fill: var(--333333); opacity: 0.5"' in body
    assert "<text>fill: #333333</text>" in body
    style = re.findall("<style>(.*)</style>", both)[0]
    assert style.startswith("*{stroke-linejoin: round}:root{--ffffff:#ffffff;")
    assert "@media screen and (prefers-color-scheme:dark){:root{--ffffff:#0d1117;" in style


def test_nothing_neutral_is_left_out_of_a_picture() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.bar([1, 2], [1, 2], color=["black", "white"])
    axes.grid()
    svg = base64.b64decode(image(figure).partition(",")[2]).decode()
    assert set(re.findall(r"(?:fill|stroke): (#\w{6})", svg)) == set()


def shot(picture: Locator) -> np.ndarray:
    """Return what a picture looks like on the screen, by row, column and colour."""
    return np.asarray(Image.open(io.BytesIO(picture.screenshot())).convert("RGB")).astype(int)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A tearsheet and a page of research."""
    folder = tmp_path_factory.mktemp("pages")
    market = ob.load_market("gold", source="sample", start="2020-01-01")
    sweep = ob.sweep(RatioRotation, {"window": [20, 40], "entry": [0.5, 1.0]}, market)
    return {
        "tearsheet": ob.backtest(DollarCostAverage(), market, engine="compiled").tearsheet(folder / "tearsheet.html"),
        "sweep": sweep.report(folder / "sweep.html"),
    }


@needs_a_browser
@pytest.mark.parametrize("name", ["tearsheet", "sweep"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_follow_the_page(chromium: Browser, pages: dict[str, Path], name: str, scheme: str) -> None:
    paper = (255, 255, 255) if scheme == "light" else (13, 17, 23)
    with opened(chromium, pages[name], color_scheme=scheme, viewport={"width": 1000, "height": 900}) as seen:
        assert seen.run("getComputedStyle(document.body).backgroundColor") == f"rgb{paper}"
        if name == "sweep":
            seen.page.wait_for_selector("html[data-ready]")
        shown = seen.page.locator("figure img, figure .chart").all()
        assert shown
        for picture in shown:
            pixels = shot(picture)
            assert (abs(pixels[4, 4] - paper) <= 1).all(), "the paper, in its corner"
            assert abs(pixels.mean(axis=2) - np.mean(paper)).max() > 110, "words stand out from it"
            bright = (pixels.min(axis=2) > 250).mean()
            assert bright > 0.2 if scheme == "light" else bright < 0.05


@needs_a_browser
def test_paper_is_white_whatever_the_screen(chromium: Browser, pages: dict[str, Path]) -> None:
    with opened(chromium, pages["tearsheet"], color_scheme="dark") as seen:
        seen.page.emulate_media(media="print", color_scheme="dark")
        assert seen.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert (shot(seen.page.locator("figure img").first)[4, 4] == 255).all()
