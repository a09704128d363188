"""What a report shows of a walk-forward: the joined equity across its seams, what was chosen when, and what was left of the promise."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from orebody.metrics import Metrics, format_column, format_figure
from orebody.report.page import plain
from orebody.report.pictures import styled
from orebody.report.research.section import Picture, Section, Table

if TYPE_CHECKING:
    from orebody.research.walk_forward.result import WalkForward

__all__ = ["section", "sentences", "window_rows"]

FIELDS = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
OURS, METAL, SEAM = "#0072B2", "#24292f", "#D55E00"  # told apart by colour-blind readers


def section(walk: WalkForward) -> Section:
    """Return the section; see `orebody.research.walk_forward.analysis`."""
    columns, rows = window_rows(walk)
    figures = walk.efficiency
    kept = [
        (
            what,
            *(format_figure(kind, value) for value in figures.loc[row, ["in_sample", "out_of_sample"]]),
            _share(figures.at[row, "efficiency"]),
        )
        for row, what, kind in (("annual_return", "Annual rate of return", "percent"), ("sharpe", "Sharpe over the cash rate", "ratio"))
    ]
    steps = [
        (
            name,
            f"{row['values']:.0f} of {row['offered']:.0f}",
            f"{row['changes']:.0f} of {row['seams']:.0f}",
            format_figure("ratio", row["mean_step"]),
            format_figure("count", row["largest_step"]),
        )
        for name, row in walk.stability.iterrows()
    ]
    return Section(
        title=f"Walk-forward: {walk.name}",
        sentences=sentences(walk),
        tables=[
            Table("The joined account and the benchmarks with its cash flows, on its dates", *_beside(walk)),
            Table(
                "What was left of it",
                ("", "In sample, mean of the chosen", "Out of sample", "Efficiency"),
                kept,
                "Efficiency: the figure out of sample over that in sample (Pardo, The Evaluation and Optimization of Trading Strategies).",
            ),
            Table(
                "How the choice moved",
                ("Parameter", "Values chosen", "Changed at seams", "Mean step", "Largest step"),
                steps,
                "Steps of the grid.",
            ),
            Table(
                "Windows", columns, rows, "Rank: of the chosen point among all on the test, each in an account of its own; 1 is the best."
            ),
        ],
        pictures=[
            Picture(
                "Equity, one account through all tests", _equity(walk), "Equity and the metal's; dashed lines where parameters changed."
            ),
            Picture("What was chosen", _choices(walk), "The table of windows below has the values."),
        ],
        settings=[
            ("Windows", f"trained on {walk.lengths[0]}{' or more, anchored' if walk.anchored else ''}, tested on {walk.lengths[1]}"),
            ("Purge", f"{walk.purge} bars between training and test"),
            ("Points tried", f"{walk.n_trials:,} on each window, chosen by {_heading(walk.metric)}"),
            (f"Account of the walk-forward of {walk.name}", walk.result.opening),
            ("Look-ahead", walk.result.checked),
            ("Engine", f"{walk.result.engine}; the choosing is compiled"),
        ],
    )


def _beside(walk: WalkForward) -> tuple[list[str], list[list[str]]]:
    """Return the headings and cells of the joined account's figures above those of the benchmarks."""
    names = ("final_equity", "cagr", "xirr", "volatility", "sharpe", "max_drawdown", "costs")
    rows = {walk.result.label: walk.result.metrics().to_series()}
    rows |= {f"{label} (benchmark)": held for label, held in walk.benchmarks.iterrows()}
    columns = [format_column(FIELDS[name]["kind"], (figures[name] for figures in rows.values())) for name in names]
    return ["Account", *(_heading(name) for name in names)], [list(cells) for cells in zip(rows, *columns, strict=True)]


def sentences(walk: WalkForward) -> list[str]:
    """Return what came out, in words."""
    result, figures = walk.result, walk.efficiency
    ended, held = format_column("money", (result.equity.iloc[-1], result.benchmark.equity.iloc[-1]))
    first, last = result.dates[1].date(), result.dates[-1].date()
    said = [
        f"From {first} to {last}, {walk.name} ended with {ended}, its parameters chosen {len(walk.windows)} times "
        f"from {walk.n_trials:,} points on the past alone; {result.market.universe.metal}, with the same cash flows, "
        f"with {held}."
    ]
    if result.ruined is not None:
        said.append(f"It was RUINED on {result.ruined.date()}.")
    said.append(f"{walk.beating}.")
    before, after, kept = figures.loc["sharpe"]
    left = f", {_share(kept)} of it" if not math.isnan(kept) else ""
    promised, came = format_figure("ratio", before), format_figure("ratio", after)
    said.append(f"The chosen points promised a Sharpe ratio of {promised}; out of sample it was {came}{left}.")
    if not math.isnan(walk.relative_rank):
        said.append(
            f"On the tests {100 * walk.relative_rank:.0f} % of the other points did better than the chosen one, on average, "
            f"equal ones counted half; drawing lots gives "
            "50 %: the further below, the more the choosing knew."
        )
    return said


def window_rows(walk: WalkForward) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the cells of the table of windows."""
    metric = _heading(walk.metric)
    kind = FIELDS[walk.metric]["kind"]
    metal, miners = walk.benchmark_returns
    held = (walk.result.market.universe.metal, "Miners")
    columns = ["Step", "Training", "Test", *walk.parameters, f"{metric}, in sample", "out of sample", "Rank", "Return on the test", *held]
    rows = [
        [
            str(number),
            f"{row['train_from'].date()} to {row['train_to'].date()}",
            f"{row['test_from'].date()} to {row['test_to'].date()}",
            *(_short(row[name]) for name in walk.parameters),
            format_figure(kind, row["in_sample"]),
            format_figure(kind, row["out_of_sample"]),
            f"{row['rank']}/{row['ranked']}" if isinstance(row["rank"], int | np.integer) else format_figure("count", None),
            *(format_figure("percent", value) for value in (row["return"], *walk.benchmark_returns.loc[number, [metal, miners]])),
        ]
        for number, row in zip(walk.windows.index, walk.windows.to_dict("records"), strict=True)
    ]
    return columns, rows


@styled
def _equity(walk: WalkForward) -> Figure:
    result = walk.result
    figure = Figure(figsize=(11, 4.2))
    axes = figure.subplots()
    axes.plot(
        result.dates, result.benchmark.equity, color=METAL, linewidth=1.2, label=plain(f"{result.market.universe.metal}, same cash flows")
    )
    axes.plot(result.dates, result.equity, color=OURS, linewidth=1.6, label=plain(f"walk-forward {walk.name}"))
    places = np.array([walk.places(name) for name in walk.parameters])
    moved = np.flatnonzero((np.diff(places, axis=1) != 0).any(axis=0)) + 1
    for at, window in enumerate(moved):
        axes.axvline(
            walk.windows["test_from"].iloc[window], color=SEAM, linewidth=0.8, linestyle="--", label="" if at else "other parameters"
        )
    if min(result.equity.min(), result.benchmark.equity.min()) > 0:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda money, _: f"{money:,.0f}"))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    return figure


@styled
def _choices(walk: WalkForward) -> Figure:
    count = len(walk.parameters)
    figure = Figure(figsize=(11, 0.8 + 1.5 * count))
    begins = [*walk.windows["test_from"], walk.windows["test_to"].iloc[-1]]
    for name, axes in zip(walk.parameters, figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0], strict=True):
        places = walk.places(name)
        axes.step(begins, [*places, places[-1]], where="post", color=OURS, linewidth=1.6)
        values = dict(zip(places.tolist(), map(_short, walk.windows[name]), strict=True))
        axes.set_ylim(-0.5, walk.stability.at[name, "offered"] - 0.5)
        shown = sorted(values)[:: -(-len(values) // 6)]
        axes.set_yticks(shown, [plain(values[place]) for place in shown])
        axes.set_ylabel(plain(name))
    return figure


def _heading(metric: str) -> str:
    return str(FIELDS[metric]["heading"])


def _share(value: float) -> str:
    return format_figure("percent", value) if not math.isnan(value) else "–"


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
