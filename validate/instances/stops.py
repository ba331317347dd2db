"""Instances of two families on which an algorithm stops: exact fixed points against statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from bounds import DomainError, InputError
from bounds.bound import Statement
from bounds.standing import COSINE, Case, Left, Standing
from bounds.stating import GRADIENT
from bounds.symbols import epsilon
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.plateau import FO_STALLS, ON_TRAPEZOID
from empirics import problems, simulate
from empirics.problems.base import Problem
from validate.budget import RECORDED_DELTA
from validate.design import FIXED, Setting, long_plan
from validate.instances.search import Both, case_of, one_by_one, reach, sides

LARGE, TINY = 1e15, 1e-6
LIMITS = {
    "B": LARGE,
    "D_in": LARGE,
    "D_o": LARGE,
    "D_h": LARGE,
    "sigma_tilde": 0.0,
    "sigma_H": 0.0,
    "epsilon": TINY,
}
"""Batches so large that a run is one with exact tasks, and a target that is hardly one."""
HOPE = Statement(
    "fo-maml.any-epsilon",
    "FO-MAML reaches every epsilon: known to be false",
    r"\|\nabla F(w^*)\|",
    epsilon,
    GRADIENT,
    "nobody's: what one may hope for",
    "derived",
    standing=Standing("refuted", FO_STALLS.name),
    case=Case("hope", FO_MAML.name),
    left=Left(lambda p: p.fo_stop, of=COSINE),
)


@dataclass(frozen=True)
class Stop:
    """A problem and an inner step; both sides of a statement are numbers here.

    Attributes
    ----------
    problem : Problem
    alpha : float
    shown : mapping
        What a reader is told.
    """

    problem: Any
    alpha: float
    shown: Mapping[str, float]

    @cached_property
    def known(self) -> dict[str, Any]:
        """All that statements may ask."""
        own: dict[str, Any] = {"alpha": self.alpha, "m": self.problem.m}
        if hasattr(self.problem, "R"):
            own["R"] = self.problem.R
        return (
            LIMITS | own | {name: getattr(self.problem.constants(), name) for name in ("L", "rho", "sigma")}
        )

    @property
    def fo_stop(self) -> float:
        """The gradient at FO-MAML's fixed point."""
        return _or_nothing(lambda: self.problem.fo_plateau(self.alpha))

    @property
    def hf_stop(self) -> float:
        """The gradient at HF-MAML's fixed point with the recorded probe."""
        return _or_nothing(lambda: self.problem.hf_plateau(self.alpha, self.probe))

    @property
    def probe(self) -> float:
        """The recorded length of HF-MAML's probe."""
        return RECORDED_DELTA / (self.problem.hessian_lipschitz * self.alpha)


def _or_nothing(stop: Callable[[], float]) -> float:
    try:
        return stop()
    except (InputError, DomainError):
        return float("nan")


def _shares(point: np.ndarray) -> list[float]:
    return [float(u) for u in 1 / (1 + np.exp(-point))]


def cosine(st: Statement, point: np.ndarray) -> Stop:
    """Return the instance of three unconstrained numbers; the fixed one where the statement is about that."""
    share, offset = 0.01 + 0.98 * _shares(point)[0], float(3 * np.tanh(point[1]))
    if st.relation == r"\ge":
        share, offset = FIXED
    inner = min(reach(st), 1 / 6) * _shares(point)[2]
    problem = problems.from_spec(f"plateau:m_share={share!r},offset={offset!r}")
    return Stop(problem, inner, {"m/L": share, "kappa w_s": offset, "alpha L": inner})


def trapezoid(st: Statement, point: np.ndarray) -> Stop:
    """Return a trapezoid tuned to its inner step."""
    first, second, _ = _shares(point)
    inner, R = 1e-3 + 0.33 * first, 1.5 + 5 * second
    problem = problems.from_spec(f"trapezoid:alpha={inner!r},R={R!r}")
    return Stop(problem, inner, {"alpha L": inner, "R": R})


def _by_a_run(st: Statement, point: np.ndarray, seed: int) -> Both:
    """Return where an actual run with exact tasks ends, as an independent second look."""
    found = cosine(st, point)
    algorithm = case_of(st).algorithm or FO_MAML.name
    problem: Problem = found.problem
    plan = long_plan(Setting(problem, found.alpha), algorithm)
    if algorithm == HF_MAML.name:
        plan = plan.with_(probe_length=found.probe)
    frame = simulate(problem, plan, replicates=1, exact=True, iterations=6000)
    _, right = sides(st, found)
    return np.array([float(frame["grad_norm"].iloc[-1])]), right


SEARCHES = (
    one_by_one(COSINE, 3, cosine, attrgetter("shown"), slow=16, again=_by_a_run),
    one_by_one(ON_TRAPEZOID, 3, trapezoid, attrgetter("shown"), slow=16),
)
