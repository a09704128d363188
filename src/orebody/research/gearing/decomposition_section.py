"""The section of returns taken apart: what was the metal, what leverage, and what is left for skill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from orebody.presentation import INK, LINE, SOFT, Axis, Chart, Color, Picture, Section, Series, Table
from orebody.research.gearing.section import share, value

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.gearing import Decomposition

__all__ = ["section"]

HEADINGS = {
    "metal": "Metal",
    "gearing": "Gearing",
    "miners": "Miners' own",
    "timing_metal": "Timing, metal",
    "timing_miners": "Timing, miners",
    "cash": "Cash",
    "costs": "Costs",
}
COLORS: tuple[Color, ...] = (4, 1, 0, 2, 5, LINE, SOFT)


def section(apart: Decomposition) -> Section:
    """Return the section; see `orebody.research.gearing.decomposition`."""
    drawn = apart.annual.dropna()
    return Section(
        title="What the returns were made of",
        sentences=apart.sentences,
        tables=[_parts(apart.table, apart.shares), _annual(apart.annual)],
        pictures=[_picture(drawn)] if len(drawn) else [],
        settings=[
            (
                "Betas",
                ", ".join(f"{name} {one:.2f}" for name, one in apart.betas.items()) + ": of simple returns, bar by bar, in hindsight",
            ),
            ("Linking", "parts of each bar times the growth up to it; by a year logarithmic (Carino 1999)"),
        ],
    )


def _parts(table: pd.DataFrame, shares: pd.DataFrame) -> Table:
    return Table(
        "In shares of the money at the beginning",
        ("Strategy", *HEADINGS.values(), "Return", "Metal held", "Miners held", "Exposure to the metal"),
        [
            (
                str(label),
                *(share(row[part], 1, signed=True) for part in (*HEADINGS, "total")),
                share(shares.loc[label, "metal"]),
                share(shares.loc[label, "miners"]),
                value(shares.loc[label, "beta"]),
            )
            for label, row in table.iterrows()
        ],
        "The first seven add up to the return. Metal: what the average investment would have brought in metal. Gearing: what "
        "miners' beta above 1 added to it. Miners' own: their returns beyond beta. Timing: what holding more or less than that brought.",
    )


def _annual(table: pd.DataFrame) -> Table:
    return Table(
        "By a year, logarithmic",
        ("Strategy", *HEADINGS.values(), "Growth"),
        [(str(label), *(share(row[part], 2, signed=True) for part in (*HEADINGS, "total"))) for label, row in table.iterrows()],
        "A dash: the account was ruined, which has no logarithm.",
    )


def _picture(table: pd.DataFrame) -> Picture:
    """Return the parts as bars one after the other, gains to the right of 0 and losses to the left."""
    at = np.arange(len(table), dtype=float)
    ahead, behind, series = np.zeros(len(table)), np.zeros(len(table)), []
    for (part, heading), color in zip(HEADINGS.items(), COLORS, strict=True):
        values = table[part].to_numpy()
        begin = np.where(values > 0, ahead, behind)
        ends = begin + values
        texts = [f"{label}: {share(one, 2, signed=True)}" for label, one in zip(table.index, values, strict=True)]
        low, high = np.minimum(begin, ends), np.maximum(begin, ends)
        series.append(Series("hbar", heading, y=at, low=low, high=high, texts=texts, color=color, width=0.36))
        ahead, behind = ahead + np.maximum(values, 0), behind + np.minimum(values, 0)
    total = table["total"].to_numpy()
    texts = [f"{label}: {share(one, 2, signed=True)}" for label, one in zip(table.index, total, strict=True)]
    series.append(Series("dots", "Growth", x=total, y=at, texts=texts, color=INK, width=24.0, marker="dash"))
    series.append(Series("vrule", x=[0.0], color=SOFT, width=1.0))
    rows = Axis(unit="rows", names=list(map(str, table.index)))
    words = "The parts of each strategy's growth a year, stacked; the table by a year has them."
    return Picture("Parts of growth a year", [Chart(Axis("growth a year, logarithmic", "percent"), rows, series)], words)
