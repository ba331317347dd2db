"""The simulator against the floor of its raw kernels. Run with ``python benchmarks/kernels.py``.

Whatever the program does around it, a simulated step must draw its normal numbers and take the sines of
its points. The floor is the time of exactly these many normals (numpy, SFC64) and sines (torch, float64) in
bare loops of the same block size. All sides take turns in one run, so a busy machine slows all; each figure
is the smallest processor time seen.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping

import numpy as np
import torch

from bounds import recommend
from empirics import problems, simulate
from empirics.run import Run
from fosp.tables import print_table

SPEC = "ripple:dim=10,n_tasks=50,seed=0"
ALPHA, B, REPLICATES, ITERATIONS = 1 / 6, 20, 64, 200
PROBLEM = problems.from_spec(SPEC)
PLAN = recommend(PROBLEM.constants(ALPHA), 0.1, "maml", alpha=ALPHA, step="sampled").with_(B=B, B_prime=2)
BLOCK = Run.make(PROBLEM, PLAN).layout().replicates * B * PROBLEM.dim


def smallest(work: Mapping[str, Callable[[], object]], turns: int = 9) -> dict[str, float]:
    """Return the smallest processor time of each piece of work, the pieces taking turns."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(turns):
        for name, do in work.items():
            begin = time.process_time()
            do()
            best[name] = min(best[name], time.process_time() - begin)
    return best


def run(D: int, every: int) -> Callable[[], object]:
    """Return a simulation that measures the exact F and grad F every so many iterations."""
    plan = PLAN.with_(D_in=D, D_o=D, D_h=D, D_beta=D)
    return lambda: simulate(PROBLEM, plan, replicates=REPLICATES, iterations=ITERATIONS, every=every)


def normals(count: int) -> Callable[[], object]:
    """Return the bare drawing of so many normal numbers, a block at a time."""
    rng = np.random.Generator(np.random.SFC64(0))
    return lambda: [rng.standard_normal(BLOCK) for _ in range(count // BLOCK)]


def sines(count: int) -> Callable[[], object]:
    """Return the bare computation of so many sines, a block at a time."""
    x = torch.linspace(-3, 3, BLOCK, dtype=torch.float64)
    return lambda: [torch.sin(x) for _ in range(count // BLOCK)]


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    torch.set_num_threads(1)
    points = REPLICATES * ITERATIONS * PROBLEM.dim
    step = points * B
    seconds = smallest(
        {
            "run, measured at every step": run(10, 1),
            "run": run(10, ITERATIONS),
            "run, D = 10^6": run(10**6, ITERATIONS),
            "normals of the run": normals(2 * (3 * step + 2 * points)),
            "sines of the run": sines(2 * step + 2 * points),
            "sines of the measurement": sines(2 * points * PROBLEM.n_tasks),
        }
    )
    floor = seconds["normals of the run"] + seconds["sines of the run"]
    measured_floor = floor + seconds["sines of the measurement"]
    rows = [[name, f"{value / step * 1e9:.1f} ns"] for name, value in seconds.items()]
    rows += [
        ["run / floor", f"{seconds['run'] / floor:.2f}"],
        ["run, measured / floor", f"{seconds['run, measured at every step'] / measured_floor:.2f}"],
        ["D = 10^6 / D = 10", f"{seconds['run, D = 10^6'] / seconds['run']:.3f}"],
    ]
    title = f"MAML on {SPEC}, B = {B}: per replicate, step, task and coordinate"
    print_table(title, ["what", "processor time"], rows)


if __name__ == "__main__":
    sys.exit(main())
