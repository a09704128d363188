"""From raw tables to what the door is shown: cut to the period, inspected, repaired where that was asked for, adjusted, in one currency."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from orebody.errors import DataError, ParameterError
from orebody.market.bar_spacing import check_frequency, check_spacings
from orebody.market.ranges import find_excursions, widen
from orebody.market.ticker_history import identity_notes
from orebody.market.validation import OHLC, price_column
from orebody.quality import Finding, QualityReport, inspect, refuse_errors, repair_frame
from orebody.quality.capital_gains import count_gains_once
from orebody.quality.repair import HOW
from orebody.sources import return_basis
from orebody.sources.adjustment import adjust
from orebody.sources.conversion import convert_to_one_currency
from orebody.sources.currency import STALE_DAYS
from orebody.sources.intraday import days_from
from orebody.sources.raw_market import RawMarket

__all__ = ["PreparedMarket", "check_repair", "prepare"]

_OF_RETURNS = ("jump", "split", "dividend", "adjustment", "print")
NOTED = 5  # doubtful findings of one kind that are spelled out


class PreparedMarket(NamedTuple):
    """Tables for the door; what reports must say of them; and days that belong to the calendar though their bars were masked."""

    frames: dict[str, pd.DataFrame]
    notes: tuple[tuple[str, str], ...]
    masked: pd.DatetimeIndex


def check_repair(repair: str | None) -> None:
    """Raise `ParameterError` unless `repair` is None, ``"drop"`` or ``"mask"``."""
    if repair is not None and repair not in HOW:
        raise ParameterError(f"repair is {repair!r}: it must be 'drop', 'mask', or left out to refuse prices that are wrong")


def prepare(
    loaded: RawMarket,
    first: pd.Timestamp | None,
    last: pd.Timestamp | None,
    *,
    repair: str | None = None,
    currency: str | None = None,
    frequency: str | None = None,
) -> PreparedMarket:
    """Return what a source handed over, ready for the door.

    Parameters
    ----------
    loaded
        Of the source.
    first, last
        The period, both days included; distributions after it adjust nothing in it.
    repair
        See `orebody.quality.repair.repair_frame`; None refuses what is wrong.
    currency
        In which the market is to be, before the universe's own wish.
    frequency
        See `orebody.market.frequency.align_frames`: series that do not belong together are refused before anything is said of their prices.

    Raises
    ------
    DataError
        For series of several spacings that `frequency` does not put together, a ticker without a bar in the period, one that names
        something else now, prices that are wrong, and what cannot be converted.
    UnsupportedError
        For currencies that the source does not state.
    """
    check_repair(repair)
    check_frequency(frequency)
    frames = {ticker: loaded.frames[ticker] for ticker in loaded.universe.tickers}
    # refuses a period without a bar, and bars of several spacings, before anything is said of the prices
    cut = {ticker: between(frame, first, last, ticker) for ticker, frame in frames.items()}
    spacings = check_spacings({ticker: frame.index for ticker, frame in cut.items() if isinstance(frame, pd.DataFrame)}, frequency)
    frames, made = days_from(frames, spacings)
    notes = [*loaded.notes, *made]
    masked = pd.DatetimeIndex([])
    if loaded.inspected:
        notes += identity_notes(loaded.universe, loaded.frames, loaded.names)
        frames, repairs, masked = _repair(loaded, frames, repair, (first, last))
        notes += repairs
        kinds = {} if loaded.by_distributions else {ticker: return_basis.of_table(frame) for ticker, frame in frames.items()}
    frames = {ticker: between(frame, first, last, ticker) for ticker, frame in frames.items()}
    if loaded.inspected and not loaded.by_distributions:
        notes += return_basis.notes(loaded.universe, kinds)
        frames = {
            ticker: return_basis.adjust_raw(frame, ticker) if kinds[ticker] == return_basis.RAW else frame
            for ticker, frame in frames.items()
        }
    if loaded.by_distributions:
        frames = {ticker: adjust(frame, ticker=ticker) for ticker, frame in frames.items()}
    if loaded.inspected:
        rates = partial(_validate_rates, loaded, frames)
        frames, exchanged = convert_to_one_currency(frames, loaded.universe, loaded.currencies, rates, to=currency)
        notes += exchanged
        if not exchanged:
            known = loaded.currencies.get(loaded.universe.metal)
            notes.append(
                ("Currency", f"{known}, all prices" if known else "not stated: all prices are taken to be in one, and converted nowhere")
            )
        if any(pair in text for pair in loaded.own_rates for _, text in exchanged):
            notes.append(("currency", "an exchange rate that was handed over counts from its own date"))
        elif exchanged and loaded.rates_known_after:
            notes.append(("currency", "an exchange rate counts from the day after its own: its bar ends when exchanges have closed"))
    elif currency is not None:
        raise ParameterError(f"currency is {currency!r}: the sample's prices are in no real currency")
    return PreparedMarket(frames, tuple(notes), masked)


def _validate_rates(loaded: RawMarket, frames: Mapping[str, pd.DataFrame], pair: str) -> pd.Series:
    """Return an exchange rate, dated by when it is known, or refuse one with false prints and their like on days that are needed.

    The whole series is inspected; what is wrong before the first bar's rate or after the last bar concerns no price.
    """
    own = loaded.own_rates.get(pair)
    rates, known_after = (loaded.rates(pair), loaded.rates_known_after) if own is None else (own, pd.Timedelta(0))
    index = rates.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or index.hasnans or not index.is_monotonic_increasing:
        return rates  # `converted` says what is wrong with the dates
    first = min(frame.index.min() for frame in frames.values()).normalize() - pd.Timedelta(days=STALE_DAYS) - known_after
    last = max(frame.index.max() for frame in frames.values())
    wrong = [one for one in inspect(pair, pd.DataFrame({"Close": rates})) if one.wrong and _concerns(one, first, last)]
    if wrong:
        more = f", and {len(wrong) - 1} more such" if len(wrong) > 1 else ""
        raise DataError(
            f"the exchange rate cannot be trusted, {wrong[0]}{more}; a rate is never repaired: give a right one as "
            f"rates, by pair or as a file {pair}.csv, or start after it"
        )
    since = max(int(index.searchsorted(first, side="right")) - 1, 0)  # the last before is kept: how old it is can be said
    return rates.iloc[since:].set_axis(index[since:] + known_after)


def _repair(
    loaded: RawMarket, frames: Mapping[str, pd.DataFrame], repair: str | None, period: tuple[pd.Timestamp | None, pd.Timestamp | None]
) -> tuple[dict[str, pd.DataFrame], list[tuple[str, str]], pd.DatetimeIndex]:
    """Return the tables without what is wrong, each repair and doubt, and the days that were masked; or refuse.

    The whole history is inspected, because a part of it cannot tell which side of a break is right; what concerns no day of the period
    is nobody's concern.
    """
    found, once = {}, {}
    gains: list[tuple[str, str]] = []
    steps: list[tuple[str, str]] = []
    for ticker, frame in frames.items():
        once[ticker], said, unsure = count_gains_once(ticker, frame)
        if loaded.by_distributions:
            once[ticker], rescaled = return_basis.on_one_scale(ticker, once[ticker])
            steps += [("doubtful", sentence) for day, sentence in rescaled if _within(day, *period)]
        all_of_it = (*unsure, *inspect(ticker, once[ticker], exchange=loaded.exchanges.get(ticker, "")))
        found[ticker] = tuple(one for one in all_of_it if _concerns(one, *period))
        gains += [("Distributions", sentence) for sentence in said]
    frames = once
    report = QualityReport.of(found.values())
    if repair is None:
        refuse_errors(report)
        whole = {ticker: _in_range(frame, found[ticker]) for ticker, frame in frames.items()}
        return whole, [_inspect(frames, report, None), *gains, *steps, *_doubts(report.doubtful)], pd.DatetimeIndex([])
    refuse_errors(QualityReport(tuple(finding for finding in report.wrong if finding.fix is None)))
    repaired: dict[str, pd.DataFrame] = {}
    notes: list[tuple[str, str]] = [_inspect(frames, report, repair), *gains, *steps]
    masked = pd.DatetimeIndex([])
    for ticker, frame in frames.items():
        done = repair_frame(frame, found[ticker], repair)
        repaired[ticker] = _in_range(done.frame, found[ticker])
        notes += done.notes
        masked = masked.union(done.masked)
    return repaired, notes + _doubts(report.doubtful), masked


def _inspect(frames: Mapping[str, pd.DataFrame], report: QualityReport, repair: str | None) -> tuple[str, str]:
    """Return that prices were inspected, what came of it, and whether anything was repaired."""
    wrong, doubtful = len(report.wrong), len(report.doubtful)
    repaired = (
        f"{wrong} {'thing' if wrong == 1 else 'things'} wrong, repaired ({repair!r}) as listed"
        if wrong
        else "nothing wrong, nothing repaired"
    )
    doubts = f"{doubtful} {'thing' if doubtful == 1 else 'things'} doubtful, left as they are" if doubtful else "nothing doubtful"
    return "Inspected", f"{', '.join(frames)}, before anything was computed: {repaired}; {doubts}"


def _in_range(frame: pd.DataFrame, findings: tuple[Finding, ...]) -> pd.DataFrame:
    """Return the table with bars widened whose open or close lies a little outside, where the findings say that there are such."""
    if not any(finding.kind == "ohlc" and not finding.wrong for finding in findings):
        return frame
    columns = {name: column for column in frame.columns if (name := price_column(column)) in OHLC}
    prices = {name: frame[column].to_numpy(dtype=float) for name, column in columns.items()}
    out = find_excursions(prices)
    if out is None:
        return frame
    wider = widen(prices, out.outside & ~out.far)
    return frame.assign(**{columns[name]: wider[name] for name in ("high", "low")})


def _within(day: pd.Timestamp, first: pd.Timestamp | None, last: pd.Timestamp | None) -> bool:
    return (first is None or day > first.normalize()) and (last is None or day <= last)


def _concerns(finding: Finding, first: pd.Timestamp | None, last: pd.Timestamp | None) -> bool:
    return (first is None or finding.last >= first.normalize()) and (last is None or finding.first <= last)


def _doubts(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Return what is doubtful as notes, of each ticker and kind the first few, and how many more; first what changes returns."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda one: one.kind not in _OF_RETURNS):
        groups.setdefault((finding.ticker, finding.kind), []).append(finding)
    notes = []
    for group in groups.values():
        notes += [("doubtful", str(finding)) for finding in group[:NOTED]]
        if len(group) > NOTED:
            notes.append(("doubtful", f"{group[0].ticker}: {len(group) - NOTED} more of this kind until {group[-1].last.date()}"))
    return notes


def between(frame: pd.DataFrame, first: pd.Timestamp | None, last: pd.Timestamp | None, ticker: str) -> pd.DataFrame:
    """Return the rows from `first` to `last`, both days included, or raise `DataError` when there is none."""
    index = frame.index
    if (first is None and last is None) or not isinstance(index, pd.DatetimeIndex) or index.tz is not None or index.hasnans or frame.empty:
        return frame  # inspection and the door say what is wrong with it
    keep = np.ones(len(index), dtype=bool)
    if first is not None:
        keep &= index >= first
    if last is not None:
        keep &= index < last.normalize() + pd.Timedelta(days=1)
    if not keep.any():
        asked = f"from {first.date() if first else 'the beginning'} to {last.date() if last else 'the end'}"
        raise DataError(f"{ticker} has no bar {asked}: its prices span {index.min().date()}..{index.max().date()}")
    return frame[keep]
