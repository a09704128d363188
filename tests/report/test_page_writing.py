"""The report's folder: all or nothing, what is imported when, and research in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from comparison_fixture import comparison

import orebody as ob
from orebody.strategies import RatioRotation


class TestWriting:
    def test_a_disk_that_fills_up_leaves_the_earlier_report(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        made = comparison()
        made.report(tmp_path / "report", tearsheets=False)
        before = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}
        written: list[Path] = []

        def full(self: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
            written.extend([self] * ("x" in mode))
            if len(written) == 5:
                raise OSError(28, "No space left on device")
            return opened(self, mode, *rest, **named)

        opened = Path.open
        monkeypatch.setattr(Path, "open", full)
        with pytest.raises(ob.OrebodyError, match="cannot write a report to 'report': No space left on device"):
            made.report(tmp_path / "report", tearsheets=False)
        monkeypatch.undo()
        assert len(written) == 5
        assert {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()} == before
        assert [path.name for path in tmp_path.iterdir()] == ["report"]

    def test_a_folder_that_cannot_be_written_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(self: Path, *_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "mkdir", denied)  # root may write to a read-only folder, so it is refused here
        with pytest.raises(ob.OrebodyError, match=f"cannot write a report to 'report': Permission denied, in '{tmp_path.name}'"):
            comparison().report(tmp_path / "report", tearsheets=False)
        assert list(tmp_path.iterdir()) == []

    def test_bokeh_is_imported_when_a_page_is_written_and_not_before(self, tmp_path: Path) -> None:
        code = (
            "import sys, orebody as ob; from orebody.strategies import BuyAndHold; from orebody.testing import random_market\n"
            "made = ob.compare([BuyAndHold()], random_market(1), check_lookahead=False); made.table; print('bokeh' in sys.modules)\n"
            "made.report('report', tearsheets=False); print('bokeh' in sys.modules, 'matplotlib.pyplot' in sys.modules)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
        assert done.stdout.split() == ["False", "True", "False"]


def test_research_stands_in_the_report_and_in_its_navigation(tmp_path: Path) -> None:
    comparison = ob.compare([RatioRotation()], ob.load_market("gold", source="sample"))
    stress = ob.stress(comparison)
    comparison.report(tmp_path / "report", tearsheets=False, research=[stress])
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    title = "What happened in bad times, and in good ones"
    assert f'<a href="#research-1">{title}</a>' in page
    assert f'<h2 id="research-1">{title}</h2>' in page
    rise = stress.table.set_index(["episode", "strategy"])["return"]["2025 rise", "ratio-rotation"]
    assert f"<td>{100 * rise:+.2f} %</td>" in page
    assert page.index('id="research-1"') < page.index('id="how"')
