"""Work shared with other processes: everything is done once, whatever becomes of them."""

from __future__ import annotations

import os
import threading
import time

import pytest

from orebody.errors import DecisionError
from orebody.research import alongside

HERE = os.getpid()


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alongside, "PAYS", 0.0)
    monkeypatch.setattr(alongside, "OTHERS", 1)


def slow_square(number: int, lag: float) -> tuple[int, int]:
    time.sleep(lag)
    return number * number, os.getpid()


def test_everything_is_done_once_and_some_of_it_elsewhere() -> None:
    done = list(alongside.alongside(slow_square, range(60), (0.05,)))
    assert sorted(piece for piece, _ in done) == list(range(60))
    assert all(outcome[0] == piece**2 for piece, outcome in done)
    assert len({outcome[1] for _, outcome in done}) == 2


def test_little_work_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alongside, "PAYS", 3.0)
    assert {outcome[1] for _, outcome in alongside.alongside(slow_square, range(20), (0.0,))} == {HERE}


def dies(number: int, here: int) -> int:
    if os.getpid() != here:
        os._exit(9)
    time.sleep(0.05)
    return number


@pytest.mark.filterwarnings("ignore:A worker stopped")
def test_what_a_process_that_died_was_to_do_is_done_here() -> None:
    assert sorted(outcome for _, outcome in alongside.alongside(dies, range(30), (HERE,))) == list(range(30))


def test_what_cannot_be_sent_is_done_here() -> None:
    lock = threading.Lock()

    def work(number: int, shared: object) -> int:
        assert shared is lock
        return number

    assert sorted(outcome for _, outcome in alongside.alongside(work, range(9), (lock,))) == list(range(9))


def refuses(number: int, here: int) -> int:
    if number == 7:
        raise DecisionError("seven is refused")
    time.sleep(0.02)
    return number


def test_an_error_is_raised_as_it_is() -> None:
    with pytest.raises(DecisionError, match="seven is refused"):
        list(alongside.alongside(refuses, range(40), (HERE,)))
