"""What is in the wheel and the sdist, read from those in the folder named by `OREBODY_DIST`: `.ci/run` builds them and names it."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path

import pytest

DIST = os.environ.get("OREBODY_DIST")
PACKAGES = {"orebody": "src/orebody/", "orebody_strategies": "strategies/orebody_strategies/"}

pytestmark = pytest.mark.skipif(not DIST, reason="OREBODY_DIST names no folder with a wheel and an sdist")


@pytest.fixture(scope="module")
def wheel() -> list[str]:
    (path,) = Path(DIST or "").glob("orebody-*.whl")
    return zipfile.ZipFile(path).namelist()


@pytest.fixture(scope="module")
def sdist() -> list[str]:
    (path,) = Path(DIST or "").glob("orebody-*.tar.gz")
    with tarfile.open(path) as archive:
        return [member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()]


def test_both_packages_are_typed_and_bring_what_they_read(wheel: list[str]) -> None:
    assert {"orebody/py.typed", "orebody_strategies/py.typed"} <= set(wheel)
    assert any(name.startswith("orebody/report/templates/") and name.endswith(".j2") for name in wheel)
    assert "orebody/report/interactive/page.js" in wheel
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel)


def test_nothing_else_is_in_the_wheel(wheel: list[str]) -> None:
    roots = {name.partition("/")[0] for name in wheel}
    assert {root for root in roots if not root.endswith(".dist-info")} == set(PACKAGES)
    assert not [name for name in wheel if "__pycache__" in name or name.endswith((".pyc", ".nbi", ".nbc", ".csv", ".parquet"))]


def test_the_wheel_is_what_the_sdist_holds(wheel: list[str], sdist: list[str]) -> None:
    for package, folder in PACKAGES.items():
        packed = {name for name in wheel if name.startswith(f"{package}/")}
        assert packed == {name.replace(folder, f"{package}/", 1) for name in sdist if name.startswith(folder)}
    assert {"pyproject.toml", "README.md", "LICENSE", "tests/conftest.py"} <= set(sdist)
