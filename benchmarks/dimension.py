"""Seconds of one direction against the number of parameters d. Run with ``python benchmarks/dimension.py``.

MAML with full Hessians should grow like d^2, with Hessian-vector products like d, as FO-MAML and HF-MAML do. The
exponents are fitted over the largest d of each, where the cost of a call has faded; what is counted instead of
timed is a claim of ``fosp validate``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from empirics.measure import torch_settings
from fosp.tables import print_table
from validate.counting import TASKS, count, one_direction
from validate.statistics import fit_exponent

DIMENSIONS = {
    "maml-full-hessian": (100, 300, 1000, 2000, 3000),
    "maml": (100, 1000, 10_000, 30_000, 100_000),
    "fo-maml": (100, 1000, 10_000, 30_000, 100_000),
    "hf-maml": (100, 1000, 10_000, 30_000, 100_000),
}
WINDOW, TURNS, SHORTEST = 3, 5, 0.02


def seconds(call: Callable[[], object]) -> float:
    """Return the smallest processor time of a call, over turns that each fill a fiftieth of a second."""
    call()
    best = float("inf")
    for _ in range(TURNS):
        calls, begin = 0, time.process_time()
        while (spent := time.process_time() - begin) < SHORTEST or calls == 0:
            call()
            calls += 1
        best = min(best, spent / calls)
    return best


def exponent(method: str, values: list[float]) -> str:
    """Return the fitted exponent over the largest d, with the range of the local slopes."""
    fit = fit_exponent(DIMENSIONS[method][-WINDOW:], values[-WINDOW:], 0.05).interval
    return f"{fit.estimate:.2f} ({fit.lower:.2f} to {fit.upper:.2f})"


def lines(method: str) -> list[list[str]]:
    """Return the lines of one method: seconds, numbers computed and bytes at each d, then the exponents."""
    calls = [one_direction(method, d) for d in DIMENSIONS[method]]
    times, works = [seconds(call) for call in calls], [count(call) for call in calls]
    rows = [
        [method, f"{d:,}", f"{s * 1e3:.3g} ms", f"{w.elements:.3g}", f"{w.peak_bytes:.3g}"]
        for d, s, w in zip(DIMENSIONS[method], times, works, strict=True)
    ]
    counted = [[float(w.elements) for w in works], [float(w.peak_bytes) for w in works]]
    return [*rows, [method, "exponent", *(exponent(method, values) for values in (times, *counted))]]


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with torch_settings():
        rows = [row for method in DIMENSIONS for row in lines(method)]
    title = f"One direction at {TASKS} tasks, exact derivatives"
    print_table(title, ["method", "d", "processor time", "numbers", "bytes held"], rows)


if __name__ == "__main__":
    sys.exit(main())
