"""Runs of the three algorithms on a small two-task problem, against the complexity theorem."""

from __future__ import annotations

from functools import cache

import numpy as np

from bounds.bound import Statement
from bounds.evaluation import scalars
from bounds.numeric.losses import Losses
from bounds.numeric.search import Worst
from bounds.standing import Case
from bounds.theory import complexity
from bounds.theory.algorithms import algorithms
from bounds.theory.gradients import RELATION
from bounds.theory.step_rules import PAPER, RULE

REPLICATES, TASKS = 48, 8
_THETA = np.array([0.5, 0.6, 0.9, 0.7, 0.3, 1.1, 0.8, 0.4, -0.4, 3.0, 0.0, 0.12, 0.5, 0.0, 0.0, 0.0])


class _Problem(Losses):
    """Two tasks with bounded heterogeneity: the same curvature, opposite waves."""

    def __init__(self, alpha: float) -> None:
        super().__init__(_THETA)
        self.m = np.full(2, 0.4)
        self.a, self.p, self.k = np.array([0.6, 0.6]), np.array([0.0, 1.0]), 1.0
        self.b = np.array([0.1, -0.1])
        self.L, self.rho, self.alpha = 1.0, 0.6, alpha
        self.x = alpha
        grid = np.linspace(0, 2 * np.pi, 2001)
        self.sigma = float(np.max([self.gradient(w).std() for w in grid])) * (1 + 1e-5)


def constants(alpha: float) -> dict[str, float]:
    """Return the constants of the problem, with Delta from a scan of F."""
    f = _Problem(alpha)
    low = min(f.objective(w) for w in np.linspace(-6, 6, 2401))
    own = {
        "L": f.L,
        "rho": f.rho,
        "sigma": f.sigma,
        "sigma_tilde": f.s,
        "sigma_H": f.s * f.nu,
        "alpha": alpha,
    }
    return own | {"Delta": (f.objective(f.w) - low) * (1 + 1e-3), "M": 3.0}


@cache
def run(
    algorithm: str, rule_name: str, iterations: int = 400, seed: int = 0, finite: bool = False
) -> tuple[dict[str, float], np.ndarray]:
    """Return the values of the run and ||grad F|| by iteration and replicate; ``finite`` takes both tasks."""
    alpha = 0.05 if algorithm == "fo-maml" else 1 / 6
    f, values = _Problem(alpha), constants(alpha)
    batches = {
        "B": 2 if finite else TASKS,
        "n_tasks": 2,
        "D_in": 8,
        "D_o": 4,
        "D_h": 4,
        "B_prime": 4,
        "D_beta": 4,
    }
    values |= {name: float(n) for name, n in batches.items()} | {
        "c": 0.3,
        "theta": 1.0,
        "probe_length": 0.02 / (f.rho * alpha),
    }
    rng = np.random.default_rng(seed)
    w, norms = np.full(REPLICATES, f.w), np.empty((iterations, REPLICATES))
    for k in range(iterations):
        norms[k] = np.abs(_meta(f, w))
        g = _direction(f, w, algorithm, batches, values["probe_length"], rng)
        w = w - _step(f, w, g, rule_name, values, rng) * g
    return values | {"K": float(iterations)}, norms


def _each(f: Losses, w: np.ndarray, task: np.ndarray) -> np.ndarray:
    return np.asarray(f.m[task] * w + f.b[task] - f.a[task] * f.k * np.sin(f.k * w + f.p[task]))


def _bend(f: Losses, w: np.ndarray, task: np.ndarray) -> np.ndarray:
    return np.asarray(f.m[task] - f.a[task] * f.k**2 * np.cos(f.k * w + f.p[task]))


def _meta(f: Losses, w: np.ndarray) -> np.ndarray:
    total = np.zeros_like(w)
    for i in (0, 1):
        task = np.full(w.shape, i)
        inner = w - f.alpha * _each(f, w, task)
        total += (1 - f.alpha * _bend(f, w, task)) * _each(f, inner, task) / 2
    return total


def _signs(rng: np.random.Generator, shape: tuple[int, ...], samples: int) -> tuple[np.ndarray, np.ndarray]:
    draws = rng.integers(0, 2, size=(2, samples, *shape)) * 2 - 1
    mean = draws.mean(1)
    return mean[0], mean[1]


def _direction(
    f: Losses, w: np.ndarray, algorithm: str, sizes: dict[str, int], length: float, rng: np.random.Generator
) -> np.ndarray:
    shape = (w.size, sizes["B"])
    task, at = rng.integers(0, 2, shape), np.broadcast_to(w[:, None], shape)
    if sizes["B"] == sizes["n_tasks"]:
        task = np.broadcast_to(np.arange(2), shape)
    inner = at - f.alpha * (_each(f, at, task) + f.noise(at, *_signs(rng, shape, sizes["D_in"])))
    v = _each(f, inner, task) + f.noise(inner, *_signs(rng, shape, sizes["D_o"]))
    if algorithm == "fo-maml":
        return np.asarray(v.mean(1))
    t, u = _signs(rng, shape, sizes["D_h"])
    if algorithm == "maml":
        slope = _bend(f, at, task) + f.noise_slope(at, t, u)
    else:
        up, down = at + length, at - length
        change = _each(f, up, task) - _each(f, down, task) + f.noise(up, t, u) - f.noise(down, t, u)
        slope = change / (2 * length)
    return np.asarray((v - f.alpha * slope * v).mean(1))


def _step(
    f: Losses,
    w: np.ndarray,
    g: np.ndarray,
    rule_name: str,
    values: dict[str, float],
    rng: np.random.Generator,
) -> np.ndarray:
    rule = RULE[rule_name]
    names = ("L", "rho", "sigma", "alpha", "M")
    smooth, slope = scalars(RELATION, names, (rule.smoothness, rule.slope))(*(values[n] for n in names))
    size = np.zeros_like(w)
    if rule.kind == "self-scaled":
        size = np.abs(g)
    elif rule.kind == "sampled":
        shape = (w.size, int(values["B_prime"]))
        task, at = rng.integers(0, 2, shape), np.broadcast_to(w[:, None], shape)
        noisy = _each(f, at, task) + f.noise(at, *_signs(rng, shape, int(values["D_beta"])))
        size = np.abs(noisy).mean(1)
    return np.asarray(values["c"] / (smooth + slope * size))


def theorem(st: Statement, seed: int = 0) -> Worst:
    """Return measured over bound for a guarantee, a floor or a number of iterations."""
    case = st.case or Case("guarantee")
    values, norms = run(case.algorithm, case.rule, seed=seed, finite=case.finite)
    if case.quantity == "guarantee":
        bound = min(_inside(st, values, e) for e in (0.1, 0.2, 0.4, 0.8))
        return Worst(float(norms.mean()) / bound, REPLICATES)
    if case.quantity == "floor":
        bound = min(_inside(st, values, e) for e in (0.1, 0.2, 0.4, 0.8))
        return Worst(float(norms[-100:].mean()) / bound, REPLICATES)
    floor = complexity.theorem("floor", algorithms()[case.algorithm], RULE[case.rule], case.finite)
    target = 1.3 * min(_inside(floor, values, e) for e in (0.1, 0.2, 0.4, 0.8))
    reached = norms <= target
    times = np.where(reached.any(0), reached.argmax(0), len(norms))
    return Worst(float(times.mean()) / float(st(**values, epsilon=target)), REPLICATES)


def _inside(st: Statement, values: dict[str, float], epsilon: float) -> float:
    value, outside = st.at(values | {"epsilon": epsilon})
    return float("inf") if outside else value


def recorded_accuracy(st: Statement, seed: int = 0) -> Worst:
    """Return the measured late mean over the recorded accuracy, for the paper's step."""
    algorithm = (st.case or Case("accuracy")).algorithm
    values, norms = run(algorithm, PAPER.name, seed=seed)
    inside = values | {"B": max(values["B"], 20.0), "epsilon": 1e-9}
    return Worst(float(norms[-100:].mean()) / float(st(**inside)), REPLICATES)
