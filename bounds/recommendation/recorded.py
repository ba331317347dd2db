"""The least batch sizes that the paper's own conditions ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bounds.bound import ROUNDING, Condition
from bounds.errors import InputError
from bounds.evaluation import scalars
from bounds.symbols import B_prime, D_beta, D_h
from bounds.theory import algorithms
from bounds.theory.algorithm import ENOUGH_TASKS
from bounds.theory.step_rules import SAMPLES, TASKS

_NAMES = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "alpha")
_STEP = (Condition("step-size tasks", TASKS, B_prime), Condition("step-size samples", SAMPLES, D_beta))


def least_batches(algorithm: str, values: Mapping[str, float]) -> dict[str, float]:
    """Return the least whole number of each batch size that a recorded condition speaks of."""
    needs = _needed(conditions(algorithm), values)
    return {name: float(max(1, _whole(least))) for name, least in needs.items()}


def require_recorded(algorithm: str, values: Mapping[str, float], fixed: Mapping[str, int]) -> None:
    """Raise ``InputError`` when a given batch size breaks a condition of the paper."""
    asked = conditions(algorithm)
    for name, least in _needed(asked, values).items():
        if name in fixed and not asked[name].holds(least, fixed[name]):
            needs = f"the paper's theory of {algorithm} needs {asked[name].left} <= {name}"
            advice = f"give {name} >= {_whole(least)}, leave it out, or use theory sharp"
            raise InputError(name, fixed[name], needs, advice)


def _whole(least: float) -> int:
    return math.ceil(least * (1 - ROUNDING))


def conditions(algorithm: str) -> dict[str, Condition]:
    """Return the recorded conditions on batch sizes, by the batch size that each asks something of."""
    theorem = algorithms.algorithm(algorithm).recorded
    hessian = None if theorem is None else theorem.hessian_batch
    more = () if hessian is None else (Condition("Hessian batch", hessian, D_h),)
    return {str(condition.right): condition for condition in (ENOUGH_TASKS, *_STEP, *more)}


def _needed(asked: Mapping[str, Condition], values: Mapping[str, float]) -> dict[str, float]:
    sides = tuple(condition.left for condition in asked.values())
    numbers = scalars((), _NAMES, sides)(*(values[name] for name in _NAMES))
    return dict(zip(asked, numbers, strict=True))
