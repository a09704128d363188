"""The markets on which gearing is tested."""

from __future__ import annotations

import numpy as np
import pandas as pd

import orebody as ob
from orebody.testing import random_market

__all__ = ["ACCOUNT", "PRODUCERS", "SAMPLE", "TWO", "frames_of", "logs"]


PRODUCERS = ob.load_market("gold-producers", source="sample")
SAMPLE = ob.gearing(PRODUCERS)
TWO = random_market(4, bars=700, miners=2)


def frames_of(closes: dict[str, np.ndarray], dates: pd.DatetimeIndex) -> dict[str, pd.DataFrame]:
    columns = ("Open", "High", "Low", "Close")
    return {name: pd.DataFrame(dict.fromkeys(columns, values), index=dates).dropna() for name, values in closes.items()}


def logs(market: ob.Market) -> np.ndarray:
    return np.diff(np.log(market.close), axis=0)


ACCOUNT = ob.Account(cash=50_000, contribution=800, costs=ob.Costs(commission=0.002, fixed_fee=1.0), leverage=1.6)
