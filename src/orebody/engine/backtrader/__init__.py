"""Everything that knows backtrader: the reference engine, a quant's own `bt.Strategy`, and our strategies in a quant's own Cerebro."""

import warnings
from importlib import import_module

with warnings.catch_warnings():
    # Its docstrings have escapes that Python warns about while compiling; uv, unlike pip, leaves that to the first run.
    warnings.simplefilter("ignore")
    import_module("backtrader")

from orebody.engine.backtrader.reference_engine import run

__all__ = ["run"]
