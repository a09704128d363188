"""What a measurement of gearing says, in plain sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from orebody.research.gearing.period_returns import MINERS
from orebody.research.gearing.regression import FEWEST

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.gearing.analysis import Gearing

__all__ = ["summarise"]

TWO = 1.96  # standard errors either side: 95 %


def summarise(gearing: Gearing) -> list[str]:
    """Return the sentences, the most important first, what is left out last."""
    name = next(label for label in gearing.table.index if math.isfinite(gearing.table.loc[label, "beta"]))
    row = gearing.table.loc[name]
    subject = "the miners together" if name == MINERS else str(name)
    sentences = [_beta(subject, row, gearing), *_rolling(name, gearing), _sides(subject, row, gearing.market.tickers[0])]
    sentences += [_alpha(subject, row), *_closes(row)]
    sentences += _costs(gearing)
    return [f"{sentence[0].upper()}{sentence[1:]}" for sentence in (*sentences, *(f"{note}." for note in gearing.notes))]


def _beta(name: str, row: pd.Series, gearing: Gearing) -> str:
    metal, period = gearing.market.tickers[0], gearing.frequency
    low, high = row["beta"] - TWO * row["se"], row["beta"] + TWO * row["se"]
    explained = f"; {metal} explains {row['r2']:.0%} of its variance" if math.isfinite(row["r2"]) else ""
    return f"{name} moved {row['beta']:.2f} % for 1 % of {metal} (by {period}, 95 % from {low:.2f} to {high:.2f}){explained}."


def _rolling(name: str, gearing: Gearing) -> list[str]:
    rolled = gearing.rolling[name, "all"].dropna()
    if len(rolled) < 2:
        return []
    return [
        f"Over {gearing.window} returns it went from {rolled.min():.2f} ({rolled.idxmin().date()}) to {rolled.max():.2f} "
        f"({rolled.idxmax().date()}): no one number is the gearing."
    ]


def _sides(name: str, row: pd.Series, metal: str) -> str:
    beta, share = row["up_beta"] - row["down_beta"], row["up_capture"] - row["down_capture"]
    if not (math.isfinite(beta) and math.isfinite(share)):
        return f"{metal} has too few rises or falls (below {FEWEST}) to tell the one from the other."
    chance = " (within chance of each other)" if abs(beta) <= TWO * math.hypot(row["up_se"], row["down_se"]) else ""
    figures = (
        f"up-beta {row['up_beta']:.2f} against down-beta {row['down_beta']:.2f}{chance}, up-capture {row['up_capture']:.0%} against "
        f"down-capture {row['down_capture']:.0%}"
    )
    if (beta > 0) == (share > 0):
        return (
            f"{figures}: both say that {name} took more of {'rises' if beta > 0 else 'falls'} than of {'falls' if beta > 0 else 'rises'}."
        )
    one, other = ("rises", "falls") if beta > 0 else ("falls", "rises")
    return (
        f"{figures}: they disagree. Among {one} each further per cent of {metal} moved {name} more than among {other}; capture, which "
        f"has the average in it, says that {name} took less of the {one} than of the {other}. Quote both."
    )


def _alpha(name: str, row: pd.Series) -> str:
    away = abs(row["alpha"]) > TWO * row["alpha_se"]
    return (
        f"Beyond its beta {name} earned {row['alpha']:+.1%} a year over the cash rate (standard error {row['alpha_se']:.1%}), "
        f"{'more than chance' if away else 'which chance explains'}."
    )


def _closes(row: pd.Series) -> list[str]:
    off = row["dimson_beta"] - row["beta"]
    if not math.isfinite(off) or abs(off) <= TWO * row["dimson_se"]:
        return []
    return [
        f"With the metal's returns of the periods before and after, beta is {row['dimson_beta']:.2f}: the closes are not of one moment, "
        f"and the plain beta is {'too low' if off > 0 else 'too high'}."
    ]


def _costs(gearing: Gearing) -> list[str]:
    table = gearing.operating
    if table is None:
        return []
    compared = table.dropna(subset=["implied", "realised", "se"])
    sentences = []
    if len(compared):
        near = (compared["z"].abs() <= TWO).sum()
        sentences.append(
            f"Costs imply gearing from {compared['implied'].min():.2f} ({compared['implied'].idxmin()}) to {compared['implied'].max():.2f} "
            f"({compared['implied'].idxmax()}); shares showed {compared['realised'].min():.2f} to {compared['realised'].max():.2f}, "
            f"{near} of {len(compared)} within two standard errors of what their costs imply."
        )
    told = table["profit_change"].dropna()
    if len(told):
        sentences.append(
            f"At the last costs and prices a {'rise' if gearing.move > 0 else 'fall'} of the spot price by {abs(gearing.move):.0%} would "
            f"change profit an ounce by {told.min():+.0%} ({told.idxmin()}) to {told.max():+.0%} ({told.idxmax()}), costs standing still."
        )
    lost = table.index[table["elasticity"].isna()]
    if len(lost):
        sentences.append(f"At the last costs and prices {', '.join(lost)} made no profit: there is nothing to be geared.")
    return sentences
