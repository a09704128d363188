"""An older processor for a child process: every optional instruction that this one has, switched off where a library chooses by it.

`python tests/helpers/processors.py` prints the settings, for `env`. Only what exists here is named, because numpy warns of what does not.
"""

from __future__ import annotations

import os
import platform

import numpy as np

# glibc chooses its exp and log by these, OpenBLAS its kernels; both pass over what they do not know.
_X86 = {
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX2_Usable,-FMA_Usable,-AVX512F_Usable",
    "OPENBLAS_CORETYPE": "Nehalem",
}


def older() -> dict[str, str]:
    """Return the settings that make numpy, its linear algebra and the C library calculate as on an older processor."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])  # type: ignore[call-overload, index]
    settings = {"NPY_DISABLE_CPU_FEATURES": " ".join(found)} if found else {}
    return settings | (_X86 if platform.machine().lower() in ("x86_64", "amd64") else {})


def environment() -> dict[str, str]:
    """Return the environment of a child process that is to calculate so."""
    return {**os.environ, **older()}


if __name__ == "__main__":
    print("\n".join(f"{name}={value}" for name, value in older().items()))
