"""What came of a test of significance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from orebody.account import Account
from orebody.backtesting.comparison import Comparison
from orebody.errors import ParameterError, unknown_name
from orebody.export import save
from orebody.market.caveats import caveats
from orebody.market.market import Market
from orebody.presentation import Presentable, Section
from orebody.research.significance.overfitting import Overfitting
from orebody.research.sweep.analysis import Sweep

__all__ = ["FRAMES", "Significance"]

FRAMES = ("table", "intervals", "random_timing")
"""What `Significance.to_frame` returns."""


@dataclass(frozen=True, eq=False, repr=False)
class Significance(Presentable):
    """How much of a comparison or a sweep is more than luck. Made by `significance`.

    Whatever cannot be said has its reason in a ``note``.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each strategy or point, the best first, then those that cannot be judged:

        - ``sharpe``: annual, over cash; ``probabilistic``: the probability that the true one is above 0; ``deflated``: that it is above
          what the best of all that was tried would have had without skill
        - ``growth_ahead``: annual log growth less the metal's; ``probabilistic_ahead`` and ``deflated_ahead``: the same two probabilities
          for each bar's log return less the metal's
        - ``p_single``: of growing no faster than the metal, looked at alone; ``p_value``: after counting all (Romano and Wolf)
        - ``note``
    intervals : pandas.DataFrame
        A row for each run and metric, the metal and the miners first: ``value``, ``low``, ``high``, and ``difference``, ``difference_low``,
        ``difference_high`` to the metal with the same cash flows. Of a sweep, its best five points.
    spa : pandas.Series or None
        Hansen's test that none is better than the metal: ``statistic``, ``lower``, ``consistent`` (the p-value) and ``upper``.
    overfitting : Overfitting or None
        The probability of backtest overfitting and what it was made of.
    random_timing : pandas.DataFrame or None
        Each strategy beside its own switches at random times; see `orebody.research.significance.random_timing`.
    notes : dict of str to str
        Why ``"spa"``, ``"overfitting"`` or ``"random_timing"`` is None.
    n_trials : int
        How many tries were counted.
    expected_max_sharpe, expected_max_ahead : float
        Annual Sharpe ratio to expect of the best of them without skill, over cash and over the metal; what deflates.
    samples, seed, level : int, int, float
    interval_block, test_block : int
        Mean block lengths: of the intervals, and of the tests against the metal.
    source : Comparison or Sweep
        What was judged.
    metal : str
        The label of the metal held with the same cash flows.
    """

    table: pd.DataFrame
    intervals: pd.DataFrame
    spa: pd.Series | None
    overfitting: Overfitting | None
    random_timing: pd.DataFrame | None
    notes: dict[str, str]
    n_trials: int
    expected_max_sharpe: float
    expected_max_ahead: float
    samples: int
    seed: int
    level: float
    interval_block: int
    test_block: int
    source: Comparison | Sweep
    metal: str

    @property
    def better(self) -> list[str]:
        """Those that grew faster than the metal at this level after counting all."""
        return [str(label) for label in self.table.index[self.table["p_value"] <= 1.0 - self.level + 1e-12]]

    def __repr__(self) -> str:
        head = caveats(self.source.market, rate_known=self.source.account.rate_known(self.source.market))
        shown = ["sharpe", "probabilistic", "deflated", "growth_ahead", "p_single", "p_value"]
        text = self.table.loc[self.table["growth_ahead"].notna(), shown].head(20).round(3).rename_axis(index=None).to_string()
        return "\n".join([head + text, *self.sentences])

    def to_frame(self, what: str = "table") -> pd.DataFrame:
        """Return one of the tables.

        Parameters
        ----------
        what
            ``"table"``, ``"intervals"`` or ``"random_timing"``; see the class.

        Raises
        ------
        UnknownNameError
            For anything else.
        ParameterError
            For ``"random_timing"`` where there is none; the message says why.
        """
        if what not in FRAMES:
            raise unknown_name("frame of a test of significance", str(what), FRAMES)
        frame: pd.DataFrame | None = getattr(self, what)
        if frame is None:
            raise ParameterError(f"there is no table {what!r}: {self.notes[what]}")
        return frame

    def save(self, path: str | Path, what: str = "table", *, overwrite: bool = False) -> Path:
        """Write `to_frame` as ``.csv`` or ``.parquet`` and return the path; see `orebody.export.save`."""
        return save(self.to_frame(what), path, self.source.market, overwrite=overwrite)

    def section(self) -> Section:
        """Return its sentences, tables and pictures."""
        from orebody.research.significance.section import section

        return section(self)

    @property
    def sentences(self) -> list[str]:
        """The results in sentences, the most important first."""
        from orebody.research.significance.section import sentences

        return sentences(self)

    def _origin(self) -> tuple[Market, Account | None]:
        return self.source.market, self.source.account
