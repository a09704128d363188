#!/usr/bin/env bash
# yfinance 1.7.0 mends days that daylight saving moved to 22:00 or 23:00 of the day before by looking
# at the minutes alone. A live row of a daily series, stamped with the moment of the last trade a few
# seconds after 22:00 local, is taken for such a day and dated tomorrow: today's unfinished bar then
# looks like a session of its own, and the row before it like a finished one.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check yfinance==1.7.0
"$scratch/venv/bin/python" -W ignore - <<'PYTHON'
import pandas as pd
from yfinance import utils

stamps = pd.DatetimeIndex(["2026-03-10 00:00:00", "2026-03-11 00:00:00", "2026-03-12 22:00:15"], tz="Europe/London")
bars = pd.DataFrame({"Close": [10.0, 11.0, 12.0]}, index=stamps)
days = [str(day.date()) for day in utils.fix_Yahoo_dst_issue(bars, "1d").index]
print("a trade of 2026-03-12 at 22:00:15 is dated", days[-1])
assert days == ["2026-03-10", "2026-03-11", "2026-03-13"], days
PYTHON
# Seen: a trade of 2026-03-12 at 22:00:15 is dated 2026-03-13
