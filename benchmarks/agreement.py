"""Whether a device computes what the CPU computes: each comparison with the largest difference that may be.

On the same tasks and batches a direction, F and its gradient must agree to rounding. A device draws other numbers
than the CPU, so moments and runs are compared as two samples: each coordinate gives a distance in standard errors,
and the limit is the one that right numbers exceed anywhere among them with probability 1e-4. Bits are compared on
the device with itself. A comparison that cannot be computed is infinitely far off.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import norm

from benchmarks.peers.setting import ALGORITHMS, ALPHA, PROBE
from benchmarks.table import plan
from bounds import recommend
from bounds.errors import InputError
from empirics import algorithms, estimate_direction_moments, problems, simulate
from empirics.measure import torch_settings
from empirics.moments import Moments
from empirics.oracle import Cost, Oracle
from empirics.problems import Problem
from empirics.run import Run

DIMENSIONS = (None, 3, 10, 64)
ROUNDING, FALSE_ALARM = 1e-12, 1e-4
POINTS, TASKS, SAMPLES, BATCHES, REPLICATES, STEPS = 3, 4, 5, 2000, 300, 30


@dataclass(frozen=True)
class Agreement:
    """One comparison: what, on which problem, how far apart, and how far apart it may be."""

    what: str
    problem: str
    found: float
    limit: float

    @property
    def good(self) -> bool:
        """Whether the difference is within its limit; NaN is not."""
        return self.found <= self.limit


def settings(dimensions: tuple[int | None, ...] = DIMENSIONS) -> Iterator[Problem]:
    """Yield every family with noise, in its own dimension and in those given, where it has them."""
    for family in problems.families():
        named = {parameter.name for parameter in family.parameters}
        noise = ["sigma_tilde=0.3"] if "sigma_tilde" in named else []
        for dim in dimensions:
            given = noise + ([] if dim is None else [f"dim={dim}"])
            try:
                yield problems.from_spec(":".join([family.name, ",".join(given)]).rstrip(":"))
            except InputError:
                continue


def compare(device: str, dimensions: tuple[int | None, ...] = DIMENSIONS) -> Iterator[Agreement]:
    """Yield all comparisons of a device with the CPU, and of the device with itself."""
    for problem in settings(dimensions):
        for comparing in (on_the_same_batches, moments, runs):
            yield from _whatever_happens(comparing(problem, device), problem.spec)
    yield from _whatever_happens(recommended(device), "ripple")
    yield from _whatever_happens(repeated(device), "ripple")


def _whatever_happens(comparisons: Iterator[Agreement], problem: str) -> Iterator[Agreement]:
    try:
        yield from comparisons
    except RuntimeError as error:
        yield Agreement(f"{type(error).__name__}: {error}".splitlines()[0], problem, math.inf, 0.0)


def on_the_same_batches(problem: Problem, device: str) -> Iterator[Agreement]:
    """Compare directions at points in double and in single precision, and F with its gradient."""
    rng = np.random.default_rng(0)
    tasks = rng.integers(problem.n_tasks, size=(POINTS, TASKS))
    batches = {
        split: torch.from_numpy(problem.sample(rng, tasks, SAMPLES)) for split in ("in", "out", "hess")
    }
    points = problem.start + torch.from_numpy(rng.standard_normal((POINTS, problem.dim)))
    for algorithm in ALGORITHMS:
        for kind in (torch.float64, torch.float32):
            w = points.to(kind)
            here, there = (
                directions(problem, algorithm, w, tasks, batches, place) for place in ("cpu", device)
            )
            limit = ROUNDING / (PROBE if algorithm == "hf-maml" else 1.0)
            name = f"{algorithm} on the same samples, {str(kind).removeprefix('torch.')}"
            yield Agreement(name, problem.spec, apart(here, there), limit)
    with torch_settings():
        here, there = (problem.meta(points.to(place), ALPHA) for place in ("cpu", device))
    for name, one, other in zip(("F", "grad F"), here, there, strict=True):
        yield Agreement(name, problem.spec, apart(one, other.cpu()), ROUNDING)


def directions(
    problem: Problem,
    algorithm: str,
    w: torch.Tensor,
    tasks: np.ndarray,
    batches: dict[str, torch.Tensor],
    device: str,
) -> torch.Tensor:
    """Return the direction of every task, computed on a device from given batches."""

    def batch(split: str) -> tuple[torch.Tensor, int]:
        return batches[split].to(device), SAMPLES

    oracle = Oracle(problem, torch.from_numpy(tasks).to(device), batch, Cost())
    with torch_settings():
        return algorithms.named(algorithm, PROBE)(oracle, w.to(device).unsqueeze(1), ALPHA).cpu()


def apart(one: torch.Tensor, other: torch.Tensor) -> float:
    """Return the largest difference, against the largest number."""
    return float((one - other).abs().max() / one.abs().max().clamp_min(1e-300))


def moments(problem: Problem, device: str) -> Iterator[Agreement]:
    """Compare mean and variance of the directions at the start, in standard errors."""
    for algorithm in ALGORITHMS:
        here = estimated(problem, algorithm, "here")
        yield moments_apart(
            f"{algorithm}, moments", problem, here, estimated(problem, algorithm, "there", device)
        )


def estimated(problem: Problem, algorithm: str, experiment: str, device: str = "cpu") -> Moments:
    """Estimate the moments of an algorithm's direction at the start."""
    own, given = plan(algorithm).with_(B=TASKS), {"n": BATCHES, "experiment": experiment, "device": device}
    return estimate_direction_moments(problem, None, problem.start, own, **given)


def moments_apart(what: str, problem: Problem, here: Moments, there: Moments) -> Agreement:
    """Compare two estimates of the same moments."""
    gaps = []
    for name in ("mean", "variance", "batch_variance"):
        one, other = (np.ravel(getattr(found, name)) for found in (here, there))
        errors = [np.ravel(getattr(found, f"{name}_se")) for found in (here, there)]
        gaps.append(in_errors(one, other, np.hypot(*errors)))
    return judged(what, problem.spec, np.concatenate(gaps))


def in_errors(one: np.ndarray, other: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return the distance of two numbers in standard errors, where rounding is no distance."""
    rounding = 1e-9 * np.abs(one)
    gap = np.where(np.abs(one - other) <= rounding, 0.0, one - other)
    return np.abs(gap) / np.maximum(error, rounding + 1e-300)


def judged(what: str, problem: str, distances: np.ndarray) -> Agreement:
    """Return the largest of these distances with the limit for so many."""
    return Agreement(what, problem, float(distances.max()), float(norm.isf(FALSE_ALARM / 2 / distances.size)))


def runs(problem: Problem, device: str) -> Iterator[Agreement]:
    """Compare the exact F and its gradient along runs."""
    yield judged("MAML, runs", problem.spec, along_runs(problem, plan("maml").with_(B=TASKS), device))


def recommended(device: str) -> Iterator[Agreement]:
    """Compare runs of recommended plans, whose step size is sampled as well."""
    problem = problems.from_spec("ripple")
    constants = problem.constants(ALPHA)
    for algorithm in ALGORITHMS:
        own = recommend(constants, 0.3, algorithm, alpha=ALPHA, step="sampled")
        yield judged(f"{algorithm}, recommended plan", problem.spec, along_runs(problem, own, device))


def along_runs(problem: Problem, own: object, device: str) -> np.ndarray:
    """Return how far F, grad F and the step are apart at some iterations, in standard errors."""
    given = {"replicates": REPLICATES, "iterations": STEPS, "every": STEPS // 3}
    here = simulate(problem, own, **given, experiment="here")
    there = simulate(problem, own, **given, device=device)
    columns = ["grad_norm", "objective"]
    one, other = (found.groupby("iteration")[columns] for found in (here, there))
    error = np.sqrt((one.var().to_numpy() + other.var().to_numpy()) / REPLICATES)
    return in_errors(one.mean().to_numpy(), other.mean().to_numpy(), error).ravel()


def repeated(device: str) -> Iterator[Agreement]:
    """Compare a device with itself, bit for bit: again, in chunks, with fewer replicates, with fewer steps."""
    problem, own = problems.from_spec("ripple:dim=64"), plan("hf-maml").with_(B=TASKS)
    height = Run.make(problem, own, device=device).layout().replicates
    given = {"replicates": height + 70, "iterations": 12, "device": device}
    first = simulate(problem, own, **given)
    others = {"again": {}, "chunks": {"chunk": 2 * height}, "fewer replicates": {"replicates": 65}}
    for name, change in others.items():
        found = simulate(problem, own, **(given | change))
        same = first[first.replicate <= found.replicate.max()].reset_index(drop=True).equals(found)
        yield Agreement(f"the same bits, {name}", problem.spec, 0.0 if same else 1.0, 0.0)
    short = simulate(problem, own, **(given | {"iterations": 5}))
    kept = first[first.iteration <= 5]
    same = np.array_equal(short["grad_norm"].to_numpy(), kept["grad_norm"].to_numpy())
    yield Agreement("the same bits, fewer steps", problem.spec, 0.0 if same else 1.0, 0.0)
