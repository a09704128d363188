"""Headless Chromium for tests that look at pages: found on the machine, started once, watched for everything it says and asks for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="pages in a browser: no chromium, chromium-browser or google-chrome is here")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Seen:
    """An open page, and what went wrong with it."""

    page: Page
    trouble: list[str] = field(default_factory=list)

    def run(self, script: str, argument: Any = None) -> Any:
        """Return what the script returns in the page."""
        return self.page.evaluate(script, argument)


@contextmanager
def opened(browser: Browser, path: Path, **options: Any) -> Iterator[Seen]:
    """Open a file and wait until it is ready; at the end nothing may have gone wrong.

    Trouble is a console message above information, an error of a script, a dialog, and a request for anything but files in the folder.
    """
    page = browser.new_page(**({"viewport": {"width": 1366, "height": 900}} | options))
    seen = Seen(page)
    page.on("console", lambda said: seen.trouble.append(f"{said.type}: {said.text}") if said.type not in ("info", "log", "debug") else None)
    page.on("pageerror", lambda error: seen.trouble.append(str(error)))
    page.on("dialog", lambda dialog: (seen.trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    here = path.parent.as_uri()
    page.on("request", lambda asked: seen.trouble.append(asked.url) if not asked.url.startswith((here, "data:", "blob:")) else None)
    page.goto(path.as_uri())
    yield seen
    page.close()
    assert seen.trouble == []
