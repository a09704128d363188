"""A walk-forward of 200 points x 20 windows of RatioRotation against one sweep of the same number of bars, both warm, on fresh markets.

    python benchmarks/walk_forward.py

Every point runs on every training and on every test. A sweep of as many bars runs the same 200 points once over a market as long as all
those windows together. The sweep over the walk-forward's own market, which runs each bar once instead of several times, is told too.
"""

from __future__ import annotations

import resource

from timing import medians

import orebody as ob
from orebody.strategies import RatioRotation
from orebody.testing import random_market

GRID = {"window": range(20, 220, 10), "entry": [0.25 * step for step in range(1, 11)]}
BARS, TURNS = 5_000, 9


ACCOUNT = ob.Account(contribution=1_000, costs=ob.Costs(commission=0.001))


def markets(bars: int) -> list[ob.Market]:
    """Return new markets, a turn each, so that no indicator is kept from before."""
    return [random_market(1, bars=bars, start="1950-01-01") for _ in range(TURNS + 1)]


def compared(train: int, test: int, check: bool) -> None:
    walk = ob.walk_forward(RatioRotation, GRID, markets(BARS)[0], ACCOUNT, train, test)
    windows = len(walk.windows)
    total = windows * (train + 1) + int(walk.windows["test_bars"].sum())  # the account of a test opens on the bar before it
    walked, own, long = markets(BARS), markets(BARS), markets(total)
    forward, once, same = medians(
        TURNS,
        lambda: ob.walk_forward(RatioRotation, GRID, walked.pop(), ACCOUNT, train, test, check_lookahead=check),
        lambda: ob.sweep(RatioRotation, GRID, own.pop(), ACCOUNT, check_lookahead=check),
        lambda: ob.sweep(RatioRotation, GRID, long.pop(), ACCOUNT, check_lookahead=check),
    )
    checked = ", with the look-ahead check" if check else ""
    print(
        f"{walk.n_trials} points x {windows} windows of {train} and {test} bars{checked}: {forward:.4f} s; "
        f"a sweep of the same {total:,} bars {same:.4f} s, {forward / same:.2f} x (bound 3); "
        f"a sweep of the market's own {BARS:,} bars {once:.4f} s, {forward / once:.2f} x"
    )


def main() -> None:
    for train, test in ((500, 215), (756, 202)):
        for check in (True, False):
            compared(train, test, check)
    print(f"memory of the process at its highest {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
