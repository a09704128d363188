"""The ideas as strategies, one file each: read them, copy them, vary them.

To add one, see the checklist in CONTRIBUTING.md: its file here, its name in this list, its contract test.
"""

from orebody_strategies.buy_and_hold import BuyAndHold
from orebody_strategies.dollar_cost_average import DollarCostAverage
from orebody_strategies.ratio_rotation import RatioRotation

__all__ = ["BuyAndHold", "DollarCostAverage", "RatioRotation"]
