"""Universes: the named ones, users' own in TOML, and what is no name."""

from __future__ import annotations

import copy
from pathlib import Path

import pandas as pd
import pytest
from cli_runner import without_steps

import orebody as ob
from orebody.cli.main import main
from orebody.errors import DataError, MissingFileError, OrebodyError, ParameterError, UnknownNameError
from orebody.market.universe import NAMED, universe_named
from orebody.market.universe_file import read_universes

MINE = """
[my-gold]
metal = "GLD"
miners = ["NEM", "B", "FRES.L"]
since = { B = 2025-05-09, NEM = "2006-05-22" }
until = { "FRES.L" = 2024-12-31 }
names = { B = "Barrick", "FRES.L" = "Fresnillo" }
currency = "USD"

["silver & co"]
metal = "SLV"
miners = "SIL"
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    return tmp_path / "mine.toml"


def test_a_table_is_a_universe(mine: Path) -> None:
    universes = read_universes(mine)
    assert list(universes) == ["my-gold", "silver & co"]
    gold, silver = universes.values()
    assert gold.tickers == ("GLD", "NEM", "B", "FRES.L")
    assert gold.since == {"B": "2025-05-09", "NEM": "2006-05-22"}
    assert gold.until == {"FRES.L": "2024-12-31"}
    assert gold.names == {"B": "Barrick", "FRES.L": "Fresnillo"}
    assert gold.currency == "USD"
    assert silver == ob.Universe("silver & co", "SLV", ("SIL",))
    assert eval(repr(gold), {"Universe": ob.Universe}) == gold
    assert hash(gold) == hash(copy.copy(gold))


def test_they_are_asked_for_by_file_and_name(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert universe_named(f"{mine}:my-gold").name == "my-gold"
    assert universe_named(f"{mine}:silver & co").metal == "SLV"
    monkeypatch.chdir(mine.parent)
    assert universe_named("mine.toml:my-gold").name == "my-gold"
    with pytest.raises(ParameterError, match=r"mine\.toml holds 2 universes, my-gold, silver & co: name one, as 'mine\.toml:my-gold'"):
        universe_named("mine.toml")
    with pytest.raises(UnknownNameError, match=r"unknown universe in mine\.toml 'my-gild'; did you mean 'my-gold'"):
        universe_named("mine.toml:my-gild")
    Path("one.TOML").write_text(MINE[: MINE.index('["silver')])
    assert universe_named("one.TOML").name == "my-gold"


def test_a_folder_of_prices_is_loaded_by_it(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = pd.bdate_range("2024-01-01", periods=30)
    for ticker, close in (("SLV", 20.0), ("SIL", 30.0)):
        frame = pd.DataFrame({"Date": days, "Open": close, "High": close, "Low": close, "Close": close})
        frame.to_csv(mine.parent / f"{ticker}.csv", index=False)
    market = ob.load_market(f"{mine}:silver & co", source=mine.parent)
    assert market.universe.name == "silver & co"
    assert market.close[0].tolist() == [20.0, 30.0]
    with pytest.raises(SystemExit) as stopped:
        main(["backtest", "buy-and-hold", f"{mine}:silver & co", "--source", str(mine.parent)])
    assert stopped.value.code == 0
    with pytest.raises(SystemExit) as stopped:
        main(["backtest", "buy-and-hold", f"{mine}:silber", "--source", str(mine.parent)])
    assert stopped.value.code == 2
    assert "unknown universe in mine.toml 'silber'" in capsys.readouterr().err


def test_frames_take_it_as_well(mine: Path) -> None:
    days = pd.bdate_range("2024-01-01", periods=3)
    frame = pd.DataFrame({"Open": 1.0, "High": 1.0, "Low": 1.0, "Close": 1.0}, index=days)
    assert ob.Market.from_frames({"SLV": frame, "SIL": frame}, universe=f"{mine}:silver & co").tickers == ("SLV", "SIL")


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("", DataError, r"u\.toml holds no universe: write a table for each"),
        ("metal = 'GLD'", ParameterError, r"u\.toml: metal stands outside a table: put a heading such as \[my-gold\] above it"),
        ("[a]\nmetal = 'GLD'", ParameterError, r"u\.toml, \[a\] has no miners: write miners = "),
        ("[a]\nminers = ['GDX']", ParameterError, r"u\.toml, \[a\] has no metal: write metal = "),
        ("[a]\nmetal = 'GLD'\nminer = ['GDX']", UnknownNameError, r"unknown key in u\.toml, \[a\] 'miner'; did you mean 'miners'"),
        ("[a]\nmetal = 3\nminers = ['GDX']", ParameterError, r"u\.toml, \[a\]: metal is 3: give a text in quotes"),
        ("[a]\nmetal = 'GLD'\nminers = [3]", ParameterError, r"u\.toml, \[a\]: miners is \[3\]: give a list of tickers"),
        (
            "[a]\nmetal = 'GLD'\nminers = ['B']\nsince = 2025-05-09",
            ParameterError,
            r"\[a\]: since is datetime.date\(2025, 5, 9\): give a table",
        ),
        ("[a]\nmetal = 'GLD'\nminers = ['X.L']\nnames = { X.L = 'x' }", ParameterError, r"names: X is a table: put .* in quotes, \"X\.L\""),
        ("[a]\nmetal = 'GLD'\nminers = ['../x']", ParameterError, r"u\.toml: '../x' is not a ticker"),
        (
            "[a]\nmetal = 'GLD'\nminers = ['B']\nsince = { C = 2025-05-09 }",
            UnknownNameError,
            r"u\.toml: unknown miner of universe 'a' in since 'C'",
        ),
        (
            "[a]\nmetal = 'GLD'\nminers = ['B']\nnames = { C = 'x' }",
            UnknownNameError,
            r"u\.toml: unknown ticker of universe 'a' in names 'C'",
        ),
        ("[a]\nmetal = 'GLD'\nminers = ['B']\nnames = { B = 3 }", ParameterError, r"u\.toml: universe 'a': the name of B is 3"),
        ("[a]\nmetal = 'GLD'\nminers = ['B']\nsince = { B = 'May' }", ParameterError, r"since of B is 'May', not a date"),
        ("[a]\nmetal = 'GLD'\nminers = ['B']\ncurrency = 'pence'", ParameterError, r"currency is 'pence': give three capital letters"),
        ('["a\\u001b"]\nmetal = "GLD"\nminers = ["B"]', ParameterError, r"u\.toml: 'a\\x1b' is not the name of a universe"),
        ("[a\nmetal = 'GLD'", DataError, r"u\.toml is not a readable TOML file: .*line 1"),
        ("[a]\nmetal = 'GLD'\nmetal = 'SLV'", DataError, r"u\.toml is not a readable TOML file: Cannot overwrite a value"),
    ],
)
def test_files_that_cannot_be_say_file_table_key_and_remedy(text: str, error: type[OrebodyError], says: str, tmp_path: Path) -> None:
    (tmp_path / "u.toml").write_text(text)
    with pytest.raises(error, match=says) as raised:
        read_universes(tmp_path / "u.toml")
    assert str(raised.value).isprintable()


def test_files_that_are_not_there_suggest_the_nearest(mine: Path) -> None:
    with pytest.raises(MissingFileError, match=r"there is no mein\.toml in .*; did you mean mine\.toml\?"):
        read_universes(mine.parent / "mein.toml")
    with pytest.raises(MissingFileError, match=r"there is no mine\.toml in "):
        read_universes(mine.parent / "nowhere" / "mine.toml")
    (mine.parent / "bytes.toml").write_bytes(b"[a]\nx = '\xff'\n")
    with pytest.raises(DataError, match=r"bytes\.toml is not a readable TOML file"):
        read_universes(mine.parent / "bytes.toml")
    (mine.parent / "folder.toml").mkdir()
    with pytest.raises(DataError, match=r"folder\.toml cannot be read"):
        read_universes(mine.parent / "folder.toml")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[31m", "a\u202eb", "x" * 101, 3])
def test_names_that_no_terminal_should_see(name: object) -> None:
    with pytest.raises(ParameterError, match="is not the name of a universe: 1 to 100 characters") as error:
        ob.Universe(name, "GLD", ("GDX",))  # type: ignore[arg-type]
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 200


HOSTILE = ["../../x", "CON/..", "x" * 300, "a\x1b[2Jb", "a\nb", "a\x00b", "\u202egld", ""]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tickers_are_refused_before_any_file_is_opened(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("the file system was asked"))
    with pytest.raises(ParameterError, match="is not a ticker") as error:
        ob.load_market(ob.Universe("u", "GLD", (name,)), source=tmp_path)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("name", [*HOSTILE, "x\x1b.toml", "x" * 300 + ".toml", "x\x00.toml:gold", "mine.toml:\x1b[31m"])
def test_hostile_universes_are_refused_in_one_printable_line(name: str, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine.parent)
    with pytest.raises(OrebodyError) as error:
        universe_named(name)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\x00" not in name])
@pytest.mark.parametrize("where", ["universe", "ticker", "folder", "file"])
def test_the_command_line_shows_none_of_it_raw(name: str, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {
        "universe": [name, "--source", str(tmp_path)],
        "ticker": ["--metal", "GLD", "--miners", f"{name},GDX", "--source", str(tmp_path)],
        "folder": ["gold", "--source", str(tmp_path / "none" / name)],
        "file": [f"{name}x.toml", "--source", str(tmp_path)],
    }[where]
    with pytest.raises(SystemExit) as stopped:
        main(["backtest", "buy-and-hold", *asked])
    said = capsys.readouterr()
    assert stopped.value.code == 2
    assert said.out == ""
    refusal = without_steps(said.err)
    assert refusal.startswith("orebody: ")
    assert all(line.isprintable() for line in said.err.split("\n"))
    assert not list(tmp_path.iterdir())


def test_the_named_universes_are_sound() -> None:
    assert {"gold-australia", "silver-london", "copper-london", "diversified-london", "diversified-australia"} <= set(NAMED)
    listed = {name: {ticker.rpartition(".")[2] for ticker in universe.miners if "." in ticker} for name, universe in NAMED.items()}
    assert {name: endings for name, endings in listed.items() if endings} == {
        "gold-australia": {"AX"},
        "silver-london": {"L"},
        "copper-london": {"L"},
        "diversified-london": {"L"},
        "diversified-australia": {"AX"},
    }
    for name, universe in NAMED.items():
        assert name == universe.name
        companies = {ticker for ticker in universe.miners if ticker not in ("GDX", "GDXJ", "SIL", "COPX")}
        assert set(universe.names) == companies, name
