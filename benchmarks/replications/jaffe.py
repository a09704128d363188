"""Jaffe: gold and gold stocks, 1971 to 1987."""

from __future__ import annotations

from pathlib import Path

from orebody.metrics import monthly_returns
from replications.figure import Figure, Near
from replications.prices import london_fix
from replications.study import Study

__all__ = ["STUDY"]


def figures(folder: Path) -> list[Figure]:
    fix = london_fix(folder).loc["1971-08-01":"1987-06-30"]  # type: ignore[misc]
    months = 100 * monthly_returns(fix.pct_change().fillna(0.0)).to_numpy()[1:]
    return [
        Figure(
            f"mean monthly return of gold, %, {len(months)} months",
            Near((1.56,), 0.1),
            (float(months.mean()),),
            how="monthly_returns(fixing)",
            why="0.1: another fixing moves the first and the last month; read second-hand",
        ),
        Figure(
            "their standard deviation, %",
            None,
            (float(months.std(ddof=1)),),
            how="monthly_returns(fixing)",
            why="the mean's standard error is 0.57",
        ),
        Figure(
            "mean monthly return of gold stocks, %",
            None,
            (),
            said="2.16",
            missing="Toronto's index of gold shares is not among these prices",
        ),
        Figure("mean monthly return of the S&P 500, %", None, (), said="1.06", missing="these prices of American shares begin in 1993"),
    ]


STUDY = Study(
    name="jaffe",
    title="Gold in the seventies and eighties",
    source='J. F. Jaffe (1989), "Gold and Gold Stocks as Investments for Institutional Portfolios", Financial Analysts Journal 45(2); '
    "the means as reported by U.S. Global Investors (2009)",
    claim="Gold returned 1.56 % a month, gold stocks 2.16 % and the S&P 500 1.06 %.",
    period="1971-09 to 1987-06",
    prices="London's afternoon fixing in dollars, month-end to month-end",
    why="""Nothing that can be checked differs. The mean is one of simple returns: compounded, a month that varies by 8 % grows by a third
of a point less. And the years begin on the day the dollar left gold.""",
    figures=figures,
)
