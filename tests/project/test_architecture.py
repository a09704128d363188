"""The house: imports point one way, third parties sit behind one door each, and the public face is what it says."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import orebody
import orebody.strategies
import orebody_strategies

SOURCE = Path(orebody.__file__).parent
STRATEGIES = Path(orebody_strategies.__file__).parent

# Each layer may import itself and those before it.
LAYERS = (
    ("errors",),
    ("io",),
    ("compiling", "presentation"),
    ("market",),
    ("quality",),
    ("sources",),
    ("export",),
    ("indicators",),
    ("strategy",),
    ("account",),
    ("orebody_strategies",),
    ("registry", "strategies"),
    ("engine",),
    ("metrics",),
    ("backtesting",),
    ("testing",),
    ("research",),
    ("report",),
    ("study",),
    ("cli",),
    ("__main__",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

# A noun's methods that open a door to a later layer; the import stands inside the method.
DOORS = {
    ("market", "report"),
    ("backtesting", "report"),
    ("presentation", "report"),
}

# Who alone may import a third party.
GUARDED = {
    "backtrader": ("engine/backtrader",),
    "numba": ("compiling",),
    "arch": ("research/significance/bootstrap", "research/scenarios/block_length"),
    "quantstats": ("report/tearsheet",),
    "bokeh": ("report/interactive",),
    "click": ("cli",),
    "pyxirr": ("metrics",),
    "exchange_calendars": ("quality/calendars",),
    "yfinance": ("sources/yahoo",),
    "filelock": ("sources/cache",),
    "platformdirs": ("sources/cache",),
    "pyarrow": ("export", "sources/cache/checksummed"),
    "curl_cffi": ("sources/yahoo",),
    "tenacity": ("sources/yahoo",),
    "loky": ("io/worker_pool",),
    "distributed": ("research/parallel/dask",),
    "rich": ("cli/show",),
    "matplotlib": ("report/still", "report/notebook/sparkline", "report/tearsheet"),
    "jinja2": ("report/page",),
    "markupsafe": ("report/page",),
}


def modules() -> list[tuple[str, str, Path]]:
    """Return (unit, dotted path below the root, file) of every module."""
    found = []
    for root, prefix in ((SOURCE, ""), (STRATEGIES, "orebody_strategies")):
        for path in sorted(root.rglob("*.py")):
            inside = path.relative_to(root).with_suffix("").as_posix()
            unit = prefix or inside.split("/")[0]
            if not prefix and inside == "__init__":
                continue  # the lazy public face imports for type checkers only
            found.append((unit, inside, path))
    return found


@cache
def imports(path: Path) -> tuple[tuple[str, bool], ...]:
    """Return (module, at top level) for every import of a file that happens at run time."""
    found = []

    def visit(node: ast.AST, top: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import):
                found.extend((alias.name, top) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, "relative imports hide the direction"
                found.append((child.module or "", top))
                found.extend((f"{child.module}.{alias.name}", top) for alias in child.names if child.module == "orebody")
            visit(child, top and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    visit(ast.parse(path.read_text(encoding="utf-8")), True)
    return tuple(found)


def unit_of(module: str) -> str | None:
    first, _, rest = module.partition(".")
    if first == "orebody_strategies":
        return first
    if first == "orebody" and rest:
        return rest.split(".")[0]
    return None


@pytest.mark.parametrize(("unit", "inside", "path"), modules(), ids=lambda value: value if isinstance(value, str) else "")
def test_imports_point_one_way(unit: str, inside: str, path: Path) -> None:
    assert unit in RANK, f"{inside} has no place among the layers"
    for module, top in imports(path):
        other = unit_of(module)
        if other is None or other == unit or other not in RANK:
            continue
        through_a_door = not top and (unit, other) in DOORS
        assert RANK[other] < RANK[unit] or through_a_door, f"{inside} imports {module}, which comes later"


@pytest.mark.parametrize("third_party", GUARDED)
def test_third_parties_sit_behind_one_door(third_party: str) -> None:
    importers = [inside for _, inside, path in modules() if any(module.split(".")[0] == third_party for module, _ in imports(path))]
    assert all(inside.startswith(GUARDED[third_party]) for inside in importers), importers
    assert importers


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Also within a layer: whoever imports one of them first would get another half made."""
    found = {path: name for root, name in ((SOURCE, "orebody"), (STRATEGIES, "orebody_strategies")) for path in root.rglob("*.py")}
    roots = {"orebody": SOURCE.parent, "orebody_strategies": STRATEGIES.parent}
    names = {".".join(path.relative_to(roots[name]).with_suffix("").parts).removesuffix(".__init__"): path for path, name in found.items()}
    arrows: dict[str, set[str]] = {}
    for name, path in names.items():
        arrows[name] = set()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                arrows[name] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):  # a package's module, or something that the package itself has
                asked = [f"{node.module}.{alias.name}" for alias in node.names]
                arrows[name] |= {inner if inner in names else str(node.module) for inner in asked}
        arrows[name] &= names.keys()
    assert sum(map(len, arrows.values())) > len(names)
    tuple(TopologicalSorter(arrows).static_order())  # CycleError names the circle


def test_strategies_and_engines_do_not_know_each_other() -> None:
    for unit, inside, path in modules():
        for module, _ in imports(path):
            if unit == "orebody_strategies":
                assert not module.startswith(("orebody.engine", "orebody.account", "orebody.backtesting.backtest")), inside
            if unit == "engine":
                assert not module.startswith(("orebody_strategies", "orebody.strategies", "orebody.strategy.base")), inside
                assert module != "orebody.strategy", inside


def test_importing_orebody_imports_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "backtrader", "matplotlib", "quantstats", "bokeh", "click")
    code = f"import sys, orebody; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_backtest_imports_no_plotting_and_no_quantstats() -> None:
    code = (
        "import sys, orebody as ob; from orebody.testing import random_market; from orebody.strategies import BuyAndHold; "
        "ob.backtest(BuyAndHold(), random_market(1)).equity; "
        "print([m for m in ('quantstats', 'seaborn', 'matplotlib.pyplot', 'bokeh', 'yfinance', 'click') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in orebody.__all__:
        assert getattr(orebody, name) is not None
    assert set(orebody.__all__) <= set(dir(orebody))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = orebody.nonsense


def test_the_facade_lists_every_strategy() -> None:
    assert orebody.strategies.__all__ == orebody_strategies.__all__


def test_every_error_is_also_a_builtin_error() -> None:
    from orebody import errors

    for name in errors.__all__:
        leaf = getattr(errors, name)
        assert issubclass(leaf, errors.OrebodyError)
        builtin = [base for base in leaf.__mro__ if base.__module__ == "builtins" and base not in (Exception, BaseException, object)]
        assert builtin or leaf is errors.OrebodyError, name


def test_no_file_outgrows_its_idea() -> None:
    allowed = {"engine/kernel": 650}  # numba's cache does not see edits in other files, so all kernels stand in one
    lines = {inside: len(path.read_text(encoding="utf-8").splitlines()) for _, inside, path in modules()}
    assert not {inside: count for inside, count in lines.items() if count > allowed.get(inside, 400)}
