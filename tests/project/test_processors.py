"""What another processor may change: nothing of the sample and its hash, and no figure by more than its last bits."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from processors import environment, older

import orebody as ob
from orebody.sources.sample import UNIVERSES
from orebody.strategies import MomentumRotation, RatioRotation

SAMPLES = "{name: ob.load_market(name, source='sample').digest for name in UNIVERSES}"
# numpy with other last bits: up by one in exp, down by one in log, and the noise off by a few
SHAKEN = """
import numpy, types
from orebody.sources.sample import fundamentals, generator, gold, silver_copper
class Other(types.ModuleType):
    def __getattr__(self, name):
        return getattr(numpy, name)
    def exp(self, x):
        return numpy.nextafter(numpy.exp(x), numpy.inf)
    def log(self, x):
        return numpy.nextafter(numpy.log(x), -numpy.inf)
    def tanh(self, x):
        return numpy.nextafter(numpy.tanh(x), numpy.inf)
other, noise = Other('numpy'), generator.noise
for module in (silver_copper, generator, gold, fundamentals):
    module.np = other
for module in (silver_copper, gold):
    module.noise = lambda *asked: noise(*asked) * (1 + 1e-15)
"""
FIGURES = """
from orebody.strategies import MomentumRotation, RatioRotation
made = ob.compare([RatioRotation(), MomentumRotation()], ob.load_market('gold', source='sample'), engine='compiled')
print(json.dumps(made.table.select_dtypes('number').to_dict()))
"""


def child(code: str, environment: dict[str, str] | None = None) -> str:
    """Return what a Python of its own prints."""
    code = f"import json, orebody as ob; from orebody.sources.sample import UNIVERSES\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment).stdout


@pytest.fixture(scope="module")
def digests() -> dict[str, str]:
    return {name: ob.load_market(name, source="sample").digest for name in UNIVERSES}


def test_the_sample_is_the_same_in_every_process(digests: dict[str, str]) -> None:
    assert json.loads(child(f"print(json.dumps({SAMPLES}))")) == digests


def test_the_sample_is_the_same_on_an_older_processor(digests: dict[str, str]) -> None:
    assert json.loads(child(f"print(json.dumps({SAMPLES}))", environment())) == digests


def test_the_sample_is_the_same_with_other_last_bits(digests: dict[str, str]) -> None:
    assert json.loads(child(f"{SHAKEN}\nprint(json.dumps({SAMPLES}))")) == digests


def test_figures_are_the_same_to_1e_12_on_an_older_processor() -> None:
    here = ob.compare([RatioRotation(), MomentumRotation()], ob.load_market("gold", source="sample"), engine="compiled")
    there = json.loads(child(FIGURES, environment()))
    mine = here.table.select_dtypes("number")
    assert mine.columns.tolist() == list(there)
    for column, figures in there.items():
        assert figures == pytest.approx(mine[column].to_dict(), rel=1e-12, nan_ok=True), column


def test_only_what_this_processor_has_is_switched_off() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import numpy"], capture_output=True, text=True, env=environment(), check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert older().keys() <= {"NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES", "OPENBLAS_CORETYPE"}
