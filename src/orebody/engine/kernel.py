"""The compiled ledger: the whole accounting of `docs/conventions.md` in one numba kernel, without Python objects and without the GIL.

All kernels stand in this file, because numba's cache on disk does not see edits in others. The state of an account is two arrays that the
steps pass on: `money` (see the indices below) and `units`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

__all__ = ["MONEY", "REASONS", "simulate"]

REASONS = (
    "weight",
    "weight, scaled by costs",
    "weight, scaled to cash",
    "invest",
    "invest, scaled to cash",
    "deploy",
    "deploy, scaled to cash",
    "ended",
    "margin call",
    "ruined",
    "dropped: no cash",
    "dropped: less than a share",
    "refused: not listed",
    "refused: ended",
    "refused: last bar",
    "refused: ruined",
)
WEIGHT, WEIGHT_COSTS, WEIGHT_CASH, INVEST, INVEST_CASH, DEPLOY, DEPLOY_CASH, ENDED, MARGIN, RUINED = range(10)
NO_CASH, NO_SHARE, NOT_LISTED, IS_ENDED, LAST_BAR, IS_RUINED = range(10, 16)

MONEY = ("cash", "base", "paid", "traded", "ruined", "fills", "commission", "slippage", "bought", "sold", "trades")
CASH, BASE, PAID, TRADED, RUIN, FILLS, COMMISSION, SLIPPAGE, BOUGHT, SOLD, TRADES = range(11)

DUST, SLACK, UNSCALED = 1e-9, 1e-12, 1 - 1e-9


class Desk(NamedTuple):
    """Orders and what is at hand to carry them out, an element an instrument."""

    waiting: np.ndarray
    due: np.ndarray
    weight: np.ndarray
    share: np.ndarray
    standing: np.ndarray
    rising: np.ndarray


compiled = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def _equity(money, units, prices):
    total = 0.0
    for i in range(len(units)):
        total += units[i] * prices[i]
    return money[CASH] + total


@compiled
def _gross(units, prices):
    total = 0.0
    for i in range(len(units)):
        total += abs(units[i]) * prices[i]
    return total


@compiled
def _shorts(units, prices):
    total = 0.0
    for i in range(len(units)):
        if units[i] < 0:
            total -= units[i] * prices[i]
    return total


@compiled
def _free(books, money, units, prices):
    """min(idle cash, what the leverage leaves room for)."""
    idle = money[CASH] - _shorts(units, prices)
    return min(idle, books.leverage * _equity(money, units, prices) - _gross(units, prices))


@compiled
def _risky(money, units):
    if money[CASH] < 0:
        return True
    return units.min() < 0


@compiled
def _note(money, fills, bar, i, units, price, cost, lost, reason):
    """Write a line, or, where there is no room, only count it: the caller then comes back with more."""
    at = int(money[FILLS])
    if at < len(fills):
        line = fills[at]
        line[0], line[1], line[2], line[3], line[4], line[5], line[6] = bar, i, units, price, cost, lost, reason
    money[FILLS] += 1


@compiled
def _rate(books, i, units):
    """What trading costs as a share of the value at the open: of a buy (units above 0) or a sale."""
    if units > 0:
        return (1 + books.slippage[i]) * (1 + books.commission[i]) - 1
    return 1 - (1 - books.slippage[i]) * (1 - books.commission[i])


@compiled
def _fill(books, money, units, fills, bar, i, quantity, price, reason):
    filled = price * (1 + books.slippage[i]) if quantity > 0 else price * (1 - books.slippage[i])
    cost = abs(quantity) * filled * books.commission[i] + books.fixed[i]
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
    _note(money, fills, bar, i, quantity, filled, cost, lost, reason)


@compiled
def _whole(books, quantity):
    """Round a quantity to whole shares, where only those trade."""
    return math.copysign(math.floor(abs(quantity) + 1e-9), quantity) if books.whole_shares else quantity


@compiled
def _raise(books, money, units, fills, bar, i, quantity, price, reason):
    quantity = _whole(books, quantity)
    if quantity == 0:
        _note(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_SHARE)
    else:
        _fill(books, money, units, fills, bar, i, quantity, price, reason)


@compiled
def _spend(books, money, units, fills, bar, i, amount, price, reason):
    """Buy for that much money, costs included."""
    if amount <= books.fixed[i]:
        _note(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_CASH)
        return
    quantity = (amount - books.fixed[i]) / (price * (1 + books.slippage[i]) * (1 + books.commission[i]))
    _raise(books, money, units, fills, bar, i, quantity, price, reason)


@compiled
def _lower(books, money, units, fills, bar, i, quantity, exits, prices, reason):
    """Reduce a holding; drop it where its costs are more than it brings and nothing pays them."""
    if not exits:
        quantity = _whole(books, quantity)
        if quantity == 0:
            _note(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_SHARE)
            return False
    filled = prices[i] * (1 + books.slippage[i]) if quantity > 0 else prices[i] * (1 - books.slippage[i])
    cost = abs(quantity) * filled * books.commission[i] + books.fixed[i]
    if cost > abs(quantity) * filled:
        covered = quantity * prices[i] if quantity > 0 else 0.0
        if money[CASH] - quantity * filled - cost - (_shorts(units, prices) - covered) < 0:
            _note(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_CASH)
            return False
    _fill(books, money, units, fills, bar, i, quantity, prices[i], reason)
    return True


@compiled
def _ruin(money, units, fills, bar, marks, waiting):
    """Close everything at these marks, without costs, for good."""
    money[RUIN] = bar
    for i in range(len(units)):
        if units[i] != 0:
            money[CASH] += units[i] * marks[i]
            if units[i] < 0:
                money[BOUGHT] -= units[i] * marks[i]
            else:
                money[SOLD] += units[i] * marks[i]
            money[TRADES] += 1
            _note(money, fills, bar, i, -units[i], marks[i], 0.0, 0.0, RUINED)
            units[i] = 0.0
    for i in range(len(units)):
        if waiting[i]:
            waiting[i] = False
            _note(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, IS_RUINED)


@compiled
def _cut(books, money, units, fills, bar, prices, tradable, equity):
    """Cut all that can trade by one factor, so that gross exposure is the limit after the costs of cutting."""
    gross = cost = fees = 0.0
    for i in range(len(units)):
        if units[i] != 0 and tradable[i]:
            worth = abs(units[i]) * prices[i]
            gross += worth
            cost += worth * _rate(books, i, -units[i])
            fees += books.fixed[i]
    stuck = _gross(units, prices) - gross
    below = gross - books.leverage * cost
    keep = (books.leverage * (equity - cost - fees) - stuck) / below if below > 0 else 0.0
    keep = min(1.0, max(0.0, keep))
    if keep >= 1:
        return
    for i in range(len(units)):
        held = units[i]
        if held == 0 or not tradable[i]:
            continue
        kept = keep * abs(held)
        if books.whole_shares:
            kept = math.floor(kept + 1e-9)
        if keep == 0:
            _fill(books, money, units, fills, bar, i, -held, prices[i], MARGIN)
        elif abs(held) > kept and (abs(held) - kept) * prices[i] >= DUST * equity:
            _fill(books, money, units, fills, bar, i, math.copysign(abs(held) - kept, -held), prices[i], MARGIN)


@compiled
def _reduce(books, desk, money, units, fills, bar, prices, band):
    """Sell and cover down to weights; leave in `rising` the signed value by which others must rise, and return whether any must."""
    equity, due, weight, rising = money[BASE], desk.due, desk.weight, desk.rising
    any_rising = False
    falling = np.zeros(len(units))
    exits = np.zeros(len(units), dtype=np.bool_)
    for i in range(len(units)):
        rising[i] = 0.0
        if not due[i] or math.isnan(weight[i]):
            continue
        held = units[i]
        if weight[i] == 0:
            falling[i], exits[i] = -held, True
            continue
        value, target = held * prices[i], weight[i] * equity
        gap = target - value
        if equity <= 0 or abs(gap) <= (band + SLACK) * equity or abs(gap) < DUST * equity:
            continue
        if value * target < 0:
            falling[i], exits[i] = -held, True
            rising[i] = target
        elif abs(target) < abs(value):
            falling[i] = gap / prices[i]
        else:
            rising[i] = gap
    for i in range(len(units)):
        if falling[i] != 0 and not _lower(books, money, units, fills, bar, i, falling[i], exits[i], prices, WEIGHT):
            rising[i] = 0.0
        any_rising |= rising[i] != 0
    return any_rising


@compiled
def _increase(books, money, units, fills, bar, rising, prices):
    """Buy and short towards weights, all with one scale, so that exposure stays within the limit after costs."""
    exposure = cost = fees = 0.0
    for i in range(len(units)):
        if rising[i] != 0:
            exposure += abs(rising[i])
            cost += abs(rising[i]) * _rate(books, i, rising[i])
            fees += books.fixed[i]
    equity, gross = _equity(money, units, prices), _gross(units, prices)
    scale = min(1.0, (books.leverage * (equity - fees) - gross) / (exposure + books.leverage * cost))
    reason = WEIGHT
    if scale < UNSCALED:
        reason = WEIGHT_COSTS if exposure * UNSCALED <= books.leverage * (equity + money[PAID]) - gross else WEIGHT_CASH
    for i in range(len(units)):
        if rising[i] == 0:
            continue
        if scale * abs(rising[i]) < DUST * money[BASE]:
            _note(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_CASH)
        else:
            quantity = scale * rising[i] / prices[i]
            _raise(books, money, units, fills, bar, i, quantity, prices[i], reason)


@compiled
def _trade(books, plan, desk, money, units, fills, bar, arrived):
    """Steps 5 to 9 of an open."""
    prices, due, share = books.opens[bar], desk.due, desk.share
    money[BASE] = _equity(money, units, prices)
    money[PAID] = 0.0
    money[TRADED] = 0.0
    dust = DUST * money[BASE]
    any_rising = _reduce(books, desk, money, units, fills, bar, prices, plan.band)
    spent = 0.0
    for i in range(len(units)):
        if not due[i] or math.isnan(share[i]):
            continue
        if share[i] > 0:
            spent += share[i]
        elif units[i] > 0:
            exits = share[i] <= -1 + SLACK
            if exits or -share[i] * units[i] * prices[i] >= dust:
                quantity = -units[i] if exits else share[i] * units[i]
                _lower(books, money, units, fills, bar, i, quantity, exits, prices, DEPLOY)
    if any_rising:
        _increase(books, money, units, fills, bar, desk.rising, prices)
    if arrived > 0 and money[TRADED] == 0:
        pot = min(arrived, max(0.0, _free(books, money, units, prices)))
        reason = INVEST if pot >= UNSCALED * arrived else INVEST_CASH
        standing = desk.standing
        for i in range(len(units)):
            if standing[i] > 0 and books.tradable[bar, i] and standing[i] * arrived >= dust:
                if standing[i] * pot < dust:
                    _note(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, NO_CASH)
                else:
                    _spend(books, money, units, fills, bar, i, standing[i] * pot, prices[i], reason)
    if spent > 0:
        free = _free(books, money, units, prices) / max(1.0, spent)
        reason = DEPLOY if spent * UNSCALED <= 1 else DEPLOY_CASH
        for i in range(len(units)):
            if due[i] and share[i] > 0 and share[i] * free > 0 and share[i] * free >= dust:
                _spend(books, money, units, fills, bar, i, share[i] * free, prices[i], reason)


@compiled
def _hear(books, plan, desk, money, units, fills, bar, row):
    """Take the decisions made on this bar's close: each order waits for its instrument's next bar, or is refused at once."""
    last = len(books.opens) - 1
    for i in range(len(units)):
        reason = -1
        if row >= 0 and not (math.isnan(plan.weights[row, i]) and math.isnan(plan.deploy[row, i])):
            weight, share = plan.weights[row, i], plan.deploy[row, i]
            desk.waiting[i] = False
            if (not math.isnan(weight) and (weight != 0 or units[i] != 0)) or share > 0 or (share < 0 and units[i] > 0):
                if money[RUIN] >= 0:
                    reason = IS_RUINED
                elif bar < books.first[i]:
                    reason = NOT_LISTED
                elif 0 <= books.ends[i] <= bar:
                    reason = IS_ENDED
                elif bar == last:
                    reason = LAST_BAR
                else:
                    desk.waiting[i], desk.weight[i], desk.share[i] = True, weight, share
        if bar == last and desk.waiting[i]:
            desk.waiting[i] = False
            reason = LAST_BAR
        if reason >= 0:
            _note(money, fills, bar, i, 0.0, np.nan, 0.0, 0.0, reason)


@compiled
def _coast(books, units, flows, equity, cash, bar, until):
    """Pass over bars on which nothing happens but interest; return the cash and the first bar on which something may."""
    one, two = units[0], units[1]
    pair = len(units) == 2
    while bar < until and flows[bar] == 0:
        cash += cash * books.growth[bar]
        if pair:
            equity[bar] = cash + (one * books.closes[bar, 0] + two * books.closes[bar, 1])
        else:
            total = 0.0
            for i in range(len(units)):
                total += units[i] * books.closes[bar, i]
            equity[bar] = cash + total
        bar += 1
    return cash, bar


@compiled
def _accrue(books, money, units, paid, bar):
    """Step 1: interest, financing and borrow; return the interest."""
    shorts = owed = 0.0
    for i in range(len(units)):
        if units[i] < 0:
            value = -units[i] * books.closes[bar - 1, i]
            due = value * books.borrow[i] * books.days[bar]
            shorts += value
            owed += due
            if len(paid):
                paid[bar, i] = due
    idle = money[CASH] - shorts
    earned = idle * books.growth[bar]
    if idle < 0:
        earned += idle * books.financing * books.days[bar]
    money[CASH] += earned - owed
    return earned


@compiled
def _margin(books, desk, money, units, fills, bar):
    """Step 4: a margin call, ruin, or neither."""
    prices = books.opens[bar]
    equity = _equity(money, units, prices)
    if 0 < equity < (books.maintenance - SLACK) * _gross(units, prices):
        _cut(books, money, units, fills, bar, prices, books.tradable[bar], equity)
        equity = _equity(money, units, prices)
    if equity <= 0 and (money[CASH] < 0 or np.abs(units).max() > 0):
        _ruin(money, units, fills, bar, prices, desk.waiting)


@compiled
def simulate(books, plan, flows, money, fills, equity, cashes, interest, held, paid):
    """Keep the books of one account.

    Read are `books` (`orebody.engine.inputs.Inputs`) and `plan` (`orebody.engine.compiled.Orders`). Written are `money` (totals), `fills`
    (as many lines as it has room for), `flows` (zero after ruin), for each bar `equity`, and, where they have any rows, `cashes`,
    `interest`, `held` (units) and `paid` (borrow).
    """
    bars, count = books.opens.shape
    rows, last, full = plan.rows, bars - 1, len(held) > 0
    units = np.zeros(count)
    desk = Desk(
        np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_), np.empty(count), np.empty(count), np.zeros(count), np.zeros(count)
    )
    money[:] = 0.0
    money[CASH], money[RUIN] = books.cash, -1.0
    at = said = -1  # the row heard last, and the row heard on the bar before
    if len(rows) and rows[0] == 0:
        at = said = 0
    _hear(books, plan, desk, money, units, fills, 0, said)
    equity[0] = books.cash
    if full:
        cashes[0] = books.cash
    bar, risky = 0, False
    while bar < last:
        bar += 1
        if books.quiet and not risky and not full and said < 0 and money[RUIN] < 0:
            until = min(rows[at + 1], last) if at + 1 < len(rows) else last
            money[CASH], bar = _coast(books, units, flows, equity, money[CASH], bar, until)
        money[BASE] = 0.0
        if money[RUIN] >= 0:
            flows[bar] = 0.0
        else:
            earned = _accrue(books, money, units, paid, bar)
            money[CASH] += flows[bar]
            if full:
                interest[bar] = earned
            if not books.quiet:
                for i in range(count):
                    if books.ends[i] >= 0 and books.ends[i] + 1 == bar and units[i] != 0:
                        _fill(books, money, units, fills, bar, i, -units[i], books.opens[bar, i], ENDED)
            if _risky(money, units):
                _margin(books, desk, money, units, fills, bar)
        if money[RUIN] < 0:
            if said >= 0:
                for i in range(count):
                    if not math.isnan(plan.invest[said, i]):
                        desk.standing[i] = plan.invest[said, i]
            any_due = False
            for i in range(count):
                desk.due[i] = desk.waiting[i] and books.tradable[bar, i]
                if desk.due[i]:
                    desk.waiting[i] = False
                    any_due = True
            if any_due or flows[bar] > 0:
                _trade(books, plan, desk, money, units, fills, bar, flows[bar])
            risky = _risky(money, units)
            if risky and _equity(money, units, books.closes[bar]) <= 0:
                _ruin(money, units, fills, bar, books.closes[bar], desk.waiting)
        said = -1
        if at + 1 < len(rows) and rows[at + 1] == bar:
            at += 1
            said = at
        if said >= 0 or bar == last:
            _hear(books, plan, desk, money, units, fills, bar, said)
        equity[bar] = _equity(money, units, books.closes[bar])
        if full:
            cashes[bar] = money[CASH]
            held[bar] = units
