"""Gearing of miners to their metal: as prices show it, as costs imply it, and what of a strategy's return it was."""

from orebody.research.gearing.analysis import Gearing, gearing
from orebody.research.gearing.decomposition import Decomposition, decompose

__all__ = ["Decomposition", "Gearing", "decompose", "gearing"]
