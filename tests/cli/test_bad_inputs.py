"""Bad inputs on the command line: each is refused in a few sentences, with nothing written, no traceback and no wait without end."""

from __future__ import annotations

import os
import random
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orebody.cli.main import main

pytestmark = pytest.mark.slow
SECONDS = 60
CODES = {0, 1, 2, 130}
REFUSED = {2}

WORDS = {
    "long": "a" * 300,
    "very long": "b" * 70_000,
    "nul": "a\x00b",
    "no such user": "~nosuchuser/prices",
    "escape": "\x1b[2J",
    "line": "a\nb",
    "empty": "",
    "space": "  ",
    "up": "../" * 60,
    "surrogate": "a\udcffb",
    "dashes": "---",
    "wild": "*",
    "digits": "9" * 400,
    "quote": "'\"`$(x)",
    "bidi": "\u202eabc",
}
NUMBERS = ("nan", "inf", "-inf", "1e400", "9" * 400, "-1", "0x10", "1_000", "", "٣", "1,5", "1e-320", "\x00", "true", "--", "9" * 5000)
DATES = (
    "9999-12-31",
    "0001-01-01",
    "2262-04-12",
    "1600-02-30",
    "31/12/2020",
    "2020-13-01",
    "",
    "now",
    "-1",
    "2020-01-01T25:61",
    "9" * 400,
    "\x00",
)

SOURCE = ["--source", "sample"]
COMMANDS = {
    "backtest": ["backtest", "buy-and-hold", "gold"],
    "compare": ["compare", "gold"],
    "sweep": ["sweep", "ratio-rotation", "gold"],
    "gearing": ["gearing", "gold"],
    "data": ["data", "gold"],
    "stress": ["stress", "buy-and-hold", "gold"],
}


@contextmanager
def bounded(seconds: int) -> Iterator[None]:
    """End what takes longer, from within, so that the test that hangs is named."""

    def over(*_: object) -> None:
        raise TimeoutError(f"not over after {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def answered(arguments: list[str], capsys: pytest.CaptureFixture[str], codes: set[int] = CODES) -> str:
    """Return what is said on standard error, once it is known to be an answer."""
    before = files(Path())
    with bounded(SECONDS), pytest.raises(SystemExit) as stopped:
        main(arguments)
    said = capsys.readouterr()
    assert stopped.value.code in codes, said.err[-500:]
    assert "Traceback" not in said.err
    assert not any(ord(letter) < 32 and letter != "\n" for letter in said.err)
    if stopped.value.code == 2:
        assert files(Path()) == before
        refusal = said.err[said.err.rindex("orebody: ") :]
        assert len(refusal) < 4000, len(refusal)
        assert refusal.count("\n") < 12
    return said.err


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OREBODY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path.parent / "matplotlib"))  # it writes a list of fonts when it is first imported
    return tmp_path


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("place", ["command", "strategy", "file", "universe", "source", "metal", "study", "cache", "set"])
def test_words_that_name_nothing(word: str, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = WORDS[word]
    asked = {
        "command": [text],
        "strategy": ["backtest", text, "gold", *SOURCE],
        "file": ["backtest", f"{text}.py:Own", "gold", *SOURCE],
        "universe": ["backtest", "buy-and-hold", text, *SOURCE],
        "source": ["backtest", "buy-and-hold", "gold", "--source", text],
        "metal": ["backtest", "buy-and-hold", "--metal", text, "--miners", "GDX", *SOURCE],
        "study": ["run", text],
        "cache": ["backtest", "buy-and-hold", "gold", "--source", "yahoo", "--offline", "--cache", text],
        "set": ["backtest", "ratio-rotation", "gold", *SOURCE, "--set", f"window={text}"],
    }[place]
    answered([*asked, "--quiet"] if place in ("strategy", "file", "universe", "set") else asked, capsys, REFUSED)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("option", ["--out", "--table", "--html"])
def test_words_for_places_to_write(word: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = "compare" if option == "--out" else "sweep"
    ending = {"--out": "", "--table": ".csv", "--html": ".html"}[option]
    text = f"/dev/null/{WORDS[word]}{ending}"
    answered([command, *(["ratio-rotation"] if command == "sweep" else []), "gold", *SOURCE, option, text], capsys, REFUSED)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("option", ["--cash", "--contribution", "--commission", "--slippage", "--leverage", "--cash-rate"])
def test_numbers_that_are_none(number: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    answered(["backtest", "buy-and-hold", "gold", *SOURCE, f"{option}={number}"], capsys)


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("option", ["--start", "--end", "--as-of"])
@pytest.mark.parametrize("source", ["sample", "yahoo"])
def test_dates_that_are_none(date: str, option: str, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    offline = ["--offline"] if source == "yahoo" and option != "--as-of" else []
    answered(["backtest", "buy-and-hold", "gold", "--source", source, *offline, f"{option}={date}"], capsys)


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # names of sockets are short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_loop(path: Path) -> None:
    path.symlink_to(path)


def a_broken_link(path: Path) -> None:
    path.symlink_to(path.parent / "none")


def noise(path: Path) -> None:
    path.write_bytes(random.Random(path.name).randbytes(5_000))


def nothing(path: Path) -> None:
    path.touch()


KINDS: dict[str, Callable[[Path], None]] = {
    one.__name__: one for one in (a_pipe, a_socket, a_folder, a_loop, a_broken_link, noise, nothing)
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "place", ["GDX.csv", "gauges", "gauges/dollar.csv", "fundamentals.csv", "ratings.csv", "study.toml", "own.py", "folder"]
)
def test_files_of_another_kind(kind: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prices = tmp_path / "prices"
    prices.mkdir()
    days = [f"2020-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    text = "Date,Open,High,Low,Close\n" + "".join(f"{day},{n}.5,{n}.5,{n}.5,{n}.5\n" for n, day in enumerate(days, 100))
    for ticker in ("GLD", "GDX"):
        (prices / f"{ticker}.csv").write_text(text)
    place = "../folder" if place == "folder" else place
    path = prices / place
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    KINDS[kind](path)
    asked = ["backtest", "buy-and-hold", "gold", "--source", str(path if place == "../folder" else prices), "--start", "2020-01-01"]
    if place == "study.toml":
        asked = ["run", str(path)]
    elif place == "own.py":
        asked[1] = f"{path}:Own"
    said = answered(asked, capsys)
    if place == "gauges" and kind != "a_folder":
        assert "gauges" in said or "dollar" in said


@pytest.mark.parametrize("seed", range(60))
def test_options_put_together_at_random(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    draw = random.Random(seed)
    pool = [*WORDS.values(), *NUMBERS, *DATES]
    options = (
        "--cash",
        "--start",
        "--end",
        "--fill",
        "--frequency",
        "--metal",
        "--miners",
        "--every",
        "--include",
        "--random",
        "--set",
        "--currency",
        "--repair",
        "--engine",
        "--exclude",
        "--account-start",
        "--contribution-every",
        "--seed",
        "--paths",
        "--nosuch",
    )
    asked = [*COMMANDS[draw.choice(list(COMMANDS))], *SOURCE]
    for option in draw.sample(options, 3):
        asked += [option, draw.choice(pool)]
    answered(asked, capsys)
