"""Strategies out of a file of the user's: ``mine.py:AboveItsMean`` where the name of a strategy is expected. The file is run."""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from orebody.errors import MissingFileError, ParameterError, unknown_name

if TYPE_CHECKING:
    from types import ModuleType

    from orebody.strategy.base import Strategy

__all__ = ["raised_in_own_file", "strategy_class"]

_FORM = re.compile(r"(?P<file>.+\.py):(?P<name>\w+)")
_LOADED: dict[Path, ModuleType] = {}


def strategy_class(name: str) -> type[Strategy]:
    """Return the strategy class of that name, or the class in a file for ``mine.py:AboveItsMean``.

    Raises
    ------
    MissingFileError, UnknownNameError
        For a file, class or name that is not there.
    ParameterError
        For a file without the name of a class, one that raises when it is run, and a class that is no strategy.
    """
    from orebody.backtesting.backtest import is_native_strategy
    from orebody.registry import find_strategy
    from orebody.strategy.base import Strategy

    form = _FORM.fullmatch(name)
    if form is None:
        if name.endswith(".py"):
            raise ParameterError(f"{name} is a file: name the class in it too, as {name}:AboveItsMean")
        return find_strategy(name)
    file, wanted = form["file"], form["name"]
    module = _module(Path(file))
    ours = [one for one, value in vars(module).items() if isinstance(value, type) and value.__module__ == module.__name__]
    if not hasattr(module, wanted):
        raise unknown_name(f"class in {file}", wanted, ours)
    found = getattr(module, wanted)
    if isinstance(found, type) and is_native_strategy(found):
        raise ParameterError(f"{name} is a class of backtrader's: run it in Python, with orebody.backtest or orebody.compare")
    if not (isinstance(found, type) and issubclass(found, Strategy)):
        raise ParameterError(f"{name} is no strategy: derive a frozen dataclass from orebody.Strategy")
    return found


def _module(path: Path) -> ModuleType:
    """Return what a file defines, run once; files beside it can be imported by it, as when Python runs it."""
    if not path.is_file():
        raise MissingFileError(f"there is no file {str(path)!r:.200}: give the path of a Python file, as mine.py:AboveItsMean")
    path = path.resolve()
    if path in _LOADED:
        return _LOADED[path]
    name = path.stem if path.stem.isidentifier() and path.stem not in sys.modules else f"orebody_own_{abs(hash(path)):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    _LOADED[path] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name], _LOADED[path]
        raise ParameterError(f"{path.name} cannot be loaded: {_describe(error, path)}") from error
    return module


def raised_in_own_file(error: BaseException) -> str | None:
    """Return in a sentence what code of a loaded file, or of another package's strategy, raised; None where it comes from elsewhere."""
    files = [*_LOADED, *_of_packages()]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        for path in files:
            if Path(frame.filename) == path:
                return f"{path.name} raised an error: {_describe(error, path)}"
    return None


def _of_packages() -> list[Path]:
    """Return the files of the strategies that other packages add, where they have been looked for."""
    registry = sys.modules.get("orebody.registry")
    if registry is None or not registry.strategies.cache_info().currsize:
        return []
    added = {one.__module__ for one in registry.strategies().values() if one.__module__.split(".")[0] != "orebody_strategies"}
    files = [getattr(sys.modules.get(name), "__file__", None) for name in sorted(added)]
    return [Path(file) for file in files if file]


def _describe(error: BaseException, path: Path) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}{f': {text}' if text else ''}{f' (line {line})' if line else ''}"
