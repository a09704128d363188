"""Strategies of other packages that are broken: each is left out with a line, and nothing else is refused."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from orebody import registry
from orebody.cli.main import main

BROKEN = {
    "absent": "import a_package_that_is_not_there",
    "syntax": "def (",
    "divides": "1 / 0",
    "leaves": "import sys; sys.exit(0)",
    "leaves_with_words": "raise SystemExit('goodbye')",
    "no_class": "Own = 7",
    "no_strategy": "class Own: pass",
    "instance": "from orebody.strategies import BuyAndHold; Own = BuyAndHold()",
    "no_name": "x = 1",
    "clash": "from orebody.strategies import BuyAndHold as Base\nclass BuyAndHold(Base): pass\nOwn = BuyAndHold",
    "raises_oddly": "class Odd(Exception):\n    def __str__(self): return 'a\\x1b[2Jb\\nc'\nraise Odd",
    "ends_early": "raise EOFError('marshal data too short')",
}
GOOD = "from orebody.strategies import BuyAndHold\nclass Theirs(BuyAndHold): pass\nOwn = Theirs"


@pytest.fixture
def known() -> Iterator[None]:
    registry.strategies.cache_clear()
    yield
    registry.strategies.cache_clear()


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.usefixtures("known")
def test_one_broken_package_disables_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / f"plug_{kind}.py").write_text(BROKEN[kind])
    (tmp_path / f"plug_good_{kind}.py").write_text(GOOD)
    monkeypatch.syspath_prepend(str(tmp_path))
    entries = [EntryPoint(f"their-{what}", f"plug_{what}:Own", registry.GROUP) for what in (kind, f"good_{kind}")]
    monkeypatch.setattr(registry, "entry_points", lambda group: entries)
    with pytest.raises(SystemExit) as stopped:
        main(["strategies"])
    said = capsys.readouterr()
    assert stopped.value.code == 0
    assert "buy-and-hold" in said.out
    assert "theirs" in said.out
    lines = [line for line in said.err.splitlines() if "left out" in line]
    assert len(lines) == 1
    assert lines[0].startswith(f"orebody: the strategy their-{kind} of an installed package is left out: ")
    assert "Traceback" not in said.err
    assert "\x1b" not in said.err


OWN = """
import sys
from dataclasses import dataclass
import orebody as ob

@dataclass(frozen=True)
class Own(ob.Strategy):
    def decide(self, market):
        {does}
"""


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("sys.exit()", "SystemExit"),
        ("sys.exit(0)", "SystemExit"),
        ("sys.exit('enough')", "SystemExit: enough"),
        ("raise EOFError('short')", "EOFError: short"),
        ("raise MemoryError", "MemoryError"),
        ("raise RecursionError", "RecursionError"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_a_strategy_raises_is_said_in_a_sentence(does: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.py"
    file.write_text(OWN.format(does=does))
    with pytest.raises(SystemExit) as stopped:
        main(["backtest", f"{file}:Own", "gold", "--source", "sample", "--quiet"])
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert "interrupted" not in said.err
    assert "Traceback" not in said.err
    assert "own.py" in said.err
    assert says in said.err
    assert said.err.strip().count("\n") == 0
