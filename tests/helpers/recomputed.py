"""Every figure of a run a second time: plain Python over equity, cash, units, flows and fills, from the definitions in the docs.

Nothing here calls `orebody.metrics` or `orebody.report`; statistics come from the standard library, higher moments and quantiles from scipy
and numpy, the money-weighted return from a bisection.
"""

from __future__ import annotations

from datetime import date
from math import ceil, isnan, nan, prod, sqrt
from statistics import fmean, pstdev, stdev

import orebody as ob


def money(amount: float, *beside: float) -> str:
    """Return an amount as people read it: no cents from 100,000 on, nor beside such an amount."""
    return f"{amount:,.0f}" if max(map(abs, (amount, *beside))) >= 100_000 else f"{amount:,.2f}"


def returns_of(result: ob.Result) -> list[float]:
    """Time-weighted return of every bar after the first, flows at the start of the bar."""
    equity, flows = result.equity.tolist(), result.flows.tolist()
    bases = [equity[t - 1] + flows[t] for t in range(1, len(equity))]
    return [equity[t] / base - 1 if base > 0 else 0.0 for t, base in enumerate(bases, start=1)]


def days_of(result: ob.Result) -> list[date]:
    return [stamp.date() for stamp in result.dates]


def cash_returns(result: ob.Result) -> list[float]:
    days, rates = days_of(result), result.account.rates(result.market).tolist()
    return [rates[t - 1] * (days[t] - days[t - 1]).days / 365 for t in range(1, len(days))]


def money_weighted(result: ob.Result) -> float:
    """Bisect the yearly rate at which all payments, valued on the last day, sum to the final equity."""
    days, flows, final = days_of(result), result.flows.tolist(), result.equity.iloc[-1]
    paid = [(day, flow) for day, flow in zip(days, flows, strict=True) if flow]
    if result.account.cash:
        paid.append((days[0], result.account.cash))

    def missing(rate: float) -> float:
        return sum(amount * (1 + rate) ** ((days[-1] - day).days / 365) for day, amount in paid) - final

    low, high = -0.999999, 1e6
    if not paid or all(day == days[-1] for day, _ in paid) or missing(low) > 0 or missing(high) < 0:
        return nan
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (middle, high) if missing(middle) < 0 else (low, middle)
    return (low + high) / 2


def falls(days: list[date], returns: list[float]) -> list[tuple[date, date, date | None, float, int]]:
    """Peak, trough, recovery (None: open), depth and days of each drawdown, deepest first."""
    wealth = [1.0]
    for one in returns:
        wealth.append(wealth[-1] * (1 + one))
    found, top, t = [], 0, 1
    while t < len(wealth):
        if wealth[t] / wealth[top] - 1 >= -1e-12:
            top, t = t, t + 1
            continue
        end = t
        while end < len(wealth) and wealth[end] / wealth[top] - 1 < -1e-12:
            end += 1
        depths = [wealth[k] / wealth[top] - 1 for k in range(t, end)]
        trough = t + depths.index(min(depths))
        recovery = days[end] if end < len(wealth) else None
        found.append((days[top], days[trough], recovery, min(depths), ((recovery or days[-1]) - days[top]).days))
        t = end
    return sorted(found, key=lambda fall: fall[3])


def share_under_water(returns: list[float]) -> float:
    wealth, best, under = 1.0, 1.0, 0
    for one in returns:
        wealth *= 1 + one
        best = max(best, wealth)
        under += wealth / best - 1 < -1e-12
    return under / (len(returns) + 1)


def ratio(above: float, below: float) -> float:
    return above / below if below > 1e-15 else nan


def slope(ys: list[float], xs: list[float]) -> float:
    if len(xs) < 2 or pstdev(xs) < 1e-15:
        return nan
    my, mx = fmean(ys), fmean(xs)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / sum((x - mx) ** 2 for x in xs)


def geometric(values: list[float]) -> float:
    return prod(1 + value for value in values) ** (1 / len(values)) - 1


def captured(mine: list[float], metal: list[float], sign: int) -> float:
    days = [t for t, value in enumerate(metal) if sign * value > 0]
    return geometric([mine[t] for t in days]) / geometric([metal[t] for t in days]) if days else nan


def figures(result: ob.Result) -> dict[str, object]:
    """Every field of `orebody.metrics.Metrics`."""
    days, mine, metal = days_of(result), returns_of(result), returns_of(result.benchmark)
    equity, ppy = result.equity.tolist(), result.market.periods_per_year
    years = (days[-1] - days[0]).days / 365.25
    contributed = result.account.cash + sum(result.flows)
    flows = result.flows.tolist()
    waited = [equity[t - 1] / (equity[t - 1] + flows[t]) if equity[t - 1] + flows[t] > 0 else 0.0 for t in range(1, len(equity))]
    excess = [one - cash * share for one, cash, share in zip(mine, cash_returns(result), waited, strict=True)]
    excess = [0.0 if abs(one) < 1e-15 else one for one in excess]
    active = [one - other for one, other in zip(mine, metal, strict=True)]
    drawdowns = falls(days, mine)
    peak, trough, recovery, depth, _ = drawdowns[0] if drawdowns else (None, None, None, 0.0, 0)
    cagr = max(prod(1 + one for one in mine), 0.0) ** (1 / years) - 1 if years >= 1 else nan
    fills = [fill for fill in result.fills.itertuples() if fill.units]
    bought = sum(fill.units * fill.price for fill in fills if fill.units > 0)
    sold = -sum(fill.units * fill.price for fill in fills if fill.units < 0)
    closes, units = result.closes.tolist(), result.units.to_numpy().tolist()
    invested = [
        sum(abs(u) * c for u, c in zip(held, close, strict=True)) / total
        for held, close, total in zip(units, closes, equity, strict=True)
        if total > 0
    ]
    powder = [
        (cash - sum(max(-u, 0.0) * c for u, c in zip(held, close, strict=True))) / total
        for cash, held, close, total in zip(result.cash.tolist(), units, closes, equity, strict=True)
        if total > 0
    ]
    downside = sqrt(fmean(min(e, 0.0) ** 2 for e in excess))
    worst = sorted(mine)[: ceil(len(mine) / 20)]
    slips = sum(
        abs(fill.units) * abs(fill.price - result.opens[result.dates.get_loc(fill.date), column(result, fill.ticker)]) for fill in fills
    )
    paid = sum(fill.cost for fill in fills)
    mean_equity = fmean(equity)
    return {
        "final_equity": equity[-1],
        "contributed": contributed,
        "contributions": sum(result.flows),
        "profit": equity[-1] - contributed,
        "interest": sum(result.interest),
        "borrow": sum(sum(row) for row in result.borrow.to_numpy().tolist()),
        "total_return": prod(1 + one for one in mine) - 1,
        "cagr": cagr,
        "xirr": money_weighted(result) if years >= 1 else nan,
        "volatility": stdev(mine) * sqrt(ppy) if len(mine) > 1 else nan,
        "sharpe": ratio(fmean(excess), stdev(excess)) * sqrt(ppy) if len(mine) > 1 else nan,
        "sortino": ratio(fmean(excess), downside) * sqrt(ppy),
        "calmar": cagr / -depth if depth else nan,
        "expected_shortfall": fmean(worst),
        "max_drawdown": depth,
        "drawdown_peak": peak,
        "drawdown_trough": trough,
        "drawdown_recovery": recovery,
        "longest_under_water": max((fall[4] for fall in drawdowns), default=0),
        "time_under_water": share_under_water(mine),
        "exposure": fmean(invested),
        "highest_exposure": max(invested),
        "dry_powder": fmean(powder),
        "turnover": min(bought, sold) / mean_equity / years if mean_equity > 0 else nan,
        "commission": paid,
        "slippage": slips,
        "costs": paid + slips,
        "trades": len(fills),
        "beta": slope(mine, metal),
        "up_capture": captured(mine, metal, 1),
        "down_capture": captured(mine, metal, -1),
        "information_ratio": ratio(fmean(active), stdev(active)) * sqrt(ppy) if len(mine) > 1 else nan,
    }


def column(result: ob.Result, ticker: str) -> int:
    return result.market.tickers.index(ticker)


def compounded(days: list[date], returns: list[float], key: slice) -> dict[str, float]:
    """Compounded return by year (``slice(4)``) or month (``slice(7)``) of the bar; `days` has one more than `returns`."""
    grown: dict[str, float] = {}
    for day, one in zip(days[1:], returns, strict=True):
        part = day.isoformat()[key]
        grown[part] = grown.get(part, 1.0) * (1 + one)
    return {part: value - 1 for part, value in grown.items()}


def same(one: object, two: object, rel: float = 1e-9) -> bool:
    """Whether two figures agree; NaN, NaT and None are all 'there is none'."""
    missing = [value is None or value != value for value in (one, two)]
    if any(missing):
        return all(missing)
    if isinstance(one, date) or isinstance(two, date):
        return str(one)[:10] == str(two)[:10]
    assert isinstance(one, int | float)
    assert isinstance(two, int | float)
    assert not isnan(one)
    return abs(one - two) <= rel * max(1.0, abs(one), abs(two))
