"""What every page has in common: the templates, the pictures, and how the figures were computed."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import jinja2
import numpy as np
from markupsafe import Markup

import orebody
from orebody.account import Account
from orebody.market.caveats import NO_RATE
from orebody.market.market import Market
from orebody.market.universe import SURVIVORS, Universe
from orebody.metrics import Metrics, format_figure, over_rate
from orebody.report.color_scheme import light_and_dark
from orebody.report.key import key

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "GENERATOR",
    "account_settings",
    "cash_rate",
    "definitions",
    "doubts",
    "image",
    "market_settings",
    "money_is_in",
    "plain",
    "render",
    "script",
    "scripts_only",
    "unpaid",
    "versions",
]

GENERATOR = "orebody"
SVG_STYLE = {"svg.hashsalt": "orebody", "svg.fonttype": "none", "font.family": ["DejaVu Sans"]}
"""Settings that make a picture's bytes repeatable, its text text, and its font the one that matplotlib ships."""


_FIGURES = {field.name: field.metadata for field in dataclasses.fields(Metrics)}


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("orebody.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["key"] = key
    environment.globals |= {"anchors": _anchors(), "definitions": definitions()}
    return environment


def render(
    template: str,
    market: Market,
    *,
    scripts: Sequence[str] = (),
    data: Mapping[str, str] | None = None,
    beside: tuple[str, str] | None = None,
    **values: Any,
) -> str:
    """Return the page on a market made from a template under `templates/`, every value escaped.

    Parameters
    ----------
    template
        Its name.
    market
        Whose page it is.
    scripts
        The scripts that run, and no others do.
    data
        JSON texts by the id of the element that holds each for the scripts.
    beside
        A script in a file beside the page, which runs first: its name and its text.
    values
        What the template needs.
    """
    own = {
        "simulated": market.simulated,
        "money": money_is_in(market),
        "policy": scripts_only(scripts, beside),
        "scripts": scripts,
        "data": data or {},
        "beside": (beside[0], nonce(beside[1])) if beside else None,
    }
    return _templates().get_template(template).render(generator=f"{GENERATOR} {orebody.__version__}", **own, **values)


def money_is_in(market: Market) -> str:
    """Return a sentence on the currency of every amount on a page, which a source may not state."""
    if market.simulated:
        return "Money is in no real currency."
    stated = next((value for what, value in market.notes if what == "Currency"), "")
    code = re.match(r"[A-Z]{3}\b", stated)
    return f"All money is in {code[0]}." if code else "Currency not stated: all money is in that of the prices."


def definitions() -> list[tuple[str, str, str]]:
    """Return (anchor, title, definition) of every figure, for the list to which headings lead."""
    return [(f"def-{name}", field["title"], field["definition"]) for name, field in _FIGURES.items()]


def _anchors() -> dict[str, str]:
    """Return the anchor of the definition of each figure, by its title and by its heading."""
    titles = {field[kind]: f"def-{name}" for name, field in _FIGURES.items() for kind in ("title", "heading")}
    return titles | {over_rate(title, rate_known=False): anchor for title, anchor in titles.items()}


@cache
def script(text: str) -> Markup:
    """Return a script as it may stand in a page, with the line ends that a browser sees."""
    return Markup(text.replace("\r\n", "\n").replace("\r", "\n"))


def scripts_only(scripts: Sequence[str], beside: tuple[str, str] | None = None) -> str:
    """Return the content security policy of a page that runs these scripts and no others, and reaches no network.

    W3C, "Content Security Policy Level 3": a browser runs an inline script only if the SHA-256 of its text is named. It checks no
    hash of a file beside a page that is itself opened as a file, which is of another origin ("Subresource Integrity"); so the element
    of that script is named by a nonce. The folder's manifest has the hash of the file.
    """
    names = [*([f"'nonce-{nonce(beside[1])}'"] if beside else []), *(f"'sha256-{_digest(one)}'" for one in scripts)]
    allowed = " ".join(names) or "'none'"
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"


def nonce(text: str) -> str:
    """Return the nonce of a script beside a page, the same for the same text; nothing is added to a page once it is written."""
    return _digest(text)


@cache
def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def image(figure: Figure, *, change: Callable[[str], str] = str, **options: Any) -> str:
    """Return a figure as a data address of an SVG picture, the same bytes for the same figure; it follows light and dark.

    `change` is done to the SVG; options go to matplotlib's `savefig`.
    """
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": GENERATOR}, **options)
    return "data:image/svg+xml;base64," + base64.b64encode(light_and_dark(change(stream.getvalue())).encode("utf-8")).decode("ascii")


def plain(label: str) -> str:
    """Return a label as matplotlib shows it unchanged: no formula between dollars, no underscore that hides it from a legend."""
    return (" " + label if label.startswith("_") else label).replace("$", r"\$")


def market_settings(market: Market) -> list[tuple[str, str]]:
    """Return (what, value) of the market, for the foot of a page."""
    universe, opened, last = market.universe, market.dates[market.opening], market.dates[-1]
    bars = len(market) - market.opening
    return [
        ("Universe", f"{universe.name}: metal {universe.metal}, miners {', '.join(universe.miners)}"),
        *_members(universe),
        (
            "Period",
            f"{opened.date()} to {last.date()}, {bars:,} {'bar' if bars == 1 else 'bars'}, "
            f"annualised by {market.periods_per_year:g} a year",
        ),
        ("Warm-up", f"{market.opening:,} bars from {market.dates[0].date()} on" if market.opening else "none"),
        (
            "Prices",
            f"{market.source}; adjusted by its Adj Close where there is one, else as they are; SHA-256 {market.digest}…",
        ),
        *market.notes,
        ("Gauges", ", ".join(market.gauges) or "none"),
    ]


def _members(universe: Universe) -> list[tuple[str, str]]:
    """Return a line on who belonged when, or that nobody said; none for a single miner without dates."""
    if not universe.dated:
        return [("Members", SURVIVORS)] if universe.survivors_only else []
    since, until = universe.since, universe.until
    dates = (f"{ticker} {since.get(ticker, '')}..{until.get(ticker, '')}" for ticker in universe.miners if ticker in universe.with_dates)
    return [("Members", f"from..until: {', '.join(dates)}")]


def account_settings(account: Account, market: Market) -> list[tuple[str, str]]:
    """Return (what, value) of the account, for the foot of a page."""
    flows = (
        f" and {format_figure('money', account.contribution)} at the beginning of each later {account.every}"
        if account.contribution
        else ""
    )
    price = "open" if market.fill == "open" else "close (the source has no opens, or was told so)"
    settings = [
        ("Money", f"{format_figure('money', account.cash)} at the start{flows}"),
        *_costs(account, market),
        ("Cash rate", cash_rate(account, market)),
        ("Fills", f"decided on a bar's close, filled at the next bar's {price}, moved against the order by slippage"),
    ]
    shares = "whole shares" if account.whole_shares else "fractional shares"
    shorts = "shorts allowed" if account.shorting else "no shorts"
    leverage = f"leverage {account.leverage:g} at each purchase (prices may carry exposure beyond it: see the highest exposure)"
    return [*settings, ("Limits", f"{leverage}, maintenance {account.maintenance_margin:.0%}, {shorts}, {shares}")]


def doubts(market: Market, account: Account | None = None) -> list[str]:
    """Return what is doubtful about the prices, and that no cash rate is known, a sentence each, for the head of a page."""
    rate = [f"{NO_RATE}."] if account is not None and unpaid(account, market) else []
    return [*(f"Doubtful: {text}." for text in market.doubts), *rate]


def cash_rate(account: Account, market: Market) -> str:
    """Return what cash earned and who says so; that no rate is known is not the same as a rate of 0."""
    if unpaid(account, market):
        return "none known: 0 % assumed"
    whose = "the market's" if account.cash_rate is None else "the account's own"
    return f"{whose}, {format_figure('percent', float(np.mean(account.rates(market))))} on average, simple, actual/365"


def unpaid(account: Account, market: Market) -> bool:
    """Return whether cash earned nothing for want of a known rate, which makes whoever waits in cash look worse than he was."""
    return not account.rate_known(market)


def _costs(account: Account, market: Market) -> list[tuple[str, str]]:
    """Return one line of costs, or one for each ticker where they differ."""
    lines = {}
    for ticker, costs in zip(market.tickers, account.costs_of(market.universe), strict=True):
        lines[ticker] = (
            f"commission {costs.commission:.4%}, slippage {costs.slippage:.4%}, {costs.fixed_fee:,.2f} for each fill; "
            f"shorts pay {costs.borrow_rate:.2%} a year, debt {costs.financing_spread:.2%} above the cash rate"
        )
    if len(set(lines.values())) == 1:
        return [("Costs", next(iter(lines.values())))]
    return [(f"Costs of {ticker}", line) for ticker, line in lines.items()]


def versions() -> str:
    """Return the versions that made a page."""
    packages = ("orebody", "backtrader", "quantstats", "pandas", "numpy", "matplotlib")
    return ", ".join(f"{name} {version(name)}" for name in packages)
