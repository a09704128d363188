"""From a study's file to a `Study`: every key checked, and what the copy in a report says at its end taken into account."""

from __future__ import annotations

import dataclasses
import os
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from orebody.account import Account, Costs
from orebody.backtesting.backtest import ENGINES
from orebody.errors import DataError, ParameterError, unknown_name
from orebody.export import check
from orebody.io.toml import read as read_text
from orebody.io.toml import tables_in
from orebody.market.point_in_time import day
from orebody.market.universe import NAMED, Universe, universe_named
from orebody.market.universe_file import names_a_file, universe_from
from orebody.sources import sample
from orebody.sources.cache.vintages import moment
from orebody.strategy.base import Strategy
from orebody.study.fields import Field, Keys, naming, read, table_in
from orebody.study.report_copy import split_copy
from orebody.study.research import tasks_in
from orebody.study.strategies import known_strategies, strategies_in
from orebody.study.study import SAMPLE, WRITTEN, YAHOO, YAHOOS, Study
from orebody.study.tables import ACCOUNT, COPIED, COSTS, OUTPUT, PERIOD, PRICES, Output, Period, Prices, ReportCopy
from orebody.study.types import FieldType, kind_of

__all__ = ["TOP", "load_study"]

_TABLE = FieldType("a table", {"type": "object"}, lambda value: value)
_ANY = FieldType("a name in quotes, or a table", {}, lambda value: value)

TOP: Keys = {
    "title": Field(kind_of("str"), "what the study is about, in a line: the heading of its report", ""),
    "universe": Field(
        _ANY, "the name of a universe, a file that holds one as mine.toml or mine.toml:name, or a table with metal and miners"
    ),
    "engine": Field(kind_of("str"), "which engine keeps the books", ENGINES[0], choices=ENGINES),
    "prices": Field(_TABLE, "where prices come from", {}),
    "period": Field(_TABLE, "which days", {}),
    "account": Field(_TABLE, "what the investor brings, and what trading costs", {}),
    "strategies": Field(_TABLE, "by label the name of a strategy, or a table with its kind and parameters"),
    "research": Field(_TABLE, "what else is to be found out", {}),
    "output": Field(_TABLE, "what is written, and where", {}),
}
"""The keys of a study that are not inside a table."""


def load_study(path: str | Path, *, own: Iterable[type[Strategy]] = (), allow_outside: bool = False) -> Study:
    """Read a study and check every key of it, before any price is loaded.

    Parameters
    ----------
    path
        Of the TOML file. Paths in it are relative to its folder.
    own
        Strategy classes of one's own that the study may name, besides those of the registry. A file never names code to be run.
    allow_outside
        Let the study write outside the folder one is in; where its report, its table and its cache go must lie below it otherwise.

    Raises
    ------
    MissingFileError
        When there is no such file, or none of a universe that it names.
    DataError
        When it is empty, no TOML, or not UTF-8; the message has the line.
    ParameterError, UnknownNameError
        For a key that is needed and not there, unknown, or holds what cannot be; the message has file, table and key.
    """
    path = Path(path)
    text = read_text(path)
    given, tail = split_copy(text)
    where = f"{path.name}:"
    tables = tables_in(given, path.name)
    if not tables:
        raise DataError(f'{path.name} holds no study: write at least universe = "gold" and a table [strategies]')
    top = read(tables, TOP, where)
    copied = ReportCopy(**read(tables_in(tail, path.name).get("copied", {}), COPIED, f"{where} [copied]"))
    folder = Path(_at(path.absolute().parent, copied.folder))
    prices = _prices(top.get("prices", {}), folder, f"{where} [prices]", anywhere=allow_outside)
    period = _period(top.get("period", {}), f"{where} [period]")
    asked, universe = _universe(top["universe"], prices, folder, path.name)
    account = _account(top.get("account", {}), universe, f"{where} [account]")
    strategies = strategies_in(table_in(top["strategies"], f"{where} [strategies]"), known_strategies(own), where)
    research = tasks_in(table_in(top.get("research", {}), f"{where} [research]"), strategies, where)
    output = _output(top.get("output", {}), folder, f"{where} [output]", anywhere=allow_outside)
    engine = top.get("engine", ENGINES[0])
    study = Study(
        path.name, top.get("title", ""), asked, prices, period, account, engine, strategies, research, output, given, folder, copied.prices
    )
    source = None if copied.source is None else _source(copied.source, folder)
    study = dataclasses.replace(study, anywhere=frozenset(WRITTEN if allow_outside else ()))
    return study.changed(source=source, offline=copied.offline, as_of=copied.as_of)


def _at(folder: Path, path: str) -> str:
    """Return where a path of the study leads."""
    return os.path.normpath(folder / path)


def _prices(raw: object, folder: Path, where: str, *, anywhere: bool) -> Prices:
    values: dict[str, Any] = read(raw, PRICES, where)
    _check_inside(values, ("cache",), where, anywhere=anywhere)
    if "source" in values:
        values["source"] = _source(values["source"], folder)
    if values.get("cache") is not None:
        values["cache"] = _at(folder, values["cache"])
    if values.get("rates") is not None:
        values["rates"] = _at(folder, values["rates"])
    prices = Prices(**values)
    with naming(where):
        if prices.as_of is not None:
            moment(prices.as_of)
        for name in YAHOOS:
            if prices.source != YAHOO and getattr(prices, name) != PRICES[name].default:
                raise ParameterError(f"{name} is {values[name]!r}: only the source {YAHOO} has a cache; leave it out")
    return prices


def _source(source: str, folder: Path) -> str:
    """Return a source as `load_market` takes it, a folder relative to the study's."""
    return source.lower() if source.lower() in (YAHOO, SAMPLE) else _at(folder, source)


def _period(raw: object, where: str) -> Period:
    period = Period(**read(raw, PERIOD, where))
    with naming(where):
        start, end, _ = (None if one is None else day(one, name) for name, one in vars(period).items())
        if start is not None and end is not None and start > end:
            raise ParameterError(f"start {start.date()} is after end {end.date()}")
    return period


def _universe(raw: object, prices: Prices, folder: Path, file: str) -> tuple[str | Universe, Universe]:
    """Return the universe as it is asked for, by a name that depends on the source or as a file or table describes it; and itself."""
    if isinstance(raw, dict):
        where = f"{file}: [universe]"
        name = str(raw.get("name", raw.get("metal")))
        described = universe_from(name, {key: value for key, value in raw.items() if key != "name"}, file, where)
        return described, described
    if not isinstance(raw, str):
        raise ParameterError(f"{file}: universe is {raw!r:.60}: give the name of one, such as gold, or a table [universe]")
    with naming(f"{file}:"):
        if names_a_file(raw):
            described = universe_named(_at(folder, raw))
            return described, described
        if prices.source == SAMPLE:
            if raw not in sample.UNIVERSES:
                raise unknown_name("universe in the sample", raw, sample.UNIVERSES)
            return raw, Universe(raw, *sample.UNIVERSES[raw])
        if raw not in NAMED:
            raise unknown_name("universe", raw, NAMED)
        return raw, NAMED[raw]


def _account(raw: object, universe: Universe, where: str) -> Account:
    table = dict(table_in(raw, where))
    costs = _costs(table.pop("costs", {}), f"{where[:-1]}.costs]")
    values = read(table, ACCOUNT, where)
    with naming(where):
        account = Account(**values, costs=costs)
        account.costs_of(universe)
    return account


def _costs(raw: object, where: str) -> Costs | dict[str, Costs]:
    """Return the costs of all, or by ticker where every value is a table."""
    table: dict[str, Any] = table_in(raw, where)
    by_ticker = bool(table) and all(isinstance(one, dict) for one in table.values())
    if not by_ticker:
        return _costs_of_one(table, where)
    return {name: _costs_of_one(one, f"{where[:-1]}.{name}]") for name, one in table.items()}


def _costs_of_one(raw: object, where: str) -> Costs:
    values = read(raw, COSTS, where)
    with naming(where):
        return Costs(**values)


def _output(raw: object, folder: Path, where: str, *, anywhere: bool) -> Output:
    values = read(raw, OUTPUT, where)
    _check_inside(values, ("folder", "table"), where, anywhere=anywhere)
    output = Output(**values)
    with naming(where):
        if output.table is not None:
            check(output.table)
    table = None if output.table is None else _at(folder, output.table)
    return Output(folder=_at(folder, output.folder), tearsheets=output.tearsheets, table=table)


def _check_inside(values: Mapping[str, object], names: tuple[str, ...], where: str, *, anywhere: bool) -> None:
    """Raise `ParameterError` for a place to write to that no path inside a folder is, whatever system the study was written on."""
    for name in names:
        text = values.get(name)
        if not isinstance(text, str):
            continue
        if any(unicodedata.category(letter) == "Cc" for letter in text):
            raise ParameterError(f"{where} {name} is {text!r}: the name of a file or folder holds no control characters")
        paths = PurePosixPath(text), PureWindowsPath(text)
        outside = any(path.root or path.drive or ".." in path.parts for path in paths) or text.startswith("~")
        if outside and not anywhere:
            raise ParameterError(
                f"{where} {name} is {text!r}: a study writes below the folder you are in; give a path inside it, "
                "or allow others with allow_outside=True"
            )
