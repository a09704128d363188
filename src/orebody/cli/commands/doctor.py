"""``orebody doctor``: checks of the installation."""

from __future__ import annotations

import json

import click

from orebody.cli.help_groups import OUTPUT, Command, option
from orebody.cli.options import cache_option
from orebody.cli.stdout import echo

__all__ = ["command"]


@click.command("doctor", cls=Command)
@cache_option
@option("--network", "ask", group="Network", is_flag=True, help="Also ask Yahoo for one ticker; nobody is asked otherwise.")
@option("--json", "as_json", group=OUTPUT, is_flag=True, help="Print one JSON document and nothing else.")
def command(cache: str | None, ask: bool, as_json: bool) -> int:
    """Check the packages, the folders and known figures on this machine.

    Each line is ok, a note, or a problem with what to do about it. The exit code is 0, or 1 with a problem.

    \b
    Examples:
      orebody doctor
      orebody doctor --network
      orebody doctor --json > doctor.json
    """
    from orebody.cli.doctor.checks import run_checks
    from orebody.cli.doctor.finding import PROBLEM
    from orebody.cli.show.doctor import of_findings, print_finding, print_verdict

    findings = []
    for finding in run_checks(cache, network=ask):
        findings.append(finding)
        if not as_json:
            print_finding(finding)
    if as_json:
        echo(json.dumps(of_findings(findings), indent=2))
    else:
        print_verdict(findings)
    return int(any(one.state == PROBLEM for one in findings))
