"""The strategies that come with orebody: ``from orebody.strategies import RatioRotation``."""

from orebody_strategies import BuyAndHold, DollarCostAverage, RatioRotation

__all__ = ["BuyAndHold", "DollarCostAverage", "RatioRotation"]
