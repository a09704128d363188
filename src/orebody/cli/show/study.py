"""Terminal and JSON output of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from orebody.cli.show.console import console, escape_text, print_notes
from orebody.cli.show.json_document import of_comparison
from orebody.cli.show.ranking import print_left_out, print_ranking

if TYPE_CHECKING:
    from orebody.study import StudyResult

__all__ = ["of_findings", "print_findings"]


def print_findings(findings: StudyResult) -> None:
    """Print the title, the ranking, and of each piece of research the sentence that its section begins with."""
    terminal = console()
    if findings.study.title:
        terminal.print(escape_text(findings.study.title), style="bold")
    print_notes(findings.comparison.market.notes)
    print_ranking(findings.comparison)
    print_left_out(findings.comparison.failed)
    for section in findings.sections:
        first = f" {escape_text(section.sentences[0])}" if section.sentences else ""
        terminal.print(f"[bold]{escape_text(section.title)}.[/]{first}")
    for note in findings.notes:
        terminal.print(escape_text(note), style="yellow")


def of_findings(findings: StudyResult, *, report: Path, table: Path | None) -> dict[str, Any]:
    """Return the document of a comparison, with the study and the sentences of the research."""
    study = findings.study
    document = of_comparison(findings.comparison, engine=study.engine, left_out=findings.comparison.failed, report=report, table=table)
    return {
        **document,
        "command": "run",
        "study": {"file": study.name, "title": study.title, "sha256": study.sha256, "notes": findings.notes},
        "research": [
            {"name": name, "title": section.title, "sentences": list(section.sentences)}
            for (name, _), section in zip(findings.made, findings.sections, strict=True)
        ],
    }
