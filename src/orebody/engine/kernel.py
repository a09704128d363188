"""The compiled ledger: the whole accounting of `docs/conventions.md` in one numba kernel, without Python objects and without the GIL.

All kernels stand in this file, because numba's cache on disk does not see edits in others; those that Python calls are cached. The state of
an account is three arrays that the steps pass on: `money` (see the indices below), `units` and `work`. What a run writes to is made by its
caller: without numba's memory runtime (``_nrt=False``) steps count no references, three quarters of the time, and make no arrays.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from orebody.compiling import njit

__all__ = ["FIGURES", "STATE", "WORKSPACE", "Orders", "simulate", "simulate_all"]

# what becomes of an order; numpy's integers, because numba would compile a step again for each of Python's
WEIGHT, WEIGHT_COSTS, WEIGHT_CASH, INVEST, INVEST_CASH, DEPLOY, DEPLOY_CASH, ENDED, MARGIN, RUINED = np.arange(10)
NO_CASH, NO_SHARE, NOT_LISTED, IS_ENDED, LAST_BAR, IS_RUINED = np.arange(10, 16)
NONE = np.int64(-1)

STATE = ("cash", "base", "paid", "traded", "ruined", "fills", "commission", "slippage", "bought", "sold", "trades", "leverage", "whole")
CASH, BASE, PAID, TRADED, RUIN, FILLS, COMMISSION, SLIPPAGE, BOUGHT, SOLD, TRADES, LEVERAGE, WHOLE = range(13)

# rows of the workspace: orders, what is at hand to carry them out, holdings, and costs
WAITING, DUE, TARGET, SHARE, STANDING, RISING, FALLING, EXITS, UNITS, RATES = range(10)
WORKSPACE = 13

FIGURES = (
    "final_equity",
    "profit",
    "total_return",
    "cagr",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "time_under_water",
    "turnover",
    "costs",
    "trades",
    "ruined",
)
"""What `simulate_all` tells of each run, defined as in `orebody.metrics`; `ruined` is the bar or -1."""

DUST, SLACK, UNSCALED = 1e-9, 1e-12, 1 - 1e-9
UNDERWATER_TOLERANCE = 1 - 1e-12  # of the highest value: below it is under water
BLOCK = 64  # bars, searched for a new high at once
LANES, SUMS = 64, 6  # lanes in which sums are kept, and how many sums


class Orders(NamedTuple):
    """Decisions as the kernel reads them: bars counted from the opening, a row a bar that says something, one band or one for each row."""

    rows: np.ndarray
    weights: np.ndarray
    deploy: np.ndarray
    contribution_split: np.ndarray
    bands: np.ndarray


_PLAIN: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
compiled: Any = njit(**_PLAIN)
inlined: Any = njit(**_PLAIN, forceinline=True)
summing: Any = njit(**_PLAIN, fastmath={"nnan", "nsz"})  # no reordering: it would depend on what else is compiled with it


@inlined
def _equity(money, units, prices, bar):
    total = 0.0
    for i in range(len(units)):
        total += units[i] * prices[bar, i]
    return money[CASH] + total


@inlined
def _gross(units, prices, bar):
    total = 0.0
    for i in range(len(units)):
        total += abs(units[i]) * prices[bar, i]
    return total


@inlined
def _shorts(units, prices, bar):
    total = 0.0
    for i in range(len(units)):
        if units[i] < 0:
            total -= units[i] * prices[bar, i]
    return total


@inlined
def _free(money, units, prices, bar):
    """min(idle cash, what the leverage leaves room for)."""
    idle = money[CASH] - _shorts(units, prices, bar)
    return min(idle, money[LEVERAGE] * _equity(money, units, prices, bar) - _gross(units, prices, bar))


@inlined
def _risky(money, units):
    if money[CASH] < 0:
        return True
    low = 0.0
    for i in range(len(units)):
        low = min(low, units[i])
    return low < 0


@inlined
def _log_fill(money, fills, bar, i, units, price, cost, lost, reason):
    """Write a line, or, where there is no room, only count it: the caller then comes back with more."""
    at = int(money[FILLS])
    if at < len(fills):
        fills[at, 0], fills[at, 1], fills[at, 2], fills[at, 3] = bar, i, units, price
        fills[at, 4], fills[at, 5], fills[at, 6] = cost, lost, reason
    money[FILLS] += 1


@inlined
def _rate(costs, i, units):
    """What trading costs as a share of the value at the open: of a buy (units above 0) or a sale."""
    if units > 0:
        return (1 + costs[1, i]) * (1 + costs[0, i]) - 1
    return 1 - (1 - costs[1, i]) * (1 - costs[0, i])


@inlined
def _fill(costs, money, units, fills, bar, i, quantity, price, reason):
    filled = price * (1 + costs[1, i]) if quantity > 0 else price * (1 - costs[1, i])
    cost = abs(quantity) * filled * costs[0, i] + costs[2, i]
    lost = abs(quantity) * abs(filled - price)
    cash = money[CASH] - (quantity * filled + cost)
    if abs(cash) <= SLACK * max(abs(quantity) * filled, money[BASE]):
        cash = 0.0
    money[CASH] = cash
    units[i] = 0.0 if quantity == -units[i] else units[i] + quantity
    money[PAID] += cost + lost
    money[COMMISSION] += cost
    money[SLIPPAGE] += lost
    money[TRADES] += 1
    if quantity > 0:
        money[BOUGHT] += quantity * filled
    else:
        money[SOLD] -= quantity * filled
    if reason <= WEIGHT_CASH:
        money[TRADED] = 1.0
    _log_fill(money, fills, bar, i, quantity, filled, cost, lost, reason)


@inlined
def _whole(money, quantity):
    """Round a quantity to whole shares, where only those trade."""
    return math.copysign(math.floor(abs(quantity) + 1e-9), quantity) if money[WHOLE] > 0 else quantity


@inlined
def _increase_position(costs, money, units, fills, bar, i, quantity, price, reason):
    quantity = _whole(money, quantity)
    if quantity == 0:
        _log_fill(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_SHARE)
    else:
        _fill(costs, money, units, fills, bar, i, quantity, price, reason)


@inlined
def _spend(costs, money, units, fills, bar, i, amount, price, reason):
    """Buy for that much money, costs included."""
    if amount <= costs[2, i]:
        _log_fill(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_CASH)
        return
    quantity = (amount - costs[2, i]) / (price * (1 + costs[1, i]) * (1 + costs[0, i]))
    _increase_position(costs, money, units, fills, bar, i, quantity, price, reason)


@inlined
def _reduce_position(costs, money, units, fills, bar, i, quantity, exits, prices, reason):
    """Reduce a holding; drop it where its costs are more than it brings and nothing pays them."""
    if not exits:
        quantity = _whole(money, quantity)
        if quantity == 0:
            _log_fill(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_SHARE)
            return False
    filled = prices[bar, i] * (1 + costs[1, i]) if quantity > 0 else prices[bar, i] * (1 - costs[1, i])
    cost = abs(quantity) * filled * costs[0, i] + costs[2, i]
    if cost > abs(quantity) * filled:
        covered = quantity * prices[bar, i] if quantity > 0 else 0.0
        if money[CASH] - quantity * filled - cost - (_shorts(units, prices, bar) - covered) < 0:
            _log_fill(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_CASH)
            return False
    _fill(costs, money, units, fills, bar, i, quantity, prices[bar, i], reason)
    return True


@compiled
def _ruin(work, money, units, fills, bar, marks):
    """Close everything at these marks, without costs, for good."""
    money[RUIN] = bar
    for i in range(len(units)):
        if units[i] != 0:
            money[CASH] += units[i] * marks[bar, i]
            if units[i] < 0:
                money[BOUGHT] -= units[i] * marks[bar, i]
            else:
                money[SOLD] += units[i] * marks[bar, i]
            money[TRADES] += 1
            _log_fill(money, fills, bar, i, -units[i], marks[bar, i], 0.0, 0.0, RUINED)
            units[i] = 0.0
    for i in range(len(units)):
        if work[WAITING, i] > 0:
            work[WAITING, i] = 0.0
            _log_fill(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, IS_RUINED)


@compiled
def _cut(costs, money, units, fills, bar, prices, tradable, equity):
    """Cut all that can trade by one factor, so that gross exposure is the limit after the costs of cutting."""
    gross = cost = fees = 0.0
    for i in range(len(units)):
        if units[i] != 0 and tradable[bar, i]:
            worth = abs(units[i]) * prices[bar, i]
            gross += worth
            cost += worth * _rate(costs, i, -units[i])
            fees += costs[2, i]
    stuck = _gross(units, prices, bar) - gross
    below = gross - money[LEVERAGE] * cost
    keep = (money[LEVERAGE] * (equity - cost - fees) - stuck) / below if below > 0 else 0.0
    keep = min(1.0, max(0.0, keep))
    if keep >= 1:
        return
    for i in range(len(units)):
        held = units[i]
        if held == 0 or not tradable[bar, i]:
            continue
        kept = keep * abs(held)
        if money[WHOLE] > 0:
            kept = math.floor(kept + 1e-9)
        if keep == 0:
            _fill(costs, money, units, fills, bar, i, -held, prices[bar, i], MARGIN)
        elif abs(held) > kept and (abs(held) - kept) * prices[bar, i] >= DUST * equity:
            _fill(costs, money, units, fills, bar, i, math.copysign(abs(held) - kept, -held), prices[bar, i], MARGIN)


@inlined
def _reduce(costs, work, money, units, fills, bar, prices, band):
    """Sell and cover down to weights; leave in `rising` the signed value by which others must rise, and return whether any must."""
    equity = money[BASE]
    any_rising = False
    for i in range(len(units)):
        work[RISING, i] = work[FALLING, i] = work[EXITS, i] = 0.0
        if work[DUE, i] == 0 or math.isnan(work[TARGET, i]):
            continue
        held = units[i]
        if work[TARGET, i] == 0:
            work[FALLING, i], work[EXITS, i] = -held, 1.0
            continue
        value, target = held * prices[bar, i], work[TARGET, i] * equity
        gap = target - value
        if equity <= 0 or abs(gap) <= (band + SLACK) * equity or abs(gap) < DUST * equity:
            continue
        if value * target < 0:
            work[FALLING, i], work[EXITS, i] = -held, 1.0
            work[RISING, i] = target
        elif abs(target) < abs(value):
            work[FALLING, i] = gap / prices[bar, i]
        else:
            work[RISING, i] = gap
    for i in range(len(units)):
        if work[FALLING, i] != 0 and not _reduce_position(
            costs, money, units, fills, bar, i, work[FALLING, i], work[EXITS, i] > 0, prices, WEIGHT
        ):
            work[RISING, i] = 0.0
        any_rising |= work[RISING, i] != 0
    return any_rising


@inlined
def _increase(costs, work, money, units, fills, bar, prices):
    """Buy and short towards weights, all with one scale, so that exposure stays within the limit after costs."""
    exposure = cost = fees = 0.0
    for i in range(len(units)):
        if work[RISING, i] != 0:
            exposure += abs(work[RISING, i])
            cost += abs(work[RISING, i]) * _rate(costs, i, work[RISING, i])
            fees += costs[2, i]
    equity, gross = _equity(money, units, prices, bar), _gross(units, prices, bar)
    scale = min(1.0, (money[LEVERAGE] * (equity - fees) - gross) / (exposure + money[LEVERAGE] * cost))
    reason = WEIGHT
    if scale < UNSCALED:
        reason = WEIGHT_COSTS if exposure * UNSCALED <= money[LEVERAGE] * (equity + money[PAID]) - gross else WEIGHT_CASH
    for i in range(len(units)):
        if work[RISING, i] == 0:
            continue
        if scale * abs(work[RISING, i]) < DUST * money[BASE]:
            _log_fill(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_CASH)
        else:
            quantity = scale * work[RISING, i] / prices[bar, i]
            _increase_position(costs, money, units, fills, bar, i, quantity, prices[bar, i], reason)


@inlined
def _trade(costs, work, money, units, fills, bar, arrived, prices, tradable, band):
    """Steps 5 to 9 of an open."""
    money[BASE] = _equity(money, units, prices, bar)
    money[PAID] = 0.0
    money[TRADED] = 0.0
    dust = DUST * money[BASE]
    any_rising = _reduce(costs, work, money, units, fills, bar, prices, band)
    spent = 0.0
    for i in range(len(units)):
        if work[DUE, i] == 0 or math.isnan(work[SHARE, i]):
            continue
        if work[SHARE, i] > 0:
            spent += work[SHARE, i]
        elif units[i] > 0:
            exits = work[SHARE, i] <= -1 + SLACK
            if exits or -work[SHARE, i] * units[i] * prices[bar, i] >= dust:
                quantity = -units[i] if exits else work[SHARE, i] * units[i]
                _reduce_position(costs, money, units, fills, bar, i, quantity, exits, prices, DEPLOY)
    if any_rising:
        _increase(costs, work, money, units, fills, bar, prices)
    if arrived > 0 and money[TRADED] == 0:
        pot = min(arrived, max(0.0, _free(money, units, prices, bar)))
        reason = INVEST if pot >= UNSCALED * arrived else INVEST_CASH
        for i in range(len(units)):
            if work[STANDING, i] > 0 and tradable[bar, i] and work[STANDING, i] * arrived >= dust:
                if work[STANDING, i] * pot < dust:
                    _log_fill(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_CASH)
                else:
                    _spend(costs, money, units, fills, bar, i, work[STANDING, i] * pot, prices[bar, i], reason)
    if spent > 0:
        free = _free(money, units, prices, bar) / max(1.0, spent)
        reason = DEPLOY if spent * UNSCALED <= 1 else DEPLOY_CASH
        for i in range(len(units)):
            if work[DUE, i] > 0 and work[SHARE, i] > 0 and work[SHARE, i] * free > 0 and work[SHARE, i] * free >= dust:
                _spend(costs, money, units, fills, bar, i, work[SHARE, i] * free, prices[bar, i], reason)


@inlined
def _receive_orders(weights, deploy, first, ends, work, money, units, fills, bar, last, row):
    """Take the decisions made on this bar's close: each order waits for its instrument's next bar, or is refused at once."""
    for i in range(len(units)):
        reason = NONE
        weight, share = (weights[row, i], deploy[row, i]) if row >= 0 else (np.nan, np.nan)
        if not (math.isnan(weight) and (math.isnan(share) or (share < 0 and units[i] <= 0))):
            work[WAITING, i] = 0.0
            if (not math.isnan(weight) and (weight != 0 or units[i] != 0)) or share > 0 or (share < 0 and units[i] > 0):
                if money[RUIN] >= 0:
                    reason = IS_RUINED
                elif bar < first[i]:
                    reason = NOT_LISTED
                elif 0 <= ends[i] <= bar:
                    reason = IS_ENDED
                elif bar == last:
                    reason = LAST_BAR
                else:
                    work[WAITING, i], work[TARGET, i], work[SHARE, i] = 1.0, weight, share
        if bar == last and work[WAITING, i] > 0:
            work[WAITING, i] = 0.0
            reason = LAST_BAR
        if reason >= 0:
            _log_fill(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, reason)


@compiled
def _hold(values, units, prices, add):
    """Put the worth of a holding in place of `values`, or add it to them: plain loops, in which the processor does several bars at once."""
    if add:
        for t in range(len(values)):
            values[t] += units * prices[t]
    else:
        for t in range(len(values)):
            values[t] = units * prices[t]


@inlined
def _skip_idle_bars(columns, growth, units, equity, cash, bar, until):
    """Pass over bars on which nothing happens but interest; return the cash."""
    held = False
    for i in range(len(units)):
        if units[i] != 0:
            _hold(equity[bar:until], units[i], columns[i, bar:until], held)
            held = True
    if cash != 0 or not held:
        for t in range(bar, until):
            cash += cash * growth[t]
            equity[t] = cash + equity[t] if held else cash
    return cash


@inlined
def _accrue(borrow, closes, money, units, paid, bar, growth, days, financing_spread):
    """Step 1: interest, financing and borrow; return the interest."""
    shorts = owed = 0.0
    for i in range(len(units)):
        if units[i] < 0:
            value = -units[i] * closes[bar - 1, i]
            due = value * borrow[i] * days
            shorts += value
            owed += due
            if len(paid):
                paid[bar, i] = due
    idle = money[CASH] - shorts
    earned = idle * growth
    if idle < 0:
        earned += idle * financing_spread * days
    money[CASH] += earned - owed
    return earned


@inlined
def _margin(costs, work, money, units, fills, bar, prices, tradable, maintenance_margin):
    """Step 4: a margin call, ruin, or neither."""
    equity = _equity(money, units, prices, bar)
    if 0 < equity < (maintenance_margin - SLACK) * _gross(units, prices, bar):
        _cut(costs, money, units, fills, bar, prices, tradable, equity)
        equity = _equity(money, units, prices, bar)
    holds = money[CASH] < 0
    for i in range(len(units)):
        holds |= units[i] != 0
    if equity <= 0 and holds:
        _ruin(work, money, units, fills, bar, prices)


@inlined
def _open(inputs, contribution_split, costs, work, money, units, fills, flows, interest, paid, bar, said, band):
    """All that happens at an open, and ruin at the close after it; return whether there are debts or shorts."""
    opens, tradable = inputs.opens, inputs.tradable
    money[BASE] = 0.0
    if money[RUIN] >= 0:
        flows[bar] = 0.0
        return False
    growth, days = inputs.growth[bar], inputs.days[bar]
    earned = _accrue(inputs.borrow_rate, inputs.closes, money, units, paid, bar, growth, days, inputs.financing_spread)
    money[CASH] += flows[bar]
    if len(interest):
        interest[bar] = earned
    if not inputs.quiet:
        for i in range(len(units)):
            if inputs.ends[i] >= 0 and inputs.ends[i] + 1 == bar and units[i] != 0:
                _fill(costs, money, units, fills, bar, i, -units[i], opens[bar, i], ENDED)
    if _risky(money, units):
        _margin(costs, work, money, units, fills, bar, opens, tradable, inputs.maintenance_margin)
        if money[RUIN] >= 0:
            return False
    if said >= 0:
        for i in range(len(units)):
            if not math.isnan(contribution_split[said, i]):
                work[STANDING, i] = contribution_split[said, i]
    any_due = False
    for i in range(len(units)):
        work[DUE, i] = 0.0
        if work[WAITING, i] > 0 and tradable[bar, i]:
            work[WAITING, i], work[DUE, i] = 0.0, 1.0
            any_due = True
    if any_due or flows[bar] > 0:
        _trade(costs, work, money, units, fills, bar, flows[bar], opens, tradable, band)
    risky = _risky(money, units)
    if risky and _equity(money, units, inputs.closes, bar) <= 0:
        _ruin(work, money, units, fills, bar, inputs.closes)
    return risky


@njit(**_PLAIN, cache=True)
def simulate(inputs, columns, plan, flows, money, work, fills, equity, cashes, interest, held, paid):
    """Simulate one account from `inputs` (`orebody.engine.inputs.EngineInputs`), `plan` (`Orders`) and `columns`, the closes by row.

    Writes totals to `money`, lines to `fills`, zeros to `flows` after ruin, and each bar's `equity`; where they have rows also `cashes`,
    `interest`, `held` (units; without it `columns` is read) and `paid` (borrow). `work` has `WORKSPACE` rows to work on.
    """
    closes, quiet = inputs.closes, inputs.quiet
    bars, count = closes.shape
    rows, weights, deploy, contribution_split, bands = plan
    last, full = bars - 1, len(held) > 0
    units, costs = work[UNITS], work[RATES:]
    for i in range(count):  # loops throughout: numba compiles them in a tenth of the time of numpy's assignments
        for k in range(RATES):
            work[k, i] = 0.0
        costs[0, i], costs[1, i], costs[2, i] = inputs.commission[i], inputs.slippage[i], inputs.fixed_fee[i]
    for i in range(len(money)):
        money[i] = 0.0
    money[CASH], money[RUIN] = inputs.cash, -1.0
    money[LEVERAGE], money[WHOLE] = inputs.leverage, 1.0 if inputs.whole_shares else 0.0
    bar = 0
    at = said = -1  # the row heard last, and the row heard on the bar before
    if len(rows) and rows[0] == 0:
        at = said = 0
    _receive_orders(weights, deploy, inputs.first, inputs.ends, work, money, units, fills, bar, last, said)
    equity[0] = inputs.cash
    if full:
        cashes[0] = inputs.cash
    risky, paid_in = False, 0
    while bar < last:
        bar += 1
        until = bar  # up to and with the bar of the next decision, or up to the one before the next contribution
        if quiet and not risky and not full and said < 0 and money[RUIN] < 0:
            until = (min(rows[at + 1], last) if at + 1 < len(rows) else last) + 1
            while paid_in < len(inputs.arrivals) and inputs.arrivals[paid_in] < bar:
                paid_in += 1
            if paid_in < len(inputs.arrivals):
                until = min(until, inputs.arrivals[paid_in])
        if bar < until:
            money[CASH] = _skip_idle_bars(columns, inputs.growth, units, equity, money[CASH], bar, until)
            bar = until - 1
        else:
            band = bands[max(0, min(at, len(bands) - 1))]
            risky = _open(inputs, contribution_split, costs, work, money, units, fills, flows, interest, paid, bar, said, band)
        said = -1
        if at + 1 < len(rows) and rows[at + 1] == bar:
            at = said = at + 1
        if said >= 0 or bar == last:
            _receive_orders(weights, deploy, inputs.first, inputs.ends, work, money, units, fills, bar, last, said)
        equity[bar] = _equity(money, units, closes, bar)
        if full:
            cashes[bar] = money[CASH]
            for i in range(count):
                held[bar, i] = units[i]


@summing
def _add(now, before, flows, growth, lanes):
    """Add to each lane what its bar tells: return, return over what cash earned, their squares, that of a fall, and equity."""
    for k in range(len(now)):
        base = before[k] + flows[k]
        share = 1.0 / base if base > 0 else 0.0
        one = (now[k] - base) * share
        over = one - growth[k] * (before[k] * share)
        over = over if abs(over) >= 1e-15 else 0.0
        fall = min(over, 0.0)
        lanes[k] += one
        lanes[LANES + k] += one * one
        lanes[2 * LANES + k] += over
        lanes[3 * LANES + k] += over * over
        lanes[4 * LANES + k] += fall * fall
        lanes[5 * LANES + k] += now[k]


@compiled
def _sums(growth, flows, equity, lanes):
    """Leave in the first lanes the sums of what `_add` adds, bar after bar to lane after lane: fast, and always the same bits."""
    for k in range(SUMS * LANES):
        lanes[k] = 0.0
    lanes[5 * LANES] = equity[0]
    for begin in range(1, len(equity), LANES):
        end = min(begin + LANES, len(equity))
        _add(equity[begin:end], equity[begin - 1 : end - 1], flows[begin:end], growth[begin:end], lanes)
    for k in range(1, LANES):
        for first in range(0, SUMS * LANES, LANES):
            lanes[first] += lanes[first + k]


@summing
def _outside(values, factor, still, low, high):
    """Return how many values are below `low` or not below `high`; without branches, which is many times as fast."""
    count = 0
    for t in range(len(values)):
        value = factor * values[t] + still
        count += (value < low) | (value >= high)
    return count


@summing
def _climb(values, factor, still, best, lowest):
    """Return the highest value so far, the lowest share of it, and how many values are below it."""
    count = 0
    for t in range(len(values)):
        value = factor * values[t] + still
        best = max(best, value)
        lowest = min(lowest, value / best)
        count += value < best * UNDERWATER_TOLERANCE
    return best, lowest, count


@compiled
def _falls(arrivals, flows, equity):
    """Return the total growth of wealth, how deep it ever fell below its highest, and on how many bars it was below.

    Wealth grows as equity does but for flows, so between two flows it is equity times a factor.
    """
    bars = len(equity)
    wealth = best = lowest = 1.0
    under, begin, arrival = 0, 0, 0
    while begin < bars:  # from one flow to the bar before the next, and no further than BLOCK
        base = equity[begin] if begin == 0 else equity[begin - 1] + flows[begin]
        factor, still = (wealth / base, 0.0) if base > 0 else (0.0, wealth)
        while arrival < len(arrivals) and arrivals[arrival] <= begin:
            arrival += 1
        end = min(begin + BLOCK, bars, arrivals[arrival] if arrival < len(arrivals) else bars)
        block = equity[begin:end]
        if _outside(block, factor, still, lowest * best, best * UNDERWATER_TOLERANCE):
            best, lowest, count = _climb(block, factor, still, best, lowest)
            under += count
        else:  # all of it is under water, and none deeper than ever
            under += len(block)
        wealth = factor * block[-1] + still
        begin = end
    return wealth, lowest - 1.0 if lowest < UNDERWATER_TOLERANCE else 0.0, under


@compiled
def _figures(inputs, flows, money, equity, lanes, periods_per_year, years, out):
    """The figures of one run from its equity, as `orebody.metrics` defines them."""
    count = len(equity) - 1
    _sums(inputs.growth, flows, equity, lanes)
    total, squares, excess, excess_squares = lanes[0], lanes[LANES], lanes[2 * LANES], lanes[3 * LANES]
    downside, mean_equity, put_in = lanes[4 * LANES], lanes[5 * LANES] / len(equity), 0.0
    for arrival in inputs.arrivals:
        put_in += flows[arrival]
    wealth, deepest, under = _falls(inputs.arrivals, flows, equity)
    spread = math.sqrt(max(0.0, squares - total * total / count) / (count - 1)) if count > 1 else np.nan
    excess_spread = math.sqrt(max(0.0, excess_squares - excess * excess / count) / (count - 1)) if count > 1 else np.nan
    down = math.sqrt(downside / count)
    root = math.sqrt(periods_per_year)
    out[0] = equity[-1]
    out[1] = equity[-1] - inputs.cash - put_in
    out[2] = wealth - 1.0
    out[3] = max(wealth, 0.0) ** (1.0 / years) - 1.0 if years >= 1 else np.nan
    out[4] = spread * root
    out[5] = excess / count / excess_spread * root if excess_spread > 1e-15 else np.nan
    out[6] = excess / count / down * root if down > 1e-15 else np.nan
    out[7] = out[3] / -deepest if deepest < 0 else np.nan
    out[8] = deepest
    out[9] = under / len(equity)
    out[10] = min(money[BOUGHT], money[SOLD]) / mean_equity / years if mean_equity > 0 and years > 0 else np.nan
    out[11] = money[COMMISSION] + money[SLIPPAGE]
    out[12] = money[TRADES]
    out[13] = money[RUIN]


@njit(nogil=True, cache=True, error_model="numpy")
def simulate_all(inputs, rows, weights, deploy, contribution_split, bands, ends, periods_per_year, years, out, equities):
    """Simulate runs, p with the decisions before row ``ends[p]``: `FIGURES` go to rows of `out`, equity to `equities` if it has rows."""
    bars, count = inputs.opens.shape
    money, work, room, flows = np.zeros(len(STATE)), np.zeros((WORKSPACE, count)), np.empty(bars), inputs.flows.copy()
    lines, series, table, lanes = np.empty((0, 7)), np.empty(0), np.empty((0, count)), np.empty(SUMS * LANES)
    columns, begin = inputs.closes.T.copy(), 0
    for p in range(len(ends)):
        end, equity = ends[p], equities[p] if len(equities) else room
        plan = Orders(rows[begin:end], weights[begin:end], deploy[begin:end], contribution_split[begin:end], bands[p : p + 1])
        simulate(inputs, columns, plan, flows, money, work, lines, equity, series, series, table, table)
        _figures(inputs, flows, money, equity, lanes, periods_per_year, years, out[p])
        if money[RUIN] >= 0:
            for t in range(bars):
                flows[t] = inputs.flows[t]
        begin = end
