"""A sweep of ten thousand small cells, and one of usual ones, with one worker and with several.

Run with ``python -m benchmarks.scale``. For each number of workers, in a process of its own: seconds by the clock,
files, their size, and the most memory that the process which was called has held; then the same of reading all of
it again. What matters is the quotient of the seconds, which only an idle machine shows.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fosp.tables import print_table

PLANS = 60
CELLS = {"small": (8, 20, 168), "usual": (64, 500, 4)}
"""Replicates, iterations, and cells for each of the plans."""
SUITE = """
replicates = {}
iterations = {}

[[grid]]
problem = ["ripple:dim=2,n_tasks=4,rotate=false", "plateau:dim=2,sigma_tilde=0.3,rotate=false"]
algorithm = ["maml", "fo-maml", "hf-maml"]
epsilon = [0.3, 0.4]
alpha_L = 0.1
plan = [{{ B = 2 }}, {{ B = 3 }}, {{ B = 4 }}, {{ B = 8 }}, {{ B = 16 }}]
seeds = {}
"""
_ALONE = """
import json, resource, sys, time
import empirics
begin, (work, out, suite, workers) = time.perf_counter(), sys.argv[1:]
rows = len(empirics.run_sweep(suite, out, workers=int(workers)) if work == "run" else empirics.read_sweep(out))
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
print(json.dumps([rows, time.perf_counter() - begin, memory]))
"""


def main() -> None:
    """Run the sweeps and print a table for each size of the cells."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", choices=CELLS, action="append", help="which sizes (all)")
    parser.add_argument("--seeds", type=int, help=f"cells for each of the {PLANS} plans")
    parser.add_argument("--workers", default="1,2", help="numbers of workers, with commas")
    args = parser.parse_args()
    header = ["workers", "cells", "seconds", "driver", "files", "size", "reading", "rows", "memory"]
    for kind in args.cells or CELLS:
        replicates, iterations, seeds = CELLS[kind]
        text = SUITE.format(replicates, iterations, args.seeds or seeds)
        rows = swept(text, args.workers.split(","))
        print_table(
            f"{kind.capitalize()} cells: {replicates} replicates, {iterations} iterations", header, rows
        )


def swept(text: str, workers: Iterable[str]) -> list[list[str]]:
    """Return a row for each number of workers."""
    with tempfile.TemporaryDirectory() as folder:
        suite = Path(folder) / "suite.toml"
        suite.write_text(text, encoding="utf-8")
        return [measured(suite, number) for number in workers]


def measured(suite: Path, workers: str) -> list[str]:
    """Return one row: a sweep, and reading it again."""
    out = suite.parent / f"workers-{workers}"
    cells, seconds, memory = alone("run", out, suite, workers)
    rows, reading, held = alone("read", out, suite, workers)
    files = list((out / "parts").iterdir())
    size = sum(file.stat().st_size for file in files) / 2**20
    swept = [workers, f"{cells:,.0f}", f"{seconds:.1f} s", f"{memory:.0f} MiB"]
    written = [f"{len(files):,}", f"{size:.0f} MiB"]
    return [*swept, *written, f"{reading:.1f} s", f"{rows:,.0f}", f"{held:.0f} MiB"]


def alone(work: str, out: Path, suite: Path, workers: str) -> list[float]:
    """Return the number of rows, seconds and MiB of some work in a process of its own."""
    command = [sys.executable, "-c", _ALONE, work, str(out), str(suite), workers]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: list[float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
