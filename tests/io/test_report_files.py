"""What a report replaces and removes of an earlier one, and what of the user's stays in its folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from foreign_files import small_comparison, snapshot

from orebody.errors import OutputError
from orebody.io.atomic import stage_files
from orebody.report.comparison.folder import MANIFEST, check_writable


class TestReport:
    def report(self, folder: Path, **options: bool) -> Path:
        return small_comparison().report(folder, tearsheets=False, **options).parent

    def test_ones_own_files_stay(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        mine = {"strategy-my-idea.html": "mine", "fills-broker-2024.csv": "mine", "study.toml": "mine", "tearsheet-x.html": "mine"}
        for name, text in mine.items():
            (made / name).write_text(text)
        (made / "data").mkdir()
        self.report(made)
        assert {name: (made / name).read_text() for name in mine} == mine
        assert (made / "data").is_dir()

    def test_a_page_that_was_changed_ends_it_before_anything_is_written(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        (made / "strategy-half.html").write_text("my notes")
        before = snapshot(made)
        with pytest.raises(OutputError, match=r"strategy-half.html: it was changed since orebody wrote it; .*overwrite=True"):
            self.report(made)
        assert snapshot(made) == before
        self.report(made, overwrite=True)
        assert "my notes" not in (made / "strategy-half.html").read_text()

    def test_an_index_that_was_changed_is_said_before_long_work(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        with (made / "index.html").open("a") as page:
            page.write("<!-- mine -->")
        with pytest.raises(OutputError, match="was changed since orebody wrote it"):
            check_writable(made)
        check_writable(made, overwrite=True)

    def test_a_report_without_its_manifest_is_left_alone_until_that_is_allowed(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        (made / MANIFEST).unlink()
        before = snapshot(made)
        with pytest.raises(OutputError, match="no record says that orebody wrote it"):
            self.report(made)
        assert snapshot(made) in (before,)
        (made / "ranking.csv").write_text("old")
        self.report(made, overwrite=True)
        assert (made / "ranking.csv").read_text() != "old"

    def test_a_manifest_cannot_name_files_outside_its_folder(self, tmp_path: Path) -> None:
        precious = tmp_path / "precious.txt"
        precious.write_text("mine")
        digest = hashlib.sha256(b"mine").hexdigest()
        made = self.report(tmp_path / "report")
        with (made / MANIFEST).open("a") as manifest:
            manifest.write(f"{digest}  ../precious.txt\n{digest}  {precious}\n")
        self.report(made)
        assert precious.read_text() == "mine"

    def test_the_manifest_is_one_that_sha256sum_reads(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        head, *lines = (made / MANIFEST).read_text().splitlines()
        assert head.startswith("# Written by orebody")
        listed = dict(reversed(line.split("  ")) for line in lines)
        assert listed == {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in made.iterdir() if one.name != MANIFEST}
        assert list(listed) == sorted(listed)

    def test_two_runs_do_not_write_one_report(self, tmp_path: Path) -> None:
        made = self.report(tmp_path / "report")
        with stage_files(made, []), pytest.raises(OutputError, match="another run is writing one there"):
            self.report(made)
        self.report(made)
