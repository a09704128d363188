"""Holding a whole tearsheet to a second computation: every table, and every figure that stands outside one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.metadata import version

import pandas as pd
import recomputed
import recomputed_tearsheet
from html_pages import Page
from recomputed import money

import orebody as ob

_basic, _own, _relative = cache(recomputed.figures), cache(recomputed_tearsheet.own_rows), cache(recomputed_tearsheet.relative_rows)
NUMBER = re.compile(r"\d(?:[\d,.:-]*\d)?")


class Sheet(Page):
    """A tearsheet with the text that stands outside its tables, piece by piece."""

    def __init__(self, html: str) -> None:
        self.outside: list[str] = []
        self.inside = 0
        super().__init__(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside += tag in ("table", "head")
        super().handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag in ("table", "head")
        super().handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if not self.inside and data.strip():
            self.outside.append(" ".join(data.split()))
        super().handle_data(data)

    def figures(self) -> dict[str, tuple[str, str]]:
        """Each row of the main table by its title; a title never comes twice."""
        rows = [row for row in self.rows("figures") if len(row) == 3]
        assert len({row[0] for row in rows}) == len(rows)
        return {title: (one, two) for title, one, two in rows}


MONEY = ("final_equity", "contributed", "contributions", "profit", "interest", "borrow", "commission", "slippage", "costs")


def shown(text: str) -> float | date | None:
    """A cell's number in plain units, its date, or None for the dash."""
    if text == "–":
        return None
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    number = float(text.replace(",", "").removesuffix(" %"))
    return number / 100 if text.endswith(" %") else number


def agrees(text: str, figure: object, digits: int, what: object = "") -> None:
    """The text is the figure to its last digit (an exact half may go either way)."""
    value = shown(text)
    if value is None or isinstance(value, date):
        assert recomputed.same(value, figure), (what, text, figure)
        return
    assert isinstance(figure, int | float), (what, text, figure)
    assert abs(value - figure) <= 0.5000001 * 10**-digits, (what, text, figure)
    decimals = len(text.removesuffix(" %").partition(".")[2])
    assert decimals == (digits - 2 if text.endswith(" %") else digits), (what, text)


def every_figure(sheet: Sheet, result: ob.Result) -> None:
    """The main table: each row recomputed, and no row that is not."""
    rows = sheet.figures()
    mine, metal = (_basic(run) for run in (result, result.benchmark))
    for title, field in recomputed_tearsheet.TITLES.items():
        digits = 4 if field in recomputed_tearsheet.PERCENT else 0 if field in recomputed_tearsheet.COUNTS else 2
        cents = [0 if field in MONEY and abs(run[field]) >= 100_000 else digits for run in (mine, metal)]
        one, two = rows.pop(title)
        agrees(one, mine[field], cents[0], title)
        if field in recomputed_tearsheet.RELATIVE:
            assert two == "–", title
        else:
            agrees(two, metal[field], cents[1], title)
    for column, run in enumerate((result, result.benchmark)):
        for title, (figure, digits) in _own(run).items():
            agrees(rows[title][column], figure, digits, (title, column))
    for title in _own(result):
        del rows[title]
    for title, (figure, digits) in _relative(result).items():
        one, two = rows.pop(title)
        agrees(one, figure, digits, title)
        assert two == "–", title
    assert not rows, "printed and never recomputed"


def every_table(sheet: Sheet, result: ob.Result) -> None:
    """Years, months and drawdowns; and no table beside those."""
    days, mine, metal = recomputed.days_of(result), recomputed.returns_of(result), recomputed.returns_of(result.benchmark)
    years, benchmark = (
        {year: one for (year, _), one in recomputed_tearsheet.periods(days, series, 12).items()} for series in (mine, metal)
    )
    whole = recomputed_tearsheet.whole_years(days)
    rows = sheet.rows("years")
    assert [row[0] for row in rows] == [f"{year}" if year in whole else f"{year} (part)" for year in years]
    for (_, one, two, ahead), year in zip(rows, years, strict=True):
        agrees(one, years[year], 4, year)
        agrees(two, benchmark[year], 4, year)
        agrees(f"{ahead} %", years[year] - benchmark[year], 4, year)
        assert ahead[0] in "+-" or ahead == "0.00"
    monthly, full = recomputed_tearsheet.periods(days, mine, 1), recomputed_tearsheet.whole_months(days)
    table = sheet.rows("months")
    assert [int(row[0]) for row in table] == list(years)
    for row in table:
        year = int(row[0])
        for month, cell in enumerate(row[1:13], start=1):
            known = monthly.get((year, month - 1))
            assert (cell == "") == (known is None), (year, month)
            if known is not None:
                assert cell.endswith("*") == ((year, month) not in full), (year, month, cell)
                agrees(f"{cell.removesuffix('*')} %", known, 3, (year, month))
        assert row[13].endswith("*") == (year not in whole)
        agrees(row[13].removesuffix("*"), years[year], 4, year)
    falls = recomputed.falls(days, mine)[:10]
    drawn = sheet.rows("drawdowns") if "drawdowns" in sheet.tables else []
    assert len(drawn) == len(falls)
    for (peak, trough, recovery, depth, length), fall in zip(drawn, falls, strict=True):
        assert [peak, trough] == [str(fall[0]), str(fall[1])]
        assert recovery == (str(fall[2]) if fall[2] else "open")
        agrees(depth, fall[3], 4)
        assert length.endswith(" so far") == (recovery == "open")
        agrees(length.removesuffix(" so far"), fall[4], 0)
    assert set(sheet.tables) - {"drawdowns"} == {"figures", "years", "months", "settings"}


def head(result: ob.Result) -> list[str]:
    """What the head of the page says, in its words, from the inputs."""
    days, account = recomputed.days_of(result), result.account
    kind = recomputed_tearsheet.bar_names(result)[1]
    per_year = {"daily": 252, "weekly": 52, "monthly": 12}[kind]
    rates = account.rates(result.market).tolist()
    later = f", and {money(account.contribution)} at the beginning of each later {account.every}" if account.contribution else ""
    said = [
        f"{days[0]} to {days[-1]}",
        f"{money(account.cash)} at the start{later}; the metal was bought with the same money on the same days. Returns are time-weighted: "
        f"a contribution is never profit. XIRR weighs the money. {len(days):,} {kind} bars, annualised by {per_year} a year; the cash rate "
        f"was {100 * sum(rates) / len(rates):.2f} % on average.",
    ]
    for peak, _, recovery, _, _ in recomputed.falls(days, recomputed.returns_of(result)):
        if recovery is None:
            since = recomputed_tearsheet.since(days, recomputed.returns_of(result), peak)
            said.append(f"It ends in a drawdown: {100 * since:.2f} % on the last bar, below its high of {peak}.")
    return said


def every_sentence(sheet: Sheet, result: ob.Result, fixed: Sequence[str]) -> None:
    """The head word for word; elsewhere no number but those of the settings and of texts that are the same on every page."""
    pieces = list(sheet.outside)
    for sentence in head(result):
        assert sentence in pieces, (sentence, pieces[:8])
        pieces.remove(sentence)
    known = Counter(NUMBER.findall(" ".join([result.label, result.description, f"Monthly returns of {result.label}, %", *fixed])))
    left = Counter(NUMBER.findall(" ".join(pieces))) - known
    assert not left, left
    settings = {row[0]: row[1] for row in [sheet.tables["settings"][0], *sheet.rows("settings")]}
    allowed = _inputs(result)
    strange = {name: [one for one in NUMBER.findall(text) if one not in allowed] for name, text in settings.items()}
    assert not {name: numbers for name, numbers in strange.items() if numbers}


def _inputs(result: ob.Result) -> set[str]:
    """Every number that the foot of the page may show: what was put in, where it came from, and what made the page."""
    market, account = result.market, result.account
    days, rates, costs = recomputed.days_of(result), account.rates(market).tolist(), account.costs_of(market.universe)[0]
    warm = market.opening
    numbers = {str(days[0]), str(days[-1]), f"{len(days):,}", f"{market.periods_per_year:g}", str(market.dates[0].date()), f"{warm:,}"}
    numbers |= {money(account.cash), money(account.contribution), f"{account.leverage:g}", f"{100 * account.maintenance_margin:.0f}"}
    numbers |= {f"{100 * one:.4f}" for one in (costs.commission, costs.slippage)} | {money(costs.fixed_fee)}
    numbers |= {f"{100 * one:.2f}" for one in (costs.borrow_rate, costs.financing_spread, sum(rates) / len(rates))}
    numbers |= {version(name) for name in ("orebody", "backtrader", "quantstats", "pandas", "numpy", "matplotlib")}
    numbers |= {"256", "365", *NUMBER.findall(f"{market.source} {result.checked} {market.digest} {' '.join(map(' '.join, market.notes))}")}
    return numbers


def resampled(market: ob.Market, unit: str) -> ob.Market:
    """The market in weekly (``"W-FRI"``) or monthly (``"M"``) bars, each dated by its last day."""
    groups = market.dates.to_period(unit)
    frames: dict[str, pd.DataFrame] = {}
    for i, ticker in enumerate(market.tickers):
        table = pd.DataFrame({"Open": market.open[:, i], "High": market.high[:, i], "Low": market.low[:, i], "Close": market.close[:, i]})
        how: Mapping[str, str] = {"Open": "first", "High": "max", "Low": "min", "Close": "last"}
        frames[ticker] = table.groupby(groups).agg(how)
    last = pd.Series(market.dates).groupby(groups).last()
    for table in frames.values():
        table.index = pd.DatetimeIndex(last)
    rate = pd.Series(market.cash_rate, index=market.dates)
    return ob.Market.from_frames(frames, universe=market.universe, cash_rate=rate, source=f"{market.source}, resampled")
