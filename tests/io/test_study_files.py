"""Where a study may write, and that no output takes the place of prices."""

from __future__ import annotations

from pathlib import Path

import pytest

import orebody as ob
from orebody.cli.main import main
from orebody.cli.output import CommandOutput
from orebody.errors import OutputError, ParameterError

STUDY = """
universe = "gold"
engine = "compiled"
[prices]
source = "sample"
[period]
start = "2023-01-01"
[strategies]
averaging = "dollar-cost-average"
[output]
tearsheets = false
"""


class TestStudies:
    """A study from somebody else writes below the folder one is in, and nowhere else."""

    @pytest.fixture
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        return tmp_path / "here"

    @pytest.mark.parametrize("path", ["/elsewhere/x", "../x", "a/../../x", "~/x", "C:/x", "C:x", "\\\\\\\\host\\\\x", "..\\\\x"])
    @pytest.mark.parametrize("key", ["folder", "table"])
    def test_no_path_leads_outside(self, here: Path, key: str, path: str) -> None:
        ending = ".csv" if key == "table" else ""
        (here / "s.toml").write_text(f'{STUDY}{key} = "{path}{ending}"\n')
        with pytest.raises(ParameterError, match=rf"s.toml: \[output\] {key} is .*a study writes below the folder you are in"):
            ob.load_study("s.toml")
        ob.load_study("s.toml", allow_outside=True)

    def test_the_cache_is_written_to_as_well(self, here: Path) -> None:
        (here / "s.toml").write_text(STUDY.replace('source = "sample"', 'cache = "../kept"'))
        with pytest.raises(ParameterError, match=r"\[prices\] cache is '../kept'"):
            ob.load_study("s.toml")

    @pytest.mark.parametrize("name", ["a\\u001b[2J", "a\\u0000", "a\\u009b2J", "a\\nb"])
    def test_no_control_character_reaches_the_terminal(self, here: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
        (here / "s.toml").write_text(f'{STUDY}folder = "{name}"\n')
        with pytest.raises(SystemExit) as left:
            main(["run", "s.toml"])
        out, err = capsys.readouterr()
        assert (left.value.code, out) == (2, "")
        assert "holds no control characters" in err
        assert err.replace("\n", "").isprintable()
        assert [one.name for one in here.iterdir()] == ["s.toml"]

    def test_a_link_or_a_copys_own_table_leads_nowhere_else(
        self, here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (here / "way").symlink_to(tmp_path)
        (here / "link.toml").write_text(f'{STUDY}folder = "way/report"\n')
        tail = "# Written by orebody: from where, and with what, this copy gives the numbers of the report beside it."
        (here / "copy.toml").write_text(f'{STUDY}folder = "report"\n\n\n{tail}\n[copied]\nfolder = "{tmp_path}"\n')
        for name in ("link.toml", "copy.toml"):
            with pytest.raises(SystemExit) as left:
                main(["run", name])
            assert left.value.code == 2
            assert "outside the folder you are in" in capsys.readouterr().err
        assert not (tmp_path / "report").exists()
        with pytest.raises(SystemExit) as left:
            main(["run", "copy.toml", "--out", "mine", "--quiet"])
        assert left.value.code == 0
        with pytest.raises(SystemExit) as left:
            main(["run", "copy.toml", "--allow-outside", "--quiet"])
        assert left.value.code == 0
        assert (tmp_path / "report" / "index.html").is_file()
        findings = ob.load_study("link.toml").run()
        with pytest.raises(OutputError, match="allow it with allow_outside=True"):
            findings.report()

    def test_its_table_replaces_no_prices(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (here / "prices").mkdir()
        (here / "prices" / "GLD.csv").write_text("prices")
        (here / "s.toml").write_text(f'{STUDY}table = "prices/GLD.csv"\n')
        with pytest.raises(SystemExit) as left:
            main(["run", "s.toml"])
        assert left.value.code == 2
        assert "no record says that orebody wrote it" in capsys.readouterr().err
        assert (here / "prices" / "GLD.csv").read_text() == "prices"


def test_not_even_force_replaces_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prices").mkdir()
    for name in ("prices/GLD.csv", "mine.csv"):
        (tmp_path / name).write_text("mine")
    with pytest.raises(OutputError, match="no record says that orebody wrote it"):
        CommandOutput(False, False, {"table": "prices/GLD.csv"}, force=True, prices="prices")
    CommandOutput(False, False, {"table": "mine.csv"}, force=True, prices="prices")
