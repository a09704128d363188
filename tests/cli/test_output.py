"""How commands answer: what is refused before anything runs, and what is printed and written in which order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orebody.cli.output import CommandOutput, output_from
from orebody.errors import OrebodyError


def asked(**given: object) -> dict[str, object]:
    return {"quiet": False, "as_json": False, "force": False, "table": None, "html": None, **given}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"quiet": True, "as_json": True}, "--quiet and --json are two ways to print"),
        ({"html": "one.csv", "table": "one.csv"}, "--table and --html are both 'one.csv'"),
        ({"html": "one.html", "tearsheet": "./one.html"}, "--tearsheet and --html are both './one.html'"),
        ({"table": "table.xlsx"}, "tables end in .csv or .parquet"),
        ({"html": "nowhere/page.html"}, "the folder that should hold it is not there"),
        ({"table": "."}, "it is a folder"),
    ],
)
def test_what_cannot_be_given_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, object], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OrebodyError, match=words):
        output_from(asked(**given))


def written(log: list[str], answer: CommandOutput) -> dict[str, Path | None]:
    """Give an answer whose parts leave their names in `log`."""

    def writer(name: str) -> object:
        return lambda place, overwrite: (log.append(name), Path(place))[1]

    def document(*, table: Path | None, page: Path | None) -> dict[str, object]:
        log.append("document")
        return {"table": table, "page": page}

    return answer.give(lambda: log.append("words"), document, table=writer("table"), page=writer("page"))  # type: ignore[arg-type]


def test_words_then_files_then_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    log: list[str] = []
    places = written(log, output_from(asked(html="page.html", table="table.csv")))
    assert log == ["words", "table", "page"]
    assert capsys.readouterr().out == "Table: table.csv\nPage: page.html\n"
    assert places == {"table": Path("table.csv"), "page": Path("page.html")}


def test_quiet_prints_paths_alone_and_writes_only_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    log: list[str] = []
    assert written(log, output_from(asked(quiet=True, html="page.html"))) == {"table": None, "page": Path("page.html")}
    assert log == ["page"]
    assert capsys.readouterr().out == "page.html\n"


def test_json_is_one_document_that_knows_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    log: list[str] = []
    written(log, output_from(asked(as_json=True, table="table.csv")))
    assert log == ["table", "document"]
    assert json.loads(capsys.readouterr().out) == {"table": "table.csv", "page": None}
