"""Studies of Australian producers, which these prices cannot decide."""

from __future__ import annotations

from pathlib import Path

from replications.figure import Figure
from replications.study import Study

__all__ = ["STUDY"]

MISSING = "no prices of Australian producers in their own currency before 2006"


def figures(folder: Path) -> list[Figure]:
    return [
        Figure("average beta of Australian gold shares to gold", None, (), said="around one", missing=MISSING),
        Figure("beta to rises less beta to falls of gold", None, (), said="above zero", missing=MISSING),
    ]


STUDY = Study(
    name="australia",
    title="Australian producers",
    source='D. G. Baur (2014), "Gold mining companies and the price of gold", Review of Financial Economics; as in its abstract',
    claim="The average beta of Australian gold shares is around one, because they hedge and diversify, varies much through time, and "
    "is higher when gold rises than when it falls.",
    period="1980-01 to 2010-12",
    prices="none",
    why="""A folder of such prices, loaded with `currency="AUD"`, would decide it with `ob.gearing(market).table`, whose `up_beta` and
`down_beta` are his two. On GLD and GDX the sign of his second figure holds: [gearing](gearing.md).""",
    figures=figures,
)
