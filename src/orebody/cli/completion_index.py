"""Names for the completion of a command line, read from the sources' text: importing strategies brings numba, and takes a second."""

from __future__ import annotations

import ast
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from orebody.io.text import kebab_case

__all__ = ["figures", "parameters", "sample_universes", "strategies"]

_GROUP = "orebody.strategies"


@cache
def parameters() -> dict[str, dict[str, str]]:
    """Return the parameters of each strategy that comes with orebody, by its name, and what each means."""
    found = {}
    for path in sorted(_folder("orebody_strategies").glob("[!_]*.py")):
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id == "Strategy" for base in node.bases):
                found[kebab_case(node.name)] = dict(_declared_parameters(node))
    return found


def strategies() -> list[str]:
    """Return the names of all strategies, those that other packages add included."""
    added = (kebab_case(entry.value.rpartition(":")[2].rpartition(".")[2]) for entry in entry_points(group=_GROUP))
    return sorted({*parameters(), *added})


def sample_universes() -> list[str]:
    """Return the names of the universes in the embedded sample."""
    return [key.value for key in _read_assignment(_folder("orebody") / "sources" / "sample" / "universes.py", "UNIVERSES").keys]


def figures() -> list[str]:
    """Return the figures by which a sweep can choose."""
    names = [one.value for one in _read_assignment(_folder("orebody") / "engine" / "kernel.py", "FIGURES").elts]
    return [name for name in names if name != "ruined"]


def _declared_parameters(node: ast.ClassDef) -> list[tuple[str, str]]:
    """Return the names of the fields that ``parameter(default, about, …)`` declares, and their `about`."""
    fields = []
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and isinstance(line.value, ast.Call):
            about = line.value.args[1] if len(line.value.args) > 1 else None
            fields.append((line.target.id, str(about.value) if isinstance(about, ast.Constant) else ""))
    return fields


def _read_assignment(path: Path, name: str) -> Any:
    """Return the expression that a module assigns to a name."""
    for node in _tree(path).body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return node.value
    raise LookupError(f"{path.name} does not assign {name}")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _folder(package: str) -> Path:
    found = find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(next(iter(found.submodule_search_locations)))
