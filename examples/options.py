"""What every example may be asked, and how it ends when orebody refuses; no example itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import orebody as ob

__all__ = ["run"]


def run(example: Callable[[argparse.Namespace], None], about: str, out: str) -> None:
    """Run an example with the options of the command line; a refusal is one sentence on standard error and exit code 1.

    Parameters
    ----------
    example
        Called with `source`, `start`, `end` and `out`.
    about
        What ``--help`` shows.
    out
        What it writes unless ``--out`` says otherwise: a folder, or a file whose ending ``--out`` must have, too.
    """
    options = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    sources = "the embedded, simulated sample (the default), Yahoo, or a folder with <TICKER>.csv files"
    options.add_argument("--source", default="sample", metavar="sample|yahoo|FOLDER", help=sources)
    options.add_argument("--start", metavar="DATE", help="first day of the prices, such as 2006-05-22, when GDX was listed; default: all")
    options.add_argument("--end", metavar="DATE", help="last day of the prices; default: all")
    what = "FILE" if Path(out).suffix else "FOLDER"
    options.add_argument("--out", default=out, metavar=what, help="where the result is written; default: %(default)s")
    asked = options.parse_args()
    if Path(asked.out).suffix != Path(out).suffix:
        options.error(
            f"--out {asked.out}: give {f'a name that ends in {Path(out).suffix}' if Path(out).suffix else 'the name of a folder'}"
        )
    if not Path(asked.out).absolute().parent.is_dir():
        options.error(f"--out {asked.out}: there is no folder {Path(asked.out).parent}; make it first")
    try:
        example(asked)
    except (ob.OrebodyError, OSError) as error:
        raise SystemExit(f"orebody: {error}") from None
