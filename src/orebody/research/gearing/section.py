"""The section of gearing: beta through time, leads and lags, regimes, and what costs imply."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from orebody.presentation import SOFT, Axis, Chart, Picture, Section, Series, Table

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.gearing import Gearing

__all__ = ["section", "share", "value"]

DRAWN = 7  # series of miners, the first of them heavier
QUARTERS = 4  # of the table by quarter: the last of them, for each miner


def section(gearing: Gearing) -> Section:
    """Return the section; see `orebody.research.gearing`."""
    tables = [_realised(gearing.table), _sides(gearing.table), _regimes(gearing.regimes), _leads(gearing.lead_lag)]
    pictures = [_rolling_picture(gearing), _lead_picture(gearing)]
    if gearing.operating is not None and gearing.quarters is not None:
        tables[1:1] = [_operating(gearing.operating, gearing.move, gearing.market.aisc_unit), _quarters(gearing.quarters)]
        if gearing.operating["implied"].notna().any():
            pictures[1:1] = [_implied_picture(gearing.operating), _profit_picture(gearing.operating, gearing.move)]
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


def _rolling_picture(gearing: Gearing) -> Picture:
    dates, series = gearing.rolling.index.to_numpy(), [Series("hrule", y=[1.0], color=SOFT, width=1.0)]
    for at, name in enumerate(gearing.table.index[:DRAWN]):
        rolled = gearing.rolling[name, "all"].to_numpy()
        series.append(Series("line", str(name), x=dates, y=rolled, color=at, width=1.4 if at else 2.4, dashed=at > 5))
    chart = Chart(Axis(unit="date"), Axis(f"beta of {gearing.window} returns"), series, height=360)
    return Picture("Rolling beta", [chart], "The beta of the last returns through time; its range is in the text above.")


def _lead_picture(gearing: Gearing) -> Picture:
    name, table = gearing.table.index[0], gearing.lead_lag
    leads, bound = table.index.to_numpy(dtype=float), float(table["bound"].iloc[0])
    ends = np.array([leads.min() - 0.5, leads.max() + 0.5])
    series = [
        Series("area", "what chance gives", x=ends, low=[-bound] * 2, high=[bound] * 2, color=SOFT, opacity=0.25),
        Series(
            "vbar",
            x=leads,
            low=np.minimum(table[name], 0.0).to_numpy(),
            high=np.maximum(table[name], 0.0).to_numpy(),
            texts=[f"{lead:+.0f}: {value(one, 3)}" for lead, one in zip(leads, table[name], strict=True)],
            width=0.6,
        ),
        Series("hrule", y=[0.0], color=SOFT, width=1.0),
    ]
    chart = Chart(Axis(f"periods by which the metal leads {name}"), Axis("correlation"), series, height=280)
    return Picture("Leads and lags", [chart], "Correlations at each lead; the table of leads and lags has them.")


def _implied_picture(table: pd.DataFrame) -> Picture:
    known = table.dropna(subset=["implied", "realised"])
    words = "What costs imply against what shares showed; the table of operating leverage has both."
    around, texts = (
        1.96 * known["se"],
        [f"{name}: implied {value(row['implied'])}, realised {value(row['realised'])}" for name, row in known.iterrows()],
    )
    both = known[["implied", "realised"]].to_numpy()
    ends = [float(both.min()) - 0.1, float(both.max()) + 0.1] if len(both) else [0.0, 1.0]
    low, high = (known["realised"] - around).to_numpy(), (known["realised"] + around).to_numpy()
    series = [
        Series("line", "as implied", x=ends, y=ends, color=SOFT, width=1.0),
        Series(
            "vbar", "95 % interval", x=known["implied"].to_numpy(), low=low, high=high, texts=texts, color=SOFT, width=0.004, opacity=0.6
        ),
        Series("dots", "a miner", x=known["implied"].to_numpy(), y=known["realised"].to_numpy(), texts=texts, width=10.0),
    ]
    return Picture("Implied and realised gearing", [Chart(Axis("implied by cost"), Axis("realised by shares"), series)], words)


def _profit_picture(table: pd.DataFrame, move: float) -> Picture:
    changes = table["profit_change"].dropna()
    bars = Series(
        "hbar",
        y=np.arange(len(changes), dtype=float),
        low=np.minimum(changes, 0.0).to_numpy(),
        high=np.maximum(changes, 0.0).to_numpy(),
        texts=[f"{name}: {share(one, signed=True)}" for name, one in changes.items()],
        color=4,
        width=0.3,
        opacity=0.9,
    )
    caption = f"Change of profit an ounce if the spot price moves by {move:+.0%}"
    rows = Axis(unit="rows", names=list(map(str, changes.index)))
    return Picture(caption, [Chart(Axis(unit="percent"), rows, [bars])], f"{caption}; the table of operating leverage has it.")
