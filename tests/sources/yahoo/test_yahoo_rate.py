"""What a market from Yahoo does without its bill, without several of its tickers, and with exchange rates of one's own."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_yahoo_source import LONDON, short_patience  # noqa: F401
from yahoo_faults import UNAVAILABLE
from yahoo_series import simulated
from yahoo_server import YahooServer

import orebody as ob
from orebody.cli.main import main as begin
from orebody.errors import DataError, DownloadError, MissingFileError, ParameterError


def main(arguments: list[str]) -> int:
    """Return the exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        begin(arguments)
    return int(ended.value.code or 0)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def spoil(yahoo: YahooServer, row: int) -> pd.Timestamp:
    """Put a false print of 480 per cent into the bill, and return its day."""
    bars = yahoo.series["^IRX"].bars = yahoo.series["^IRX"].bars.copy()
    bars.iloc[row, :4] = 480.0
    return pd.Timestamp(bars.index[row])


@pytest.mark.parametrize("row", [100, -100])
def test_a_false_print_of_the_bill_outside_the_period_concerns_nobody(yahoo: YahooServer, cache: Path, row: int) -> None:
    day = spoil(yahoo, row)
    period = {"start": day + pd.Timedelta(days=1)} if row > 0 else {"end": day - pd.Timedelta(days=1)}
    market = ob.load_market("gold", cache=cache, **period)
    assert market.rate_known
    bill = simulated()["^IRX"].bars["Close"].reindex(market.dates).ffill().to_numpy()
    expected = 365 * bill / 100 / (360 - 91 * bill / 100)
    np.testing.assert_allclose(market.cash_rate[5:], expected[5:], rtol=1e-9)
    assert not [text for text in market.doubts if "cash" in text]


def test_a_false_print_of_the_bill_in_the_period_leaves_the_rate_unknown(yahoo: YahooServer, cache: Path) -> None:
    day = spoil(yahoo, 100)
    market = ob.load_market("gold", cache=cache)
    assert not market.rate_known
    assert (market.cash_rate == 0).all()
    assert [text for text in market.doubts if f"no cash rate is known, and cash earns nothing: ^IRX is 480 on {day.date()}" in text]
    assert ob.load_market("gold", cache=cache, cash_rate=0.04).rate_known


def test_a_bill_that_cannot_be_downloaded_is_said_wherever_figures_are(
    yahoo: YahooServer, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    yahoo.misbehave("^IRX", UNAVAILABLE, always=True)
    out = tmp_path / "report"
    asked = ["backtest", "buy-and-hold", "gold", "--cache", str(cache)]
    assert main(asked) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "no cash rate is known" in told.lower()
    assert "^IRX could not be downloaded" in told
    assert main([*asked, "--json"]) == 0
    assert "^IRX could not be downloaded" in capsys.readouterr().out
    assert main(["compare", "gold", "--cache", str(cache), "--strategy", "buy-and-hold", "--no-tearsheets", "--out", str(out)]) == 0
    assert "^IRX could not be downloaded" in (out / "index.html").read_text()


def test_all_tickers_that_failed_are_named_with_their_reasons(yahoo: YahooServer, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    yahoo.misbehave("GLD", UNAVAILABLE, always=True)
    del yahoo.series["NEM"]
    mines = ob.Universe("mines", "GLD", ("GDX", "NEM"))
    with pytest.raises(DownloadError, match=r"(?s)2 of 3 tickers cannot be had: GLD could not be.*503.*; NEM is not known to Yahoo"):
        ob.load_market(mines, cache=cache)
    assert main(["backtest", "buy-and-hold", "--metal", "GLD", "--miners", "GDX,NEM", "--cache", str(cache)]) == 2
    told = capsys.readouterr().err
    assert "GLD could not be downloaded" in told
    assert "NEM is not known to Yahoo" in told


def rates(place: Path, name: str, value: float, heading: str = "Close") -> Path:
    dates = simulated()["GBPUSD=X"].bars.index
    pd.DataFrame({"Date": dates, heading: value}).to_csv(place / name, index=False)
    return place / name


@pytest.mark.parametrize(("name", "heading"), [("GBPUSD=X.csv", "Close"), ("GBPUSD.csv", "Close"), ("GBPUSD=X.csv", "DEXUSUK")])
@pytest.mark.parametrize("whole", [True, False], ids=["folder", "file"])
def test_a_file_or_a_folder_of_rates_is_taken_before_yahoos(
    yahoo: YahooServer, cache: Path, tmp_path: Path, name: str, heading: str, whole: bool
) -> None:
    place = tmp_path / "rates"
    place.mkdir()
    (place / "notes.txt").write_text("mine")
    file = rates(place, name, 2.0, heading)
    market = ob.load_market(LONDON, cache=cache, rates=place if whole else str(file))
    pence = simulated()["FRES.L"].bars["Close"].to_numpy()
    np.testing.assert_allclose(market.close[:, 1], pence / 100 * 2.0, rtol=1e-12)
    assert yahoo.count("GBPUSD=X") == 0


def test_rates_on_the_command_line_and_in_a_study(
    yahoo: YahooServer, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rates(tmp_path, "GBPUSD=X.csv", 2.0)
    asked = ["backtest", "buy-and-hold", "--metal", "GLD", "--miners", "FRES.L", "--cache", "cache", "--json"]
    digests: list[str] = []
    for more in ([], ["--rates", "GBPUSD=X.csv"], ["--rates", "."]):
        assert main([*asked, *more]) == 0
        digests += re.findall(r'"digest": "(\w+)"', capsys.readouterr().out)
    assert yahoo.count("GBPUSD=X") == 1
    assert len(digests) == 3
    assert digests[0] != digests[1] == digests[2]
    study = tmp_path / "elsewhere" / "study.toml"
    study.parent.mkdir()
    rates(study.parent, "GBPUSD=X.csv", 2.0)
    universe = 'universe = { name = "pounds", metal = "GLD", miners = ["FRES.L"] }'
    prices = f"[prices]\ncache = '{tmp_path / 'cache'}'\nrates = 'GBPUSD=X.csv'"
    study.write_text(f"{universe}\n{prices}\n[strategies]\nhold = 'buy-and-hold'\n")
    market = ob.load_study(study, allow_outside=True).load()
    assert market.close[0, 1] == pytest.approx(simulated()["FRES.L"].bars["Close"].iloc[0] / 100 * 2.0, rel=1e-12)


def test_places_without_rates_are_refused(yahoo: YahooServer, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rates(tmp_path, "pounds.csv", 2.0)
    for place in (tmp_path / "nothing", tmp_path, tmp_path / "pounds.csv"):
        with pytest.raises(MissingFileError, match=r"rates is .*no file or folder of exchange rates: give GBPUSD=X.csv"):
            ob.load_market(LONDON, cache=cache, rates=place)
    with pytest.raises(ParameterError, match="give Series by pair"):
        ob.load_market(LONDON, cache=cache, rates=3)  # type: ignore[arg-type]
    both = tmp_path / "both"
    both.mkdir()
    rates(both, "GBPUSD=X.csv", 2.0)
    rates(both, "GBPUSD.csv", 2.1)
    with pytest.raises(DataError, match=r"holds GBPUSD=X.csv and GBPUSD.csv: leave one"):
        ob.load_market(LONDON, cache=cache, rates=both)
    assert main(["backtest", "buy-and-hold", "gold", "--rates", "nowhere", "--cache", str(cache)]) == 2
    assert "--rates is 'nowhere'" in capsys.readouterr().err
    assert yahoo.count() == 0
