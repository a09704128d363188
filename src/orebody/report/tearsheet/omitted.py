"""What quantstats' report shows and a tearsheet does not, each with the reason."""

from __future__ import annotations

__all__ = ["WITHHELD"]

WITHHELD: tuple[tuple[str, str], ...] = (
    ("Smart Sharpe", "divides the benchmark by the strategy's autocorrelation, and punishes good autocorrelation as bad"),
    ("Smart Sortino", "as Smart Sharpe"),
    ("Sortino/√2", "Sortino divided by a constant"),
    ("Smart Sortino/√2", "as Smart Sharpe"),
    ("Risk-Adjusted Return", "growth by 252 bars a year whatever the bars, divided by a share of days that interest makes 100 %"),
    ("Risk-Return Ratio", "Sharpe a bar, blind to the cash rate"),
    ("Win/Loss Ratio", "is the payoff ratio under another name; a ratio of counts usually has this one"),
    ("Profit Ratio", "has no standard meaning, and changes with days on which nothing is held"),
    ("Expected Monthly", "the annual growth again, over months that are counted whole when touched in part"),
    ("Expected Yearly", "the annual growth again, over years that are counted whole when touched in part"),
    ("Kelly Criterion", "a formula for bets, fed with the signs of single days"),
    ("Risk of Ruin", "is always 0"),
    ("Common Sense Ratio", "profit factor times tail ratio: neither a probability nor a return"),
    ("CPC Index", "a product of three ratios, without a meaning of its own"),
    ("Outlier Win Ratio", "counts days without a position as wins"),
    ("Outlier Loss Ratio", "is read beside its pair, which is wrong"),
    ("All-time (ann.)", "is CAGR once more"),
    ("Serenity Index", "made of summed returns and a normal tail of the drawdowns"),
    ("Multiplier (calendar years)", "the quotient of two returns has no meaning across signs; the points ahead are shown"),
    ("Volatility-matched returns (chart)", "a leverage known only in hindsight"),
    ("Daily returns, cumulative sum (chart)", "draws days on which the market is closed as 0: a solid block"),
    ("Rolling Sortino (chart)", "a window with hardly a loss has no bound: one spike flattens all the rest"),
)
"""(figure as quantstats names it, reason), in the order of its report."""
