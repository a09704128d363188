"""The rotation of two assets over 5,000 daily bars, on a peer and on orebody, one run and 1,000 points, in turns.

    python benchmarks/peers/run.py --peer backtrader
    python benchmarks/peers/run.py --peer bt --python /path/to/venv/bin/python     # where bt is installed, orebody need not be
    python benchmarks/peers/run.py --peer bt --points 1000 --json bt.json

This interpreter runs orebody. Each side is a process of its own, warm, that starts from prices in memory; they take turns, A B A B, so
that both meet the machine in the same moods. Ratios are medians over the turns, with the smallest and the largest. A peer that needs
minutes is given a part of the points, spread over the grid, and its time is scaled up: the output says so. Prices are random walks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from peers.work import COLUMNS, ENTRIES, WINDOWS

HERE = Path(__file__).parent
PEERS = sorted(path.stem.removeprefix("on_") for path in HERE.glob("on_*.py") if path.stem != "on_orebody")
POINT = (100, 1.0)
ASKED = {  # of orebody, for one run
    "compiled": {"engine": "compiled"},
    "backtrader": {"engine": "backtrader"},
    "compiled, again": {"engine": "compiled", "again": True},
}
IN_A_ROW = 20
LONG = 2.0  # seconds, of what a peer is asked for in a row


class Side:
    """A process that waits to be asked."""

    def __init__(self, python: str, name: str) -> None:
        command = [python, str(HERE / "side.py"), name]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.about = self._answer(f"{name} could not be imported: run '{' '.join(command)}' to see why")

    def ask(self, prices: str, begin: int, points: list[tuple[int, float]], times: int = 1, **more: object) -> dict[str, Any]:
        """Have it done so many times in a row, and return the time of one."""
        assert self.process.stdin is not None
        asked = {"prices": prices, "begin": begin, "points": points, "times": times, "more": more}
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        return self._answer(f"{self.about['PACKAGE']} failed: the traceback stands where side.py's standard error goes")

    def _answer(self, otherwise: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(otherwise)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def part(count: int) -> list[tuple[int, float]]:
    """So many points of the grid, spread over both of its sides, the whole of it for 1,000."""
    windows = WINDOWS if count >= 1_000 else WINDOWS[2::10]
    entries = ENTRIES if count >= 1_000 else ENTRIES[1 :: max(1, len(ENTRIES) * len(windows) // count)][: max(2, count // len(windows))]
    return [(window, entry) for window in windows for entry in entries]


def ratios(slow: list[dict[str, Any]], fast: list[dict[str, Any]], name: str, scale: float = 1.0) -> dict[str, float]:
    each = [scale * a[name] / b[name] for a, b in zip(slow, fast, strict=True)]
    times = (scale * statistics.median(one[name] for one in slow), statistics.median(one[name] for one in fast))
    return {"theirs": times[0], "ours": times[1], "ratio": statistics.median(each), "least": min(each), "most": max(each)}


def off(theirs: list[list[float]], ours: list[list[float]]) -> dict[str, float]:
    a, b = np.array(theirs), np.array(ours)
    relative, sharpe = abs(a[:, 0] / b[:, 0] - 1), abs(a[:, 1] - b[:, 1])
    names = ("equity_median", "equity_most", "sharpe_median", "sharpe_most")
    return dict(zip(names, map(float, (np.median(relative), relative.max(), np.median(sharpe), sharpe.max())), strict=True))


def compared(peer: Side, ours: Side, prices: str, points: list[tuple[int, float]], turns: int) -> dict[str, Any]:
    fill, half, everything = peer.about["FILL"], bool(peer.about["HALF"]), part(1_000)
    like, begin = {"fill": fill, "half": half}, max(WINDOWS) - 1
    one: dict[str, list[dict[str, Any]]] = {"theirs": [], **{name: [] for name in ASKED}}
    for _ in range(2 * turns + 1):
        one["theirs"].append(peer.ask(prices, POINT[0] - 1, [POINT]))
        for name, asked in ASKED.items():
            one[name].append(ours.ask(prices, POINT[0] - 1, [POINT], **asked, **like))
    times = max(1, min(IN_A_ROW, int(LONG / one["theirs"][-1]["wall"])))
    rows: dict[str, list[dict[str, Any]]] = {"theirs": [], "ours": []}
    for _ in range(turns):
        rows["theirs"].append(peer.ask(prices, POINT[0] - 1, [POINT], times))
        rows["ours"].append(ours.ask(prices, POINT[0] - 1, [POINT], IN_A_ROW, **ASKED["compiled, again"], **like))
    scale, theirs, mine = len(everything) / len(points), [], []
    for turn in range(turns + 1):
        if turn == 0 and scale > 1:  # its single runs have warmed it
            ours.ask(prices, begin, everything, **like)
            continue
        theirs.append(peer.ask(prices, begin, points))
        mine.append(ours.ask(prices, begin, everything, **like))
    lookup = dict(zip(everything, mine[-1]["figures"], strict=True))
    warm = 1 if scale == 1 else 0
    return {
        "about": peer.about,
        "ours": ours.about,
        "points": len(points),
        "one": {name: ratios(one["theirs"][1:], one[name][1:], "wall") for name in ASKED},
        "one_user": {name: ratios(one["theirs"][1:], one[name][1:], "user") for name in ("compiled", "backtrader")},
        "in_a_row": ratios(rows["theirs"], rows["ours"], "wall") | {"times": times},
        "one_off": off(one["theirs"][-1]["figures"], one["compiled"][-1]["figures"]),
        "many": ratios(theirs[warm:], mine[warm:], "wall", scale),
        "many_user": ratios(theirs[warm:], mine[warm:], "user", scale),
        "many_off": off(theirs[-1]["figures"], [lookup[point] for point in points]),
        "memory": {"theirs": theirs[-1]["memory"], "ours": mine[-1]["memory"]},
    }


def tell(found: dict[str, Any], lines: int) -> None:
    about, how = found["about"], "all of them" if found["points"] == 1_000 else f"from {found['points']} of them, scaled up"
    half = "; the miners or cash, one instrument being all it takes" if about["HALF"] else ""
    versions = f"{about['PACKAGE']} {about['VERSION']}, Python {about['python']}, numpy {about['numpy']}"
    print(f"{versions}; fills at the next {about['FILL']}{half}")
    for engine, one in found["one"].items():
        print(f"one run    {one['theirs'] * 1e3:10.1f} ms, orebody {engine:15} {one['ours'] * 1e3:7.2f} ms, {span(one)}")
    row = found["in_a_row"]
    print(f"  in a row {row['theirs'] * 1e3:10.1f} ms ({row['times']} times), compiled, again {row['ours'] * 1e3:7.2f} ms, {span(row)}")
    for engine, one in found["one_user"].items():
        print(f"  of user CPU {engine:10} {span(one)}")
    for name, what in (("many", "1,000 points"), ("many_user", "  of user CPU")):
        many = found[name]
        print(f"{what:14}{many['theirs']:7.2f} s,  orebody {many['ours']:.4f} s, {span(many)} ({how})")
    print("off by     one run: {equity_median:.1e} of final equity, {sharpe_median:.1e} of Sharpe".format(**found["one_off"]))
    print(
        "           many: {equity_median:.1e} of final equity in the median, {equity_most:.1e} at most; Sharpe {sharpe_median:.1e}, "
        "{sharpe_most:.1e}".format(**found["many_off"])
    )
    print(f"memory     {found['memory']['theirs']:.0f} MB at most, orebody {found['memory']['ours']:.0f} MB", end="; ")
    print(f"import {about['import']:.2f} s, orebody {found['ours']['import']:.2f} s; {lines} lines of code")


def span(one: dict[str, float]) -> str:
    return f"{one['ratio']:,.3g} x ({one['least']:,.3g} to {one['most']:,.3g})"


def lines_of(name: str) -> int:
    """Lines of the file on a peer that are neither empty, imports, comments nor its docstring."""
    text = (HERE / f"on_{name}.py").read_text(encoding="utf-8").split('"""', 2)[2]
    left = [line.strip() for line in text.splitlines()]
    return sum(bool(line) and not line.startswith(("import ", "from ", "#", '"""', "PACKAGE", "VERSION")) for line in left)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peer", choices=PEERS, required=True)
    options.add_argument("--python", default=sys.executable, help="the interpreter that has the peer (this one)")
    options.add_argument("--points", type=int, help="of the 1,000 that the peer is given")
    options.add_argument("--turns", type=int, default=3)
    options.add_argument("--json", help="where to write what was found")
    asked = options.parse_args()
    from orebody.testing import random_market

    market = random_market(1, bars=5_000, start="2000-01-01", cash_rate=0.0)
    with tempfile.TemporaryDirectory() as folder:
        prices = str(Path(folder) / "prices.npz")
        arrays = {name: getattr(market, name) for name in COLUMNS}
        np.savez(prices, dates=market.dates.to_numpy("datetime64[ns]"), tickers=np.array(market.tickers), **arrays)
        sides = [Side(asked.python, asked.peer), Side(sys.executable, "orebody")]
        try:
            found = compared(*sides, prices, part(asked.points or sides[0].about["PART"]), asked.turns)
        finally:
            for side in sides:
                side.close()
    found["lines"] = lines_of(asked.peer)
    tell(found, found["lines"])
    if asked.json:
        Path(asked.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
