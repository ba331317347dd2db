"""Timings that a reader may ask for: start-up, recommendation, simulation. Run with ``make bench``.

Every figure is the median of several runs, with the smallest and the largest beside it; the two sides of a
ratio take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

from bounds import Constants, recommend
from empirics import problems, simulate
from fosp.tables import print_table

PROBLEM = "ripple:dim=10,n_tasks=50,seed=0"
ALPHA = 1 / 6
CONSTANTS = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)
RECOMMEND = "recommend --L 1 --rho 1 --sigma 0.3 --sigma-tilde 0.3 --sigma-H 0.3 --Delta 1 --epsilon 0.1"


def timed(*work: Callable[[], object], runs: int = 7) -> list[list[float]]:
    """Return the seconds of each piece of work, taken in turns, after one turn that does not count."""
    seconds: list[list[float]] = [[] for _ in work]
    for turn in range(runs + 1):
        for mine, do in zip(seconds, work, strict=True):
            begin = time.perf_counter()
            do()
            if turn:
                mine.append(time.perf_counter() - begin)
    return seconds


def command(text: str) -> Callable[[], object]:
    """Return a cold start of one command line."""
    return lambda: subprocess.run(
        [sys.executable, "-m", "fosp", *text.split()], check=True, capture_output=True
    )


def simulation(D_in: int, algorithm: str = "maml") -> Callable[[], object]:
    """Return 64 replicates of 200 iterations with batches of D_in samples."""
    problem = problems.from_spec(PROBLEM)
    plan = recommend(problem.constants(ALPHA), 0.1, algorithm, alpha=ALPHA, step="sampled")
    return lambda: simulate(problem, plan.with_(B=4, D_in=D_in), replicates=64, iterations=200, every=200)


def row(name: str, seconds: list[float], scale: float = 1e3, unit: str = "ms") -> list[str]:
    """Return one line of the table."""
    low, middle, high = (scale * value for value in (min(seconds), median(seconds), max(seconds)))
    return [name, f"{middle:.3g} {unit}", f"{low:.3g} to {high:.3g}", str(len(seconds))]


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    names = ("--help", RECOMMEND, RECOMMEND + " --json")
    starts = timed(*(command(name) for name in names))
    (plans,) = timed(lambda: [recommend(CONSTANTS, 0.1, name) for name in ("maml", "fo-maml", "hf-maml")])
    rows = [
        row("fosp " + " ".join(n.split()[:1] + n.split()[15:]), s) for n, s in zip(names, starts, strict=True)
    ]
    rows.append(row("three plans, warm", plans))
    few, many = timed(simulation(10), simulation(10**6))
    rows += [row("MAML, D_in = 10", few), row("MAML, D_in = 10^6", many)]
    rows.append(row("ratio of the two", [b / a for a, b in zip(few, many, strict=True)], 1, ""))
    print_table(
        "Timings (simulations: 64 replicates x 200 iterations)", ["what", "median", "range", "runs"], rows
    )


if __name__ == "__main__":
    main()
