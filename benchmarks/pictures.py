"""Redraw the pictures of the strategies' pages, docs/strategies/*.svg: each beside metal and miners held with the same cash flows.

    python benchmarks/pictures.py prices/

`prices/` is that of results.py, and the runs are those of docs/results.md: GLD and GDX where prices are enough, else the simulated sample.
Equity is drawn at the end of each month only, so no price can be read from a picture.
"""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path

import pandas as pd
from results import NEEDS, compared

import orebody as ob
from orebody.report.notebook.card import Stroke
from orebody.report.notebook.sparkline import INK, lines
from orebody.strategies import BuyAndHold, QualityTilt, RatingsBreadth

HEAD, LEFT = 40.0, 8.0  # room above the axes for what is drawn, and for larger figures beside them
STROKES = (Stroke("#0072B2", (), 1.8), Stroke("#E69F00", (4.0, 1.5), 1.4), Stroke(INK, (1.0, 1.5), 1.2))
FOLDER = Path(__file__).parents[1] / "docs" / "strategies"


def pictures(prices: Path) -> dict[str, str]:
    """Every picture by the strategy's name."""
    comparison = compared(prices)
    metal, miners = (comparison.results[label] for label in comparison.benchmarks)
    drawn = {name: picture(name, comparison.results[name], metal, miners) for name in comparison.strategies}
    half = ob.backtest(BuyAndHold(split={"metal": 0.5, "miners": 0.5}), comparison.market, comparison.account, engine="compiled")
    drawn["buy-and-hold"] = picture("buy-and-hold, half of each", half, metal, miners)
    for strategy, universe in ((QualityTilt(), "gold-producers"), (RatingsBreadth(), "gold")):
        sample = ob.compare([strategy], ob.load_market(universe, source="sample"), comparison.account, engine="compiled")
        label = strategy.name()
        drawn[label] = picture(label, sample.results[label], *(sample.results[name] for name in sample.benchmarks))
    assert set(NEEDS) <= set(drawn)
    return drawn


def picture(label: str, result: ob.Result, metal: ob.Result, miners: ob.Result) -> str:
    """One strategy's equity beside both benchmarks, and what it says in words."""
    runs = {label: result, "metal": metal, "miners": miners}
    monthly = pd.DataFrame({name: run.equity for name, run in runs.items()}).groupby(result.dates.to_period("M")).tail(1)
    market, account = result.market, result.account
    tickers = market.tickers if len(market.tickers) == 2 else (market.tickers[0], f"{len(market.tickers) - 1} simulated producers")
    what = "SIMULATED: " if market.simulated else ""
    about = (
        f"{what}{' and '.join(tickers)}, {result.dates[0].date()} to {result.dates[-1].date()}; {account.cash:,.0f} at the start and "
        f"{account.contribution:,.0f} a month. At the end: "
        f"{', '.join(f'{name} {run.equity.iloc[-1]:,.0f}' for name, run in runs.items())}; maximum drawdowns "
        f"{', '.join(f'{run.metrics().max_drawdown * 100:.1f} %' for run in runs.values())}"
    )
    drawn = [(monthly[name].to_numpy(), stroke) for name, stroke in zip(runs, STROKES, strict=True)]
    return headed(lines(pd.DatetimeIndex(monthly.index), drawn, about=about), f"{what}{' and '.join(tickers)}", list(runs)) + "\n"


def headed(svg: str, title: str, names: list[str]) -> str:
    """The picture with a title and a key above it, coordinates to a tenth of a point."""
    svg = re.sub(r"(?<=[ \"(])-?\d+\.\d\d+", lambda number: f"{float(number.group()):.1f}", svg)
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())  # type: ignore[union-attr]
    svg = re.sub(r'viewBox="[^"]*"', f'viewBox="{-LEFT:g} {-HEAD:g} {width + LEFT:g} {height + HEAD:g}"', svg, count=1)
    svg = svg.replace("font-size: 8px", "font-size: 9.5px")  # the picture is read on a phone too
    text = 'font-family="DejaVu Sans, system-ui, sans-serif" fill="currentColor"'
    head, left = [f'<text x="0" y="-27" font-size="10.5" font-weight="bold" {text}>{escape(title)}</text>'], 0.0
    for name, stroke in zip(names, STROKES, strict=True):
        dashes = f' stroke-dasharray="{" ".join(f"{stroke.width * length:g}" for length in stroke.dashes)}"' if stroke.dashes else ""
        head.append(f'<path d="M{left:g} -13h22" stroke="{stroke.color}" stroke-width="{stroke.width:g}"{dashes} fill="none"/>')
        head.append(f'<text x="{left + 26:g}" y="-9.5" font-size="9.5" {text}>{escape(name)}</text>')
        left += 42 + 5.6 * len(name)
    return svg.replace("</svg>", "\n".join([*head, "</svg>"]))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, svg in pictures(Path(sys.argv[1])).items():
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
        print(f"{name}: {len(svg):,} bytes")


if __name__ == "__main__":
    main()
