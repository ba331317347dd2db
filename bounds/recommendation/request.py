"""What a recommendation was asked for, validated at construction."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from bounds import arguments, kit
from bounds.constants import Constants, require_constants
from bounds.errors import InputError, unknown
from bounds.kit.facts import Subject, Theorem
from bounds.plan import Algorithm, Plan, StepKind, Theory
from bounds.reading import counted, finite
from bounds.recommendation.model import BATCHES, Cost
from bounds.recommendation.recorded import require_recorded
from bounds.recommendation.scaling import NATURAL, Units, remedy

FARTHEST, NEAREST = 1e60, 1e-60
"""Largest ratio between a constant and its natural unit, and what is one over it as it is written."""
DEEPEST = 60
"""Levels of a multilevel inner batch; each doubles a batch."""
RULES_OF: Mapping[StepKind, tuple[str, ...]] = {
    "sampled": ("sampled",),
    "self-scaled": ("self-scaled-mean", "self-scaled"),
    "constant": ("constant",),
}
"""The step rules of the theory for each kind of step, by name, the one that is mostly cheaper first."""
_RESCALE = "measure in other units"
_STEP_BATCHES = frozenset({"B_prime", "D_beta"})


@dataclass(frozen=True)
class Request:
    """Constants, target and options of one recommendation.

    Raises
    ------
    InputError
        When an argument is out of its range; for alpha the message names the inequality of the theory.
    """

    constants: Constants
    epsilon: float
    algorithm: Algorithm
    theory: Theory
    alpha: float
    step: StepKind | None = None
    cost: Cost = field(default_factory=Cost)
    fixed: Mapping[str, int] = field(default_factory=dict)
    max_iterations: float = math.inf
    n_tasks: int | None = None
    inner_steps: int = 1
    depth: int | None = None

    def __post_init__(self) -> None:
        require_constants("constants", self.constants)
        subject_of(self.algorithm, self.inner_steps)
        require_member("theory", self.theory, get_args(Theory))
        if self.theory == "paper":
            recorded_theorem(self.algorithm, self.inner_steps)
        if self.step is not None:
            require_member("step", self.step, get_args(StepKind))
        _require_positive("epsilon", self.epsilon)
        _require_positive("alpha", self.alpha)
        if not ((arguments.real(self.max_iterations) or 0) >= 1):
            raise InputError("max_iterations", self.max_iterations, "must be a number >= 1")
        if self.n_tasks is not None:
            _require_count("n_tasks", self.n_tasks)
        require_kinds(self.cost, self.fixed)
        self._require_depth()
        self._require_inner_step()
        self._require_step()
        self._require_scale()
        self._require_batches()

    @property
    def subject(self) -> Subject:
        """The algorithm."""
        return kit.subject(self.algorithm, self.inner_steps)

    def answered(self, **found: Any) -> Plan:
        """Return the plan for what was asked, with what was found."""
        asked = ("algorithm", "theory", "constants", "epsilon", "alpha", "n_tasks", "inner_steps")
        return Plan(**{name: getattr(self, name) for name in asked}, **found)

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the step rules that may be used."""
        return tuple(name for kind in self.steps for name in self.rules_of(kind))

    def rules_of(self, kind: StepKind) -> tuple[str, ...]:
        """Return the names of the step rules of a kind, the one that is mostly cheaper first."""
        return ("paper-step",) if self.theory == "paper" else RULES_OF[kind]

    @property
    def steps(self) -> tuple[StepKind, ...]:
        """The kinds of step that may be taken."""
        if self.step is not None:
            return (self.step,)
        if self.theory == "paper" or _STEP_BATCHES & set(self.fixed):
            return ("sampled",)
        return ("sampled", "self-scaled", "constant") if self._bounded() else ("sampled", "self-scaled")

    @property
    def layered(self) -> tuple[bool, ...]:
        """Whether the inner batch is a multilevel one: the ways that may be cheapest, the plain one first.

        Where D_in or D_o is given, these are all the samples of a task that there are.
        """
        if self.depth is not None:
            return (self.depth > 0,)
        able = self.subject.runs_levels and self.subject.has_levels
        searched = self.theory == "sharp" and able
        return (False, True) if searched and not {"D_in", "D_o"} & set(self.fixed) else (False,)

    @property
    def finite(self) -> bool:
        """Whether different tasks are drawn: their number is known, and the theory and a given B allow it."""
        return self.n_tasks is not None and self.theory == "sharp" and self.fixed.get("B", 1) <= self.n_tasks

    @property
    def drawings(self) -> tuple[Request, ...]:
        """The request for each way of drawing tasks that may be cheapest: different ones, and with replacement."""
        return (self, replace(self, n_tasks=None)) if self.finite else (self,)

    def _bounded(self) -> bool:
        return self.constants.M is not None or self.constants.rho == 0

    def _require_depth(self) -> None:
        if self.depth is None:
            return
        whole = not isinstance(self.depth, bool) and isinstance(self.depth, int)
        if not (whole and 0 <= self.depth <= DEEPEST):
            raise InputError("depth", self.depth, f"must be a whole number from 0 to {DEEPEST}")
        if self.depth and self.theory == "paper":
            advice = "leave it out, or use theory sharp"
            raise InputError("depth", self.depth, "the paper's theory has a plain inner batch only", advice)
        if self.depth and not self.subject.has_levels:
            allowed = f"{self.subject.said} has no multilevel inner batch in this theory"
            raise InputError("depth", self.depth, allowed, "leave it out")

    def _require_inner_step(self) -> None:
        paper = self.theory == "paper"
        limit = recorded_theorem(self.algorithm).inner if paper else self.subject.range
        reach = self.alpha * self.constants.L
        if not limit.holds(reach):
            sign = "<" if limit.strict else "<="
            needs = f"the {self.theory} theory of {self.subject.said} needs alpha L {sign} {limit.text}"
            most = limit.most / self.constants.L
            raise InputError(
                "alpha", self.alpha, f"{needs}, here {reach:.6g}", f"take alpha {sign} {most:.6g}"
            )

    def _require_scale(self) -> None:
        """Refuse what floats cannot carry: numbers that overflow in units where L = epsilon = 1."""
        c, epsilon = self.constants, self.epsilon
        for name, value in (("L", c.L), ("epsilon", epsilon), ("alpha", self.alpha)):
            if not NEAREST <= value <= FARTHEST:
                raise _out_of_scale(name, value)
        for name, ratio in Units.of(c.L, epsilon).ratios(c).items():
            if ratio is not None and not ratio <= FARTHEST:
                allowed = f"is {ratio:.3g} times {NATURAL[name]}, at most {FARTHEST:g} times can be computed"
                raise InputError(name, getattr(c, name), allowed, remedy(c, name, NEAREST, FARTHEST))

    def _require_step(self) -> None:
        if self.theory == "paper" and self.step not in (None, "sampled"):
            raise InputError(
                "step", self.step, "the paper's theory has the sampled step only", "use theory sharp"
            )
        if self.step == "constant" and not self._bounded():
            raise InputError(
                "M", None, "the constant step needs a bound M on E||grad f_i|| along the run", "give M"
            )

    def _require_batches(self) -> None:
        for name, value in self.fixed.items():
            _require_batch(name, value)
            if name == "D_h" and not self.subject.takes_hessians:
                others = [name for name in kit.names() if kit.subject(name).takes_hessians]
                advice = f"leave it out, or take {' or '.join(others)}"
                raise InputError(name, value, f"{self.algorithm} takes no Hessian samples", advice)
            if name in _STEP_BATCHES and self.step in ("self-scaled", "constant"):
                advice = "leave it out, or take the sampled step"
                raise InputError(name, value, f"the {self.step} step has no batch of its own", advice)
        if self.theory == "paper":
            theorem, values = recorded_theorem(self.algorithm), self.constants.values()
            require_recorded(self.algorithm, theorem, values | {"alpha": self.alpha}, self.fixed)


def largest_alpha(name: str, constants: Constants, inner_steps: int = 1) -> float:
    """Return the largest inner step that the paper's theorem on the algorithm allows, or else the usual one."""
    L, usual = require_constants("constants", constants).L, subject_of(name, inner_steps).largest_x
    x = recorded_theorem(name, inner_steps).largest_x if usual is None else usual
    if not math.isfinite(x / L):
        raise _out_of_scale("L", L)
    return x / L


def _out_of_scale(name: str, value: float) -> InputError:
    return InputError(name, value, f"must be between {NEAREST:g} and {FARTHEST:g}", _RESCALE)


def subject_of(name: str, inner_steps: int = 1) -> Subject:
    """Return an algorithm; raise InputError where there is none of this name, or the name is no string."""
    if not isinstance(name, str):
        raise unknown("algorithm", name, kit.names())
    return kit.subject(name, inner_steps)


def recorded_theorem(name: str, inner_steps: int = 1) -> Theorem:
    """Return the paper's theorem on an algorithm.

    Raises
    ------
    InputError
        When there is no such algorithm, or no theorem on it.
    """
    subject = kit.subject(name, inner_steps)
    found = subject.recorded
    if found is None:
        allowed = "has no recorded theorem"
        raise InputError("algorithm", subject.said, allowed, "give alpha, and use theory sharp")
    return found


def require_kinds(cost: Cost, fixed: Mapping[str, int]) -> None:
    """Raise ``InputError`` where prices or given batch sizes are something else."""
    arguments.kind("cost", cost, Cost, "must be a Cost, the prices of samples", "make one: Cost(hessian=2)")
    arguments.mapping("fixed", fixed, "batch sizes to numbers", 'such as {"B": 4, "D_in": 5}')


def require_member(name: str, value: object, allowed: Iterable[str]) -> None:
    """Raise ``InputError`` unless the value is one of the allowed ones."""
    if not isinstance(value, str) or value not in tuple(allowed):
        raise unknown(name, value, allowed)


def _require_positive(name: str, value: object) -> None:
    number = finite(value)
    if number is None or not (number > 0):
        raise InputError(name, value, "must be a finite number > 0")


def _require_batch(name: str, value: Any) -> None:
    require_member("fixed", name, BATCHES)
    _require_count(name, value)


def _require_count(name: str, value: Any) -> None:
    if counted(value) is None:
        raise InputError(name, value, "must be a whole number >= 1 of at most 64 bits")
