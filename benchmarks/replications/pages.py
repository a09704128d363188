"""The shelf as pages: one for each study, and an index. They hold nothing that is not computed or in a study."""

from __future__ import annotations

import textwrap
from collections import Counter

from replications.figure import Figure, Verdict
from replications.study import Study, summary

__all__ = ["index", "page"]

WIDTH = 140
HEAD = "| figure | published | ours | tolerance | verdict | how | remark |\n|---|---|---|---|---|---|---|"
OPENING = """# The replication shelf

What has been published about miners and their metal, made again from prices, each figure with its period, its source, its tolerance and its
verdict. What fails is shown as failing, and what these prices cannot decide is named. The pages are written by

```sh
python benchmarks/replicate.py --write --data prices/     # all of them, some six seconds on one core
python benchmarks/replicate.py tufano --data prices/      # one study, printed
python benchmarks/replicate.py --list                     # their names
```

where `prices/` holds `daily/`, `adjclose/`, `monthly/` and `chan/`; wherever it is there, tests make every figure again, hold the pages to
it, and compare it with plain pandas or numpy over the files.
"""
CLOSING = """
How to read it:

- A figure holds up to what its tolerance says; the remark says why that much. Where it says nothing it is the last digit published.
- Prices adjusted for distributions change a little with every distribution that follows: nobody gets the weekly mean of 2016 today.
- *Ours alone*: nobody has published the figure; it stands there because it explains one that somebody has.
- A claim that was found in some years and not in those after it has not been refuted for its own years. It has been found not to be a law.
- A study that was read in an abstract, or through somebody else, says so.

To add one: a module in `benchmarks/replications/` with its `STUDY`, its name in `shelf.py`, its figures made independently in
`tests/research/test_replications.py`, and `--write`. The tolerance and its reason come before the figure.
"""


def page(study: Study, figures: list[Figure]) -> str:
    """Return the page of one study."""
    facts = (("Claimed", study.claim), ("Source", study.source), ("Period", study.period), ("Prices here", study.prices))
    lines = [f"# {study.title}", "", f"Verdict: {summary(figures)}.", ""]
    for what, text in facts:
        lines += [*textwrap.wrap(f"**{what}.** {text}", WIDTH, break_long_words=False, break_on_hyphens=False), ""]
    lines += [HEAD, *map(_row, figures), "", "## Why it differs", ""]
    for paragraph in study.why.strip().split("\n\n"):
        lines += [*textwrap.wrap(" ".join(paragraph.split()), WIDTH, break_long_words=False, break_on_hyphens=False), ""]
    lines += ["```sh", f"python benchmarks/replicate.py {study.name} --data prices/", "```", "", "[All replications](README.md)"]
    return "\n".join(lines) + "\n"


def _row(figure: Figure) -> str:
    verdict = f"**{figure.verdict}**" if figure.verdict is Verdict.FAILS else str(figure.verdict)
    tolerance = str(figure.judge) if figure.judge is not None else "–"
    cells = (figure.what, figure.claimed, figure.made, tolerance, verdict, f"`{figure.how}`" if figure.how else "–")
    return "| " + " | ".join(_cell(text) for text in (*cells, figure.missing or figure.why)) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def index(found: dict[Study, list[Figure]]) -> str:
    """Return the table of all studies."""
    counts = Counter(figure.verdict for figures in found.values() for figure in figures)
    lines = [OPENING, "| study | source | period | verdict |", "|---|---|---|---|"]
    for study, figures in found.items():
        cells = (f"[{study.title}]({study.name}.md)", study.source.split(";")[0], study.period, summary(figures))
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    lines += [
        "",
        f"{len(found)} studies with {sum(counts.values()) - counts[Verdict.OURS]} published figures: {counts[Verdict.HOLDS]} hold, "
        f"{counts[Verdict.FAILS]} fail, {counts[Verdict.UNCHECKED]} cannot be checked here.",
    ]
    return "\n".join(lines) + "\n" + CLOSING
