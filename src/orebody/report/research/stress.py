"""What a report shows of stress: returns by episode, the picture of them, and the worst days of equities."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from orebody.report.page import plain
from orebody.report.pictures import styled
from orebody.report.research.section import Picture, Section, Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from orebody.research.stress.analysis import Stress

__all__ = ["named", "percent", "section"]


def percent(share: float, digits: int = 2, *, signed: bool = False) -> str:
    """Return a share as the other tables of the page write it, with its sign where a gain is to be told from a loss."""
    return f"{100 * share:{'+' if signed else ''}.{digits}f} %"


def section(stress: Stress) -> Section:
    """Return the section; see `orebody.research.stress.analysis`."""
    tables = [_episode(stress, rows) for _, rows in stress.table.groupby("episode", sort=False)]
    if stress.safe_haven is not None:
        tables.append(_safe_haven(stress))
    pictures = (
        [] if stress.table.empty else [Picture("Return in each episode", _picture(stress.table), "The tables below have the figures.")]
    )
    return Section(
        title="What happened in bad times, and in good ones",
        sentences=_sentences(stress),
        tables=tables,
        pictures=pictures,
        settings=[
            ("Episodes", "read off runs over all prices: each strategy came into them with its past, holding what it then held"),
            ("Returns", "time-weighted, from the close of the first day to the close of the last"),
            ("Accounts under stress", stress.opening),
        ],
    )


def _sentences(stress: Stress) -> list[str]:
    said = []
    metal, miners = stress.benchmarks
    for name, rows in stress.table.groupby("episode", sort=False):
        held = rows.set_index("strategy")
        own = held[~held["is_benchmark"]]
        line = f"{name}: {metal} {percent(held.loc[metal, 'return'], 1, signed=True)}, {miners} "
        line += percent(held.loc[miners, "return"], 1, signed=True)
        if len(own):
            best, worst = own["return"].idxmax(), own["return"].idxmin()
            high, low = (percent(own.loc[label, "return"], 1, signed=True) for label in (best, worst))
            line += f"; of the strategies {best} was best, {high}, and {worst} worst, {low}"
            line += f"; {(own['return'] > held.loc[metal, 'return']).sum()} of {len(own)} did better than the metal"
        line += f"; not open yet: {', '.join(late)}" if (late := stress.late(str(name))) else ""
        said.append(f"{line}.")
    said.append(stress.opening)
    said += [f"{name} is left out: {why}." for name, why in stress.left_out.items()]
    if stress.safe_haven is None:
        said.append(f"Worst days of equities: {stress.safe_haven_note}.")
    return said


def named(stress: Stress, label: str) -> str:
    """Return a label with what has to be said beside it."""
    flags = (*(["benchmark"] if label in stress.benchmarks else []), *stress.results[label].flags)
    return "".join((label, *(f" ({flag})" for flag in flags)))


def _episode(stress: Stress, rows: pd.DataFrame) -> Table:
    first = rows.iloc[0]
    return Table(
        f"{first['episode']}: close of {first['first'].date()} to close of {first['last'].date()}",
        ("Strategy", "Return", "Max drawdown", "Worst day", "on", "Profit", "Metal going in", "Miners", "Cash"),
        [
            (
                named(stress, row["strategy"]),
                percent(row["return"], signed=True),
                percent(row["max_drawdown"]),
                percent(row["worst_day"], signed=True),
                str(row["worst_date"].date()),
                f"{row['profit']:,.2f}",
                *(percent(row[name], 0) for name in ("metal", "miners", "cash")),
            )
            for row in rows.to_dict("records")
        ],
    )


def _safe_haven(stress: Stress) -> Table:
    table, note = stress.to_frame("safe_haven"), stress.safe_haven_note
    return Table(
        f"No safe haven? {note[0].upper()}{note[1:]}",
        ("Strategy", "Days seen", "Mean return", "The metal's on these", "Median", "Worst", "Days up", "Mean on all other days"),
        [
            (
                str(label),
                f"{row['days']:.0f}",
                *(percent(row[name], signed=True) for name in ("mean", "metal", "median", "worst")),
                percent(row["up"], 0),
                percent(row["mean_other"], 3, signed=True),
            )
            for label, row in table.iterrows()
        ],
    )


def _name_ends(axes: Axes, own: pd.DataFrame, at: int) -> None:
    """Write their names beside the best and the worst strategy of an episode; the tables name the dots between."""
    if own.empty:
        return
    ends = {"right": own["return"].idxmin(), "left": own["return"].idxmax()}
    for side, row in ends.items() if len(own) > 1 else [("left", ends["left"])]:
        name = plain(textwrap.shorten(str(own.loc[row, "strategy"]), 30, placeholder="…"))
        away = 7 if side == "left" else -7
        axes.annotate(
            name, (own.loc[row, "return"], at), (away, 9), textcoords="offset points", ha=side, va="center", fontsize=7.5, color="#0072B2"
        )


@styled
def _picture(table: pd.DataFrame) -> Figure:
    """Draw a dot for each strategy in a row for each episode, the metal and the miners marked."""
    episodes = list(dict.fromkeys(table["episode"]))
    figure = Figure(figsize=(11, 1.2 + 0.65 * len(episodes)))
    axes = figure.subplots()
    for at, episode in enumerate(episodes):
        rows = table[table["episode"] == episode]
        own, yard = rows[~rows["is_benchmark"]], rows[rows["is_benchmark"]]
        axes.plot(own["return"], np.full(len(own), at), "o", color="#0072B2", alpha=0.6, label="strategies" if at == 0 else None)
        _name_ends(axes, own, at)
        for marker, colour, (_, row) in zip("D^", ("#E69F00", "#000000"), yard.iterrows(), strict=True):  # the metal, then the miners
            label = plain(str(row["strategy"])) if at == 0 else None
            axes.plot(row["return"], at, marker, color=colour, markersize=9, linestyle="none", label=label)
    axes.axvline(0, color="#57606a", linewidth=0.8)
    axes.set_yticks(range(len(episodes)), [plain(episode) for episode in episodes])
    axes.margins(0.2, 0.25)  # room for the names
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(axis="x", color="#d0d7de", linewidth=0.6)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, frameon=False)
    return figure
