"""A plan: the hyperparameters of one run, and what the theory guarantees for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from bounds import arguments
from bounds.assurance import Assurance
from bounds.constants import NAMES, Constants, require_constants
from bounds.errors import InputError
from bounds.levels import hessian_samples, inner_samples, outer_samples

Algorithm = str
"""The name of one of :func:`bounds.theory.algorithms.algorithms`."""
Theory = Literal["paper", "sharp"]
StepKind = Literal["sampled", "self-scaled", "constant"]
Drawing = Literal["with replacement", "without replacement", "all"]
_NUMBERS = (
    "step_factor", "B", "D_in", "D_o", "D_h", "B_prime", "D_beta", "theta", "smoothness",
    "iterations", "guarantee", "smallest_epsilon", "n_tasks", "rate", "damping",
)  # fmt: skip
"""The fields of a plan that are numbers, where they are known."""


@dataclass(frozen=True)
class StepRule:
    r"""Step size :math:`\beta_k = c / (\ell + s\,u_k)` with step factor c.

    The size u_k is, by kind: ``sampled``, the mean of ``||g~_j(w_k)||`` over B' fresh tasks with D_beta
    samples each; ``self-scaled``, the norm of the averaged direction G itself; ``constant``, zero.

    Attributes
    ----------
    kind : {"sampled", "self-scaled", "constant"}
    smoothness : float
        The constant part, unit F/W^2.
    slope : float
        The factor of u_k, unit 1/W.

    Raises
    ------
    InputError
        When one of them is of another kind.
    """

    kind: StepKind
    smoothness: float
    slope: float

    def __post_init__(self) -> None:
        arguments.text("kind", self.kind, "must be the name of a kind of step")
        for name in ("smoothness", "slope"):
            _require_number(name, getattr(self, name))


@dataclass(frozen=True)
class Plan:
    r"""Hyperparameters of one algorithm for a target epsilon, with the bound that they satisfy.

    ``guarantee`` bounds :math:`E\|\nabla F(w_R)\|`, R uniform on the iterations, and
    :math:`\min_k E\|\nabla F(w_k)\|`, evaluated (rounded outwards) at exactly these integers.
    ``probe_length`` is l: HF-MAML's difference step is ``delta_i = l / ||v_i||``; a feasible plan for an algorithm
    that needs a probe has one.
    ``statement`` names the guarantee's statement, ``uses`` the symbols in it, where the planner noted them;
    ``theta`` is a parameter of its proof, not of the run;
    ``smoothness`` is the L that it is computed with, which may exceed the constant L where that pays;
    ``damping`` is how many times larger than it must be the constant part of a self-scaled step is.
    Batch sizes that the algorithm or the step rule does not use are 0.
    ``inner_steps`` is N; each has a batch of D_in samples of its own, and each Hessian one of D_h.
    ``n_tasks`` is the number of tasks where it is known: then B different ones are drawn, see ``tasks``.
    ``depth`` is 0 for a plain inner batch; else levels 1 to depth are drawn with probability ``rate * 2**-level``
    beside the batches of D_in and D_o samples, see :mod:`bounds.theory.multilevel`.
    ``step_costs`` has for each kind of step the price of its cheapest plan as a multiple of the cheapest of all
    (with real-valued batch sizes), where the planner compared them.
    ``assurance`` says what several such runs promise with a probability, where a confidence was asked for; epsilon
    and guarantee are then those of one run, ``total_samples`` too.
    An infeasible plan has ``feasible`` false, a ``reason`` and ``smallest_epsilon``.

    The guarantee is as good as the constants: ``condition`` says in words which of them are only declared or
    estimated. A plan whose constants are refuted has no guarantee and is not feasible; its sizes are kept.

    Raises
    ------
    InputError
        When a field is of another kind than it says, a probe length is no finite number > 0, or a feasible plan
        that needs one has none.
    """

    algorithm: Algorithm
    theory: Theory
    constants: Constants
    epsilon: float
    alpha: float
    feasible: bool
    reason: str
    binding: str
    step_factor: float | None = None
    step_rule: StepRule | None = None
    B: int | None = None
    D_in: int | None = None
    D_o: int | None = None
    D_h: int | None = None
    B_prime: int | None = None
    D_beta: int | None = None
    probe_length: float | None = None
    theta: float | None = None
    smoothness: float | None = None
    iterations: int | None = None
    guarantee: float | None = None
    statement: str = ""
    smallest_epsilon: float | None = None
    uses: tuple[str, ...] = field(default=(), compare=False, repr=False)
    n_tasks: int | None = None
    depth: int = 0
    rate: float | None = None
    step_costs: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False)
    inner_steps: int = 1
    damping: float | None = None
    assurance: Assurance | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._require_kinds()
        length = arguments.real(self.probe_length)
        if self.probe_length is None and not (self.feasible and self._probes):
            return
        if length is None or not 0 < length < math.inf:
            allowed = f"a plan for {self.algorithm} needs the length of its probe, a finite number > 0"
            raise InputError("probe_length", self.probe_length, allowed, "unit of the parameters")

    def _require_kinds(self) -> None:
        """Refuse what no plan can be made of; how large its numbers may be, a run says."""
        for name in ("algorithm", "theory", "reason", "binding", "statement"):
            arguments.text(name, getattr(self, name))
        for name in ("epsilon", "alpha", "depth", "inner_steps"):
            _require_number(name, getattr(self, name))
        arguments.names("uses", self.uses)
        arguments.mapping("step_costs", self.step_costs, "kinds of step to prices")
        require_constants("constants", self.constants)
        arguments.flag("feasible", self.feasible)
        if self.step_rule is not None:
            made = "StepRule(kind, smoothness, slope), or that of another plan: plan.step_rule"
            arguments.kind("step_rule", self.step_rule, StepRule, "must be a StepRule", made)
        if self.assurance is not None:
            made = "recommend(..., confidence=...) gives one"
            arguments.kind("assurance", self.assurance, Assurance, "must be an Assurance", made)
        for name in _NUMBERS:
            if getattr(self, name) is not None:
                _require_number(name, getattr(self, name))

    @property
    def target(self) -> float:
        """The epsilon that was asked for: with a confidence one run aims at less."""
        return self.epsilon if self.assurance is None else self.assurance.epsilon

    @property
    def price(self) -> int | float | None:
        """Samples of all that the target asks for: the whole run, or all runs and the choice among them."""
        return self.total_samples if self.assurance is None else self.assurance.samples

    @property
    def _probes(self) -> bool:
        """Whether the algorithm, where the theory knows it, needs a probe."""
        from bounds import kit

        return self.algorithm in kit.names() and kit.subject(self.algorithm).probes

    @property
    def tasks(self) -> Drawing:
        """How the B tasks of a step are drawn; those of a sampled step size are drawn with replacement."""
        if self.theory == "paper" or self.n_tasks is None or self.B is None or self.n_tasks < self.B:
            return "with replacement"
        return "all" if self.n_tasks == self.B else "without replacement"

    @property
    def samples_per_iteration(self) -> int | float | None:
        """Samples of one iteration: ``B (N D_in + D_o + N D_h) + B' D_beta`` for N inner steps.

        With levels it is their expected number.
        """
        if self.B is None:
            return None
        levels = (self.depth, self.rate or 0)
        inner, outer = inner_samples(self.D_in or 0, *levels), outer_samples(self.D_o or 0, *levels)
        bent = hessian_samples(self.D_h or 0, *levels, self.inner_steps)
        task: int | float = self.inner_steps * inner + bent + outer
        return self.B * task + (self.B_prime or 0) * (self.D_beta or 0)

    @property
    def total_samples(self) -> int | float | None:
        """Samples of the whole run; with levels, their expected number."""
        each = self.samples_per_iteration
        return None if each is None or self.iterations is None else each * self.iterations

    @property
    def delta_factor(self) -> float | None:
        r"""The paper's name for the probe, ``gamma = rho alpha l``; None when rho = 0, where it says nothing."""
        if self.probe_length is None or self.constants.rho == 0:
            return None
        return self.constants.rho * self.alpha * self.probe_length

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Names of the constants that the guarantee depends on; all of them when there is no statement."""
        if not self.statement:
            return NAMES
        return tuple(name for name in NAMES if name in (self.uses or self._looked_up))

    @cached_property
    def _looked_up(self) -> tuple[str, ...]:
        """The quantities of the statement that it names."""
        from bounds.catalogue import statement

        return statement(self.statement).symbols

    @property
    def condition(self) -> str:
        """What the guarantee rests on, ``if the estimated L, rho hold``; empty for certified constants."""
        return self.constants.condition(self.rests_on)

    def settled(self) -> Plan:
        """Return the plan without its guarantee where an observed value refutes a constant that it rests on."""
        refutation = self.constants.refutation(self.rests_on)
        if not refutation:
            return self
        reason = f"its constants do not hold: {refutation}"
        without = replace(self, guarantee=None, smallest_epsilon=None, assurance=None)
        return replace(without, feasible=False, reason=reason)

    def values(self) -> dict[str, float]:
        """Return the plan as the values of the theory's symbols: ``statement(name)(**plan.values())``."""
        own = {"epsilon": self.epsilon, "alpha": self.alpha, "c": self.step_factor, "theta": self.theta}
        own |= {"damping": self.damping, "probe_length": self.probe_length, "K": self.iterations}
        own |= {name: getattr(self, name) for name in ("B", "D_in", "D_o", "D_h", "B_prime", "D_beta")}
        own |= self.constants.values()
        own["L"] = self.smoothness or self.constants.L
        own["n_tasks"] = None if self.tasks == "with replacement" else self.n_tasks
        own |= {"depth": self.depth, "rate": self.rate} if self.depth else {}
        if self.constants.rho == 0:
            own["M"] = own.get("M") or 0.0
        return {name: value for name, value in own.items() if value is not None}

    def problem_values(self) -> dict[str, float]:
        """Return the same with the problem's own L: for statements about the problem, not about this plan."""
        return self.values() | {"L": self.constants.L}

    def with_(self, **changes: Any) -> Plan:
        """Return a copy with some fields changed (``guarantee`` is then no longer a promise)."""
        return replace(self, **changes)

    @cached_property
    def plain(self) -> dict[str, Any]:
        """What a run is decided by, and what its theory says of it, as plain data that are not to be changed."""
        data = asdict(self) | {"constants": self.constants.to_dict()}
        del data["assurance"]
        return data

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as JSON-ready data: also the derived numbers, and how tasks and constants are known."""
        data = asdict(self)
        data["delta_factor"] = self.delta_factor
        data["constants"] = self.constants.to_dict()
        data["tasks"] = self.tasks
        data["constants_status"] = dict(self.constants.standing)
        data["constants_observed"] = dict(self.constants.observed)
        data["samples_per_iteration"] = self.samples_per_iteration
        data["total_samples"] = self.total_samples
        return data


def _require_number(name: str, value: object) -> None:
    if arguments.real(value) is None:
        raise InputError(name, value, "must be a number")


def require_plan(argument: str, value: object) -> Plan:
    """Return a plan; raise InputError for anything else, which says how one is made of it."""
    if callable(getattr(value, "constants", None)) and not isinstance(value, type):
        made = "recommend(problem.constants(), epsilon) makes one"
    elif isinstance(value, str):
        made = "recommend(constants, epsilon, algorithm) makes one for an algorithm"
    else:
        made = "recommend(constants, epsilon) makes one"
    return arguments.kind(argument, value, Plan, "must be a Plan", made)
