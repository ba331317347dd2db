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
from validate.experiment import Experiment, Run
from validate.instances.points import Local
from validate.instances.search import beside, seen
from validate.instances.starts import starts
from validate.judge import Check
from validate.tolerance import gradient_scale, round_off

PLACE = 5
POINTS, ROUNDS = 64, 60


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare both sides of every pointwise lemma at the tightest point that was found."""
    return [tightest(experiment, name) for name in lemmas() if applies(name, experiment.problem)]


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
    count: int | None = None,
    words: str = "random points and MAML's path",
    rounds: int | None = None,
) -> Check:
    """Return the check of one lemma at its tightest point."""
    problem, alpha = experiment.problem, experiment.plan.alpha

    def sides(w: Tensor) -> extremes.Sides:
        left, bound = ratios(name, problem, w, alpha)
        return extremes.Sides(left, bound, doubt(name, problem, w, alpha, left))

    start = starts(problem, alpha, np.random.default_rng(experiment.seed), count or POINTS)
    found = extremes.tightest(experiment, name, sides, start, words, rounds or ROUNDS)
    return found if _left(name).of == MATRICES else replace(found, claim="lemma")


def _left(name: str) -> Left:
    left = statement(name).left
    if left is None:
        raise InputError("statement", name, "has no left side that is known at points")
    return left


def ratios(name: str, problem: Problem, w: Tensor, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Return both sides of a statement at points."""
    st = statement(name)
    chosen, left = seen(st, Local(problem, w, alpha))
    return beside(st, left, st(**chosen.known))


def doubt(name: str, problem: Problem, w: Tensor, alpha: float, left: np.ndarray) -> np.ndarray:
    """Return the round-off of a left-hand side at points, from that of the tasks' gradients or their matrices."""
    local, kind = Local(problem, w, alpha), _left(name)
    L = problem.constants().L
    if kind.of == MATRICES:
        return np.full_like(left, round_off((1 + alpha * L) ** 2))
    error = round_off(gradient_scale(local.values["mean_norm"], L, local.length(w)))
    if kind.size == "square":
        return error * (2 * np.sqrt(left) + error)
    if kind.size == "gradient":
        return error
    other = local.neighbours()
    far = gradient_scale(local.length(problem.meta_gradient(other, alpha)), L, local.length(other))
    return (error + round_off(far)) / local.length(other - w)


KIND = Kind("lemmas", everyones=True)
CLAIM = Claim("lemma", ("lemmas",), checks, where=is_lemma)
