"""The deepest falls of the two funds of gold miners."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from orebody.metrics import drawdowns
from replications.figure import Figure, Near
from replications.prices import FIRST, closes
from replications.study import Study

__all__ = ["STUDY"]


def figures(folder: Path) -> list[Figure]:
    deepest = {
        ticker: drawdowns(closes(folder, ticker).loc[start:].pct_change().fillna(0.0)).iloc[0]
        for ticker, start in (("GDX", FIRST), ("GDXJ", "2009-11-11"))
    }
    how = "orebody.metrics.drawdowns(returns).iloc[0]"
    dates = tuple(float(pd.Timestamp(deepest["GDX"][which]).strftime("%Y%m%d")) for which in ("peak", "trough"))
    return [
        Figure("maximum drawdown of GDX, %", Near((-80.57,), 0.005), (100 * float(deepest["GDX"]["depth"]),), how=how),
        Figure("its peak / trough, as yyyymmdd", Near((20110908.0, 20160119.0)), dates, "{:.0f}", how),
        Figure("maximum drawdown of GDXJ, %", Near((-88.66,), 0.005), (100 * float(deepest["GDXJ"]["depth"]),), how=how),
    ]


STUDY = Study(
    name="drawdowns",
    title="How deep miners have fallen",
    source="PortfoliosLab, pages of GDX and GDXJ",
    claim="GDX lost 80.57 % between September 2011 and January 2016; GDXJ lost 88.66 % at the worst.",
    period="2006-05 (GDXJ: 2009-11) to 2026-05",
    prices="GDX and GDXJ, adjusted closes",
    why="""Nothing differs. A ratio of two adjusted closes depends on the distributions between them alone, so that later ones do not
change a fall as they change a mean.""",
    figures=figures,
)
