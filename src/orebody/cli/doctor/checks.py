"""All checks, one after the other; each import waits until its check is made, so that a broken package is a finding and no crash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from orebody.cli.doctor.environment import check_packages, check_python
from orebody.cli.doctor.finding import PROBLEM, Finding

__all__ = ["run_checks"]


def run_checks(cache: str | None, *, network: bool) -> Iterator[Finding]:
    """Return each finding as it is made; a check that breaks is a problem of its own, and ends no other."""
    for topic, check in _checks(cache, network):
        try:
            yield from check()
        except Exception as error:
            text = f"the check itself failed: {type(error).__name__}: {error}"
            yield Finding(topic, PROBLEM, text, "look at the problems above, if any; else please report this")


def _checks(cache: str | None, network: bool) -> list[tuple[str, Callable[[], list[Finding]]]]:
    def kept(name: str) -> list[Finding]:
        from orebody.cli.doctor import disk

        found: list[Finding] = disk.check_downloads(cache) if name == "downloads" else disk.check_compiled_code()
        return found

    def check_figures() -> list[Finding]:
        from orebody.cli.doctor.self_test import check_figures

        return check_figures()

    def yahoo() -> list[Finding]:
        from orebody.cli.doctor.network import check_network

        return check_network()

    checks: list[tuple[str, Callable[[], list[Finding]]]] = [
        ("Python", check_python),
        ("Packages", check_packages),
        ("Cache", partial(kept, "downloads")),
        ("Compiled code", partial(kept, "compiled")),
        ("Figures", check_figures),
    ]
    return [*checks, ("Yahoo", yahoo)] if network else checks
