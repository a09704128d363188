"""The document that ``--json`` prints. Its keys are described in docs/exports.md and are stable."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import orebody
from orebody.cli.stdout import echo
from orebody.metrics import Metrics
from orebody.metrics.beating import count_beating

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.backtesting.comparison import Comparison
    from orebody.backtesting.result import Result
    from orebody.market.market import Market
    from orebody.research.sweep.analysis import Sweep

__all__ = ["Document", "benchmarks", "head", "of_comparison", "of_result", "of_sweep", "print_document"]

Document = dict[str, Any]
"""Keys and values, as Python has them; `print_document` makes JSON of them."""


def print_document(document: Document) -> None:
    """Print a document as JSON; what is not a number or not a date is null."""
    echo(json.dumps(_plain(document), indent=2, allow_nan=False))


def of_comparison(comparison: Comparison, *, engine: str, left_out: dict[str, str], report: Path, table: Path | None) -> Document:
    """Return the ranking, the best first, and what it was made from."""
    ranking = [
        {**_run(result), "is_benchmark": label in comparison.benchmarks, "figures": _figures(comparison.metrics[label])}
        for label, result in comparison.results.items()
    ]
    return {
        **head("compare", comparison.market, comparison.account),
        "engine": engine,
        "opening": comparison.opening,
        "ranking": ranking,
        "left_out": [{"strategy": name, "reason": why} for name, why in left_out.items()],
        "report": report,
        "table": table,
    }


def of_result(result: Result, *, tearsheet: Path | None, table: Path | None) -> Document:
    """Return the figures of a run beside the metal's."""
    return {
        **head("backtest", result.market, result.account),
        "engine": result.engine,
        "opening": result.opening,
        **_run(result),
        "figures": _figures(result.metrics()),
        "metal": {"strategy": result.benchmark.label, "figures": _figures(result.benchmark.metrics())},
        "tearsheet": tearsheet,
        "table": table,
    }


def of_sweep(sweep: Sweep, *, table: Path | None, page: Path | None) -> Document:
    """Return the best point of a sweep and its neighbours; every point is in its table."""
    return {
        **head("sweep", sweep.market, sweep.account),
        "engine": "compiled",
        "opening": sweep.opening,
        "strategy": sweep.name,
        "checked": sweep.checked,
        "metric": sweep.metric,
        "n_trials": sweep.n_trials,
        "failed": len(sweep.failed),
        "best": _point(sweep, sweep.best),
        "benchmarks": benchmarks(sweep.table, sweep.benchmarks),
        "neighbourhood": [_point(sweep, row) for _, row in sweep.neighbourhood.iterrows()],
        "table": table,
        "page": page,
    }


def benchmarks(figures: pd.DataFrame, held: pd.DataFrame) -> list[Document]:
    """Return the metal and the miners held with the same cash flows, and how many rows of `figures` beat each, by measure."""
    return [{"strategy": label, "figures": dict(row), "beaten_by": count_beating(figures, row)} for label, row in held.iterrows()]


def head(command: str, market: Market, account: Account) -> Document:
    """Return what every document begins with: the command, the market and the account."""
    universe, opened = market.universe, market.dates[market.opening :]
    return {
        "orebody": orebody.__version__,
        "command": command,
        "simulated": market.simulated,
        "universe": {
            "name": universe.name,
            "metal": universe.metal,
            "miners": list(universe.miners),
            "survivors_only": universe.survivors_only,
        },
        "period": {
            "first": market.dates[0],
            "opening": opened[0],
            "last": opened[-1],
            "bars": len(opened),
            "periods_per_year": market.periods_per_year,
        },
        "source": market.source,
        "digest": market.digest,
        "fill": market.fill,
        "doubts": list(market.doubts),
        "notes": [{"what": what, "text": text} for what, text in market.notes],
        "account": _account(account, market),
    }


def _account(account: Account, market: Market) -> Document:
    settings = {
        name: getattr(account, name)
        for name in ("cash", "contribution", "every", "whole_shares", "leverage", "shorting", "maintenance_margin")
    }
    costs = zip(market.tickers, account.costs_of(market.universe), strict=True)
    return {
        **settings,
        "cash_rate": {
            "of": "market" if account.cash_rate is None else "account",
            "average": float(np.mean(account.rates(market))),
            "known": account.rate_known(market),
        },
        "costs": {ticker: dataclasses.asdict(one) for ticker, one in costs},
    }


def _run(result: Result) -> Document:
    facts = {"strategy": result.label, "description": result.description, "checked": result.checked, "ruined": result.ruined}
    return {**facts, "flags": list(result.flags)}


def _figures(metrics: Metrics) -> Document:
    return {field.name: getattr(metrics, field.name) for field in dataclasses.fields(metrics)}


def _point(sweep: Sweep, row: pd.Series) -> Document:
    figures = [name for name in row.index if name not in sweep.parameters and name != "status"]
    return {
        "parameters": {name: row[name] for name in sweep.parameters},
        "figures": {name: row[name] for name in figures},
        "status": row["status"],
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: dates in ISO form, null for what does not exist, text for what JSON has no word for."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        return value.isoformat() if value != value.normalize() else str(value.date())
    return str(value)
