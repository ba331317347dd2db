"""Lemmas: each inequality at the point, among very many, where it is tightest.

The left-hand side is exact (all tasks are enumerated), so nothing has to be confirmed on fresh seeds; what is
random is only where it was looked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from torch import Tensor

from bounds import InputError, statement, statements
from bounds.bound import Statement
from bounds.standing import LOSSES, MATRICES, POINT, Left
from bounds.symbols import d
from empirics.problems.base import Problem
from validate.claim import Claim, Kind
from validate.claims import extremes
from validate.claims.extremes import starting
from validate.experiment import Experiment, Run
from validate.instances.points import Local
from validate.instances.search import beside, refuse_ungiven, seen
from validate.judge import Check
from validate.tolerance import gradient_scale, round_off

PLACE = 5
POINTS, ROUNDS = 64, 60


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare both sides of every pointwise lemma at the tightest point that was found."""
    start = starting(experiment, POINTS)
    names = [name for name in lemmas() if applies(name, experiment.problem)]
    return [tightest(experiment, name, start) for name in names]


def lemmas(about: Callable[[Statement], bool] | None = None) -> tuple[str, ...]:
    """Return the names of the lemmas, or of what else a claim is about."""
    return tuple(st.name for st in statements().values() if (about or is_lemma)(st))


def is_lemma(st: Statement) -> bool:
    """Whether a statement's left side is known at points, and it is not known to be false."""
    return st.left is not None and st.left.of in (POINT, LOSSES) and st.standing.kind != "refuted"


def applies(name: str, problem: Problem) -> bool:
    """Whether the condition on the dimension, where a statement has one, allows this problem."""
    return all(c.holds(problem.dim, int(c.right)) for c in statement(name).domain if c.left == d)


def tightest(
    experiment: Experiment,
    name: str,
    start: Tensor | None = None,
    words: str = "random points and MAML's path",
    rounds: int | None = None,
) -> Check:
    """Return the check of one lemma at its tightest point, climbed to from many or from the rows of ``start``."""
    problem, alpha = experiment.problem, experiment.plan.alpha

    def sides(w: Tensor) -> extremes.Sides:
        local = Local(problem, w, alpha)
        left, bound = _both(name, local)
        return extremes.Sides(left, bound, doubt(name, local, left))

    start = starting(experiment, POINTS) if start is None else start
    found = extremes.tightest(experiment, name, sides, start, words, rounds or ROUNDS)
    return found if _left(name).of == MATRICES else replace(found, claim="lemma")


def _left(name: str) -> Left:
    left = statement(name).left
    if left is None:
        raise InputError("statement", name, "has no left side that is known at points")
    return left


def ratios(name: str, problem: Problem, w: Tensor, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Return both sides of a statement at points."""
    return _both(name, Local(problem, w, alpha))


def _both(name: str, local: Local) -> tuple[np.ndarray, np.ndarray]:
    st = statement(name)
    refuse_ungiven(st, local.known)
    chosen, left = seen(st, local)
    return beside(st, left, st(**chosen.known))


def doubt(name: str, local: Local, left: np.ndarray) -> np.ndarray:
    """Return the round-off of a left-hand side at points, from that of the tasks' gradients or their matrices."""
    kind, w, alpha, L = _left(name), local.w, local.alpha, local.constants.L
    if kind.of == MATRICES:
        return np.full_like(left, round_off((1 + alpha * L) ** 2))
    error = round_off(gradient_scale(local.values["mean_norm"], L, local.length(w)))
    if kind.size == "square":
        return error * (2 * np.sqrt(left) + error)
    if kind.size == "gradient":
        return error
    other = local.neighbours()
    far = gradient_scale(local.length(local.problem.meta_gradient(other, alpha)), L, local.length(other))
    return (error + round_off(far)) / local.length(other - w)


KIND = Kind("lemmas", everyones=True)
CLAIM = Claim("lemma", ("lemmas",), checks, where=is_lemma)
