"""What a notebook shows of research: what came out in words, the table that says most, and where it helps a picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from orebody.report.notebook.card import Stroke, Table, card
from orebody.report.notebook.nouns import COLORS, METAL, MINERS, OTHER, ROWS, doubts
from orebody.report.notebook.sparkline import Line, lines
from orebody.report.research.section import Table as Printed
from orebody.report.research.stress import named
from orebody.report.research.walk_forward import window_rows

if TYPE_CHECKING:
    from orebody.market.market import Market
    from orebody.report.research.section import Section
    from orebody.research.gearing import Decomposition, Gearing
    from orebody.research.scenarios import Scenarios
    from orebody.research.significance.result import Significance
    from orebody.research.stress.analysis import Stress
    from orebody.research.walk_forward.result import WalkForward

__all__ = ["of_decomposition", "of_gearing", "of_scenarios", "of_significance", "of_stress", "of_walk_forward"]


def of_walk_forward(walk: WalkForward) -> str:
    """Return the windows of a walk-forward, and the joined account beside the metal with the same cash flows."""
    result, metal = walk.result, walk.result.benchmark
    drawn = [(result.equity.to_numpy(), Stroke(COLORS[0])), (metal.equity.to_numpy(), METAL)]
    picture = lines(result.dates, drawn, about="Equity of the joined account over time, and of the metal with the same cash flows")
    ruined = [] if result.ruined is None else [f"RUINED on {result.ruined.date()}: equity was gone and everything was closed."]
    section = walk.section()
    windows = Printed("", *window_rows(walk))
    notes = ["Equity: solid the joined account, dashed the metal."]
    return _card(section, windows, result.market, picture=picture, warnings=ruined, notes=notes)


def of_significance(found: Significance) -> str:
    """Return the tests after counting, and what to conclude."""
    section = found.section()
    return _card(section, section.tables[0], found.source.market)


def of_stress(stress: Stress) -> str:
    """Return the return of each strategy in each episode."""
    section, table = stress.section(), stress.table
    names = list(table["episode"].unique())
    by_place = {(row["strategy"], row["episode"]): row for row in table.to_dict("records")}
    rows = [
        (named(stress, label), *(f"{by_place[label, name]['return']:+.1%}" if (label, name) in by_place else "–" for name in names))
        for label in table["strategy"].unique()
    ]
    left = [f"Left out: {name}: {why}." for name, why in stress.left_out.items()]
    return _shown(section, Table(["Return in", *names], rows), stress.market, notes=[stress.opening, *left])


def of_scenarios(scenarios: Scenarios) -> str:
    """Return the median final wealth by scenario, the least to be sorry about first, and the medians over time in the first of them."""
    table = scenarios.table
    names = [one.name for one in scenarios.job.scenarios]
    median = {(row["scenario"], row["strategy"]): row["median"] for row in table.to_dict("records")}
    order = [str(label) for label in scenarios.regret.index]
    strokes = _strokes(order, scenarios.labels[:2])
    worst = scenarios.regret["worst"]
    rows = [(label, *(f"{median[name, label]:,.0f}" for name in names), f"{worst[label]:,.0f}") for label in order]
    fans = {label: scenarios.fan(names[0], label)[0.5] for label in order}
    drawn = [(fans[label].to_numpy(), strokes[label]) for label in order]
    picture = lines(fans[order[0]].index, drawn, about=f"Median equity over time in the scenario {names[0]}")
    heads = ["Median final wealth", *names, "Worst regret"]
    return _shown(
        scenarios.section(),
        Table(heads, rows[:ROWS], [strokes[label] for label in order[:ROWS]]),
        scenarios.market,
        picture=picture,
        notes=[f"Drawn: median equity in the scenario {names[0]!r}. {scenarios.paths:,} resampled paths each; no forecast."],
    )


def of_gearing(gearing: Gearing) -> str:
    """Return realised gearing, and the rolling betas."""
    section, rolled = gearing.section(), gearing.rolling
    names = [str(name) for name in gearing.table.index][:ROWS]
    strokes = {name: Stroke(COLORS[at]) if at < len(COLORS) else OTHER for at, name in enumerate(names)}
    columns = {name: rolled[name, "all"].to_numpy(dtype=float) for name in names}
    picture = ""
    if any(np.isfinite(values).any() for values in columns.values()):
        drawn: list[Line] = [(columns[name], strokes[name]) for name in names]
        picture = lines(rolled.index, drawn, about=f"Beta to the metal of the last {gearing.window} returns, over time")
    notes = [f"Drawn: beta to the metal over {gearing.window} returns."]
    return _card(section, section.tables[0], gearing.market, picture=picture, notes=notes, strokes=[strokes[name] for name in names])


def of_decomposition(apart: Decomposition) -> str:
    """Return what each strategy's return was made of."""
    section = apart.section()
    return _card(section, section.tables[0], next(iter(apart.results.values())).market)


def _card(
    section: Section,
    printed: Printed,
    market: Market,
    *,
    picture: str = "",
    warnings: Iterable[str] = (),
    notes: Iterable[str] = (),
    strokes: Iterable[Stroke] = (),
) -> str:
    """Return a table of a report's section as a notebook shows it."""
    rows = list(printed.rows)
    more = [f"{len(rows) - ROWS} more rows in the report."] if len(rows) > ROWS else []
    table = Table(list(printed.columns), rows[:ROWS], list(strokes)[:ROWS])
    return _shown(
        section, table, market, picture=picture, warnings=warnings, notes=[*more, *([printed.note] if printed.note else []), *notes]
    )


def _shown(
    section: Section, table: Table, market: Market, *, picture: str = "", warnings: Iterable[str] = (), notes: Iterable[str] = ()
) -> str:
    said = [*notes, *section.sentences, f"{market.source}, {market.digest}…"]
    return card(section.title, table, picture, warnings=[*doubts(market), *warnings], notes=said, simulated=market.simulated)


def _strokes(order: list[str], benchmarks: tuple[str, ...]) -> dict[str, Stroke]:
    strokes, colors = dict(zip(benchmarks, (METAL, MINERS), strict=True)), iter(COLORS)
    for label in order:
        if label not in strokes:
            color = next(colors, None)
            strokes[label] = OTHER if color is None else Stroke(color)
    return strokes
