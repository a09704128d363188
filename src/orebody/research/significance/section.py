"""The section of a test of significance: what to conclude, the tests, the intervals, overfitting, and random times."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from orebody.metrics import Metrics, format_figure
from orebody.presentation import LINE, SOFT, Axis, Chart, Picture, Section, Series, Table

if TYPE_CHECKING:
    from orebody.research.significance.result import Significance

__all__ = ["FIELDS", "interval_rows", "random_timing_rows", "section", "sentences", "significance_rows"]

FIELDS = {field.name: field.metadata for field in dataclasses.fields(Metrics)}
BARS = 40
FIRST = 20  # rows and lines of a page; `table` has all


def section(found: Significance) -> Section:
    """Return the section; see `orebody.research.significance.analysis`."""
    level = f"{found.level:.0%}"
    tables = [
        Table("After counting", *significance_rows(found), _shown(found)),
        Table(f"Intervals, {level}", *interval_rows(found), "Difference: to the metal with the same cash flows, on the same drawn days."),
    ]
    if found.overfitting is not None:
        tables.append(_overfitting_table(found))
    if found.random_timing is not None:
        note = f"Shifted runs: the same switches, {level} of them between the ends, moved to other times."
        tables.append(Table("The same switches at random times", *random_timing_rows(found), note))
    pictures = _pictures(found)
    return Section("Skill or luck", sentences(found), tables, pictures, _settings(found))


def sentences(found: Significance) -> list[str]:
    """Return what to conclude, in words."""
    said = [_beaten(found), f"{found.source.beating}."]
    if found.spa is not None:
        said.append(
            f"Hansen's test that the best of them is no better than the metal: p = {found.spa['consistent']:.3f} "
            f"(between {found.spa['lower']:.3f} and {found.spa['upper']:.3f})."
        )
    else:
        said.append(f"No test against the metal: {found.notes['spa']}.")
    if found.table["sharpe"].notna().any():
        best = found.table["sharpe"].idxmax()
        row = found.table.loc[best]
        said.append(
            f"The best Sharpe ratio is {row['sharpe']:.2f}, of {best}: above 0 with a probability of {row['probabilistic']:.1%}, and of "
            f"{row['deflated']:.1%} above the {found.expected_max_sharpe:.2f} to be expected of the best of {_tries(found.n_trials)} "
            "without skill."
        )
    said.append(_fit(found))
    said.append(_timing(found))
    left = found.table.index[found.table["growth_ahead"].isna()]
    said += [f"{label} is not judged: {found.table.at[label, 'note']}." for label in left[:FIRST]]
    if len(left) > FIRST:
        said.append(f"And {len(left) - FIRST} more are not judged; the table says why.")
    return said


def _beaten(found: Significance) -> str:
    alpha, metal = f"{1 - found.level:.3g}", found.metal
    judged = int(found.table["growth_ahead"].notna().sum())
    of = f"{'Of ' if judged > 1 else ''}{judged:,} {_kind(found, judged)}"
    tests = f"at a level of {alpha}, after counting {'all' if judged > 1 else 'it'}"
    if not found.better:
        none = f"{of}, none grew" if judged > 1 else f"The {_kind(found, 1)} judged did not grow"
        text = f"{none} faster than {metal} held with the same cash flows, {tests}."
    else:
        names = ", ".join(found.better[:5]) + (f" and {len(found.better) - 5} more" if len(found.better) > 5 else "")
        text = f"{of}: {names} grew faster than {metal} held with the same cash flows, {tests}."
    if found.n_trials > judged:
        text += (
            f" {_tries(found.n_trials)} were made, and only those with returns can be counted in that test; the deflated ratios count all."
        )
    return text


def _fit(found: Significance) -> str:
    fit = found.overfitting
    if fit is None:
        return f"No probability of overfitting: {found.notes['overfitting']}."
    middle = f" and stood exactly at it in {fit.at_median:.1%}" if fit.at_median else ""
    both = ", which counts both" if fit.at_median else ""
    return (
        f"Chosen by Sharpe ratio on one half of the history, the best fell below the median on the other half in {fit.below_median:.1%} of "
        f"{len(fit.logits):,} ways to halve it{middle}: a probability of overfitting of {fit.probability:.1%}{both}, where choosing "
        f"at random gives {fit.expected:.1%}. It lost against cash in {fit.loss:.1%}."
    )


def _timing(found: Significance) -> str:
    if found.random_timing is None:
        return f"No shifted runs at random times: {found.notes['random_timing']}."
    tested = found.random_timing[found.random_timing["p_value"].notna()]
    if tested.empty:
        return "No strategy has shifted runs at random times; the table says why."
    alpha = 1 - found.level
    good = tested.index[tested["p_value"] <= alpha + 1e-12]
    names = f" ({', '.join(map(str, good))})" if len(good) else ""
    chosen = f" That does not count that it was chosen among {_tries(found.n_trials)}." if found.n_trials > len(found.table) else ""
    return (
        f"{len(good)} of {len(tested)} {'strategies' if len(tested) > 1 else 'strategy'}{names} did better than the same switches at "
        f"random times at a level of {alpha:.3g}; luck alone gives {alpha * len(tested):.4g} on average.{chosen}"
    )


def _kind(found: Significance, count: int) -> str:
    sweep = hasattr(found.source, "parameters")
    return ("point" if sweep else "strategy") if count == 1 else ("points" if sweep else "strategies")


def _tries(count: int) -> str:
    return "1 try" if count == 1 else f"{count:,} tries"


def significance_rows(found: Significance) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the cells of the table of tests."""
    columns = ["Strategy", "Sharpe", "above 0", "above luck", "Growth over the metal", "above 0", "above luck", "p alone", "p, all counted"]
    rows = []
    for label, row in found.table.head(FIRST).iterrows():
        if pd.isna(row["growth_ahead"]):
            rows.append([f"{label}: {row['note']}", *[format_figure("ratio", None)] * 8])
            continue
        shares = [_share(row[name]) for name in ("probabilistic", "deflated")]
        ahead = [_share(row[name]) for name in ("probabilistic_ahead", "deflated_ahead")]
        p = [_p(row[name]) for name in ("p_single", "p_value")]
        label = f"{label}: {row['note']}" if row["note"] else str(label)
        rows.append([label, format_figure("ratio", row["sharpe"]), *shares, f"{row['growth_ahead']:+.1%}", *ahead, *p])
    return columns, rows


def interval_rows(found: Significance) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the cells of the table of intervals."""
    columns = ["Strategy", "Figure", "Value", "from", "to", "Difference", "from", "to", "Note"]
    rows = []
    for row in found.intervals.to_dict("records"):
        kind = FIELDS[row["metric"]]["kind"]
        cells = [format_figure(kind, row[name]) for name in ("value", "low", "high", "difference", "difference_low", "difference_high")]
        rows.append([str(row["strategy"]), str(FIELDS[row["metric"]]["heading"]), *cells, row["note"]])
    return columns, rows


def random_timing_rows(found: Significance) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the cells of the table of random times."""
    assert found.random_timing is not None
    columns = ["Strategy", "Return", "Shifted from", "Median", "to", "Beaten", "p", "Shifted runs", "Note"]
    rows = []
    for label, row in found.random_timing.iterrows():
        cells = [format_figure("percent", row[name]) for name in ("total_return", "random_low", "random_median", "random_high")]
        rows.append([str(label), *cells, _share(row["beaten"]), _p(row["p_value"]), f"{row['shifts']:,}", str(row["note"])])
    return columns, rows


def _overfitting_table(found: Significance) -> Table:
    fit = found.overfitting
    assert fit is not None
    rows = [
        ("At or below the median out of sample (PBO)", f"{fit.probability:.1%}"),
        ("of which below it", f"{fit.below_median:.1%}"),
        ("of which exactly at it", f"{fit.at_median:.1%}"),
        ("PBO of choosing at random", f"{fit.expected:.1%}"),
        ("Lost against cash out of sample", f"{fit.loss:.1%}"),
        ("Sharpe ratio of the chosen, in sample, mean", f"{fit.inside.mean():.2f}"),
        ("out of sample, mean", f"{fit.outside.mean():.2f}"),
        ("Slope of the second on the first", format_figure("ratio", fit.slope)),
    ]
    return Table("Overfitting", ("", "Figure"), rows, f"{fit.blocks} blocks of {fit.bars} bars, {len(fit.logits):,} ways to halve them.")


def _shown(found: Significance) -> str:
    what = "Above luck: above what the best of all tries would have without skill (the deflated ratio)."
    return what if len(found.table) <= FIRST else f"{what} The first {FIRST} of {len(found.table):,}; the table in Python has all."


def _pictures(found: Significance) -> list[Picture]:
    pictures = []
    first = next((one for one in ("cagr", "sharpe") if _gaps(found, one) is not None), None)
    if first is not None:
        caption = f"{FIELDS[first]['heading']} less the metal's, with its {found.level:.0%} interval"
        pictures.append(
            Picture(caption, [_intervals(found, first)], "A dot and a bar for each run; the table of intervals has the figures.")
        )
    if found.overfitting is not None:
        told = "A histogram; what lies left of 0 was below the middle."
        pictures.append(Picture("Where the best of one half came in on the other half", [_logits(found)], told))
    if found.random_timing is not None and found.random_timing["p_value"].notna().any():
        told = "A dot and a bar for each strategy; the table of random times has the figures."
        pictures.append(Picture("Return, and the range of the same switches at random times", [_random_timing(found)], told))
    return pictures


def _gaps(found: Significance, metric: str) -> pd.DataFrame | None:
    rows = found.intervals[(found.intervals["metric"] == metric) & found.intervals["difference"].notna()]
    return rows.head(FIRST) if len(rows) else None


def _intervals(found: Significance, metric: str) -> Chart:
    rows = _gaps(found, metric)
    assert rows is not None
    kind = FIELDS[metric]["kind"]
    texts = [
        f"{row['strategy']}: {format_figure(kind, row['difference'])}, from {format_figure(kind, row['difference_low'])} "
        f"to {format_figure(kind, row['difference_high'])}"
        for row in rows.to_dict("records")
    ]
    across = Axis(f"{FIELDS[metric]['heading']} less that of {found.metal}", "percent" if kind == "percent" else "number")
    names = (f"{found.level:.0%} interval", "difference")
    spans = [rows[name].to_numpy() for name in ("difference", "difference_low", "difference_high")]
    rule = Series("vrule", x=[0.0], color=LINE, width=1.2)
    return Chart(across, Axis(unit="rows", names=list(map(str, rows["strategy"]))), [rule, *_dots(spans, texts, names)])


def _random_timing(found: Significance) -> Chart:
    assert found.random_timing is not None
    rows = found.random_timing[found.random_timing["p_value"].notna()].head(FIRST)
    spans = [(1.0 + rows[name]).clip(lower=1e-6).to_numpy() for name in ("total_return", "random_low", "random_high")]
    texts = [
        f"{label}: {one:.2f} x; at random times {low:.2f} x to {high:.2f} x"
        for label, one, low, high in zip(rows.index, *spans, strict=True)
    ]
    across = Axis("what 1 became, time-weighted", "multiple", logarithmic=True)
    names = ("at random times", "the strategy")
    return Chart(across, Axis(unit="rows", names=list(map(str, rows.index))), _dots(spans, texts, names))


def _dots(spans: list[np.ndarray], texts: list[str], names: tuple[str, str]) -> list[Series]:
    """Return a bar and a dot on it for each row; `spans` are the dots, and the ends of the bars."""
    at = np.arange(len(texts), dtype=float)
    values, low, high = spans
    return [
        Series("hbar", names[0], y=at, low=low, high=high, texts=texts, color=SOFT, width=0.16, opacity=0.45),
        Series("dots", names[1], x=values, y=at, texts=texts, width=11.0),
    ]


def _logits(found: Significance) -> Chart:
    fit = found.overfitting
    assert fit is not None
    places, ways = np.unique(fit.logits, return_counts=True)
    width = 0.8 * (np.diff(places).min() if len(places) > 1 else 1.0)
    if len(places) > BARS:  # of few ranks a bar for each
        ways, edges = np.histogram(fit.logits, bins=BARS)
        places, width = (edges[1:] + edges[:-1]) / 2, 0.95 * (edges[1] - edges[0])
    bars = Series(
        "vbar",
        x=places,
        low=np.zeros(len(places)),
        high=ways,
        texts=[f"{count:,} of {len(fit.logits):,} ways" for count in ways],
        width=float(width),
        opacity=0.8,
    )
    across = Axis("logit of the rank out of sample: left of 0 is below the middle")
    return Chart(across, Axis("ways"), [bars, Series("vrule", x=[0.0], color=SOFT, width=1.2)], height=260)


def _settings(found: Significance) -> list[tuple[str, str]]:
    return [
        ("Tries counted", f"{found.n_trials:,}"),
        (
            "Bootstrap",
            f"stationary (Politis and Romano 1994), {found.samples:,} histories, seed {found.seed}, the same days for each run and the "
            f"metal; mean block {found.interval_block} bars for intervals, {found.test_block} for tests",
        ),
        (
            "Intervals",
            "percentile, of figures of time-weighted returns; those of drawdowns tell the range of histories as long as this one",
        ),
        ("Tests", "of mean daily log return less the metal's, studentised: Hansen (2005); Romano and Wolf (2005, 2016)"),
        ("Sharpe ratios", "probabilistic and deflated: Bailey and Lopez de Prado (2012, 2014), bars taken as independent"),
        ("Overfitting", "combinatorially symmetric cross-validation: Bailey, Borwein, Lopez de Prado and Zhu (2017)"),
        (
            "Random times",
            "all decisions moved by the same number of bars, end joined to start; carried out by the compiled engine with all costs",
        ),
    ]


def _share(value: float) -> str:
    return format_figure("percent", None) if pd.isna(value) else f"{value:.1%}"


def _p(value: float) -> str:
    return format_figure("ratio", None) if pd.isna(value) else f"{value:.3f}"
