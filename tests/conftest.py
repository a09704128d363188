"""What tests share: one that asks for `engine` runs on each; for one that asks for `yahoo` the real yfinance talks to a loopback server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser import chromium
from orebody.backtesting.backtest import ENGINES
from yahoo_server import YahooServer, loopback

__all__ = ["chromium"]  # the fixture, for all modules alike: a process can run one browser


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def yahoo() -> Iterator[YahooServer]:
    with loopback() as server:
        yield server


INSTALLED = {
    *("test_wheel", "test_first_import", "test_architecture", "test_strategies", "test_sample", "test_universe_files", "test_exports"),
    *("test_cli", "test_terminal", "test_completion", "test_doctor", "test_study_run", "test_notebook"),
    *("test_page", "test_page_writing", "test_tearsheet", "test_sweep", "test_cluster", "test_alongside"),
}
"""Modules that an installation can break (templates, entry points, other processes, caches): CI runs them once more, from the wheel."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in INSTALLED:
            item.add_marker("installed")
