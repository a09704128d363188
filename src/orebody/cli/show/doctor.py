"""The doctor's lines, as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.padding import Padding

import orebody
from orebody.cli.doctor.finding import NOTE, OK, PROBLEM, Finding, count
from orebody.cli.show.console import console, escape_text

__all__ = ["of_findings", "print_finding", "print_verdict"]

_STYLES = {OK: "green", NOTE: "yellow", PROBLEM: "bold red"}


def print_finding(finding: Finding) -> None:
    """Print one finding, its remedy below it."""
    terminal = console()
    style = _STYLES[finding.state]
    terminal.print(f"[{style}]{finding.state:<8}[/]{finding.topic}", soft_wrap=True)
    terminal.print(Padding(escape_text(finding.text), (0, 0, 0, 8), expand=False))
    if finding.remedy:
        terminal.print(Padding(escape_text(f"-> {finding.remedy}"), (0, 0, 0, 8), expand=False))


def print_verdict(findings: Sequence[Finding]) -> None:
    """Print how many problems and notes there are."""
    problems, notes = (sum(one.state == state for one in findings) for state in (PROBLEM, NOTE))
    noted = count(notes, "note")
    said = "All is well" if not problems else count(problems, "problem")
    console().print(f"{said}{f'; {noted}' if notes else ''}.")


def of_findings(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    checks = [{"topic": one.topic, "state": one.state, "text": one.text, "remedy": one.remedy or None} for one in findings]
    return {
        "orebody": orebody.__version__,
        "command": "doctor",
        "well": all(one.state != PROBLEM for one in findings),
        "checks": checks,
    }
