"""``orebody run``: a study, which says in one file everything that a run needs."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click

from orebody.cli import browser
from orebody.cli.help_groups import OUTPUT, PRICES, YAHOO, Command, argument, option
from orebody.cli.options import output_options
from orebody.cli.output import CommandOutput, command_line
from orebody.cli.progress_lines import step
from orebody.cli.stdout import echo
from orebody.errors import ParameterError

__all__ = ["command"]

STUDY = "Study"


@click.command("run", cls=Command)
@argument(
    "file",
    required=False,
    group=STUDY,
    type=click.Path(),
    metavar="STUDY.toml",
    about="The study; docs/studies.md says what may stand in it.",
)
@option("--schema", group=STUDY, is_flag=True, help="Print the JSON schema of studies, with which editors complete them, and end.")
@option("--source", group=PRICES, metavar="yahoo|sample|FOLDER", help="Where prices come from, instead of what the study says.")
@option("--offline", group=YAHOO, is_flag=True, help="Take what is cached; ask nobody.")
@option("--as-of", group=YAHOO, metavar="DATE", help="What was cached at the end of that day: the same numbers again.")
@option("--out", group=OUTPUT, type=click.Path(), metavar="FOLDER", help="Where the report goes, instead of where the study says.")
@option("--allow-outside", group=OUTPUT, is_flag=True, help="Let the study write outside the folder you are in.")
@option("--open", "browse_it", group=OUTPUT, is_flag=True, help="Open the report in the browser.")
@output_options
def command(
    file: str | None,
    out: str | None,
    source: str | None,
    offline: bool,
    as_of: str | None,
    allow_outside: bool,
    browse_it: bool,
    schema: bool,
    quiet: bool,
    as_json: bool,
    force: bool,
) -> None:
    """Run a study: one TOML file with universe, prices, account, strategies, research and output.

    Prints the ranking and writes the report, with a copy of the study that gives the same numbers again. Paths in a study are relative to
    its folder, those typed here to the folder you are in.

    \b
    Examples:
      orebody run study.toml --open
      orebody run study.toml --source prices/ --out report
      orebody run report/study.toml --out again
      orebody run --schema > study.schema.json
    """
    from orebody.cli.show.console import progress, steps
    from orebody.cli.show.study import of_findings, print_findings
    from orebody.report.comparison.folder import check_writable
    from orebody.study import load_study

    if schema:
        from orebody.study.schema import study_schema

        echo(json.dumps(study_schema(), indent=2, ensure_ascii=False))
        return
    if file is None:
        raise ParameterError("name the file of a study, as in: orebody run study.toml")
    study = load_study(file, allow_outside=allow_outside).changed(source=source, offline=offline or None, as_of=as_of, out=out)
    study.check_inside("folder", "table", "cache")
    folder, table = Path(study.output.folder), study.output.table
    answer = CommandOutput(quiet, as_json, {"report": study.output.folder, "table": table}, force, study.prices.source)
    check_writable(folder, study=True, overwrite=force)
    if table is not None and Path(table).absolute().parent == folder.absolute():
        raise ParameterError(f"{study.name}: [output] table is inside the report's folder: choose another")
    step(f"running {study.name}")
    with steps() as tell:
        findings = study.run(tell)

    def report(folder: str, *, overwrite: bool) -> Path:
        with progress() as tell:
            return _near(findings.report(folder, command=command_line(), progress=tell, overwrite=overwrite))

    def save(place: str, *, overwrite: bool) -> Path:
        return _near(findings.comparison.save(place, overwrite=overwrite))

    document = partial(of_findings, findings)
    words = partial(print_findings, findings)
    written = answer.give(words, document, report=report, table=save)
    if browse_it and written["report"] is not None:
        browser.browse(written["report"])


def _near(path: Path) -> Path:
    """Return a path as it is reached from the folder the user is in, where it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
