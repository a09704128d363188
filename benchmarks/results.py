"""Regenerate docs/results.md from real prices.

    python benchmarks/results.py prices/

`prices/` holds GLD.csv, GDX.csv and UUP.csv (a fund on the dollar index, whose closes stand in for the gauge ``dollar``).
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import orebody as ob
from orebody.metrics import format_figure
from orebody.registry import strategies

COLUMNS = {
    "final_equity": ("Final equity", "money"),
    "cagr": ("CAGR", "percent"),
    "xirr": ("XIRR", "percent"),
    "max_drawdown": ("Maximum drawdown", "percent"),
    "exposure": ("Exposure", "percent"),
    "costs": ("Costs", "money"),
}
NEEDS = ("quality-tilt", "ratings-breadth")
CLOSING = """
Read it with care:

- One history, looked at eleven times: the best of so many looks better than it is.
- The order depends on where it begins. In these years gold itself had the best return for its falls; hardly any way of holding miners paid
  for their 80 %.
- `spread-trade` and `momentum-rotation` did badly, and `regime-filter` cost what it was meant to save.
- `quality-tilt` and `ratings-breadth` are missing: they need fundamentals and ratings as they were known on the day, which price files do
  not have.
"""


def compared(folder: Path) -> ob.Comparison:
    """Every strategy that needs no more than prices and a gauge, at its defaults, in one account."""
    dollar = pd.read_csv(folder / "UUP.csv", index_col="Date", parse_dates=True)["Adj Close"].rename("dollar")
    universe = ob.Universe("gold", metal="GLD", miners=("GDX",))
    market = ob.load_market(universe, source=folder, start="2006-05-22", end="2026-05-01", gauges={"dollar": dollar})
    account = ob.Account(cash=100_000, contribution=1_000, costs=ob.Costs(slippage=0.0005))
    chosen = {name: one() for name, one in strategies().items() if name not in (*NEEDS, "buy-and-hold")}
    return ob.compare(chosen, market, account, engine="compiled")


def main() -> None:
    comparison = compared(Path(sys.argv[1]))
    market = comparison.market
    lines = [
        "# Every strategy on GLD and GDX",
        "",
        f"GLD and GDX, daily, adjusted for distributions, 2006-05-22 to {market.dates[-1].date()}; 100,000 at the start and 1,000 a month, "
        f"0.05 % slippage, no interest on cash, default parameters; before taxes. {comparison.opening}",
        "The table is made by `python benchmarks/results.py FOLDER`; the benchmarks in bold have the same cash flows.",
        "",
        "| strategy | " + " | ".join(title for title, _ in COLUMNS.values()) + " |",
        "|---|" + "---:|" * len(COLUMNS),
    ]
    for label, metrics in comparison.metrics.items():
        cells = [format_figure(kind, getattr(metrics, name)) for name, (_, kind) in COLUMNS.items()]
        lines.append(f"| {f'**{label}**' if label in comparison.benchmarks else label} | " + " | ".join(cells) + " |")
    (Path(__file__).parents[1] / "docs" / "results.md").write_text("\n".join(lines) + "\n" + CLOSING, encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
