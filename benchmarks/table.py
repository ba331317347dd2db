"""One table: this simulator, its floor, and how else one could compute the same. Run with ``make bench``.

One run, one thread; the sides take turns, and each figure is a median. Before anything is timed, every side has to
give the same direction on the same samples. A step of the synthetic problem is drawing, direction and update for
all replicates; of the network, the direction over all tasks and shots, recorded as in a run. What is not measured
is named.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median

import numpy as np
import torch

from benchmarks.peers import libraries, plain, transformed
from benchmarks.peers.setting import ALGORITHMS, ALPHA, PROBE, REPLICATES, TASKS, Batch, D, Net, Wave
from bounds.constants import Constants
from bounds.plan import Plan, StepRule
from empirics import algorithms, problems
from empirics.measure import torch_settings
from empirics.oracle import Cost, Oracle
from empirics.problems import Ripple, estimated, own_problem
from empirics.replay.replays import PATIENCE
from empirics.run import Run
from fosp.output import note
from fosp.tables import print_table

SPEC = "ripple:dim=10,n_tasks=1000,seed=0,rotate=false"
TURNS, STEPS = 7, 128
LOOPED = 1
"""Replicates of a step that a plain loop computes; its time is scaled to all of them."""
Sides = Mapping[str, tuple[Callable[[], object], float]]
"""What is timed, and the factor to a step."""


def plan(algorithm: str) -> Plan:
    """Return a plan with a constant step."""
    sizes = {"B": TASKS, "D_in": D, "D_o": D, "D_h": D, "B_prime": 0, "D_beta": 0, "iterations": STEPS}
    rule = {"step_rule": StepRule("constant", 2.0, 0.0), "step_factor": 1.0, "probe_length": PROBE}
    told = {"feasible": True, "reason": "", "binding": "", "epsilon": 0.1, "alpha": ALPHA}
    return Plan(algorithm, "sharp", Constants(1.0, 1.0, 1.0, 1.0, 1.0, 1.0), **told, **rule, **sizes)


def ours(problem: Ripple, algorithm: str) -> Callable[[], object]:
    """Return so many steps of the simulator, with fresh streams, as a run takes them."""
    run = Run.make(problem, plan(algorithm)).unturned()
    blocks = run.blocks(REPLICATES)

    @torch.no_grad()
    def steps():
        for rows in blocks:
            advance, w = run.stepper(rows), problem.start.expand(run.layout().replicates, -1)
            for k in range(STEPS):
                w, _ = advance(k, w)

    return steps


def stepped(direction: Callable[..., np.ndarray], wave: Wave, start: np.ndarray, algorithm: str, rows: int):
    """Return one step of somebody else's: draw, direction, update."""
    rng, w = np.random.Generator(np.random.SFC64(0)), np.repeat(start[None], rows, axis=0)
    return lambda: w - 0.5 * direction(w, wave.draw(rng, algorithm, rows))


def floor(wave: Wave, algorithm: str) -> Callable[[], object]:
    """Return the normal numbers and the sines of a step, and nothing else.

    A batch that is looked at at one point needs one number for each coordinate, at two points two. Sines and
    cosines are those of the adapted points, and of both ends of a probe.
    """
    each = REPLICATES * TASKS * wave.d
    normals, waves = {"maml": (3, 2), "fo-maml": (2, 2), "hf-maml": (4, 6)}[algorithm]
    rng = np.random.Generator(np.random.SFC64(0))
    x = torch.linspace(-3, 3, each, dtype=torch.float64)
    return lambda: ([rng.standard_normal(each) for _ in range(normals)], [torch.sin(x) for _ in range(waves)])


def wave_directions(wave: Wave, algorithm: str) -> dict[str, Callable[[np.ndarray, Batch], np.ndarray]]:
    """Return everybody else's mean direction on ripples."""
    found = {
        "NumPy, closed form": plain.numpy_wave(wave, algorithm),
        "torch.func.vmap": transformed.wave(transformed.with_torch(), wave, algorithm),
        "a plain loop": plain.loop_wave(wave, algorithm),
    }
    jax = transformed.with_jax()
    return found | ({"JAX jit(vmap)": transformed.wave(jax, wave, algorithm)} if jax else {})


def wave_sides(problem: Ripple, algorithm: str) -> Sides:
    """Return what is timed on ripples; all have given the same direction."""
    wave, start = Wave(problem), problem.start.numpy()
    sides: dict[str, tuple[Callable[[], object], float]] = {"fosp": (ours(problem, algorithm), 1 / STEPS)}
    sides["floor: normals and sines"] = floor(wave, algorithm), 1.0
    for name, direction in wave_directions(wave, algorithm).items():
        rows = LOOPED if name == "a plain loop" else REPLICATES
        _require_same(problem, wave, direction, algorithm, name)
        sides[name] = stepped(direction, wave, start, algorithm, rows), REPLICATES / rows
    return sides


def network_sides(net: Net, algorithm: str) -> Sides:
    """Return what is timed on the network."""
    zeros = dict.fromkeys(("L", "rho", "sigma", "sigma_tilde", "sigma_H"), estimated(1.0))

    def loss(w, x, y):
        return ((net.forward(w, x, torch.tanh) - y) ** 2).mean()

    tasks = [(x.numpy(), y.numpy()) for x, y in zip(net.x, net.y, strict=True)]
    problem = own_problem(loss, tasks, net.w.numpy(), zeros, infimum=0.0, pure=True)
    run, numbers = Run.make(problem, plan(algorithm)), torch.arange(len(tasks)).unsqueeze(0)

    @torch.no_grad()
    def own():
        oracle = Oracle(problem, numbers, lambda split: (None, 0), Cost())
        return run.directions(oracle, net.w.expand(1, -1)).mean(1)[0]

    for _ in range(PATIENCE + 2):
        own()  # a run records its direction after some steps, as JAX compiles it at the first
    sides = {"fosp": own, "torch.func.vmap": transformed.network(transformed.with_torch(), net, algorithm)}
    sides["a plain loop"] = plain.loop_network(net, algorithm)
    if jax := transformed.with_jax():
        sides["JAX jit(vmap)"] = transformed.network(jax, net, algorithm)
    sides |= libraries.sides(net, algorithm)
    for name, side in sides.items():
        _require_close(np.asarray(side()), own().numpy(), f"{name}, {algorithm} on the network")
    return {name: (side, 1.0) for name, side in sides.items()}


def _require_same(problem: Ripple, wave: Wave, direction: Callable, algorithm: str, name: str) -> None:
    batch = wave.draw(np.random.Generator(np.random.SFC64(1)), algorithm, 2)
    given = {"in": batch.inner, "out": batch.outer, "hess": batch.hessian}
    oracle = Oracle(
        problem, torch.from_numpy(batch.tasks), lambda split: (torch.from_numpy(given[split]), D), Cost()
    )
    w = problem.start.expand(2, -1)
    expected = algorithms.named(algorithm, PROBE)(oracle, w.unsqueeze(1), ALPHA).mean(1)
    _require_close(direction(w.numpy(), batch), expected.numpy(), f"{name}, {algorithm}")


def _require_close(found: np.ndarray, expected: np.ndarray, name: str) -> None:
    if not np.abs(found - expected).max() <= 1e-8 * np.abs(expected).max():
        raise SystemExit(f"{name}: not the same direction")


def medians(sides: Sides) -> dict[str, float]:
    """Return the median seconds of a step for each side; the sides take turns after one that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(TURNS + 1):
        for name, (work, factor) in sides.items():
            begin = time.process_time()
            work()
            if turn:
                seconds[name].append((time.process_time() - begin) * factor)
    return {name: median(values) for name, values in seconds.items()}


def rows(place: str, make: Callable[[str], Sides]) -> list[list[str]]:
    """Return a row for each side: milliseconds, and the ratio to ours, for each algorithm."""
    found = {algorithm: medians(make(algorithm)) for algorithm in ALGORITHMS}
    table = []
    for name in found[ALGORITHMS[0]]:
        table.append([place, name, *(_shown(found[a].get(name), found[a]["fosp"]) for a in ALGORITHMS)])
    return table


def _shown(seconds: float | None, own: float) -> str:
    return "–" if seconds is None else f"{1e3 * seconds:.3g} ms ({seconds / own:.2f})"


def main() -> None:
    """Measure and print."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    torch.set_num_threads(1)
    problem, net = problems.from_spec(SPEC), Net()
    table = rows("ripple", partial(wave_sides, problem))
    with torch_settings(), torch.enable_grad():
        table += rows("network", partial(network_sides, net))
    size = f"{SPEC}, {REPLICATES} replicates, B = {TASKS}"
    title = f"Processor time of a step, one thread, median of {TURNS} (ratio to fosp): {size}"
    print_table(title, ["on", "what", *ALGORITHMS], table)
    absent = [*(["jax"] if transformed.with_jax() is None else []), *libraries.missing()]
    note(
        f"not installed, not measured: {', '.join(absent) or 'none'} (pip install '.[peers]'; learn2learn by hand)"
    )


if __name__ == "__main__":
    sys.exit(main())
