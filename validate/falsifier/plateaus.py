"""Instances of the cosine family on which an algorithm stops: exact fixed points against statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bounds import DomainError, InputError, statement
from bounds.plan import Algorithm
from empirics import problems, simulate
from empirics.problems.plateau import Plateau
from validate.design import RECORDED_DELTA, Setting, long_plan

LARGE = 1e15
TINY = 1e-6


@dataclass(frozen=True)
class Instance:
    """A problem of the family and an inner step.

    Attributes
    ----------
    m_share, offset : float
        Curvature of f over L, and where f has its minimum.
    alpha : float
        Inner step (L = 1).
    """

    m_share: float
    offset: float
    alpha: float

    @property
    def problem(self) -> Plateau:
        """The problem."""
        made = problems.from_spec(f"plateau:m_share={self.m_share!r},offset={self.offset!r}")
        assert isinstance(made, Plateau)
        return made


def decode(point: np.ndarray, reach: float) -> Instance:
    """Return the instance of three unconstrained numbers; zeros are a neutral start."""
    share = 0.01 + 0.98 / (1 + np.exp(-point[0]))
    return Instance(float(share), float(3 * np.tanh(point[1])), float(reach / (1 + np.exp(-point[2]))))


def _fo(instance: Instance) -> float:
    return instance.problem.fo_plateau(instance.alpha)


def _hf(instance: Instance) -> float:
    problem = instance.problem
    return problem.hf_plateau(instance.alpha, _probe(instance))


def _probe(instance: Instance) -> float:
    return RECORDED_DELTA / (instance.problem.hessian_lipschitz * instance.alpha)


def _nothing(instance: Instance) -> float:
    return TINY


def _upper(instance: Instance) -> float:
    return float(statement("sharp.plateau.upper")(L=1.0, sigma=1.0, alpha=instance.alpha))


def _hf_upper(instance: Instance) -> float:
    values = {"L": 1.0, "rho": instance.problem.hessian_lipschitz, "sigma": 1.0, "alpha": instance.alpha}
    values["probe_length"] = _probe(instance)
    return float(statement("sharp.plateau.hf-maml")(**values))


def _recorded_hf(instance: Instance) -> float:
    rho = instance.problem.hessian_lipschitz
    batches = dict.fromkeys(("B", "D_in", "D_o", "D_h"), LARGE)
    constants = {"L": 1.0, "rho": rho, "sigma": 1.0, "sigma_tilde": 0.0, "sigma_H": 0.0}
    return float(
        statement("paper.hf-maml.accuracy")(**constants, **batches, alpha=instance.alpha, epsilon=TINY)
    )


@dataclass(frozen=True)
class Stop:
    """A statement about where an algorithm stops: both sides, and the largest alpha L."""

    left: Callable[[Instance], float]
    right: Callable[[Instance], float]
    reach: float
    algorithm: Algorithm


STOPS: Mapping[str, Stop] = MappingProxyType(
    {
        "fo-maml.any-epsilon": Stop(_fo, _nothing, 0.1, "fo-maml"),
        "paper.hf-maml.accuracy": Stop(_hf, _recorded_hf, 1 / 6, "hf-maml"),
        "sharp.plateau.upper": Stop(_fo, _upper, 0.5, "fo-maml"),
        "sharp.plateau.hf-maml": Stop(_hf, _hf_upper, 1 / 6, "hf-maml"),
    }
)
"""Statements about plateaus by name; the first is the hope that FO-MAML reaches every epsilon."""


def ratio(name: str, instance: Instance) -> float:
    """Return left side over right side; NaN where there is no fixed point or the statement does not apply."""
    stop = STOPS[name]
    try:
        return stop.left(instance) / stop.right(instance)
    except (InputError, DomainError):
        return float("nan")


def confirmed(name: str, instance: Instance) -> float:
    """Return the ratio of an actual run with exact tasks, as an independent second look."""
    stop, setting = STOPS[name], Setting(instance.problem, instance.alpha)
    plan = long_plan(setting, stop.algorithm)
    if stop.algorithm == "hf-maml":
        plan = plan.with_(probe_length=_probe(instance))
    frame = simulate(instance.problem, plan, replicates=1, exact=True, iterations=6000)
    return float(frame["grad_norm"].iloc[-1]) / stop.right(instance)
