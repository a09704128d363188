"""The ideas as strategies, one file each: read them, copy them, vary them.

To add one, see the checklist in CONTRIBUTING.md: its file here, its name in this list, its contract test.
"""

from orebody_strategies.beta_matched import BetaMatched
from orebody_strategies.buy_and_hold import BuyAndHold
from orebody_strategies.buy_weakness import BuyWeakness
from orebody_strategies.core_satellite import CoreSatellite
from orebody_strategies.dollar_cost_average import DollarCostAverage
from orebody_strategies.dry_powder_averaging import DryPowderAveraging
from orebody_strategies.momentum_rotation import MomentumRotation
from orebody_strategies.quality_tilt import QualityTilt
from orebody_strategies.ratings_breadth import RatingsBreadth
from orebody_strategies.ratio_rotation import RatioRotation
from orebody_strategies.regime_filter import RegimeFilter
from orebody_strategies.spread_trade import SpreadTrade
from orebody_strategies.trim_stretch import TrimStretch
from orebody_strategies.volatility_target import VolatilityTarget

__all__ = [
    "BetaMatched",
    "BuyAndHold",
    "BuyWeakness",
    "CoreSatellite",
    "DollarCostAverage",
    "DryPowderAveraging",
    "MomentumRotation",
    "QualityTilt",
    "RatingsBreadth",
    "RatioRotation",
    "RegimeFilter",
    "SpreadTrade",
    "TrimStretch",
    "VolatilityTarget",
]
