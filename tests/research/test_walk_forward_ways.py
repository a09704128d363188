"""Walk-forward: the ways that are fast are the ways that are slow, on threads, on a cluster and on a part of the books."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from random_cases import drawn
from test_dask import Cluster, cluster  # noqa: F401 - the fixture
from walk_forward_fixture import ACCOUNT, GRID, MARKET, bars_of, walked

import orebody as ob
from orebody.engine.inputs import build_inputs, within
from orebody.research.parallel.opening_probe import OpeningProbe
from orebody.research.walk_forward import trials as trying
from orebody.strategies import BuyAndHold, CoreSatellite, RatioRotation
from orebody.strategy.decision_checks import check_decisions, rows_within


def test_nothing_depends_on_how_the_work_is_cut_up(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = walked()
    monkeypatch.setattr(trying, "CHUNK", 2)
    told: list[tuple[int, int, str]] = []
    cut = walked(progress=lambda *step: told.append(step))
    pd.testing.assert_frame_equal(whole.windows, cut.windows, check_exact=True)
    pd.testing.assert_frame_equal(whole.trials, cut.trials, check_exact=True)
    assert told == [(done, 15, "points on all windows") for done in (*range(0, 15, 2), 15)]
    far = np.concatenate([trying._run(built, cut_market(), list(bars_of(whole)), ACCOUNT, "sharpe")[0] for built in chunks()], axis=2)
    np.testing.assert_array_equal(far[0], whole.runs.in_sample)
    np.testing.assert_array_equal(far[3], whole.runs.out_of_sample)


def cut_market() -> ob.Market:
    return MARKET.opened(59)


def chunks() -> list[list[ob.Strategy | str]]:
    every: list[ob.Strategy | str] = [RatioRotation(window=window, entry=entry) for window in GRID["window"] for entry in GRID["entry"]]
    return [every[:4], every[4:]]


def test_on_a_cluster_it_is_the_same(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811 - the fixture
    monkeypatch.setattr(trying, "CHUNK", 4)
    there, here = walked(workers=cluster.address), walked()
    pd.testing.assert_frame_equal(here.windows, there.windows, check_exact=True)
    pd.testing.assert_frame_equal(here.trials, there.trials, check_exact=True)
    assert here.windows.to_csv() == there.windows.to_csv()


def test_an_interrupt_leaves_no_thread() -> None:
    import threading

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        walked(progress=interrupt)
    assert threading.active_count() == before


def test_a_watched_market_knows_whether_it_was_asked() -> None:
    seen = OpeningProbe.of(MARKET.opened(50))
    RatioRotation().decide(seen)
    CoreSatellite().decide(seen)
    assert not seen.asked
    BuyAndHold().decide(seen)
    assert seen.asked
    assert seen.opening == 50
    assert len(OpeningProbe.of(MARKET).opened(3)) == len(MARKET)


@pytest.mark.parametrize("seed", range(30))
def test_books_of_a_part_are_those_of_the_market_cut_and_opened_there(seed: int) -> None:
    case = drawn(seed)
    bars = len(case.market)
    opening, begin, end = sorted(np.random.RandomState(seed).randint(0, bars, size=3).tolist())
    whole = case.market.opened(opening)
    part = within(build_inputs(whole, case.account), whole, begin, end + 1)
    expected = build_inputs(case.market.cut(end + 1).opened(begin), case.account)
    for name, mine, other in zip(part._fields, part, expected, strict=True):
        if name == "days":  # since the bar before the opening, which nobody reads
            mine, other = mine[1:], other[1:]
        np.testing.assert_array_equal(mine, other, err_msg=name)
        if isinstance(other, np.ndarray):
            assert mine.dtype == other.dtype
            assert mine.flags.c_contiguous


@pytest.mark.parametrize("seed", range(60))
def test_decisions_of_a_part_are_those_carried_to_its_opening(seed: int) -> None:
    case = drawn(seed)
    plan, bars = case.plan, len(case.market)
    opening, until = sorted(np.random.RandomState(seed).randint(0, bars + 1, size=2).tolist())
    tables = plan.weights, plan.deploy, plan.contribution_split
    joined = (np.concatenate((plan.rows, plan.rows)), *(np.concatenate((table, table)) for table in tables))
    ends = np.array([len(plan.rows), 2 * len(plan.rows)])
    rows, *told, closes = rows_within(*joined, ends, opening, until + 1)
    upto = plan.before(until + 1)
    _, expected, *others = check_decisions(upto.rows, upto.weights, upto.deploy, upto.contribution_split, bars, opening, math.inf, True)
    assert closes.tolist() == [len(expected), 2 * len(expected)]
    for half in (slice(0, len(expected)), slice(len(expected), None)):
        np.testing.assert_array_equal(rows[half], expected)
        for mine, other in zip(told, others, strict=True):
            np.testing.assert_array_equal(mine[half], other)
