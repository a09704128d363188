"""What tests share: one that asks for `engine` runs on each; for one that asks for `yahoo` the real yfinance talks to a loopback server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser import chromium
from orebody.run import ENGINES
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


ONCE = {
    *(
        "test_engine_properties",
        "test_parity",
        "test_contracts",
        "test_metrics",
        "test_rolling",
        "test_causality",
        "test_ideas",
        "test_engine",
    ),
    *("test_whole_account", "test_decisions", "test_own_bt_strategy", "test_to_backtrader", "test_side", "test_stress", "test_replications", "test_types"),
    *("test_walk_forward", "test_scenarios", "test_significance", "test_significance_noise", "test_gearing", "test_tearsheet_inputs"),
    *("test_tearsheet_charts", "test_cache", "test_cache_soak", "test_yahoo_client", "test_yahoo_side", "test_yahoo_source"),
    *("test_quality", "test_quality_real", "test_csv", "test_csv_forms", "test_frames", "test_reused_tickers", "test_currency"),
}
"""Modules that hold arithmetic, wherever it was installed from: CI runs them from the sources and not again from the wheel."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.stem in ONCE:
            item.add_marker("once")
