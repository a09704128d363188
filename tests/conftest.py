"""What tests share: one that asks for `engine` runs on each; for one that asks for `yahoo` the real yfinance talks to a loopback server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import chromium
from yahoo_server import YahooServer, loopback

from orebody.backtesting.backtest import ENGINES

__all__ = ["chromium"]  # the fixture, for all modules alike: a process can run one browser


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def yahoo() -> Iterator[YahooServer]:
    with loopback() as server:
        yield server
