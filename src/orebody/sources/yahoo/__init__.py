"""Yahoo as a source: the only place that knows yfinance."""

from __future__ import annotations
