"""The strategies that come with orebody: ``from orebody.strategies import RatioRotation``."""

from orebody_strategies import (
    BetaMatched,
    BuyAndHold,
    BuyWeakness,
    CoreSatellite,
    DollarCostAverage,
    DryPowderAveraging,
    MomentumRotation,
    QualityTilt,
    RatingsBreadth,
    RatioRotation,
    RegimeFilter,
    SpreadTrade,
    TrimStretch,
    VolatilityTarget,
)

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
