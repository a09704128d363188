"""Python, orebody itself, and the packages it needs beside the lowest versions it works with."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

import orebody
from orebody.cli.doctor.finding import NOTE, OK, PROBLEM, Finding

__all__ = ["EXTRAS", "at_least", "check_packages", "check_python"]

EXTRAS = {"research": "significance, and block lengths measured", "distributed": "sweeps and scenarios on a Dask cluster"}
"""The extras that a user may want, and what for."""

_NEEDED = re.compile(r"^([\w.\-]+)\s*>=\s*([\d.]+)")
_EXTRA = re.compile(r"extra\s*==\s*['\"](\w+)['\"]")


def check_python() -> list[Finding]:
    """Return what runs: Python, the platform, orebody and where it was taken from."""
    lowest = _lowest_python()
    python = (
        f"{platform.python_version()} ({platform.python_implementation()}), {platform.platform(aliased=True, terse=True)}, {sys.executable}"
    )
    if lowest and not at_least(platform.python_version(), lowest):
        first = Finding("Python", PROBLEM, python, f"orebody needs Python {lowest} or newer: make an environment with one")
    else:
        first = Finding("Python", OK, python)
    return [first, Finding("orebody", OK, f"{orebody.__version__}, from {Path(orebody.__file__).parent}")]


def check_packages(needed: Iterable[str] | None = None) -> list[Finding]:
    """Return how the packages that orebody needs, and its extras, are.

    Parameters
    ----------
    needed
        Requirements as package metadata have them; by default those of the installed orebody.
    """
    if needed is None:
        try:
            needed = requires("orebody") or []
        except PackageNotFoundError:
            text = "orebody runs from its sources without being installed, so its requirements are not known"
            return [Finding("Packages", NOTE, text, "install it, as in: pip install -e .")]
    here, findings = [], []
    extras: dict[str, list[str]] = {}
    for requirement in needed:
        found, extra = _NEEDED.match(requirement), _EXTRA.search(requirement)
        if found is None or (extra is not None and extra.group(1) not in EXTRAS):
            continue
        name, lowest = found.groups()
        installed = _installed_version(name)
        if extra is not None:
            extras.setdefault(extra.group(1), []).append(_describe(name, lowest, installed))
        elif installed is None:
            findings.append(Finding("Packages", PROBLEM, f"{name} is not installed", f"install it: pip install '{name}>={lowest}'"))
        elif not at_least(installed, lowest):
            text = f"{name} {installed} is older than {lowest}, the lowest that orebody works with"
            findings.append(Finding("Packages", PROBLEM, text, f"upgrade it: pip install '{name}>={lowest}'"))
        else:
            here.append(f"{name} {installed} (>= {lowest})")
    if here:
        findings.insert(0, Finding("Packages", OK, ", ".join(here)))
    return [*findings, *(_extra(name, packages) for name, packages in extras.items())]


def at_least(installed: str, lowest: str) -> bool:
    """Whether a version is not below another, by their leading numbers: ``3.0.1rc2`` counts as 3.0.1."""
    one, other = (_numbers(text) for text in (installed, lowest))
    return one >= other


def _numbers(text: str) -> tuple[int, ...]:
    found = re.match(r"\d+(\.\d+)*", text)
    parts = [int(part) for part in found.group().split(".")] if found else []
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _lowest_python() -> str:
    try:
        required = metadata("orebody")["Requires-Python"]
    except (PackageNotFoundError, KeyError):
        return ""
    return str(required).removeprefix(">=").split(",")[0] if required else ""


def _installed_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _describe(name: str, lowest: str, installed: str | None) -> str:
    """Return ``name version``, with a mark before it unless it is there and new enough."""
    if installed is None:
        return f"!{name} is not installed"
    return f"{name} {installed} (>= {lowest})" if at_least(installed, lowest) else f"!{name} {installed} is older than {lowest}"


def _extra(name: str, packages: list[str]) -> Finding:
    text = f"{', '.join(one.removeprefix('!') for one in packages)}; for {EXTRAS[name]}"
    if any(one.startswith("!") for one in packages):
        return Finding(f"Extra {name}", NOTE, text, f"if you want that: pip install 'orebody[{name}]'")
    return Finding(f"Extra {name}", OK, text)
