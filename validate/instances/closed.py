"""Closed forms, by exact enumeration: means without replacement and of matrices, stationary laws, step factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any

import numpy as np

from bounds import evaluation
from bounds.bound import Statement
from bounds.theory import complexity
from bounds.theory.algorithms import algorithms
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.limits import BOWLS
from bounds.theory.sampling import MEANS, SUBSETS
from bounds.theory.step_rules import RULE
from validate.instances.climbing import share, tame
from validate.instances.search import Both, Search, case_of, one_by_one, says

TASKS, DIM = 5, 3
SLOW = 4


@dataclass(frozen=True)
class Seen:
    """A left side, and what statements may ask beside it."""

    left: float
    known: Mapping[str, float]


def subsets(st: Statement, numbers: np.ndarray) -> Seen:
    """Variance of the mean over all subsets of B out of five tasks; B is 1 to 5."""
    values = numbers[1:].reshape(TASKS, 2)
    B = 1 + int(TASKS * 0.999 * float(share(numbers[0])))
    means = np.array([values[list(chosen)].mean(0) for chosen in combinations(range(TASKS), B)])
    left, spread = (float(((v - values.mean(0)) ** 2).sum(1).mean()) for v in (means, values))
    return Seen(left, {"n_tasks": TASKS, "B": B, "variance": spread})


def means_of_matrices(st: Statement, numbers: np.ndarray) -> Seen:
    """Spectral norm of the mean of two matrices, each one of four with a random sign."""
    laws = numbers.reshape(4, DIM, DIM)
    diagonal = np.sign(np.einsum("kii->ki", laws))[:, None, :]
    laws = laws + laws.transpose(0, 2, 1) + 4 * np.eye(DIM) * diagonal
    values = np.concatenate([laws, -laws])
    first, second = np.array(list(product(range(8), repeat=2))).T
    means = (values[first] + values[second]) / 2
    size, left = (float(np.mean(np.linalg.norm(m, 2, axis=(1, 2)) ** 2)) for m in (values, means))
    return Seen(left, {"d": DIM, "D_h": 2, "sigma_H": size**0.5})


@dataclass(frozen=True)
class Bowl:
    """Quadratics ``L (w - c_i)^2 / 2`` with L = 1, noises of constant variance, batches of one sample.

    Attributes
    ----------
    alpha, beta : float
        Inner and outer step.
    sigma, sigma_tilde, sigma_H : float
    """

    alpha: float
    beta: float
    sigma: float
    sigma_tilde: float
    sigma_H: float

    @classmethod
    def of(cls, st: Statement, numbers: np.ndarray) -> Bowl:
        """Return the instance of five unconstrained numbers."""
        inner, outer = (float(share(u)) for u in numbers[:2])
        return cls(0.99 * inner, outer, *(float(size) for size in np.abs(numbers[2:]) + 1e-6))

    @cached_property
    def known(self) -> dict[str, float]:
        """All that statements may ask."""
        return {"L": 1.0, **dict.fromkeys(("B", "D_in", "D_o", "D_h"), 1.0), **vars(self)}

    def stationary(self, algorithm: str) -> float:
        """Return the mean square of grad F, from all equally likely steps ``w -> w - beta (a w + b)``."""
        task, inner, outer, hessian = np.array(list(product((1.0, -1.0), repeat=4))).T
        P = 1 - (algorithm != FO_MAML.name) * self.alpha * (1 + self.sigma_H * hessian)
        kept = 1 - self.alpha
        a = P * kept
        b = P * (self.sigma_tilde * (outer - self.alpha * inner) - kept * self.sigma * task)
        shrink, added = np.mean((1 - self.beta * a) ** 2), self.beta**2 * np.mean(b**2)
        return float(kept**4 * added / (1 - shrink)) if shrink < 1 else float("nan")


# ---- the best step factor: no other one has fewer iterations -----------------------------------------

_NAMES = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")
_BATCHES = dict.fromkeys(("B", "B_prime", "D_beta", "D_in", "D_o", "D_h"), 50.0)
_OTHERS = np.array([*np.geomspace(1e-3, 10, 40), 0.99, 1.01])


def _step_factor(st: Statement, points: np.ndarray, seed: int) -> Both:
    """Return the bound on the iterations at the stated step factor, and the least one of many others."""
    case = case_of(st)
    bound = complexity.theorem("iterations", algorithms()[case.algorithm], RULE[case.rule])
    constants = dict(zip(_NAMES, np.exp(tame(points[:, :6]).T), strict=True))
    values: dict[str, Any] = _BATCHES | constants | {"theta": 1.0, "M": 1.0, "probe_length": 0.01}
    values["alpha"] = 0.2 / (1 + np.exp(-points[:, 6])) / values["L"]
    values["epsilon"] = 20 * values["sigma"]
    best = evaluation.inside(st, values)
    own, *others = (evaluation.inside(bound, values | {"c": best * k}) for k in (1.0, *_OTHERS))
    least = np.nanmin(np.where(np.isnan(others), np.inf, others), axis=0)
    return own, np.where(np.isinf(least), np.nan, least)


SEARCHES = (
    one_by_one(SUBSETS, 1 + 2 * TASKS, subsets, slow=SLOW),
    one_by_one(MEANS, 4 * DIM * DIM, means_of_matrices, slow=SLOW),
    one_by_one(BOWLS, 5, Bowl.of, slow=SLOW),
    Search(says("step-factor"), 7, _step_factor, slow=SLOW, relation=r"\le"),
)
