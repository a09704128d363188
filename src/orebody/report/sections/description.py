"""A strategy in words: its idea and its parameters."""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orebody.backtesting.comparison import Comparison
    from orebody.strategy.base import Strategy

__all__ = ["idea", "parameters"]


def idea(comparison: Comparison, label: str) -> str:
    """Return the first paragraph of the strategy's docstring; what a benchmark does, in a sentence."""
    strategy = comparison.strategies.get(label)
    if strategy is not None:
        return _first_paragraph(type(strategy))
    if label in comparison.classes:
        return _first_paragraph(comparison.classes[label])
    if label in comparison.benchmarks:
        role = ("metal", "miners")[comparison.benchmarks.index(label)]
        return f"A benchmark: put all money into the {role} when it comes, and never sell."
    return comparison.results[label].description


def _first_paragraph(strategy: type) -> str:
    text = inspect.cleandoc(strategy.__doc__ or "")
    if not text or text.startswith(f"{strategy.__name__}("):  # what a dataclass writes where nobody wrote anything
        return f"{strategy.__name__} says nothing about itself: its class has no docstring."
    return " ".join(text.split("\n\n")[0].split()).replace("`", "")


def parameters(strategy: Strategy | None) -> list[tuple[str, str, str]]:
    """Return (name, value, meaning) of each parameter; none for a strategy without, and for a benchmark."""
    if not dataclasses.is_dataclass(strategy):
        return []
    return [
        (field.name, repr(getattr(strategy, field.name)), field.metadata.get("about", "not documented"))
        for field in dataclasses.fields(strategy)
    ]
