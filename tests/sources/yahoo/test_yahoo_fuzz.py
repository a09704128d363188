"""Answers in which one thing is not as it should be: one ticker of two fails in one sentence, or comes right; the other always comes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_yahoo_client import days
from yahoo_faults import changed
from yahoo_series import Series
from yahoo_server import YahooServer

from orebody.errors import OrebodyError
from orebody.sources.quotes import Quotes
from orebody.sources.yahoo import client
from orebody.sources.yahoo.downloads import download

Change = Callable[[Any], None]
Step = str | int

VALUES: tuple[Any, ...] = (
    None,
    "x",
    "",
    -1,
    0,
    1e308,
    10**40,
    float("nan"),
    float("inf"),
    True,
    [],
    {},
    [None],
    [[1]],
    {"a": 1},
    "\x1b[2J",
)
LISTS: tuple[Callable[[list[Any]], list[Any]], ...] = (
    lambda held: [],
    lambda held: held[:-1],
    lambda held: [*held, *held],
    lambda held: held[::-1],
    lambda held: [None] * len(held),
    lambda held: [*held[:-1], "x"],
    lambda held: [held[0]] * len(held) if held else held,
)


def series() -> Series:
    bars = days(*(str(day.date()) for day in pd.bdate_range("2020-06-01", periods=8)))
    return Series(bars, dividends={"2020-06-03": 0.5}, gains={"2020-06-03": 0.1}, splits={"2020-06-05": (2, 1)}, dividend_currency="USD")


def paths(held: Any, before: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Yield the way to everything in a document; of a list of plain values to the first and the last."""
    steps: list[Step] = list(held) if isinstance(held, dict) else [0, len(held) - 1] if isinstance(held, list) and held else []
    for step in dict.fromkeys(steps):
        yield (*before, step)
        yield from paths(held[step], (*before, step))


def changes(document: Any) -> Iterator[tuple[str, tuple[Step, ...], Any]]:
    """Yield all ways to spoil one thing: what is done, where, and with what."""
    for way in paths(document):
        held = document
        for step in way:
            held = held[step]
        yield "drop", way, None
        yield from (("set", way, value) for value in VALUES)
        if isinstance(held, list):
            yield from (("list", way, at) for at in range(len(LISTS)))


def spoiled(what: str, way: tuple[Step, ...], value: Any) -> Change:
    def change(result: Any) -> None:
        held = result
        for step in way[:-1]:
            held = held[step]
        if what == "drop":
            del held[way[-1]]
        elif what == "list":
            held[way[-1]] = LISTS[value](held[way[-1]])
        else:
            held[way[-1]] = copy.deepcopy(value)

    return change


def held_up(yahoo: YahooServer, spoilt: tuple[str, tuple[Step, ...], Any]) -> None:
    """Download two tickers, one of them spoilt, and look at both."""
    yahoo.misbehave("BAD", changed(spoiled(*spoilt)), always=True)
    yahoo.asked.clear()
    patience = client.RetryPolicy(attempts=5, first_wait=1e-3, longest_wait=1e-3)
    came = dict(download(["BAD", "GOOD"], patience=patience))
    yahoo.behave()
    good, bad = came["GOOD"], came["BAD"]
    assert isinstance(good, Quotes), spoilt
    assert good.bars["Close"].tolist() == [10.0 + at for at in range(8)], spoilt
    if isinstance(bad, OrebodyError):
        sentence = str(bad)
        assert sentence.startswith("BAD "), (spoilt, sentence)
        assert sentence.isprintable(), (spoilt, sentence)
        assert len(sentence) < 500, (spoilt, sentence)
        assert "defect" not in sentence, (spoilt, sentence)
        assert yahoo.count("BAD") <= (5 if "without" in sentence and "try again later" in sentence else 2), (spoilt, sentence)
        return
    assert bad.ticker == "BAD"
    bars = bad.bars
    assert 1 <= len(bars) <= 8, spoilt
    assert bars.index.is_monotonic_increasing, spoilt
    assert bars.index.is_unique, spoilt
    assert set(map(str, bars.dtypes)) == {"float64"}, spoilt
    assert np.isfinite(bars[["Dividends", "Stock Splits", "Volume"]].to_numpy()).all(), spoilt
    assert all(isinstance(getattr(bad, name), str) for name in ("currency", "exchange", "zone", "name", "kind")), spoilt


def all_changes(yahoo: YahooServer) -> list[tuple[str, tuple[Step, ...], Any]]:
    yahoo.series = {"BAD": series(), "GOOD": Series(series().bars)}
    from yahoo_server import Asked, chart

    document = json.loads(json.dumps(chart(Asked("chart", "BAD", {}), yahoo.series["BAD"], None)))
    return list(changes(document))


def test_one_spoilt_answer_of_two(yahoo: YahooServer) -> None:
    """A sample that is the same each time, with every key dropped once."""
    ways = all_changes(yahoo)
    dropped = [one for one in ways if one[0] == "drop"]
    others = random.Random(14).sample([one for one in ways if one[0] != "drop"], 60)
    assert len(dropped) > 40
    for one in (*dropped, *others):
        held_up(yahoo, one)


@pytest.mark.slow
def test_every_spoilt_answer_of_two(yahoo: YahooServer) -> None:
    for one in all_changes(yahoo):
        held_up(yahoo, one)
