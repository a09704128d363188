"""Calendar-year total returns of seven funds, as they publish them; each simulated ticker returns what one did in all years together."""

from __future__ import annotations

__all__ = ["FUNDS", "LAST_YEAR", "YEAR_RETURNS"]

FUNDS = {
    "SIM-GOLD": "GLD",
    "SIM-MINERS": "GDX",
    "SIM-JUNIORS": "GDXJ",
    "SIM-SILVER": "SLV",
    "SIM-SILVER-MINERS": "SIL",
    "SIM-COPPER": "CPER",
    "SIM-COPPER-MINERS": "COPX",
}
"""The fund behind each ticker."""

# Per cent, in the order of the funds; nothing before a fund's first whole year.
_YEARS: dict[int, tuple[float | None, ...]] = {
    2007: (30.45, 16.77, None, 14.25, None, None, None),
    2008: (4.92, -26.07, None, -23.79, None, None, None),
    2009: (24.03, 36.73, None, 47.68, None, None, None),
    2010: (29.27, 33.92, 66.99, 82.47, None, None, None),
    2011: (9.57, -16.09, -33.96, -10.74, -22.02, None, -30.96),
    2012: (6.60, -8.87, -16.80, 9.02, 8.22, 2.08, 4.82),
    2013: (-28.33, -54.02, -60.78, -36.30, -50.21, -8.44, -27.51),
    2014: (-2.19, -12.44, -22.36, -19.51, -17.26, -16.94, -19.60),
    2015: (-10.67, -24.71, -19.14, -12.42, -33.12, -24.97, -45.88),
    2016: (8.03, 52.92, 72.97, 14.56, 79.47, 14.58, 70.35),
    2017: (12.81, 11.99, 8.22, 5.82, 1.67, 28.81, 38.92),
    2018: (-1.94, -8.77, -11.02, -9.19, -22.42, -21.94, -31.31),
    2019: (17.86, 39.82, 40.44, 14.88, 34.78, 6.69, 12.48),
    2020: (24.81, 23.66, 30.40, 47.30, 40.30, 23.89, 51.66),
    2021: (-4.15, -9.52, -21.25, -12.45, -18.35, 25.22, 23.38),
    2022: (-0.77, -9.01, -14.53, 2.37, -22.83, -15.14, -0.76),
    2023: (12.69, 9.98, 7.12, -1.09, 1.31, 4.55, 8.38),
    2024: (26.66, 10.64, 15.67, 20.89, 14.63, 4.23, 3.57),
    2025: (63.68, 154.77, 172.28, 144.66, 166.16, 38.95, 93.50),
}
LAST_YEAR = max(_YEARS)
YEAR_RETURNS = {
    ticker: {year: figure for year, row in _YEARS.items() if (figure := row[column]) is not None} for column, ticker in enumerate(FUNDS)
}
"""Per cent, by ticker and year."""
