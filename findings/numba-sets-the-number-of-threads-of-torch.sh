#!/usr/bin/env bash
# Numba 0.68.1, torch 2.14.1, CPython 3.11, Linux, two cores or more: the first function that Numba compiles with
# parallel=True sets the number of threads of PyTorch.
#
# Seen: with OMP_NUM_THREADS=1, torch.get_num_threads() is 1, also after Numba is imported. After one call of a parallel
# function it is the number of cores, and stays so for the rest of the process. Numba's threading layer is "omp", so
# both use the same OpenMP runtime, whose number of threads Numba sets from the cores and not from OMP_NUM_THREADS.
# UMAP runs such functions, so a layout changes how everything that PyTorch computes afterwards is split, and with it
# the rounding and the processor time.
#
# The script exits with 0 if it sees this, and with 1 if the versions behave otherwise.
set -euo pipefail
[ "$(nproc)" -gt 1 ] || { echo "This needs two cores." >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.14.1 numba==0.68.1
cat >"$folder/try.py" <<'PYTHON'
import numba
import numpy as np
import torch

before = torch.get_num_threads()


@numba.njit(parallel=True)
def total(values):
    result = 0.0
    for place in numba.prange(len(values)):
        result += values[place]
    return result


total(np.ones(1000))
after = torch.get_num_threads()
print(f"{numba.threading_layer()}: {before} thread before, {after} after")
raise SystemExit(not (before == 1 and after == numba.get_num_threads() > 1))
PYTHON
OMP_NUM_THREADS=1 "$folder/venv/bin/python" "$folder/try.py"
