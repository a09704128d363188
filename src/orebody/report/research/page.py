"""The page of one section: what came out, its pictures and tables, and how it was computed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orebody.io.owned_files import check_page, write_output
from orebody.presentation import Section
from orebody.report.interactive.document import javascript, own_script
from orebody.report.interactive.pictures import pictures
from orebody.report.page import account_settings, doubts, market_settings, render, script, versions

if TYPE_CHECKING:
    from orebody.account import Account
    from orebody.market.market import Market

__all__ = ["write"]


def write(
    section: Section, path: str | os.PathLike[str], market: Market, account: Account | None = None, *, overwrite: bool = False
) -> Path:
    """Write a page of one section, all or nothing, and return its path."""
    check_page(path, overwrite=overwrite)
    settings = [*market_settings(market), *(account_settings(account, market) if account else ()), *section.settings]
    drawn = pictures([section])
    page = render(
        "section.html.j2",
        market,
        scripts=_scripts() if drawn else (),
        data={"pictures": drawn} if drawn else {},
        title=section.title,
        period=f"{market.universe.name}, {market.dates[market.opening].date()} to {market.dates[-1].date()}.",
        section=section,
        warnings=[*section.warnings, *doubts(market, account)],
        settings=[*settings, ("Versions", versions())],
    )
    return write_output(path, page, overwrite=overwrite)


def _scripts() -> Sequence[str]:
    return [script(one) for one in (javascript(), own_script("shared.js"), own_script("research.js"))]
