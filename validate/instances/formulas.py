"""Statements that follow from others, checked by evaluating both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bounds import Constants, evaluation, recommend
from bounds.bound import Statement
from bounds.plan import Theory
from bounds.recommendation.planning import requested
from bounds.recommendation.problem import pose
from bounds.recommendation.starting import coarse, refined
from bounds.theory import complexity, design, recorded
from bounds.theory.algorithm import Algorithm, Recorded
from bounds.theory.algorithms import algorithms
from bounds.theory.algorithms.hf_maml import DELTA_FACTOR
from bounds.theory.algorithms.maml import MAML
from bounds.theory.step_rules import PAPER, SELF_SCALED
from validate.instances.climbing import share, tame
from validate.instances.search import Both, Search, case_of, of_formulas, says

SLOW = 4
BATCHES = (recorded.TASKS, recorded.INNER, recorded.OUTER)
ORDERS = tuple(f"design {what}" for what in design.GROWING)
CONSTANTS = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "epsilon")


def _subject(st: Statement) -> tuple[Algorithm, Recorded]:
    """Return the algorithm that a statement is about, and the recorded theorem on it."""
    subject = algorithms()[case_of(st).algorithm]
    if subject.recorded is None:
        raise ValueError(f"no recorded theorem on {subject.name}")
    return subject, subject.recorded


def _corollary(st: Statement, points: np.ndarray, seed: int) -> Both:
    """Return the recorded accuracy when this batch and the others have their corollaries' sizes, and epsilon."""
    subject, theorem = _subject(st)
    points = tame(points)
    sizing = {**recorded.batch_sizes(subject, theorem), case_of(st).quantity: st}
    values: dict[str, Any] = dict(zip(CONSTANTS, np.exp(points[:, :6].T), strict=True))
    values["alpha"] = float(theorem.largest_x) / values["L"] / (1 + np.exp(-points[:, 6]))
    values["epsilon"] = values["epsilon"] * (10 if theorem.fixed_noise else 1)
    sizes = {what: evaluation.inside(size, values) for what, size in sizing.items()}
    batches = {"B": sizes[recorded.TASKS], "D_in": sizes[recorded.INNER], "D_h": 1e12}
    batches["D_o"] = sizes[recorded.OUTER] / sizes[recorded.TASKS]
    return of_formulas(evaluation.inside(recorded.accuracy(subject), values | batches), values["epsilon"])


def _constant(st: Statement, points: np.ndarray, seed: int) -> Both:
    """Return the floor of the theorem here at its best epsilon, and the accuracy with the stated constant."""
    subject, record = _subject(st)
    floor = complexity.theorem("floor", subject, PAPER)
    values = _values(tame(points), record, subject.name)
    c_min = evaluation.inside(st, values)
    symbols = sorted(record.noise.expression.free_symbols, key=str)
    (level,) = evaluation.arrays((), tuple(map(str, symbols)), (record.noise.expression,))(
        *(values[str(symbol)] for symbol in symbols)
    )
    factor = values["rho"] * values["alpha"]
    right = np.maximum(np.sqrt(c_min * (1 + factor * values["sigma"]) * level), c_min * factor * level)
    floors = [evaluation.inside(floor, values | {"epsilon": right * z}) for z in np.geomspace(1e-6, 50, 45)]
    return np.nanmin(np.where(np.isnan(floors), np.inf, floors), axis=0), right


def _values(points: np.ndarray, record: Recorded, algorithm: str) -> dict[str, Any]:
    z = points.T
    shares = share(z[:4])
    alpha = float(record.largest_x) * shares[0]
    values: dict[str, Any] = {
        "L": 1.0,
        "alpha": alpha,
        "c": float(record.step_factor),
        "theta": 1.0,
        "D_h": 1.0,
    }
    values |= dict(zip(("rho", "sigma", "sigma_tilde"), np.exp(2 * z[4:7]), strict=True))
    factor = values["rho"] * alpha
    return values | {
        "probe_length": float(DELTA_FACTOR) / factor,
        "D_in": np.ceil(np.exp(3 * shares[1])),
        "D_o": np.ceil(np.exp(3 * shares[2])),
        "B": 20 + np.floor(np.exp(6 * shares[3])),
        "sigma_H": (math.sqrt(0.5) if algorithm == MAML.name else 1e-3) / alpha,
        "B_prime": np.ceil(np.maximum(1, (factor * values["sigma"]) ** 2 / 2)),
        "D_beta": np.ceil(np.maximum(1, (2 * factor * values["sigma_tilde"]) ** 2)),
    }


FIELDS = {"design iterations": "K", "design tasks": "B", "design inner-batch": "D_in"}
EPSILONS = np.array([1e-4, 1e-5])


def _order(st: Statement, points: np.ndarray, seed: int) -> Both:
    """Return the measured exponent of the optimised design between two small epsilon, and the stated one."""
    what = case_of(st).quantity
    noise = 0.0 if what == "design total.noise-free" else 0.3
    constants = Constants(1.0, 1.0, 0.3, noise, 0.0, 1.0)
    theory: Theory = "paper" if what == "design total.recorded" else "sharp"
    if what in FIELDS:
        seen = [_pathwise(constants, e)[FIELDS[what]] for e in EPSILONS]
    else:
        depth = None if what == "design total.multilevel" else 0
        plans = [recommend(constants, e, MAML.name, theory, 1 / 6, depth=depth) for e in EPSILONS]
        seen = [float(plan.total_samples or math.nan) for plan in plans]
    known = constants.values() | {"sigma_tilde": max(noise, 1e-9), "alpha": 1 / 6, "epsilon": EPSILONS}
    stated = evaluation.inside(st, known)
    return np.array([math.log10(seen[1] / seen[0])]), np.log10(stated[1:] / stated[:1])


def _pathwise(constants: Constants, epsilon: float) -> Mapping[str, float]:
    """Return the cheapest real sizes of the self-scaled step: others are free to trade tasks for iterations."""
    problem = pose(requested(constants, epsilon, MAML.name, alpha=1 / 6, depth=0), SELF_SCALED.name, epsilon)
    point = coarse(problem)
    values = {} if point is None else dict(problem.values(refined(problem, point)))
    return values and values | {"K": problem.model.iterations(values)}


SEARCHES = (
    Search(says(*BATCHES), 7, _corollary, slow=SLOW, relation=r"\le"),
    Search(says("constant"), 7, _constant, slow=SLOW, relation=r"\le"),
    Search(says(*ORDERS), 0, _order, instances=2, relation=r"\le"),
)
