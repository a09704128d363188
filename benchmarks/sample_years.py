"""What fixed ends of years do to a rule: the rotation on days drawn like the sample's gold, with and without them.

    python benchmarks/sample_years.py              # 60 draws
    python benchmarks/sample_years.py --draws 200

Fixed, a year's days end where the fund did, as in the sample: what falls behind has to come back. Free, the same days have the year's
mean added instead, and end where chance leads.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import orebody as ob
from orebody.sources.sample.draws import bars, bent, noise, sessions
from orebody.sources.sample.published import YEAR_RETURNS
from orebody.strategies import RatioRotation

VOLATILITY, BETA, OWN = 0.182, 1.72, 0.268  # of gold, of the miners to it, of the miners beside it
METAL, MINERS = YEAR_RETURNS["SIM-GOLD"], YEAR_RETURNS["SIM-MINERS"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=60)
    draws = parser.parse_args().draws
    dates = sessions()
    expected = bent(np.zeros(len(dates)), dates, METAL), bent(np.zeros(len(dates)), dates, MINERS)
    for fixed in (True, False):
        gains, won = np.array([rotated(seed, dates, expected, fixed) for seed in range(draws)]).T
        middle, error = gains.mean(), gains.std(ddof=1) / draws**0.5
        print(
            f"{'fixed' if fixed else 'free'} ends of years: the rotation ended above holding either in {won.mean():.0%} of {draws} draws; "
            f"{np.expm1(middle):+.0%} against half of each, from {np.expm1(middle - 2 * error):+.0%} to {np.expm1(middle + 2 * error):+.0%}"
        )


def rotated(seed: int, dates: pd.DatetimeIndex, expected: tuple[np.ndarray, np.ndarray], fixed: bool) -> tuple[float, bool]:
    """Return the log of the rotation's final equity over the geometric mean of the two held, and whether it ended above both."""
    draw = np.random.RandomState(seed)
    metal, own = noise(draw, dates, VOLATILITY), noise(draw, dates, OWN)
    miners = BETA * metal + own
    steps = (bent(metal, dates, METAL), bent(miners, dates, MINERS)) if fixed else (metal + expected[0], miners + expected[1])
    market = ob.Market.from_frames(
        {ticker: bars(draw, step, dates) for ticker, step in zip(("SIM-METAL", "SIM-MINERS"), steps, strict=True)}, cash_rate=0.02
    )
    comparison = ob.compare([RatioRotation()], market, engine="compiled", check_lookahead=False)
    final = comparison.table["final_equity"]
    held = final[list(comparison.benchmarks)]
    return float(np.log(final["ratio-rotation"]) - np.log(held).mean()), bool(final["ratio-rotation"] > held.max())


if __name__ == "__main__":
    main()
