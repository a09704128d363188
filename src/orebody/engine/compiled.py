"""The compiled engine: hands a run to the kernel and its books back as a `Record`."""

from __future__ import annotations

import numpy as np

from orebody.account import Account
from orebody.engine.inputs import build_inputs
from orebody.engine.kernel import STATE, WORKSPACE, Orders, simulate
from orebody.engine.run_record import Fill, Record
from orebody.market.market import Market
from orebody.strategy.decisions import Plan

__all__ = ["REASONS", "orders", "run"]

# by the numbers that the kernel gives them
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


def run(market: Market, plan: Plan, account: Account) -> Record:
    """Carry out `plan` on the bars of `market` from its opening on, and return the books."""
    inputs = build_inputs(market, account)
    bars, count = inputs.opens.shape
    money, work = np.zeros(len(STATE)), np.zeros((WORKSPACE, count))
    equity, cash, interest = (np.zeros(bars) for _ in range(3))
    units, borrow = np.zeros((bars, count)), np.zeros((bars, count))
    nothing, room = np.empty((count, 0)), 64
    while True:
        fills = np.empty((room, 7))
        flows = inputs.flows.copy()
        simulate(inputs, nothing, orders(plan, market.opening), flows, money, work, fills, equity, cash, interest, units, borrow)
        written = int(money[STATE.index("fills")])
        if written <= room:
            break
        room = written
    commission, slippage = np.zeros(bars), np.zeros(bars)
    lines = fills[:written]
    np.add.at(commission, lines[:, 0].astype(int), lines[:, 4])
    np.add.at(slippage, lines[:, 0].astype(int), lines[:, 5])
    return Record(
        cash=cash,
        units=units,
        flows=flows,
        interest=interest,
        borrow=borrow,
        commission=commission,
        slippage=slippage,
        fills=tuple(
            Fill(int(bar), int(i), traded, price, cost, lost, REASONS[int(reason)])
            for bar, i, traded, price, cost, lost, reason in lines.tolist()
        ),
        ruined=int(money[STATE.index("ruined")]),
    )


def orders(plan: Plan, opening: int) -> Orders:
    """Return `plan` as the kernel reads it."""
    bands = np.array([plan.band]) if plan.bands is None or not len(plan.bands) else np.array(plan.bands, dtype=float)
    return Orders(plan.rows - opening, plan.weights, plan.deploy, plan.contribution_split, bands)
