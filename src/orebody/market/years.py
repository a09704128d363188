"""Between which years dates must lie."""

from __future__ import annotations

__all__ = ["YEARS"]

YEARS = (1700, 2200)
"""A count of nanoseconds since 1970 covers 1677 to 2262, and a date beyond would wrap to the other end of it, so that 2300 is 1715."""
