"""Where tests find real prices: the folder named by OREBODY_DATA, which the project never contains."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("OREBODY_DATA", "")) / "daily"

needs_real_prices = pytest.mark.skipif(
    "OREBODY_DATA" not in os.environ or not (FOLDER / "GLD.csv").is_file(),
    reason="real prices: set OREBODY_DATA to a folder that holds daily/GLD.csv and daily/GDX.csv",
)
