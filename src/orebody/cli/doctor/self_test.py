"""Self-test: known sample prices, an account computed by hand, and agreement of both engines."""

from __future__ import annotations

import math
import time

from orebody.cli.doctor.finding import OK, PROBLEM, Finding

__all__ = ["SAMPLE", "check_figures"]

SAMPLE = {"SIM-GOLD": 626.97, "SIM-MINERS": 252.61}
"""The last closes of the sample, to the cent."""

_TOLD = "please report this, with the output of: orebody doctor --json"
_AGREE = 1e-9


def check_figures() -> list[Finding]:
    """Run the sample on both engines, and hold it to prices and to an account known beforehand."""
    import orebody as ob
    from orebody.strategies import BuyAndHold, RatioRotation

    market = ob.load_market("gold", source="sample")
    findings = [_check_sample(dict(zip(market.tickers, market.close[-1].tolist(), strict=True)))]
    free = ob.Account(cash=100_000, cash_rate=0.0, costs=ob.Costs(slippage=0.0))
    begun = time.perf_counter()
    held = ob.backtest(BuyAndHold(split={"metal": 1.0}), market, free, engine="compiled").equity.iloc[-1]
    first = time.perf_counter() - begun
    bought, last = float(market.open[market.opening + 1, 0]), float(market.close[-1, 0])
    findings.append(_check_known_account(float(held), 100_000 * last / bought))
    account = ob.Account(cash=100_000, contribution=1_000)
    begun = time.perf_counter()
    fast = ob.backtest(RatioRotation(), market, account, engine="compiled").equity
    again = time.perf_counter() - begun
    slow = ob.backtest(RatioRotation(), market, account, engine="backtrader").equity
    apart = float((fast / slow - 1.0).abs().max())
    findings.append(_check_engines_agree(apart, len(fast)))
    return [*findings, Finding("Speed", OK, f"first run of the compiled engine {first:.2f} s, the next {again:.3f} s")]


def _check_sample(closes: dict[str, float]) -> Finding:
    wrong = [
        f"{ticker} is {closes.get(ticker)}, not {known}" for ticker, known in SAMPLE.items() if round(closes.get(ticker, 0.0), 2) != known
    ]
    if wrong:
        return Finding("Sample", PROBLEM, f"the sample's last closes differ from those known: {'; '.join(wrong)}", _TOLD)
    return Finding("Sample", OK, f"its last closes are those known: {', '.join(f'{name} {close}' for name, close in SAMPLE.items())}")


def _check_known_account(ours: float, known: float) -> Finding:
    if not math.isclose(ours, known, rel_tol=_AGREE):
        return Finding("Arithmetic", PROBLEM, f"100,000 held in the sample's metal became {ours:,.2f}, by hand {known:,.2f}", _TOLD)
    return Finding("Arithmetic", OK, f"100,000 held in the sample's metal became {ours:,.2f}, as by hand")


def _check_engines_agree(apart: float, bars: int) -> Finding:
    found = f"{apart:.1e} apart at most" if apart else "the same to the last bit"
    text = f"backtrader and the compiled engine, {bars:,} bars of ratio-rotation: {found}"
    return Finding("Engines", OK, text) if apart <= _AGREE else Finding("Engines", PROBLEM, text, _TOLD)
