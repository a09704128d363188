"""What a report shows of scenarios: outcomes, regret, and fans of the best choices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from orebody.report.page import plain
from orebody.report.pictures import styled
from orebody.report.research.section import Picture, Section, Table

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.scenarios import Scenarios

__all__ = ["regret_columns", "regret_rows", "section", "sentences"]

SHOWN = 4
"""Fans for each scenario: the two benchmarks and the best by median."""
METAL, MINERS, OWN = "#E69F00", "#57606a", "#0072B2"


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
    pictures = [_fans(str(name), rows, scenarios) for name, rows in scenarios.table.groupby("scenario", sort=False)]
    days = scenarios.job.days
    dates = scenarios.market.dates[days.bars]
    return Section(
        title="What might come: scenarios",
        sentences=sentences(scenarios),
        tables=tables,
        pictures=pictures,
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


def regret_columns(scenarios: Scenarios) -> list[str]:
    """Return the headings of the regret table after the first."""
    return [*(str(one) for one in scenarios.regret.columns[:-1]), "Worst"]


def regret_rows(scenarios: Scenarios) -> list[tuple[str, ...]]:
    """Return the rows of the regret table."""
    return [
        (str(label), *(f"{value:,.0f}" for value in row))
        for label, row in zip(scenarios.regret.index, scenarios.regret.to_numpy(), strict=True)
    ]


@styled
def _fans(name: str, rows: pd.DataFrame, scenarios: Scenarios) -> Picture:
    labels = list(rows["strategy"])[:SHOWN]
    figure = Figure(figsize=(11, 3.4))
    axes = figure.subplots(1, len(labels), sharey=True, squeeze=False)[0]
    for at, (one, label) in enumerate(zip(axes, labels, strict=True)):
        fan, colour = scenarios.fan(name, label), (METAL, MINERS)[at] if at < 2 else OWN
        days = fan.index.to_numpy()
        one.fill_between(days, fan[0.05], fan[0.95], color=colour, alpha=0.18, linewidth=0)
        one.fill_between(days, fan[0.25], fan[0.75], color=colour, alpha=0.35, linewidth=0)
        one.plot(days, fan[0.5], color=colour, linewidth=1.6)
        one.set_title(plain(label), fontsize=9)
        one.tick_params(axis="x", labelrotation=45, labelsize=7)
        one.tick_params(axis="y", labelsize=8)
        one.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        one.grid(axis="y", color="#d0d7de", linewidth=0.6)
        if scenarios.market.simulated:
            one.text(0.03, 0.94, "SIMULATED", transform=one.transAxes, fontsize=8, color="#cf222e", weight="bold")
    figure.tight_layout()
    ends = "; ".join(f"{label} {rows.iloc[at]['p5']:,.0f} to {rows.iloc[at]['p95']:,.0f}" for at, label in enumerate(labels))
    return Picture(
        f"{name}: equity, its median, and where half and nine tenths of the paths lie", figure, f"Nine tenths of the paths end at: {ends}."
    )
