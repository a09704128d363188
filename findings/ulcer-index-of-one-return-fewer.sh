#!/usr/bin/env bash
# The Ulcer Index is the root of the mean squared drawdown over all closes (Martin and McCann 1989).
# quantstats 0.0.86 divides the sum by the number of returns less one, which is two fewer than there
# are closes: of three closes it makes 14.1 % out of 8.2 %.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check quantstats==0.0.86
"$scratch/venv/bin/python" -W ignore - <<'PYTHON'
import pandas as pd
import quantstats.stats

closes = pd.Series([100.0, 90.0, 90.0], index=pd.date_range("2024-01-01", periods=3))
mean = ((closes / closes.cummax() - 1) ** 2).mean() ** 0.5
theirs = quantstats.stats.ulcer_index(closes.pct_change().dropna())
print(f"over all three closes {mean:.4f}, quantstats {theirs:.4f}")
assert abs(mean - 0.0816497) < 1e-6 and abs(theirs - 0.1414214) < 1e-6, (mean, theirs)
PYTHON
# Seen: over all three closes 0.0816, quantstats 0.1414
