"""The embedded sample: gold, silver, copper and their miners, simulated with real totals and chance years. None of it is a real price."""

from orebody.sources.sample.generator import SEED
from orebody.sources.sample.gold import COST_RATIOS
from orebody.sources.sample.model import Sample
from orebody.sources.sample.published import FUNDS, YEAR_RETURNS
from orebody.sources.sample.universes import METAL_OF, UNIVERSES, sample

__all__ = ["COST_RATIOS", "FUNDS", "METAL_OF", "SEED", "UNIVERSES", "YEAR_RETURNS", "Sample", "sample"]
