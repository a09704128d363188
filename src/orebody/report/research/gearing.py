"""What a report shows of gearing: beta through time, leads and lags, regimes, and what costs imply."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from orebody.report.page import plain
from orebody.report.pictures import styled
from orebody.report.research.section import Picture, Section, Table

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.gearing import Gearing

__all__ = ["section", "share", "value"]

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999")
QUARTERS = 4  # of the table by quarter: the last of them, for each miner


def section(gearing: Gearing) -> Section:
    """Return the section; see `orebody.research.gearing`."""
    tables = [_realised(gearing.table), _sides(gearing.table), _regimes(gearing.regimes), _leads(gearing.lead_lag)]
    pictures = [
        Picture("Rolling beta", _rolling_picture(gearing), "The beta of the last returns through time; its range is in the text above.")
    ]
    pictures.append(Picture("Leads and lags", _lead_picture(gearing), "Correlations at each lead; the table of leads and lags has them."))
    if gearing.operating is not None and gearing.quarters is not None:
        tables[1:1] = [_operating(gearing.operating, gearing.move, gearing.market.aisc_unit), _quarters(gearing.quarters)]
        if gearing.operating["implied"].notna().any():
            words = "What costs imply against what shares showed; the table of operating leverage has both."
            pictures.insert(1, Picture("Implied and realised gearing", _implied_picture(gearing.operating), words))
    return Section(
        title="Gearing: by how much more the miners move than the metal",
        sentences=gearing.sentences,
        tables=[table for table in tables if table.rows],
        pictures=pictures,
        settings=[
            ("Returns", f"{gearing.returns}, by {gearing.frequency}; a period in which an instrument has no bar is left out"),
            ("Rolling window", f"{gearing.window} returns"),
            ("Standard errors", "Newey and West (1987), floor(4 (T / 100)^(2/9)) autocorrelations; by quarter classical"),
            ("Capture", f"geometric mean simple return by {gearing.frequency} where the metal rose (fell), over the metal's own"),
        ],
    )


def value(number: float, digits: int = 2) -> str:
    """Return a number, or a dash for what there is none of."""
    return f"{number:.{digits}f}" if math.isfinite(number) else "–"


def share(number: float, digits: int = 0, *, signed: bool = False) -> str:
    """Return a share in per cent, without a sign before zero, or a dash."""
    if not math.isfinite(number):
        return "–"
    text = f"{number:{'+' if signed else ''}.{digits}%}"
    return text if any(digit in text for digit in "123456789") else text.lstrip("+-")


def _realised(table: pd.DataFrame) -> Table:
    return Table(
        "Realised gearing over the whole period",
        (
            "Miners",
            "Beta",
            "± s.e.",
            "s.e. if i.i.d.",
            "R²",
            "Correlation",
            "Alpha a year",
            "± s.e.",
            "Beta, closes apart",
            "± s.e.",
            "Returns",
        ),
        [
            (
                str(name),
                *(value(row[column]) for column in ("beta", "se", "se_iid")),
                share(row["r2"]),
                value(row["correlation"]),
                share(row["alpha"], 1, signed=True),
                share(row["alpha_se"], 1),
                *(value(row[column]) for column in ("dimson_beta", "dimson_se")),
                f"{row['returns']:,.0f}",
            )
            for name, row in table.iterrows()
        ],
        "Alpha: of simple returns, over the cash rate, beyond beta times the metal's return over it. Beta, closes apart: the sum of the "
        "slopes on the metal's return of the period, the one before and the one after (Dimson 1979), right where closes are not of one "
        "moment.",
    )


def _sides(table: pd.DataFrame) -> Table:
    return Table(
        "Rises and falls of the metal",
        ("Miners", "Up-beta", "± s.e.", "Down-beta", "± s.e.", "Up-capture", "Down-capture"),
        [
            (
                str(name),
                *(value(row[column]) for column in ("up_beta", "up_se", "down_beta", "down_se")),
                *(share(row[column]) for column in ("up_capture", "down_capture")),
            )
            for name, row in table.iterrows()
        ],
        "A slope among rises says what a larger rise adds; capture compares averages, and so has alpha in it. They can disagree.",
    )


def _operating(table: pd.DataFrame, move: float, unit: str) -> Table:
    return Table(
        "Operating leverage: what costs imply",
        (
            "Miner",
            f"Spot, {unit}",
            "Cost",
            "Margin",
            "Elasticity",
            f"Profit if spot {move:+.0%}",
            "Implied",
            "Realised",
            "± s.e.",
            "Slope",
            "± s.e.",
        ),
        [
            (
                str(name),
                *(f"{row[column]:,.0f}" for column in ("spot", "aisc")),
                share(row["margin"]),
                value(row["elasticity"]),
                share(row["profit_change"], signed=True),
                *(value(row[column]) for column in ("implied", "realised", "se", "slope", "slope_se")),
            )
            for name, row in table.iterrows()
        ],
        "Elasticity is P / (P - cost), at the last bar; implied its average over the period, known at each return's beginning. "
        "Slope: of the shares' returns on implied gearing times the metal's; 1 is what the costs say. A dash: no profit, or too "
        "few returns.",
    )


def _quarters(table: pd.DataFrame) -> Table:
    latest = table["quarter"].drop_duplicates().sort_values().iloc[-QUARTERS:]
    shown = table[table["quarter"].isin(latest)]
    return Table(
        f"By quarter, the last {len(latest)}",
        ("Miner and quarter", "Margin", "Elasticity", "Implied", "Realised", "± s.e."),
        [
            (
                f"{row['miner']} {row['quarter']}",
                share(row["margin"]),
                *(value(row[column]) for column in ("elasticity", "implied", "realised", "se")),
            )
            for row in shown.to_dict("records")
        ],
        "Margin and elasticity at the quarter's last bar, the rest within it. All quarters are in `Gearing.quarters`.",
    )


def _regimes(table: pd.DataFrame) -> Table:
    return Table(
        "Beta by regime, known at the close before each return",
        ("Miners, regime", "State", "Beta", "± s.e.", "R²", "Returns"),
        [
            (
                f"{row['series']}, {row['regime']}",
                str(row["state"]),
                value(row["beta"]),
                value(row["se"]),
                share(row["r2"]),
                f"{row['returns']:,.0f}",
            )
            for row in table.sort_values("series", kind="stable", key=lambda names: names.map(_order(table))).to_dict("records")
        ],
    )


def _order(table: pd.DataFrame) -> dict[str, int]:
    return {name: at for at, name in enumerate(table["series"].drop_duplicates())}


def _leads(table: pd.DataFrame) -> Table:
    names = [name for name in table.columns if name != "bound"]
    bound = table["bound"].iloc[0]
    return Table(
        "Leads and lags: correlation with the metal's return so many periods before",
        ("Metal leads by", *map(str, names)),
        [(f"{lead:+d}" if lead else "0", *(value(row[name], 3) for name in names)) for lead, row in table.iterrows()],
        f"Beyond ±{bound:.3f} a correlation is not chance (95 %; Bartlett), if the returns of one of the two are white noise.",
    )


@styled
def _rolling_picture(gearing: Gearing) -> Figure:
    figure = Figure(figsize=(11, 4.4))
    axes = figure.subplots()
    first = gearing.table.index[0]
    for colour, name in zip(COLOURS, gearing.table.index[: len(COLOURS)], strict=False):
        rolled = gearing.rolling[name, "all"]
        axes.plot(rolled.index, rolled, color=colour, linewidth=1.8 if name == first else 0.9, label=plain(str(name)))
    axes.axhline(1, color="#57606a", linewidth=0.8)
    axes.grid(axis="y", color="#d0d7de", linewidth=0.6)
    axes.set_ylabel(f"beta of {gearing.window} returns")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=4, frameon=False)
    return figure


@styled
def _lead_picture(gearing: Gearing) -> Figure:
    figure = Figure(figsize=(11, 3.4))
    axes = figure.subplots()
    name, table = gearing.table.index[0], gearing.lead_lag
    axes.bar(table.index, table[name], color=COLOURS[0], width=0.6)
    bound = table["bound"].iloc[0]
    axes.axhspan(-bound, bound, color="#d0d7de", alpha=0.7, zorder=0)
    axes.axhline(0, color="#57606a", linewidth=0.8)
    axes.set_xticks(list(table.index))
    axes.set_xlabel(f"periods by which the metal leads {plain(str(name))} (grey: what chance gives)")
    axes.set_ylabel("correlation")
    return figure


@styled
def _implied_picture(table: pd.DataFrame) -> Figure:
    figure = Figure(figsize=(11, 4.4))
    left, right = figure.subplots(1, 2)
    known = table.dropna(subset=["implied", "realised"])
    left.errorbar(known["implied"], known["realised"], yerr=1.96 * known["se"], fmt="o", color=COLOURS[0], capsize=3)
    for name, row in known.iterrows():
        left.annotate(plain(str(name)), (row["implied"], row["realised"]), xytext=(6, -10), textcoords="offset points", fontsize=8)
    ends = [float(np.nanmin(known[["implied", "realised"]])) - 0.1, float(np.nanmax(known[["implied", "realised"]])) + 0.1]
    left.plot(ends, ends, color="#57606a", linewidth=0.8)
    left.set_xlabel("implied by cost")
    left.set_ylabel("realised by shares (95 %)")
    told = table["profit_change"].dropna()
    right.barh([plain(str(name)) for name in told.index], told, color=COLOURS[1])
    right.invert_yaxis()
    right.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    right.set_xlabel("change of profit an ounce for the move of the spot price")
    figure.tight_layout()
    return figure
