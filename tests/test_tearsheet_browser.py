"""The tearsheet in a browser: nothing is fetched, nothing fails, every picture is one, and it fits a phone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import orebody as ob
from orebody.strategies import DollarCostAverage

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(BROWSER is None, reason="no chromium is installed")
def test_the_page_in_a_browser(tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    evil = "<script>alert(1)</script> & $x$ =cmd()\x01"
    result = ob.backtest(DollarCostAverage(), ob.load_market("gold", source="sample", start="2020-01-01"), label=evil)
    path = result.tearsheet(tmp_path / "t.html")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1_000, "height": 900})
        said: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url) if not request.url.startswith("data:") else None)
        page.goto(path.as_uri(), wait_until="load")
        pictures = page.evaluate("[...document.images].map(one => one.complete && one.naturalWidth)")
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size({"width": 390, "height": 800})
        narrow = page.evaluate("document.documentElement.scrollWidth")
        headline = page.inner_text("h1")
        browser.close()
    assert said == []
    assert asked == [path.as_uri()]
    assert len(pictures) == 10
    assert all(width > 300 for width in pictures)
    assert wide <= 1_000
    assert narrow <= 390
    assert headline.startswith("<script>alert(1)</script> & $x$ =cmd()")
