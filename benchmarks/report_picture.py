"""The picture of a report that README shows: the top of `index.html`, of four strategies on the embedded sample.

python benchmarks/report_picture.py    # writes docs/report.png, with headless Chromium
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import orebody as ob
from orebody.strategies import CoreSatellite, DollarCostAverage, RatioRotation, VolatilityTarget

TO = Path(__file__).parents[1] / "docs" / "report.png"
WIDTH, HEIGHT = 1200, 1420


def main() -> None:
    market = ob.load_market("gold", source="sample")
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(commission=0.001))
    chosen = [RatioRotation(), CoreSatellite(), DollarCostAverage(), VolatilityTarget()]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as drive:
        page = ob.compare(chosen, market, account).report(Path(folder) / "report", tearsheets=False)
        browser = drive.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        view.goto(page.as_uri())
        view.wait_for_selector("canvas")
        view.wait_for_timeout(1_000)
        view.screenshot(path=TO)
        browser.close()
    print(f"{TO.name}: {TO.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
