#!/usr/bin/env bash
# exchange_calendars 4.13.2 has sessions in Johannesburg on days on which the exchange was closed by
# decree or for an election, and on which holidays 0.109 has a holiday. Whoever counts missing
# sessions of a Johannesburg share by the first will find four that never took place.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check exchange_calendars==4.13.2 holidays==0.109
"$scratch/venv/bin/python" -W ignore - <<'PYTHON'
import exchange_calendars
import holidays

sessions = exchange_calendars.get_calendar("XJSE", start="2019-01-01", end="2024-12-31")
closed = holidays.country_holidays("ZA", years=range(2019, 2025))
found = {day: (sessions.is_session(day), closed.get(day)) for day in ("2021-11-01", "2022-12-27", "2023-12-15", "2024-05-29")}
for day, (session, name) in found.items():
    print(day, "is a session" if session else "is no session", "and a holiday:", name)
assert all(session and name for session, name in found.values()), found
PYTHON
# Seen: 2021-11-01 is a session and a holiday: Municipal elections (and the other three alike).
