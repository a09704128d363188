"""Blose and Shieh: the elasticity of gold shares is greater than one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import orebody as ob
from replications.figure import Above, Figure
from replications.prices import closes
from replications.study import Study
from replications.tufano import with_the_fix

__all__ = ["STUDY"]

TICKERS = ("AEM", "B", "GFI", "KGC", "NEM")
END = "1991-01-02"  # one session on: a month counts once the next has begun
HOW = 'ob.gearing(market, frequency="month", returns="simple").table'


def figures(folder: Path) -> list[Figure]:
    betas = {ticker: beta(folder, ticker) for ticker in TICKERS}
    found = [
        Figure(
            "mean of the five",
            Above((1.0,)),
            (sum(betas.values()) / len(betas),),
            how=HOW,
            said="greater than one",
        )
    ]
    remarks = {"B": "listed since 1985", "KGC": "its file has weeks of equal closes in these years"}
    return found + [
        Figure(f"monthly elasticity of {ticker}", Above((1.0,)), (value,), how=HOW, said="greater than one", why=remarks.get(ticker, ""))
        for ticker, value in betas.items()
    ]


def beta(folder: Path, ticker: str) -> float:
    start = max(pd.Timestamp("1980-12-30"), closes(folder, ticker, "adjclose").index[0])
    market = with_the_fix(folder, (ticker,), str(start.date()), END)
    return float(ob.gearing(market, frequency="month", returns="simple", regimes={}).table.loc[ticker, "beta"])


STUDY = Study(
    name="elasticity",
    title="Greater than one",
    source='L. E. Blose, J. C. P. Shieh (1995), "The impact of gold price on the value of gold mining stock", Review of Financial '
    "Economics 4(2); the claim as in its abstract",
    claim="If mining gold is a company's primary business, the elasticity of its shares to the price of gold is greater than one; "
    "tested on 23 companies, monthly.",
    period="1981 to 1990",
    prices="five producers that are still listed, adjusted closes, on London's afternoon fixing, month-ends, simple returns",
    why="""It holds on average, barely, and not for each. The claim has an "if": a company that digs other things as well may have less,
and Newmont was such a one for most of the decade. KGC's prices of these years are too stale for a judgement, and count against
the claim here all the same, because leaving out what does not fit is how figures get better than they are.""",
    figures=figures,
)
