"""The API reference: a page for each group of public names, every name exactly once; autodoc and numpydoc turn docstrings into entries."""

from __future__ import annotations

import dataclasses
import inspect
from importlib import import_module

import orebody
from orebody.strategy.parameters import Rule

__all__ = ["GROUPS", "described", "index", "page", "pages", "public"]

MODULES = ("strategies", "indicators", "metrics", "testing", "errors")

GROUPS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "running": (
        "Running",
        "From prices and a strategy to a result.",
        ("load_market", "backtest", "compare", "to_backtrader"),
    ),
    "nouns": (
        "Nouns",
        "What goes in and what comes out.",
        ("Market", "Universe", "Strategy", "parameter", "Decisions", "Account", "Costs", "Result", "Comparison"),
    ),
    "research": (
        "Research",
        "Many runs at once, and what they are worth.",
        (
            *("sweep", "Sweep", "walk_forward", "WalkForward", "significance", "Significance", "scenarios", "Scenario", "Scenarios"),
            *("stress", "Stress", "gearing", "Gearing", "decompose", "Decomposition"),
        ),
    ),
    "studies": ("Studies", "A whole run in one file.", ("load_study", "Study", "StudyResult")),
    "strategies": ("Strategies", "Those that come with orebody; each has [a page with its picture](../strategies.md) too.", ()),
    "indicators": ("Indicators", "Causal and compiled, for strategies of your own.", ()),
    "metrics": ("Metrics", "Figures derived from a run, each with its formula.", ()),
    "testing": ("Testing", "What to run against a strategy of your own.", ()),
    "errors": ("Errors", "Everything that orebody refuses, under one base class.", ()),
}


def public() -> dict[str, list[str]]:
    """Return the full public names of each group.

    A name of `orebody.__all__` that no group names is put on the page of its nouns or its research, by what it is, so that none is lost.
    """
    found = {key: [f"orebody.{name}" for name in names] for key, (_, _, names) in GROUPS.items()}
    placed = {name for names in found.values() for name in names}
    for name in orebody.__all__:
        full = f"orebody.{name}"
        if full in placed or name == "__version__" or inspect.ismodule(getattr(orebody, name)) or name == "OrebodyError":
            continue  # a module has its own page; the base error is among the errors
        found["research" if getattr(orebody, name).__module__.startswith("orebody.research") else "running"].append(full)
    for module in MODULES:
        found[module] = [f"orebody.{module}.{name}" for name in import_module(f"orebody.{module}").__all__]
    return found


def pages() -> dict[str, str]:
    """Return the text of every page by its file name."""
    groups = public()
    return {key: page(key, groups[key]) for key in GROUPS}


def index() -> str:
    """Return the page that leads to the others, with every name in a line of its own."""
    lines = [
        "# API reference",
        "",
        "Every public name, from its docstring. Names that begin with an underscore, and modules not named here, may change.",
        "",
    ]
    for key, names in public().items():
        title, about, _ = GROUPS[key]
        lines += [
            f"## [{title}]({key}.md)",
            "",
            about,
            "",
            "```{eval-rst}",
            ".. py:currentmodule:: orebody",
            "",
            *(f"* :py:obj:`{one} <{one}>`: {_first(one)}" for one in names),
            "```",
            "",
        ]
    return "\n".join([*lines, "```{toctree}", ":hidden:", *GROUPS, "```", ""])


def page(key: str, names: list[str]) -> str:
    """Return the page of one group in Markdown, each name an autodoc directive."""
    title, about, _ = GROUPS[key]
    lines = [f"# {title}", "", about, "", "```{eval-rst}", ""]
    for full in names:
        lines += [*_directive(full), ""]
    return "\n".join([*lines, "```", ""])


def _directive(full: str) -> list[str]:
    thing = _found(full)
    if not inspect.isclass(thing):
        return [f".. autofunction:: {full}"]
    if issubclass(thing, Exception):
        return [f".. autoexception:: {full}", "   :show-inheritance:"]
    return [
        f".. autoclass:: {full}",
        "   :members:",
        *(["   :exclude-members: decide, bars_needed, deploys"] if ".strategies." in full else []),
    ]


def described(thing: object) -> list[str]:
    """Return numpydoc's section for the fields of a dataclass that say themselves what they are: a strategy's parameters, the figures."""
    fields = dataclasses.fields(thing) if isinstance(thing, type) and dataclasses.is_dataclass(thing) else ()
    told = [field for field in fields if {"about", "title"} & set(field.metadata)]
    if not told:
        return []
    heading = "Parameters" if "about" in told[0].metadata else "Attributes"
    lines = ["", heading, "-" * len(heading)]
    for field in told:
        if "title" in field.metadata:
            kind = field.metadata["kind"]
            lines += [f"{field.name} : {'fraction' if kind == 'percent' else kind}", f"    {field.metadata['title']}"]
            continue
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        allowed = Rule(field).text
        lines += [f"{field.name} : default {default!r}", f"    {field.metadata['about']}{f' ({allowed})' if allowed else ''}"]
    return [*lines, ""]


def _found(full: str) -> object:
    module, _, name = full.rpartition(".")
    thing: object = getattr(import_module(module), name)
    return thing


def _first(full: str) -> str:
    return (inspect.getdoc(_found(full)) or "").partition("\n\n")[0].replace("\n", " ")
