"""An inequality at the point where it is tightest: climbed to, exact up to round-off.

A bound that is attained meets the quantity up to round-off, so round-off is the width of the interval and twice
that the room which a violation must exceed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds import statement
from bounds.errors import InputError
from bounds.stating import derived
from validate.claims.exact import exactly
from validate.experiment import Experiment
from validate.instances.climbing import climb
from validate.instances.points import scale
from validate.instances.search import LeftError
from validate.instances.starts import starts
from validate.judge import Check

ROUNDS = 40
SIZES = (-7.0, 1.0)
"""Orders of magnitude of the steps of a climb, in units of L/rho."""


@dataclass(frozen=True)
class Sides:
    """Both sides of an inequality at points, each an array of shape (n,).

    Attributes
    ----------
    left, right : ndarray
        The quantity and its bound.
    doubt : ndarray
        Round-off of the quantity.
    """

    left: np.ndarray
    right: np.ndarray
    doubt: np.ndarray

    @classmethod
    def of_worst_task(cls, left: Tensor, right: Any, doubt: Tensor, score: Tensor | None = None) -> Sides:
        """Return the sides of the task, of each row, with the largest score: what is left beyond round-off.

        ``left``, ``doubt`` and ``score`` have the shape (n, n_tasks), and so has ``right`` where it is a Tensor.
        """
        worst = (left - doubt if score is None else score).argmax(1, keepdim=True)

        def of_worst(part: Any) -> Any:
            return part.gather(1, worst)[:, 0].numpy() if isinstance(part, Tensor) else part

        return cls(*map(of_worst, (left, right, doubt)))

    def score(self, sign: int) -> np.ndarray:
        """How tight the inequality is, round-off set aside; above 1 for a violated ``<=``, above -1 for ``>=``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return (sign * self.left - self.doubt) / self.right


def tightest(
    experiment: Experiment,
    name: str,
    sides: Callable[[Tensor], Sides],
    start: Tensor,
    words: str,
    rounds: int | None = None,
) -> Check:
    """Return the check of a statement at its tightest point, climbed to from every row of ``start``.

    A quantity that is not finite at a start or at the end fails, as does one that is not a number on the way.
    """
    below = statement(name).relation == r"\ge"
    make = partial(experiment.check, title(name), name, algorithm="all", side=">=" if below else "<=")
    sign = -1 if below else 1
    try:
        first = sides(start)
    except LeftError:
        raise
    except InputError as error:
        return make(float("nan"), condition=str(error))
    rng = np.random.default_rng(experiment.seed)
    strange = False

    def score(points: np.ndarray) -> np.ndarray:
        nonlocal strange
        found = sides(torch.from_numpy(points))
        strange = strange or bool((np.isnan(found.left) & ~np.isnan(found.right)).any())
        return found.score(sign)

    best, _ = climb(score, start.numpy(), rng, rounds or ROUNDS, SIZES, scale(experiment.plan.constants))
    last = sides(torch.from_numpy(best))
    worst = int(np.argmax(np.nan_to_num(last.score(sign), nan=-np.inf)))
    left, right, doubt = (float(part[worst]) for part in (last.left, last.right, last.doubt))
    known = np.isfinite(first.left).all() and np.isfinite([left, doubt]).all() and not strange
    return make(
        right,
        exactly(left, doubt),
        margin=2 * doubt,
        failure="" if known else "not a finite number at a point",
        detail=f"{words}: tightest of {len(start)} climbs, {left:.4g} against {right:.4g}",
    )


def starting(experiment: Experiment, count: int, rng: np.random.Generator | None = None) -> Tensor:
    """Return points of an experiment to look at or to climb from, the same whenever they are asked for."""
    chosen = rng or np.random.default_rng(experiment.seed)
    return starts(experiment.problem, experiment.plan.alpha, chosen, count)


def title(name: str) -> str:
    """Return what a claim about a statement is called: its name, without the prefix of the derived ones."""
    return name.removeprefix(derived.named(""))


def known_values(experiment: Experiment) -> dict[str, Any]:
    """Return the problem's constants, its dimension and the inner step under their names in the statements."""
    own = {"alpha": experiment.plan.alpha, "d": experiment.problem.dim}
    return experiment.plan.constants.values() | own
