"""What a report shows of returns taken apart: what was the metal, what leverage, and what is left for skill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from orebody.report.page import plain
from orebody.report.pictures import styled
from orebody.report.research.gearing import share, value
from orebody.report.research.section import Picture, Section, Table

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.gearing import Decomposition

__all__ = ["below", "section"]

HEADINGS = {
    "metal": "Metal",
    "gearing": "Gearing",
    "miners": "Miners' own",
    "timing_metal": "Timing, metal",
    "timing_miners": "Timing, miners",
    "cash": "Cash",
    "costs": "Costs",
}
COLOURS = ("#E69F00", "#D55E00", "#0072B2", "#009E73", "#56B4E9", "#999999", "#000000")


def section(apart: Decomposition) -> Section:
    """Return the section; see `orebody.research.gearing.decomposition`."""
    words = "The parts of each strategy's growth a year, stacked; the table by a year has them."
    drawn = apart.annual.dropna()
    return Section(
        title="What the returns were made of",
        sentences=apart.sentences,
        tables=[_parts(apart.table, apart.shares), _annual(apart.annual)],
        pictures=[Picture("Parts of growth a year", _picture(drawn), words)] if len(drawn) else [],
        settings=[
            (
                "Betas",
                ", ".join(f"{name} {one:.2f}" for name, one in apart.betas.items()) + ": of simple returns, bar by bar, in hindsight",
            ),
            ("Linking", "parts of each bar times the growth up to it; by a year logarithmic (Carino 1999)"),
        ],
    )


def below(first: Section, second: Section) -> Section:
    """Return a section with another one's contents below its own."""
    return Section(
        title=first.title,
        sentences=[*first.sentences, *second.sentences],
        tables=[*first.tables, *second.tables],
        pictures=[*first.pictures, *second.pictures],
        settings=[*first.settings, *second.settings],
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


def _short(label: str) -> str:
    return label if len(label) <= 30 else f"{label[:29]}…"


@styled
def _picture(table: pd.DataFrame) -> Figure:
    figure = Figure(figsize=(11, 1.6 + 0.45 * len(table)))
    axes = figure.subplots()
    places = np.arange(len(table))
    ahead, behind = np.zeros(len(table)), np.zeros(len(table))
    for (part, heading), colour in zip(HEADINGS.items(), COLOURS, strict=True):
        values = table[part].to_numpy()
        axes.barh(places, values, left=np.where(values > 0, ahead, behind), color=colour, height=0.6, label=heading)
        ahead, behind = ahead + np.maximum(values, 0), behind + np.minimum(values, 0)
    axes.plot(table["total"], places, "|", color="#24292f", markersize=16, markeredgewidth=2, label="growth")
    axes.set_yticks(places, [plain(_short(str(label))) for label in table.index])
    axes.invert_yaxis()
    axes.axvline(0, color="#57606a", linewidth=0.8)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=8, frameon=False, fontsize=8)
    return figure
