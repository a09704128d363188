"""The quality report on real prices: defects that are known are found, days that were real are left alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from real_data import FOLDER, needs_real_prices

from orebody.errors import DataError
from orebody.market.market import Market
from orebody.quality import inspect, repair_frame
from orebody.sources import csv

pytestmark = needs_real_prices

ROOT = FOLDER.parent
DIRTY = ROOT / "dirty"

# What must be called wrong, and how many rows a repair takes out; None where no repair can mend it.
REASONS: dict[str, tuple[str, dict[str, int], int | None]] = {
    "VALE_timestamps_stray_row": ("VALE", {"stray": 1}, 1),
    "REMX_bad_prints": ("REMX", {"print": 2}, 2),
    "KGC_year_repeated": ("KGC", {"duplicates": 1}, None),
    "KGC_zero_opens": ("KGC", {"cells": 1}, 1838),
    "GDX_adjusted_with_seam": ("GDX", {"seam": 1}, None),
    "GDX_mdy_descending": ("GDX", {}, 0),
    "GDX_quoted_compact_timestamps": ("GDX", {}, 0),
    "GDX_investing_excerpt": ("GDX", {}, 0),
    "SSW-JO-1d-100x-error": ("SSW.JO", {"currency": 1}, 22),
    "SAND-1d-bad-div": ("SAND", {"dividend": 1}, 0),
    "LA-V-1d-bad-stock-split": ("LA.V", {"split": 1}, 1),
}
TWINS = [name for name in REASONS if name.endswith(("error", "bad-div", "split"))]

# Known defects of the files that are clean otherwise. VALE's Adj Close takes 28.9 % off on 2004-08-11, when the price fell by 1 %.
# Opens and closes of futures lie up to 2 % outside the range on hundreds of rows: their bars are widened, only what is farther is wrong.
KNOWN: dict[str, dict[str, int]] = {
    "daily/CPER": {"print": 2},
    "daily/GC_F": {"ohlc": 18, "weekend": 1},
    "daily/HG_F": {"ohlc": 13, "weekend": 1},
    "daily/SI_F": {"ohlc": 19, "weekend": 1},
    "daily/LBMA_SILVER": {"weekend": 1},
    "daily/VALE": {"dividend": 1},
}
RATES = ("daily/DFF", "daily/IRX")  # a rate may be 0 and less
REAL = {  # days that look like errors and are none
    "daily/GLD": "2026-01-30",
    "daily/SLV": "2026-01-30",
    "daily/GDX": "2026-01-30",
    "daily/CPER": "2025-07-30",
    "daily/AU": "2008-11-21",
    "daily/VIXY": "2024-08-05",
    "daily/GFI": "2000-05-02",
    "adjclose/GFI": "2000-05-02",
}


def files() -> list[str]:
    found = [f"{folder}/{path.stem}" for folder in ("daily", "adjclose") for path in sorted((ROOT / folder).glob("*.csv"))]
    return [name for name in found if name not in RATES]


def table(name: str) -> pd.DataFrame:
    return csv.read(Path(ROOT / f"{name}.csv"))


def wrong(ticker: str, frame: pd.DataFrame) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in inspect(ticker, frame):
        if finding.wrong:
            counts[finding.kind] = counts.get(finding.kind, 0) + finding.count
    return counts


@pytest.mark.parametrize("name", files())
def test_clean_files_have_their_known_defects_and_no_other(name: str) -> None:
    ticker, frame = name.split("/")[1], table(name)
    assert wrong(ticker, frame) == KNOWN.get(name, {})
    assert sum(not finding.wrong and finding.kind != "ohlc" for finding in inspect(ticker, frame)) <= 3


@pytest.mark.parametrize("name", REAL)
def test_real_days_survive_every_repair(name: str) -> None:
    frame, day = table(name), pd.Timestamp(REAL[name])
    findings = inspect(name.split("/")[1], frame)
    assert not [finding for finding in findings if finding.first == day]
    for how in ("drop", "mask"):
        mended = repair_frame(frame, findings, how).frame
        pd.testing.assert_series_equal(mended.loc[day], frame.loc[day])


def test_the_two_false_prints_of_copper_do_not_survive() -> None:
    frame = table("daily/CPER")
    mended, notes, masked = repair_frame(frame, inspect("CPER", frame), "mask")
    days = pd.DatetimeIndex(["2014-12-04", "2015-02-02"])
    assert list(masked) == list(days)
    assert len(notes) == 2
    pd.testing.assert_frame_equal(mended, frame.drop(days))


def test_a_file_of_the_dirty_folder_is_in_the_table() -> None:
    assert {path.stem for path in DIRTY.glob("*.csv") if "fixed" not in path.stem} == set(REASONS)


@pytest.mark.parametrize("name", REASONS)
def test_dirty_files_are_refused_with_the_right_reason_or_repaired(name: str) -> None:
    ticker, reasons, gone = REASONS[name]
    frame = csv.read(DIRTY / f"{name}.csv")
    findings = inspect(ticker, frame)
    assert {finding.kind for finding in findings if finding.wrong} == set(reasons)
    if gone is None:
        for how in ("drop", "mask"):
            with pytest.raises(DataError, match="no repair can tell what is right"):
                repair_frame(frame, findings, how)
        return
    for how in ("drop", "mask"):
        mended, notes, masked = repair_frame(frame, findings, how)
        assert len(frame) - len(mended) == gone
        assert len(masked) == (gone if how == "mask" else 0)
        assert len(notes) == sum(reasons.values())
        assert set(wrong(ticker, mended)) <= {"sessions"}  # whoever drops 1,838 rows is told that they are missing
        Market.from_frames({"A": mended, "B": mended})  # and the door takes it


@pytest.mark.parametrize("name", TWINS)
def test_repaired_files_equal_their_twins(name: str) -> None:
    frame, twin = csv.read(DIRTY / f"{name}.csv"), csv.read(DIRTY / f"{name}-fixed.csv")
    mended = repair_frame(frame, inspect(REASONS[name][0], frame), "drop").frame
    left = twin.loc[mended.index]
    for column in ("Open", "High", "Low", "Close", "Volume", "Dividends", "Stock Splits"):
        np.testing.assert_allclose(mended[column], left[column], rtol=1e-6)
    adjusted = left["Adj Close"].to_numpy()
    if "div" in name:  # the twin has lost the phantom dividend, its Adj Close has not: the true one from its closes and dividends
        adjusted = by_hand(left)
    np.testing.assert_allclose(mended["Adj Close"], adjusted, rtol=1e-6)


def by_hand(frame: pd.DataFrame) -> np.ndarray:
    """Adjust closes by 1 - D / C(t-1), day by day from the newest."""
    close, paid, factor = frame["Close"].to_numpy(), frame["Dividends"].to_numpy(), 1.0
    adjusted = np.empty(len(close))
    for row in range(len(close) - 1, -1, -1):
        adjusted[row] = close[row] * factor
        if paid[row]:
            factor *= 1 - paid[row] / close[row - 1]
    return adjusted


def test_the_seam_names_its_day_and_its_step() -> None:
    findings = inspect("GDX", csv.read(DIRTY / "GDX_adjusted_with_seam.csv"))
    seam = next(finding for finding in findings if finding.kind == "seam")
    assert str(seam.first.date()) == "2025-11-17"
    assert "-0.72%" in seam.what
    assert any(finding.kind == "snapshot" for finding in findings)


def test_recorded_distributions_of_funds_agree_with_their_adj_close() -> None:
    record = pd.read_csv(ROOT / "dividends.csv", parse_dates=["Date"])
    for ticker, paid in record.groupby("Ticker"):
        found = inspect(str(ticker), table(f"daily/{ticker}"), distributions=paid.set_index("Date")["Dividend"])
        assert not [finding for finding in found if finding.kind in ("dividend", "adjustment")]
