"""Other processes: they end with this one and with an interrupt, and one that is killed loses its own tearsheet alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import orebody as ob
from orebody.io.worker_pool import worker_pool
from orebody.report.comparison import folder
from orebody.strategies import BuyAndHold

BUSY = """
import sys, time
from orebody.io.worker_pool import worker_pool
def busy():
    print("never seen", flush=True)
    end = time.monotonic() + 120
    while time.monotonic() < end:
        sum(range(1000))
with worker_pool(2) as others:
    given = [others.submit(busy) for _ in range(2)]
    while not all(one.running() for one in given):
        time.sleep(0.05)
    time.sleep(2.0)
    print("up", flush=True)
    time.sleep(120)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_processes_end_with_their_parent_and_let_go_of_its_pipes(how: int) -> None:
    running = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "up\n"
    running.send_signal(how)
    begun = time.monotonic()
    running.communicate(timeout=30)  # reads to the end of both pipes, which whoever inherited them would keep open
    assert running.returncode == -how
    assert time.monotonic() - begun < 15.0


def test_an_exception_does_not_wait_for_what_is_under_way() -> None:
    begun = list[float]()

    def interrupted() -> None:
        with worker_pool(1) as others:
            others.submit(os.getpid).result(timeout=60)
            others.submit(time.sleep, 120)
            begun.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - begun[0] < 15.0


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deadly:
    """Something that kills the process to which it is sent."""

    def __reduce__(self) -> tuple[object, ...]:
        return _die, ()


def half() -> ob.Comparison:
    market = ob.load_market("gold", source="sample", start="2023-01-01")
    return ob.compare({"half": BuyAndHold(split={"metal": 0.5})}, market, engine="compiled")


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_process_that_is_killed_loses_its_own_tearsheet_alone() -> None:
    result = half().results["half"]
    runs = {"deadly.html": (Deadly(), "p.html"), "half.html": (result, "p.html"), "broken.html": (None, "p.html")}
    drawn = {name: (text, why) for name, text, why in folder._tearsheets(runs, None)}  # type: ignore[arg-type]
    assert drawn.keys() == runs.keys()
    assert drawn["deadly.html"] == (None, "the process that drew it was killed, twice; is there memory for it?")
    assert drawn["broken.html"][0] is None
    assert drawn["broken.html"][1].startswith("drawing it raises AttributeError(")
    text, why = drawn["half.html"]
    assert text is not None
    assert "half" in text
    assert why == ""


def test_a_tearsheet_that_there_is_none_of_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "_tearsheets", lambda runs, tell: ((name, None, "no <memory>") for name in runs))
    with pytest.warns(RuntimeWarning, match="there is no tearsheet of .*: no <memory>"):
        made = half().report(tmp_path / "report").parent
    page = (made / "strategy-half.html").read_text(encoding="utf-8")
    assert "There is no tearsheet of it: no &lt;memory&gt;" in page
    assert "tearsheet-half.html" not in page
    assert not list(made.glob("tearsheet-*"))
    assert "tearsheet" not in (made / folder.MANIFEST).read_text(encoding="utf-8")
