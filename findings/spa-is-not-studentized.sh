#!/usr/bin/env bash
# Hansen's test for superior predictive ability divides each model's mean by its standard error, so
# that a wild model cannot drown a steady one. arch 8.0.0 has SPA(studentize=True), but the statistic is
# the largest plain mean either way: a steady model that is better beyond doubt loses all evidence
# when a model of a hundred times its volatility and no merit stands beside it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check arch==8.0.0
"$scratch/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from arch.bootstrap import SPA

draw = np.random.default_rng(3)
steady = draw.normal(0.1, 1.0, 1000)  # gains; its t statistic is about 3
steady += 0.1 - steady.mean()
wild = draw.normal(0.0, 100.0, 1000)
wild -= wild.mean()


def p_value(gains: np.ndarray, studentize: bool) -> float:
    test = SPA(np.zeros(1000), -gains, block_size=1, reps=999, seed=1, studentize=studentize)
    test.compute()
    return float(test.pvalues["consistent"])


both = np.column_stack((steady, wild))
alone, beside, plain = p_value(steady[:, None], True), p_value(both, True), p_value(both, False)
print(f"the steady model alone: p = {alone:.3f}; beside the wild one: p = {beside:.3f} studentized, {plain:.3f} not")
assert alone < 0.01 and beside > 0.3 and abs(beside - plain) < 0.05, (alone, beside, plain)
PYTHON
# Seen: the steady model alone: p = 0.000; beside the wild one: p = 0.482 studentized, 0.482 not
