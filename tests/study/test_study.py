"""Studies as files: what they say, what is made of it, and one sentence with file, table and key for whatever is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import orebody as ob
from orebody.errors import DataError, MissingFileError, OrebodyError, ParameterError, UnknownNameError
from orebody.research.scenarios import CASES
from orebody.strategies import BuyAndHold, BuyWeakness, RatioRotation, RegimeFilter, SpreadTrade, VolatilityTarget

WHOLE = """
title = "all of it"
universe = "gold"
engine = "compiled"

[prices]
source = "sample"
fill = "close"
repair = "none"

[period]
start = 2012-01-02
end = "2020-12-31"
account_start = 2014-01-02

[account]
cash = 5_000
contribution = 12.5
every = "quarter"
cash_rate = 0.02
whole_shares = true
leverage = 1.5
shorting = false
maintenance_margin = 0.3
costs = { metal = { commission = 0.001, fixed_fee = 2 }, "*" = { slippage = 0.002 } }

[strategies]
held = "buy-and-hold"
"70/30" = { kind = "buy-and-hold", split = { metal = 0.7, miners = 0.3 } }
weak = { kind = "buy-weakness", rungs = [0.1, 0.2], scale = "price" }
spread = { kind = "spread-trade", stop = "none" }

[strategies.nested]
kind = "volatility-target"
target = 0.2
[strategies.nested.inner]
kind = "regime-filter"
off = "metal"
inner = { kind = "ratio-rotation", window = 60 }

[research]
gearing = { frequency = "week", move = -0.1 }
scenarios = { paths = 50, scenarios = ["bearish", { name = "flat", drift = 0, crash = [21, -0.1, -0.13] }] }
stress = false

[[research.sweep]]
strategy = "nested"
grid = { target = { from = 0.1, to = 0.3, step = 0.1 }, inner.inner.window = { from = 20, to = 60, step = 20 } }
metric = "cagr"

[[research.sweep]]
strategy = "spread"
grid = { window = [60, 120] }

[output]
folder = "out"
tearsheets = false
table = "equity.csv"
"""
SHORT = 'universe = "gold"\n[prices]\nsource = "sample"\n[strategies]\na = "buy-and-hold"\n'


def written(folder: Path, text: str, name: str = "s.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_every_key_arrives(tmp_path: Path) -> None:
    study = ob.load_study(written(tmp_path, WHOLE))
    assert (study.title, study.universe, study.engine) == ("all of it", "gold", "compiled")
    assert (study.prices.source, study.prices.fill, study.prices.repair) == ("sample", "close", None)
    assert (study.period.start, study.period.end, study.period.account_start) == ("2012-01-02", "2020-12-31", "2014-01-02")
    account = study.account
    assert (account.cash, account.contribution, account.every, account.cash_rate) == (5_000, 12.5, "quarter", 0.02)
    assert (account.whole_shares, account.leverage, account.shorting, account.maintenance_margin) == (True, 1.5, False, 0.3)
    assert account.costs == {"metal": ob.Costs(commission=0.001, fixed_fee=2), "*": ob.Costs(slippage=0.002)}
    assert study.strategies == {
        "held": BuyAndHold(),
        "70/30": BuyAndHold(split={"metal": 0.7, "miners": 0.3}),
        "weak": BuyWeakness(rungs=(0.1, 0.2), scale="price"),
        "spread": SpreadTrade(stop=None),
        "nested": VolatilityTarget(target=0.2, inner=RegimeFilter(off="metal", inner=RatioRotation(window=60))),
    }
    gearing, scenarios, first, second = study.research
    assert (gearing.name, gearing.options) == ("gearing", {"frequency": "week", "move": -0.1})
    assert scenarios.options["paths"] == 50
    assert scenarios.options["scenarios"] == [CASES[1], ob.Scenario("flat", drift=0, crash=(21, -0.1, -0.13))]
    assert first.base == study.strategies["nested"]
    assert first.options == {"grid": {"target": [0.1, 0.2, 0.3], "inner.inner.window": [20, 40, 60]}, "metric": "cagr"}
    assert (second.base, second.options) == (SpreadTrade(stop=None), {"grid": {"window": [60, 120]}})
    assert study.output.folder == str(tmp_path / "out")
    assert study.output.table == str(tmp_path / "equity.csv")
    assert not study.output.tearsheets
    assert repr(study).startswith("<Study s.toml: held, 70/30, weak, spread, nested on gold from sample; gearing, scenarios, sweep, sweep>")


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    written(tmp_path, '[mine]\nmetal = "GLD"\nminers = ["GDX"]\n', "u.toml")
    written(tmp_path / "deep", SHORT.replace('"gold"', '"../u.toml:mine"').replace('"sample"', '"../prices"'))
    monkeypatch.chdir(tmp_path)
    study = ob.load_study("deep/s.toml")
    assert study.universe == ob.Universe("mine", "GLD", ("GDX",))
    assert Path(study.prices.source).resolve() == tmp_path / "prices"
    assert Path(study.output.folder) == tmp_path / "deep" / "report"


def test_a_universe_of_its_own(tmp_path: Path) -> None:
    table = '[universe]\nname = "two"\nmetal = "SIM-GOLD"\nminers = ["SIM-SENIOR", "SIM-ROYALTY"]\nuntil = { SIM-SENIOR = 2020-01-02 }\n'
    study = ob.load_study(written(tmp_path, table + SHORT.replace('universe = "gold"\n', "")))
    assert study.universe == ob.Universe("two", "SIM-GOLD", ("SIM-SENIOR", "SIM-ROYALTY"), until={"SIM-SENIOR": "2020-01-02"})


def test_what_is_asked_for_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    study = ob.load_study(written(tmp_path, SHORT.replace('source = "sample"', "max_age = 3\noffline = true")))
    assert study.prices.source == "yahoo"
    later = study.changed(as_of=dt.date(2026, 5, 1), out="elsewhere")
    assert (later.prices.as_of, later.prices.offline, later.prices.max_age) == ("2026-05-01", True, 3)
    assert later.output.folder == str(tmp_path / "elsewhere")
    assert later.changes == {"as_of": "2026-05-01"}
    folder = study.changed(source="prices")
    assert folder.prices.source == str(tmp_path / "prices")
    assert (folder.prices.offline, folder.prices.max_age) == (False, None)  # only Yahoo has them
    assert study.changed(source="Yahoo").changes == {}


@dataclass(frozen=True)
class Never(ob.Strategy):
    """Hold nothing."""

    patience: int = ob.parameter(3, "years", low=1, high=9)

    def decide(self, market: ob.Market) -> ob.Decisions:
        return ob.Decisions(weights=np.zeros(market.close.shape))


def test_a_strategy_of_ones_own_is_given_in_python(tmp_path: Path) -> None:
    path = written(tmp_path, SHORT + 'mine = { kind = "never", patience = 5 }\n')
    assert ob.load_study(path, own=[Never]).strategies["mine"] == Never(patience=5)
    with pytest.raises(UnknownNameError, match=r"s\.toml: \[strategies\.mine\] unknown strategy 'never'"):
        ob.load_study(path)
    with pytest.raises(ParameterError, match=r"s\.toml: \[strategies\.mine\] patience is 12: give a whole number from 1 to 9"):
        ob.load_study(written(tmp_path, SHORT + 'mine = { kind = "never", patience = 12 }\n'), own=[Never])
    with pytest.raises(ParameterError, match="is not a strategy class"):
        ob.load_study(path, own=[Never()])  # type: ignore[list-item]


REFUSED = {
    "nothing": ("", DataError, 'holds no study: write at least universe = "gold" and a table [strategies]'),
    "no TOML": ("universe = 'gold'\n[x", DataError, "is not a readable TOML file: Expected ']'"),
    "no universe": ("[strategies]\na = 'buy-and-hold'", ParameterError, "s.toml: has no universe: give a name in quotes, or a table"),
    "no strategies": ("universe = 'gold'", ParameterError, "s.toml: has no strategies: give a table"),
    "an empty table": (SHORT.replace("a = ", "# "), ParameterError, "[strategies] is empty: name at least one, such as rotation"),
    "an unknown table": (f"{SHORT}[outputs]", UnknownNameError, "s.toml: unknown key 'outputs'; did you mean 'output'?"),
    "a copied of one's own": (f"{SHORT}[copied]", UnknownNameError, "s.toml: unknown key 'copied'"),
    "a table that is none": (f"account = 3\n{SHORT}", ParameterError, "[account] is 3: write it as a table, under the heading [account]"),
    "a table twice": (f"{SHORT}[prices]", DataError, "Cannot declare ('prices',) twice (at line 6"),
    "a universe unknown": (SHORT.replace("gold", "golf"), UnknownNameError, "unknown universe in the sample 'golf'; did you mean 'gold'?"),
    "a universe of Yahoo's": (SHORT.replace("gold", "golf").replace("sample", "yahoo"), UnknownNameError, "unknown universe 'golf'; did"),
    "a universe that is none": (SHORT.replace('"gold"', "3"), ParameterError, "s.toml: universe is 3: give the name of one"),
    "a universe without miners": (
        SHORT.replace('universe = "gold"\n', "") + "[universe]\nmetal = 'GLD'",
        ParameterError,
        's.toml: [universe] has no miners: write miners = ["GDX"]',
    ),
    "a universe in no file": (SHORT.replace('"gold"', "'u.toml'"), MissingFileError, "s.toml: there is no u.toml in "),
    "an engine": (f"engine = 'quick'\n{SHORT}", ParameterError, "s.toml: engine is 'quick': give one of backtrader, compiled"),
    "a fill": (SHORT.replace("source", "fill = 'noon'\nsource"), ParameterError, "[prices] fill is 'noon': give one of open, close"),
    "what only Yahoo has": (SHORT.replace("source", "offline = true\nsource"), ParameterError, "[prices] offline is True: only the source"),
    "an age": (SHORT.replace('source = "sample"', "max_age = -1"), ParameterError, "[prices] max_age is -1: give a number, at least 0"),
    "a moment": (SHORT.replace('source = "sample"', "as_of = 'May'"), ParameterError, "[prices] as_of is 'May', not a date or a moment"),
    "a date": (
        f"{SHORT}[period]\nstart = '01/02/2020'",
        ParameterError,
        "[period] start is '01/02/2020', not a date: write it as 2006-05-22",
    ),
    "a number for a date": (f"{SHORT}[period]\nstart = 2020", ParameterError, "[period] start is 2020: give a date, as 2006-05-22"),
    "a period": (f"{SHORT}[period]\nstart = 2021-01-01\nend = 2020-01-01", ParameterError, "[period] start 2021-01-01 is after end"),
    "an account's text": (f"{SHORT}[account]\ncontribution = 'x'", ParameterError, "s.toml: [account] contribution is 'x': give a number"),
    "an account's key": (
        f"{SHORT}[account]\ncontributon = 1",
        UnknownNameError,
        "[account] unknown key 'contributon'; did you mean 'contr",
    ),
    "an account's bound": (f"{SHORT}[account]\ncash = -1", ParameterError, "s.toml: [account] cash is -1: it must not be negative"),
    "an account's flag": (f"{SHORT}[account]\nwhole_shares = 1", ParameterError, "[account] whole_shares is 1: give true or false"),
    "an account's flag for a number": (f"{SHORT}[account]\ncash = true", ParameterError, "[account] cash is true: give a number"),
    "an account's period": (f"{SHORT}[account]\nevery = 'day'", ParameterError, "[account] every is 'day': it must be one of week, month"),
    "infinite cash": (f"{SHORT}[account]\ncash = inf", ParameterError, "[account] cash is inf: give a number"),
    "costs": (f"{SHORT}[account.costs]\ncommission = 2", ParameterError, "[account.costs] costs.commission is 2: it must be from 0"),
    "costs of a ticker": (f"{SHORT}[account.costs]\nGLD = {{}}", UnknownNameError, "[account] unknown ticker in costs 'GLD'"),
    "costs of some": (f"{SHORT}[account.costs]\nmetal = {{}}", ParameterError, "[account] costs name neither SIM-MINERS nor miners"),
    "a key of a ticker's": (
        f"{SHORT}[account.costs.metal]\nfixed = 2",
        UnknownNameError,
        "[account.costs.metal] unknown key 'fixed'; did you mean",
    ),
    "a strategy": (
        f"{SHORT}b = 'ratio-rotatio'",
        UnknownNameError,
        "[strategies.b] unknown strategy 'ratio-rotatio'; did you mean 'ratio-rot",
    ),
    "a strategy without a kind": (
        f"{SHORT}b = {{ window = 9 }}",
        ParameterError,
        '[strategies.b] has no kind: name the strategy, as kind = "',
    ),
    "a strategy twice": (
        f"{SHORT}b = {{ kind = 'buy-and-hold' }}",
        ParameterError,
        "[strategies.b] is the same as [strategies.a], BuyAndHold(",
    ),
    "a label twice": (f"{SHORT}a = 'ratio-rotation'", DataError, "is not a readable TOML file: Cannot overwrite a value"),
    "a parameter": (
        f"{SHORT}b = {{ kind = 'ratio-rotation', widow = 9 }}",
        UnknownNameError,
        "[strategies.b] unknown key 'widow'; did you mean",
    ),
    "a bound": (
        f"{SHORT}b = {{ kind = 'ratio-rotation', window = 1 }}",
        ParameterError,
        "[strategies.b] window is 1: give a whole number, at lea",
    ),
    "a fraction": (f"{SHORT}b = {{ kind = 'ratio-rotation', window = 9.5 }}", ParameterError, "[strategies.b] window is 9.5: give a whole"),
    "a choice": (
        f"{SHORT}b = {{ kind = 'spread-trade', hedge = 'no' }}",
        ParameterError,
        "[strategies.b] hedge is 'no': give one of rolling, fixed",
    ),
    "never": (f"{SHORT}b = {{ kind = 'spread-trade', stop = 'x' }}", ParameterError, "stop is 'x': give a number, at least 0 or \"none\""),
    "a list": (
        f"{SHORT}b = {{ kind = 'buy-weakness', rungs = [1, 'x'] }}",
        ParameterError,
        "[strategies.b] rungs is [1, 'x']: give a list, each",
    ),
    "a split": (
        f"{SHORT}b = {{ kind = 'buy-and-hold', split = {{ metal = 2 }} }}",
        ParameterError,
        "[strategies.b] buy-and-hold: split gives 'metal' the share 2: shares lie between 0 and 1",
    ),
    "an inner one": (
        f"{SHORT}b = {{ kind = 'regime-filter', inner = {{ kind = 'ratio-rotation', window = 0 }} }}",
        ParameterError,
        "s.toml: [strategies.b] inner window is 0: give a whole number, at least 2",
    ),
    "research": (f"{SHORT}[research]\nstres = true", UnknownNameError, "s.toml: [research] unknown key 'stres'; did you mean 'stress'?"),
    "research that is none": (
        f"{SHORT}[research]\nstress = 3",
        ParameterError,
        "[research.stress] is 3: give its options in a table, or write",
    ),
    "an option": (
        f"{SHORT}[research.gearing]\nfrequncy = 1",
        UnknownNameError,
        "[research.gearing] unknown key 'frequncy'; did you mean 'freq",
    ),
    "an option's bound": (
        f"{SHORT}[research.significance]\nsamples = 5",
        ParameterError,
        "[research.significance] samples is 5: it must be a who",
    ),
    "an option's words": (
        f"{SHORT}[research.significance]\nmetrics = ['x']",
        ParameterError,
        "metrics is ['x']: give a list of some of cagr",
    ),
    "blocks": (
        f"{SHORT}[research.significance]\nblocks = 3",
        ParameterError,
        "[research.significance] blocks is 3: it must be an even whole",
    ),
    "an episode": (f"{SHORT}[research.stress]\nepisodes = {{ x = [2020-01-01] }}", ParameterError, "give a table with two closes for each"),
    "an episode backwards": (
        f"{SHORT}[research.stress]\nepisodes = {{ x = [2020-01-01, 2019-01-01] }}",
        ParameterError,
        "s.toml: [research.stress] episode 'x' runs from 2020-01-01 to 2019-01-01",
    ),
    "a scenario": (
        f"{SHORT}[research.scenarios]\nscenarios = ['x']",
        UnknownNameError,
        "[research.scenarios] unknown scenario 'x' (known: bea",
    ),
    "a scenario's key": (
        f"{SHORT}[research.scenarios]\nscenarios = ['bearish', {{ name = 'x', dirft = 1 }}]",
        UnknownNameError,
        "[research.scenarios] scenario no. 2 unknown key 'dirft'; did you mean 'drift'?",
    ),
    "a sweep of nothing": (
        f"{SHORT}[research.sweep]\ngrid = {{ x = [1] }}",
        ParameterError,
        "[research.sweep] has no strategy: give a text in",
    ),
    "a sweep of nobody": (
        f"{SHORT}[research.sweep]\nstrategy = 'z'\ngrid = {{ x = [1] }}",
        UnknownNameError,
        "[research.sweep] unknown strategy 'z'",
    ),
    "a grid": (
        f"{SHORT}[[research.sweep]]\nstrategy = 'a'\ngrid = {{ x = [1] }}",
        UnknownNameError,
        "[research.sweep] no. 1 unknown parameter of",
    ),
    "a grid that is none": (
        f"{SHORT}[research.sweep]\nstrategy = 'a'\ngrid = {{ x = 1 }}",
        ParameterError,
        "grid is {'x': 1}: give a table with a",
    ),
    "a range": (
        f"{SHORT}[research.sweep]\nstrategy = 'a'\ngrid = {{ x = {{ from = 9, to = 1 }} }}",
        ParameterError,
        "[research.sweep] grid gives x the range {'from': 9, 'to': 1}: it must lead from first to last",
    ),
    "a length": (
        f"{SHORT}[research.walk-forward]\nstrategy = 'a'\ngrid = {{ split = [{{ metal = 1 }}] }}\ntrain = 'x'\ntest = 9",
        ParameterError,
        "[research.walk-forward] train is 'x': give a number of bars, at least 1, or periods such as '3 years'",
    ),
    "a table's file": (f"{SHORT}[output]\ntable = 'x.xls'", ParameterError, "s.toml: [output] cannot write 'x.xls': tables end in .csv or"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_file_table_and_key(name: str, tmp_path: Path) -> None:
    text, kind, said = REFUSED[name]
    with pytest.raises(OrebodyError) as refused:
        ob.load_study(written(tmp_path, text))
    assert type(refused.value) is kind
    assert said in str(refused.value)
    assert str(refused.value).startswith("s.toml")


def test_files_that_are_none(tmp_path: Path) -> None:
    written(tmp_path, SHORT)
    with pytest.raises(MissingFileError, match=r"there is no t\.toml in .*; did you mean s\.toml\?"):
        ob.load_study(tmp_path / "t.toml")
    with pytest.raises(DataError, match="cannot be read"):
        ob.load_study(tmp_path)
    (tmp_path / "s.toml").write_bytes(b"universe = 'gold'\n# \xff\n")
    with pytest.raises(DataError, match=r"s\.toml is not a readable TOML file: it is not UTF-8 \(at line 2\)"):
        ob.load_study(tmp_path / "s.toml")
    with pytest.raises(DataError, match="is not the name of a file"):
        ob.load_study("s\x00.toml")


def test_what_a_piece_of_research_refuses_later_names_its_table_too(tmp_path: Path) -> None:
    study = ob.load_study(written(tmp_path, f"engine = 'compiled'\n{SHORT}[research.scenarios]\npaths = 0"))
    with pytest.raises(ParameterError, match=r"s\.toml: \[research\.scenarios\] paths is 0"):
        study.run()
