"""What the sample can be asked for: its universes, its tickers, and the sample of each metal."""

from __future__ import annotations

from orebody.errors import unknown_name
from orebody.sources.sample import gold, silver_copper
from orebody.sources.sample.model import Sample

__all__ = ["METAL_OF", "UNIVERSES", "sample"]

UNIVERSES: dict[str, tuple[str, tuple[str, ...]]] = {
    "gold": ("SIM-GOLD", ("SIM-MINERS",)),
    "gold-juniors": ("SIM-GOLD", ("SIM-JUNIORS",)),
    "gold-producers": ("SIM-GOLD", tuple(gold.COST_RATIOS)),
    "silver": ("SIM-SILVER", ("SIM-SILVER-MINERS",)),
    "copper": ("SIM-COPPER", ("SIM-COPPER-MINERS",)),
}
"""Universes of the sample: name to metal and miners."""

METAL_OF = {
    **dict.fromkeys(gold.TICKERS, "gold"),
    **{ticker: metal for metal, planted in silver_copper.METALS.items() for ticker in planted.tickers},
}
"""All tickers, and in the sample of which metal each is."""


def sample(metal: str = "gold") -> Sample:
    """Return the sample of ``"gold"``, ``"silver"`` or ``"copper"``, made on first use; the same numbers every time.

    Raises
    ------
    UnknownNameError
        For another metal.
    """
    if metal == "gold":
        return gold.gold()
    if metal in silver_copper.METALS:
        return silver_copper.silver_or_copper(metal)
    raise unknown_name("metal in the sample", metal, ("gold", *silver_copper.METALS))
