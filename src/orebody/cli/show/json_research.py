"""The documents that ``--json`` prints for research. Their keys are described in docs/exports.md."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from orebody.cli.show.json_document import Document, head

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.research.gearing import Decomposition, Gearing
    from orebody.research.scenarios import Scenarios
    from orebody.research.significance.result import Significance
    from orebody.research.stress.analysis import Stress
    from orebody.research.walk_forward.result import WalkForward

__all__ = ["of_gearing", "of_scenarios", "of_significance", "of_stress", "of_walk_forward"]


def of_walk_forward(walk: WalkForward, *, table: Path | None, page: Path | None, tearsheet: Path | None) -> Document:
    """Return the windows, what was left of the promise, and the joined account's figures."""
    result, metrics = walk.result, walk.result.metrics()
    windows = [
        {
            **{name: row[name] for name in walk.windows.columns if name not in walk.parameters},
            "parameters": {name: row[name] for name in walk.parameters},
        }
        for row in _rows(walk.windows)
    ]
    return {
        **head("walk-forward", result.market, result.account),
        "engine": result.engine,
        "opening": result.opening,
        "strategy": walk.name,
        "checked": result.checked,
        "ruined": result.ruined,
        "metric": walk.metric,
        "n_trials": walk.n_trials,
        "train": walk.lengths[0],
        "test": walk.lengths[1],
        "purge": walk.purge,
        "anchored": walk.anchored,
        "figures": {field.name: getattr(metrics, field.name) for field in dataclasses.fields(metrics)},
        "benchmarks": [{"strategy": label, "figures": held.to_dict()} for label, held in walk.benchmarks.iterrows()],
        "windows": windows,
        "benchmark_returns": _rows(walk.benchmark_returns),
        "efficiency": _index_by_name(walk.efficiency),
        "stability": _rows(walk.stability.reset_index()),
        "relative_rank": walk.relative_rank,
        "table": table,
        "page": page,
        "tearsheet": tearsheet,
    }


def of_significance(found: Significance, *, left_out: dict[str, str], table: Path | None, page: Path | None) -> Document:
    """Return the tests after counting, the intervals, the shifted runs and the sentences."""
    fit = found.overfitting
    source: Any = found.source
    overfitting = None
    if fit is not None:
        overfitting = {name: getattr(fit, name) for name in ("probability", "slope", "loss", "blocks", "bars")}
    return {
        **head("significance", source.market, source.account),
        "engine": "compiled",
        "opening": source.opening,
        "better": found.better,
        "beating": found.source.beating,
        "sentences": found.sentences,
        "tests": _rows(found.table.reset_index()),
        "intervals": _rows(found.intervals),
        "spa": None if found.spa is None else found.spa.to_dict(),
        "overfitting": overfitting,
        "random_timing": None if found.random_timing is None else _rows(found.random_timing.reset_index()),
        "notes_on_tests": found.notes,
        **{name: getattr(found, name) for name in ("n_trials", "samples", "seed", "level", "interval_block", "test_block")},
        "expected_max_sharpe": found.expected_max_sharpe,
        "expected_max_ahead": found.expected_max_ahead,
        "metal": found.metal,
        "left_out": _left_out(left_out),
        "table": table,
        "page": page,
    }


def of_gearing(
    gearing: Gearing, apart: Decomposition | None, account: Account, *, opening: str | None, table: Path | None, page: Path | None
) -> Document:
    """Return realised gearing, what costs imply, and what returns were made of."""
    document = {
        **head("gearing", gearing.market, account),
        "frequency": gearing.frequency,
        "returns": gearing.returns,
        "window": gearing.window,
        "move": gearing.move,
        "gearing": _rows(gearing.table.reset_index()),
        "regimes": _rows(gearing.regimes),
        "lead_lag": _rows(gearing.lead_lag.reset_index()),
        "operating": None if gearing.operating is None else _rows(gearing.operating.reset_index()),
        "quarters": None if gearing.quarters is None else _rows(gearing.quarters),
        "sentences": gearing.sentences,
        "decomposition": None,
        "beating": None if apart is None else apart.beating,
        "opening": opening,
    }
    if apart is not None:
        document["decomposition"] = [
            {
                "strategy": label,
                "parts": apart.table.loc[label].to_dict(),
                "annual": apart.annual.loc[label].to_dict(),
                "shares": apart.shares.loc[label].to_dict(),
            }
            for label in apart.table.index
        ]
    return {**document, "table": table, "page": page}


def of_scenarios(scenarios: Scenarios, *, left_out: dict[str, str], table: Path | None, page: Path | None) -> Document:
    """Return the outcomes of each scenario and strategy, and the regret."""
    names = [one.name for one in scenarios.job.scenarios]
    regret = [
        {"strategy": label, "worst": row["worst"], "by_scenario": {name: row[name] for name in names}}
        for label, row in scenarios.regret.iterrows()
    ]
    return {
        **head("scenarios", scenarios.market, scenarios.account),
        "engine": "compiled",
        "checked": scenarios.checked,
        "scenarios": [{"name": one.name, "text": one.text} for one in scenarios.job.scenarios],
        "paths": scenarios.paths,
        "horizon": len(scenarios.job.dates),
        "days": len(scenarios.job.days),
        "blocks": scenarios.note,
        "seed": scenarios.job.seed,
        "outcomes": _rows(scenarios.table),
        "regret": regret,
        "left_out": _left_out(left_out),
        "table": table,
        "page": page,
    }


def of_stress(stress: Stress, *, left_out: dict[str, str], table: Path | None, page: Path | None) -> Document:
    """Return what each strategy went through in each episode, and on the worst days of equities."""
    return {
        **head("stress", stress.market, stress.account),
        "engine": "compiled",
        "opening": stress.opening,
        "episodes": _rows(stress.table),
        "episodes_left_out": [{"episode": name, "reason": why} for name, why in stress.left_out.items()],
        "safe_haven": None if stress.safe_haven is None else _rows(stress.safe_haven.reset_index()),
        "safe_haven_note": stress.safe_haven_note,
        "left_out": _left_out(left_out),
        "table": table,
        "page": page,
    }


def _left_out(left_out: dict[str, str]) -> list[Document]:
    return [{"strategy": name, "reason": why} for name, why in left_out.items()]


def _index_by_name(table: pd.DataFrame) -> Document:
    return {str(name): row.to_dict() for name, row in table.iterrows()}


def _rows(table: pd.DataFrame) -> list[Document]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
