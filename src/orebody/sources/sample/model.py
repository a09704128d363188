"""What the sample of a metal consists of."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["Sample"]


@dataclass(frozen=True)
class Sample:
    """The simulated market of a metal and its miners, and what was planted in it; shared, so treat it as read-only.

    Attributes
    ----------
    frames : dict of str to pandas.DataFrame
        Open, High, Low, Close of every ticker, from the day on which it lists.
    cash_rate : pandas.Series
        Annual rate as a fraction, dated.
    gauges : dict of str to pandas.Series
        ``spot``, the metal in USD/oz (copper in USD/lb), ``dollar``, a dollar index, ``vix``, ``yield``, ``copper`` and ``iron_ore``,
        all daily.
    ratings : pandas.DataFrame
        A row for each month and miner, the funds of miners among them.
    fundamentals : pandas.DataFrame or None
        A row for each producer and quarter; None for a metal of which no single producers are simulated.
    aisc : pandas.DataFrame or None
        All-in sustaining cost in force on each day, USD/oz, by producer; None as above.
    gearing : pandas.DataFrame or None
        Planted gearing to the metal on each day, by producer; None as above.
    """

    frames: dict[str, pd.DataFrame]
    cash_rate: pd.Series
    gauges: dict[str, pd.Series]
    ratings: pd.DataFrame
    fundamentals: pd.DataFrame | None = None
    aisc: pd.DataFrame | None = None
    gearing: pd.DataFrame | None = None
