"""Statements that follow from others, checked by evaluating both."""

from __future__ import annotations

import math
from typing import SupportsFloat

import numpy as np

from bounds.bound import Statement
from bounds.errors import DomainError
from bounds.numeric.search import Worst, logistic
from bounds.plan import StepKind, Theory
from bounds.standing import Case
from bounds.theory import complexity, recorded
from bounds.theory.algorithm import Algorithm, Recorded
from bounds.theory.algorithms import algorithms
from bounds.theory.algorithms.hf_maml import DELTA_FACTOR
from bounds.theory.step_rules import PAPER


def corollary(st: Statement, seed: int = 0) -> Worst:
    """Return recorded accuracy over epsilon when this batch and the others have their corollaries' sizes."""
    subject, theorem = _subject(st)
    accuracy, rng, worst = recorded.accuracy(subject), np.random.default_rng(seed), 0.0
    sizing = {**recorded.batch_sizes(subject, theorem), (st.case or Case("")).quantity: st}
    for _ in range(100):
        values = {
            n: float(np.exp(rng.normal())) for n in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "epsilon")
        }
        values["alpha"] = float(theorem.largest_x) / values["L"] * rng.random()
        values["epsilon"] *= 10 if theorem.fixed_noise else 1
        try:
            sizes = {what: float(size(**values)) for what, size in sizing.items()}
            batches = {"B": sizes[recorded.TASKS], "D_in": sizes[recorded.INNER], "D_h": 1e12}
            batches["D_o"] = sizes[recorded.OUTER] / sizes[recorded.TASKS]
            if batches["B"] >= 20:
                worst = max(worst, float(accuracy(**values, **batches)) / values["epsilon"])
        except DomainError:
            continue
    return Worst(worst, 100)


def _subject(st: Statement) -> tuple[Algorithm, Recorded]:
    """Return the algorithm that a statement is about, and the recorded theorem on it."""
    subject = algorithms()[(st.case or Case("")).algorithm]
    if subject.recorded is None:
        raise ValueError(f"no recorded theorem on {subject.name}")
    return subject, subject.recorded


def constant(st: Statement, seed: int = 0) -> Worst:
    """Floor of the theorem here over the recorded accuracy with the constant of the statement."""
    subject, record = _subject(st)
    rng, worst = np.random.default_rng(seed), 0.0
    floor = complexity.theorem("floor", subject, PAPER)
    for _ in range(200):
        values = _values(rng, record.largest_x, float(record.step_factor), subject.name)
        c_min = float(st(**values))
        level = float(
            record.noise.expression.subs({s: values[s.name] for s in record.noise.expression.free_symbols})
        )
        factor = values["rho"] * values["alpha"]
        reach = max(math.sqrt(c_min * (1 + factor * values["sigma"]) * level), c_min * factor * level)
        best = min((_at(floor, values, reach * z) for z in np.geomspace(0.05, 50, 25)), default=math.inf)
        worst = max(worst, best / reach)
    return Worst(worst, 200)


def _values(rng: np.random.Generator, limit: SupportsFloat, step: float, algorithm: str) -> dict[str, float]:
    alpha = float(limit) * logistic(rng.normal() + 1)
    values = {"L": 1.0, "alpha": alpha, "c": step, "theta": 1.0}
    values |= {n: float(np.exp(2 * rng.normal())) for n in ("rho", "sigma", "sigma_tilde")}
    values["probe_length"] = float(DELTA_FACTOR) / (values["rho"] * alpha)
    sizes = {n: float(math.ceil(np.exp(3 * rng.random()))) for n in ("D_in", "D_o")}
    values |= sizes | {
        "B": float(20 + math.floor(np.exp(6 * rng.random()))),
        "sigma_H": 1e-3 / alpha,
        "D_h": 1.0,
    }
    factor = values["rho"] * alpha
    values["B_prime"] = float(math.ceil(max(1, (factor * values["sigma"]) ** 2 / 2)))
    values["D_beta"] = float(math.ceil(max(1, (2 * factor * values["sigma_tilde"]) ** 2)))
    if algorithm == "maml":
        values["sigma_H"] = math.sqrt(0.5) / alpha
    return values


def _at(floor: Statement, values: dict[str, float], epsilon: float) -> float:
    value, outside = floor.at(values | {"epsilon": epsilon})
    return math.inf if outside else value


def order(st: Statement) -> Worst:
    """Measured exponent of the optimised design over the stated one, between two small epsilon."""
    from bounds import Constants, recommend

    what = (st.case or Case("")).quantity
    noise = 0.0 if what == "design total.noise-free" else 0.3
    constants = Constants(1.0, 1.0, 0.3, noise, 0.0, 1.0)
    theory: Theory = "paper" if what == "design total.recorded" else "sharp"
    step: StepKind | None = None if theory == "paper" else "self-scaled"
    depth = None if what == "design total.multilevel" else 0
    plans = [recommend(constants, e, "maml", theory, 1 / 6, step, depth=depth) for e in (1e-4, 1e-5)]
    field = {"design iterations": "iterations", "design tasks": "B", "design inner-batch": "D_in"}.get(
        what, "total_samples"
    )
    first, second = (float(getattr(plan, field)) for plan in plans)
    measured = math.log10(second / first)
    at = [
        float(st(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=max(noise, 1e-9), Delta=1.0, alpha=1 / 6, epsilon=e))
        for e in (1e-4, 1e-5)
    ]
    return Worst(measured / math.log10(at[1] / at[0]), 2)
