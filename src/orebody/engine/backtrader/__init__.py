"""Everything that knows backtrader: the reference engine, a quant's own `bt.Strategy`, and our strategies in a quant's own Cerebro."""

from orebody.engine.backtrader.harness import run

__all__ = ["run"]
