"""A page for each strategy: its docstring, its parameters, its picture."""

from __future__ import annotations

import dataclasses
import inspect
import re
from html import unescape
from pathlib import Path
from typing import Any

from orebody.registry import strategies
from orebody.strategy import Strategy
from orebody.strategy.parameters import Rule

__all__ = ["linked", "own", "page", "pages"]

DATA = {
    "quality-tilt": "gold-producers",
    "ratings-breadth": "gold",
    "regime-filter": "gold",
}
"""The universes of the sample on which a strategy finds what it reads; the others run on any."""


def pages(pictures: Path) -> dict[str, str]:
    """Return the text of every page by the strategy's name; `pictures` is the folder with an SVG for each."""
    return {name: page(strategy, (pictures / f"{name}.svg").read_text(encoding="utf-8")) for name, strategy in own().items()}


def own() -> dict[str, type[Strategy]]:
    """Return the strategies that come with orebody, those of other packages left out."""
    return {name: one for name, one in strategies().items() if one.__module__.startswith("orebody_strategies.")}


def page(strategy: type[Strategy], svg: str) -> str:
    """Return one strategy's page in Markdown."""
    name = strategy.name()
    told = re.search(r'aria-label="([^"]*)"', svg)
    assert told is not None, f"the picture of {name} says nothing in words"
    about = unescape(told.group(1))
    return "\n".join(
        [
            f"# {name}",
            "",
            _markdown(strategy),
            "",
            f"In Python `orebody.strategies.{strategy.__name__}`; on the command line:",
            "",
            "```sh",
            f"orebody backtest {name} {DATA.get(name, 'gold')} --source sample",
            "```",
            "",
            "## What it did",
            "",
            *_picture(svg, about),
            "",
            "Each of the three has the same cash flows and the same costs; equity at the ends of months, in money. "
            "One history says little: [every strategy](../results.md) is in one table, and "
            "[skill or luck](../significance.md) says how to judge it.",
            "",
            "## Parameters",
            "",
            *_parameters(strategy),
            "",
            _waits(strategy),
            "",
        ]
    )


def linked(text: str) -> str:
    """Return docs/strategies.md with the name of each strategy leading to its page."""
    for name, strategy in own().items():
        text = text.replace(f"**{strategy.__name__}**", f"[**{strategy.__name__}**](strategies/{name}.md)")
    return text


def _markdown(strategy: type[Strategy]) -> str:
    """Return the docstring as Markdown: the same letters, but that a bare * or _ is no emphasis."""
    text = (inspect.getdoc(strategy) or "").replace("``", "`")
    return "".join(part if at % 2 else re.sub(r"([*_<])", r"\\\1", part) for at, part in enumerate(re.split(r"(`[^`]*`)", text)))


def _parameters(strategy: type[Strategy]) -> list[str]:
    fields: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(strategy)  # type: ignore[arg-type]
    rows = ["| parameter | meaning | default | allowed |", "|---|---|---|---|"]
    for field in fields:
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        rule = Rule(field).text
        allowed = rule + (" or None" if "None" in str(field.type) else "")
        meaning = str(field.metadata["about"]).replace("|", "\\|")
        rows.append(f"| `{field.name}` | {meaning} | `{default!r}` | {allowed or 'see its meaning'} |")
    return rows


def _waits(strategy: type[Strategy]) -> str:
    needed = strategy().bars_needed
    return "With the defaults it can decide " + ("on the first bar." if needed == 1 else f"once it has seen {needed:,} bars.")


def _picture(svg: str, about: str) -> list[str]:
    warned = ['<p class="simulated">SIMULATED: these prices are made up.</p>'] if about.startswith("SIMULATED") else []
    plain = "\n".join(line for line in svg.splitlines() if line.strip())  # a blank line would end raw HTML in Markdown
    return ["```{raw} html", *warned, f'<div class="picture">{plain}</div>', "```", "", f"{about[0].upper()}{about[1:]}."]
