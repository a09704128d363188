"""Work shared with other processes: everything is done once, whatever becomes of them."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from orebody.errors import DecisionError
from orebody.research.parallel import local

HERE = os.getpid()
MANY = 1_200  # at 0.05 s each a minute in which another process can start


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "PAYS", 0.0)
    monkeypatch.setattr(local, "OTHERS", 1)


def square(number: int, here: int, elsewhere: Path) -> tuple[int, int]:
    """Square a number; here slowly, until another process has begun one."""
    if os.getpid() != here:
        elsewhere.touch()
    elif not elsewhere.exists():
        time.sleep(0.05)
    return number * number, os.getpid()


def test_everything_is_done_once_and_some_of_it_elsewhere(tmp_path: Path) -> None:
    done = list(local.run_tasks(square, range(MANY), (HERE, tmp_path / "elsewhere")))
    assert sorted(piece for piece, _ in done) == list(range(MANY))
    assert all(outcome[0] == piece**2 for piece, outcome in done)
    assert len({outcome[1] for _, outcome in done}) == 2


def test_little_work_starts_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local, "PAYS", 3_600.0)
    assert {outcome[1] for _, outcome in local.run_tasks(square, range(20), (HERE, tmp_path / "elsewhere"))} == {HERE}


def dies(number: int, here: int, elsewhere: Path) -> int:
    if os.getpid() != here:
        elsewhere.touch()
        os._exit(9)
    if not elsewhere.exists():
        time.sleep(0.05)
    return number


@pytest.mark.filterwarnings("ignore:A worker stopped")
def test_what_a_process_that_died_was_to_do_is_done_here(tmp_path: Path) -> None:
    died = tmp_path / "elsewhere"
    assert sorted(outcome for _, outcome in local.run_tasks(dies, range(MANY), (HERE, died))) == list(range(MANY))
    assert died.exists()


def test_what_cannot_be_sent_is_done_here() -> None:
    lock = threading.Lock()

    def work(number: int, shared: object) -> int:
        assert shared is lock
        return number

    assert sorted(outcome for _, outcome in local.run_tasks(work, range(9), (lock,))) == list(range(9))


def refuses(number: int, here: int) -> int:
    if number == 7:
        raise DecisionError("seven is refused")
    time.sleep(0.02)
    return number


def test_an_error_is_raised_as_it_is() -> None:
    with pytest.raises(DecisionError, match="seven is refused"):
        list(local.run_tasks(refuses, range(40), (HERE,)))
