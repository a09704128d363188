"""The first run after an installation that compiled nothing (uv's, or into a folder nobody may write) is as quiet as the next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_backtrader_is_compiled_without_a_word(tmp_path: Path) -> None:
    code = (
        "import sys, warnings, matplotlib, orebody.backtesting.backtest\n"  # what backtrader needs, compiled already
        f"sys.pycache_prefix, sys.dont_write_bytecode = {str(tmp_path)!r}, False\n"  # nothing that comes now was ever compiled
        "warnings.simplefilter('error')\n"
        "from orebody.testing import random_market\n"
        "from orebody.strategies import BuyAndHold\n"
        "import orebody as ob\n"
        "assert 'backtrader' not in sys.modules\n"
        "ob.backtest(BuyAndHold(), random_market(1)).equity\n"
        "assert 'backtrader' in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.rglob("cerebro*.pyc"))
