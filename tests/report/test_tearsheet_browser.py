"""The tearsheet in a browser: nothing is fetched, nothing fails, every picture is one, and it fits a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from browser import needs_a_browser, opened

import orebody as ob
from orebody.strategies import DollarCostAverage

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@needs_a_browser
def test_the_page_in_a_browser(tmp_path: Path, chromium: Browser) -> None:
    evil = "<script>alert(1)</script> & $x$ =cmd()\x01"
    result = ob.backtest(DollarCostAverage(), ob.load_market("gold", source="sample", start="2020-01-01"), label=evil)
    path = result.tearsheet(tmp_path / "t.html")
    asked: list[str] = []
    with opened(chromium, path, viewport={"width": 1_000, "height": 900}) as seen:
        page = seen.page
        page.on("request", lambda request: asked.append(request.url) if not request.url.startswith("data:") else None)
        page.reload(wait_until="load")
        pictures = seen.run("[...document.images].map(one => one.complete && one.naturalWidth)")
        wide = seen.run("document.documentElement.scrollWidth")
        page.set_viewport_size({"width": 390, "height": 800})
        narrow = seen.run("document.documentElement.scrollWidth")
        headline = page.inner_text("h1")
    assert asked == [path.as_uri()]
    assert len(pictures) == 10
    assert all(width > 300 for width in pictures)
    assert wide <= 1_000
    assert narrow <= 390
    assert headline.startswith("<script>alert(1)</script> & $x$ =cmd()")
