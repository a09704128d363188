"""The section of a stress test: returns by episode, the picture of them, and the worst days of equities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orebody.presentation import INK, LINE, SOFT, Axis, Chart, Color, Marker, Picture, Section, Series, Table

if TYPE_CHECKING:
    import pandas as pd

    from orebody.research.stress.analysis import Stress

__all__ = ["named", "percent", "section", "sentences"]


def percent(share: float, digits: int = 2, *, signed: bool = False) -> str:
    """Return a share as the other tables of the page write it, with its sign where a gain is to be told from a loss."""
    return f"{100 * share:{'+' if signed else ''}.{digits}f} %"


def section(stress: Stress) -> Section:
    """Return the section; see `orebody.research.stress.analysis`."""
    tables = [_episode(stress, rows) for _, rows in stress.table.groupby("episode", sort=False)]
    if stress.safe_haven is not None:
        tables.append(_safe_haven(stress))
    pictures = [] if stress.table.empty else [_picture(stress.table)]
    return Section(
        title="What happened in bad times, and in good ones",
        sentences=sentences(stress),
        tables=tables,
        pictures=pictures,
        brief=_brief(stress),
        settings=[
            ("Episodes", "read off runs over all prices: each strategy came into them with its past, holding what it then held"),
            ("Returns", "time-weighted, from the close of the first day to the close of the last"),
            ("Accounts under stress", stress.opening),
        ],
    )


def sentences(stress: Stress) -> list[str]:
    """Return the results in sentences."""
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


def _brief(stress: Stress) -> Table:
    """Return the return of each strategy in each episode."""
    table = stress.table
    names = list(table["episode"].unique())
    returns = {(row["strategy"], row["episode"]): f"{row['return']:+.1%}" for row in table.to_dict("records")}
    rows = [(named(stress, label), *(returns.get((label, name), "–") for name in names)) for label in table["strategy"].unique()]
    return Table("Return in each episode", ["Return in", *names], rows)


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


def _picture(table: pd.DataFrame) -> Picture:
    """Return a dot for each strategy in a row for each episode, the metal and the miners marked."""
    episodes = list(dict.fromkeys(table["episode"]))
    yard = list(dict.fromkeys(table.loc[table["is_benchmark"], "strategy"]))
    rows = table.assign(at=table["episode"].map(episodes.index))
    own = rows[~rows["is_benchmark"]]
    marks: tuple[tuple[Color, Marker], ...] = ((INK, "diamond"), (SOFT, "triangle"))  # the metal, then the miners
    series = [Series("vrule", x=[0.0], color=LINE, width=1.2), _dots(own, "strategies", 0, "circle", 9.0)]
    for label, (color, marker) in zip(yard, marks, strict=True):
        series.append(_dots(rows[rows["strategy"] == label], str(label), color, marker, 11.0))
    return Picture(
        "Return in each episode",
        [Chart(Axis(unit="percent"), Axis(unit="rows", names=episodes), [one for one in series if len(one.x)])],
        "A dot for each strategy, and marks for the metal and the miners, in a row for each episode; the tables below have the figures.",
    )


def _dots(rows: pd.DataFrame, name: str, color: Color, marker: Marker, size: float) -> Series:
    return Series(
        "dots",
        name=name,
        x=rows["return"].to_numpy(),
        y=rows["at"].to_numpy(),
        texts=[f"{row['strategy']}: {percent(row['return'], signed=True)}" for row in rows.to_dict("records")],
        color=color,
        width=size,
        opacity=0.7 if marker == "circle" else 1.0,
        marker=marker,
    )
