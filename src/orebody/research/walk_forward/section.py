"""The section of a walk-forward: the joined equity, what was chosen when, and what was left of the figures in sample."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from orebody.metrics import Metrics, format_column, format_figure, over_rate
from orebody.presentation import INK, Axis, Chart, Picture, Section, Series, Table

if TYPE_CHECKING:
    from orebody.research.walk_forward.result import WalkForward

__all__ = ["section", "sentences", "window_rows"]

FIELDS = {field.name: field.metadata for field in dataclasses.fields(Metrics)}


def section(walk: WalkForward) -> Section:
    """Return the section; see `orebody.research.walk_forward.analysis`."""
    columns, rows = window_rows(walk)
    figures, known = walk.efficiency, walk.result.account.rate_known(walk.result.market)
    ratio = over_rate(FIELDS["sharpe"]["title"], rate_known=known)
    kept = [
        (
            what,
            *(format_figure(kind, value) for value in figures.loc[row, ["in_sample", "out_of_sample"]]),
            _share(figures.at[row, "efficiency"]),
        )
        for row, what, kind in (("annual_return", "Annual rate of return", "percent"), ("sharpe", ratio, "ratio"))
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
        sentences=[one for one in sentences(walk) if one not in _ruin(walk)],
        warnings=_ruin(walk),
        brief=Table("Windows", columns, rows),
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
        pictures=[_equity(walk), *(_choices(walk, name) for name in walk.parameters)],
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
    said += _ruin(walk)
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


def _ruin(walk: WalkForward) -> list[str]:
    return [] if walk.result.ruined is None else [f"It was RUINED on {walk.result.ruined.date()}."]


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


def _equity(walk: WalkForward) -> Picture:
    result = walk.result
    dates, mine, metal = result.dates.to_numpy(), result.equity.to_numpy(), result.benchmark.equity.to_numpy()
    places = np.array([walk.places(name) for name in walk.parameters])
    moved = np.flatnonzero((np.diff(places, axis=1) != 0).any(axis=0)) + 1
    changes = walk.windows["test_from"].iloc[moved].to_numpy()
    series = [
        *([Series("vrule", "other parameters", x=changes, color=1, width=1.0, dashed=True)] if len(moved) else []),
        Series("line", f"{result.market.universe.metal}, same cash flows", x=dates, y=metal, color=INK, width=2.0),
        Series("line", f"walk-forward {walk.name}", x=dates, y=mine),
    ]
    scale = Axis("Equity", "money", logarithmic=bool(min(mine.min(), metal.min()) > 0))
    return Picture(
        "Equity, one account through all tests",
        [Chart(Axis(unit="date"), scale, series, height=400)],
        "Equity and the metal's; dashed lines where parameters changed.",
        "Contributions included; the scale is logarithmic." if scale.logarithmic else "Contributions included.",
    )


def _choices(walk: WalkForward, name: str) -> Picture:
    places = walk.places(name)
    begins = np.array([*walk.windows["test_from"], walk.windows["test_to"].iloc[-1]], dtype="datetime64[ms]")
    values = dict(zip(places.tolist(), map(_short, walk.windows[name]), strict=True))
    offered = [values.get(place, "") for place in range(int(walk.stability.at[name, "offered"]))]
    series = [
        Series("step", x=begins, y=[*places, places[-1]]),
        Series(
            "dots",
            x=begins[:-1],
            y=places,
            texts=[
                f"{name} {_short(one)}, from {day.date()} on"
                for one, day in zip(walk.windows[name], walk.windows["test_from"], strict=True)
            ],
            width=7.0,
        ),
    ]
    chart = Chart(Axis(unit="date"), Axis(unit="names", names=offered), series, height=220)
    return Picture(f"What was chosen: {name}", [chart], f"Which {name} each test used; the table of windows has the values.")


def _heading(metric: str) -> str:
    return str(FIELDS[metric]["heading"])


def _share(value: float) -> str:
    return format_figure("percent", value) if not math.isnan(value) else "–"


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
