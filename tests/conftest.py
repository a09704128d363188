"""What tests share: a test that asks for `engine` runs on each."""

from __future__ import annotations

import pytest

from orebody.run import ENGINES


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name
