"""Make published figures again from prices, and write the pages of docs/replications.

    python benchmarks/replicate.py --list
    python benchmarks/replicate.py tufano --data prices/
    python benchmarks/replicate.py --write --data prices/

`prices/` holds daily/, adjclose/, monthly/ and chan/; without --data it is the folder that OREBODY_DATA names.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from replications.pages import index, page
from replications.shelf import STUDIES

DOCS = Path(__file__).parents[1] / "docs" / "replications"


def main() -> None:
    asked = parsed()
    if asked.list:
        for name, study in STUDIES.items():
            print(f"{name:16} {study.source.split(';')[0]}")
        return
    begun, found = time.perf_counter(), {}
    for name in [asked.name] if asked.name else STUDIES:
        found[STUDIES[name]] = STUDIES[name].figures(asked.data)
    pages = {f"{study.name}.md": page(study, figures) for study, figures in found.items()}
    if not asked.name:
        pages["README.md"] = index(found)
    if asked.write:
        write(pages)
    print(pages[f"{asked.name}.md" if asked.name else "README.md"])
    print(f"{len(found)} studies in {time.perf_counter() - begun:.1f} s")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make published figures again from prices.")
    parser.add_argument("name", nargs="?", choices=STUDIES, metavar="NAME", help="one study; all by default")
    parser.add_argument("--data", type=Path, default=os.environ.get("OREBODY_DATA"), help="the folder of prices; by default $OREBODY_DATA")
    parser.add_argument("--list", action="store_true", help="list the studies, and read no prices")
    parser.add_argument("--write", action="store_true", help="write the pages to docs/replications")
    asked = parser.parse_args()
    if not asked.list and (asked.data is None or not (Path(asked.data) / "daily").is_dir()):
        parser.error(f"--data is {asked.data}: it must be a folder that holds daily/, adjclose/, monthly/ and chan/")
    asked.data = None if asked.data is None else Path(asked.data)
    return asked


def write(pages: dict[str, str]) -> None:
    """Write pages; with a whole shelf, take away those of studies that are gone."""
    DOCS.mkdir(parents=True, exist_ok=True)
    if "README.md" in pages:
        for old in DOCS.glob("*.md"):
            if old.name not in pages:
                old.unlink()
    for name, text in pages.items():
        (DOCS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
