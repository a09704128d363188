"""The section of scenarios: outcomes, regret, and fans of the best choices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from orebody.presentation import INK, SOFT, Axis, Chart, Picture, Section, Series, Table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from orebody.research.scenarios import Scenarios

__all__ = ["regret_columns", "regret_rows", "section", "sentences"]

SHOWN = 4
"""Fans for each scenario: the two benchmarks and the best by median."""


def section(scenarios: Scenarios) -> Section:
    """Return the section; see `orebody.research.scenarios`."""
    tables = [_outcomes(str(name), rows, scenarios) for name, rows in scenarios.table.groupby("scenario", sort=False)]
    tables.append(
        Table(
            "Regret: by how much the median falls short of the best strategy's, in money",
            ("Strategy", *regret_columns(scenarios)),
            regret_rows(scenarios),
            "The first row is the choice of minimax regret: the least to be sorry about, whichever scenario comes.",
        )
    )
    when = scenarios.job.dates[scenarios.job.fan].to_numpy()
    pictures = [_fans(str(name), rows, scenarios, when) for name, rows in scenarios.table.groupby("scenario", sort=False)]
    days = scenarios.job.days
    dates = scenarios.market.dates[days.bars]
    return Section(
        title="What might come: scenarios",
        sentences=sentences(scenarios),
        tables=tables,
        pictures=pictures,
        brief=_brief(scenarios),
        settings=[
            ("Paths", f"{scenarios.paths:,} of each scenario, {len(scenarios.job.dates):,} bars from {scenarios.job.dates[0].date()}"),
            (
                "Drawn from",
                f"{len(days):,} whole days, {dates[0].date()} to {dates[-1].date()}; {scenarios.note}; seed {scenarios.job.seed}",
            ),
            *((f"Scenario {one.name}", f"{one.text}{f'; {one.why}' if one.why else ''}") for one in scenarios.job.scenarios),
            ("Look-ahead", scenarios.checked),
        ],
    )


def sentences(scenarios: Scenarios) -> list[str]:
    """Return what came out, in words."""
    said = [
        "These are resampled histories, no forecast: days that happened, drawn in blocks and tilted by what each scenario assumes. How "
        "likely a scenario is, nobody knows."
    ]
    for name, rows in scenarios.table.groupby("scenario", sort=False):
        held = rows.set_index("strategy")
        metal, own = held.index[0], held[~held["is_benchmark"]]
        line = f"{name}: {metal} ends at {held.loc[metal, 'median']:,.0f} in the median "
        line += f"and loses money on {held.loc[metal, 'loss']:.0%} of the paths"
        best, safest = held["median"].idxmax(), held["shortfall"].idxmax()
        line += f"; {best} has the best median of all, {held.loc[best, 'median']:,.0f}"
        if len(own):
            first = own["median"].idxmax()
            if first != best:
                line += f", {first} that of the strategies, {own.loc[first, 'median']:,.0f}"
            line += f", and {first if first != best else ''}".rstrip() + f" beats the metal on {own.loc[first, 'beats_metal']:.0%}"
        line += f"; {safest} has the least bad worst twentieth of all, {held.loc[safest, 'shortfall']:+,.0f} on average"
        said.append(f"{line}.")
    first = scenarios.regret.iloc[0]
    said.append(f"Least to regret: {scenarios.regret.index[0]}, at most {first['worst']:,.0f} below the best median of any scenario.")
    ruined = scenarios.table[scenarios.table["ruin"] > 0]
    for row in ruined.to_dict("records"):
        said.append(f"Ruin: {row['strategy']} on {row['ruin']:.1%} of the paths of {row['scenario']}.")
    return said


def _outcomes(name: str, rows: pd.DataFrame, scenarios: Scenarios) -> Table:
    rate = "Money-weighted return"
    return Table(
        f"{name}: final wealth, and what it took",
        (
            "Strategy",
            "Median",
            "Mean",
            "5 %",
            "95 %",
            rate,
            "5 %",
            "95 %",
            "Loss",
            "Beats metal",
            "Worst twentieth",
            "Drawdown",
            "95 %",
            "Ruin",
        ),
        [
            (
                f"{row['strategy']}{' (benchmark)' if row['is_benchmark'] else ''}",
                *(f"{row[one]:,.0f}" for one in ("median", "mean", "p5", "p95")),
                *(f"{row[one]:+.1%}" for one in ("xirr_median", "xirr_p5", "xirr_p95")),
                f"{row['loss']:.1%}",
                "" if math.isnan(row["beats_metal"]) else f"{row['beats_metal']:.1%}",
                f"{row['shortfall']:+,.0f}",
                *(f"{row[one]:.1%}" for one in ("drawdown_median", "drawdown_p95")),
                f"{row['ruin']:.1%}",
            )
            for row in rows.to_dict("records")
        ],
        "Loss: share of paths that end with less than was put in. Beats metal: with more than the metal bought with the same cash flows. "
        "Worst twentieth: mean profit over the worst 5 % of paths (expected shortfall). Drawdown: the median, and what one path in twenty "
        "exceeds.",
    )


def _brief(scenarios: Scenarios) -> Table:
    """Return the median final wealth by scenario, the least to regret first."""
    names = [one.name for one in scenarios.job.scenarios]
    median = {(row["scenario"], row["strategy"]): row["median"] for row in scenarios.table.to_dict("records")}
    worst = scenarios.regret["worst"]
    rows = [(str(label), *(f"{median[name, label]:,.0f}" for name in names), f"{worst[label]:,.0f}") for label in scenarios.regret.index]
    note = f"{scenarios.paths:,} resampled paths each; no forecast."
    return Table("Median final wealth", ["Median final wealth", *names, "Worst regret"], rows, note)


def regret_columns(scenarios: Scenarios) -> list[str]:
    """Return the headings of the regret table after the first."""
    return [*(str(one) for one in scenarios.regret.columns[:-1]), "Worst"]


def regret_rows(scenarios: Scenarios) -> list[tuple[str, ...]]:
    """Return the rows of the regret table."""
    return [
        (str(label), *(f"{value:,.0f}" for value in row))
        for label, row in zip(scenarios.regret.index, scenarios.regret.to_numpy(), strict=True)
    ]


def _fans(name: str, rows: pd.DataFrame, scenarios: Scenarios, when: np.ndarray) -> Picture:
    labels = list(rows["strategy"])[:SHOWN]
    charts = []
    for at, label in enumerate(labels):
        fan, color = scenarios.fan(name, label), (INK, SOFT)[at] if at < 2 else at - 2
        series = [
            Series("area", "nine tenths of the paths", x=when, low=fan[0.05], high=fan[0.95], color=color, opacity=0.18),
            Series("area", "half of them", x=when, low=fan[0.25], high=fan[0.75], color=color, opacity=0.35),
            Series("line", "median", x=when, y=fan[0.5], color=color, width=2.0),
        ]
        charts.append(Chart(Axis(unit="date"), Axis(unit="money"), series, title=label, height=240))
    ends = "; ".join(f"{label} {rows.iloc[at]['p5']:,.0f} to {rows.iloc[at]['p95']:,.0f}" for at, label in enumerate(labels))
    return Picture(
        f"{name}: equity, its median, and where half and nine tenths of the paths lie", charts, f"Nine tenths of the paths end at: {ends}."
    )
