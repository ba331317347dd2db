"""What a recommendation takes from the theory: facts about algorithms, and formulas that are compiled when used.

It takes nothing else, so that the search knows no expression: the theory's objects can fill these
(:mod:`bounds.kit.live`), and so can what was written down from them (:mod:`bounds.kit.stored`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from bounds import holding
from bounds.arithmetic import Formula

if TYPE_CHECKING:
    from bounds.plan import StepKind, Theory

Values = Mapping[str, Any]


class Bound(Protocol):
    """A statement as the search sees it; a :class:`bounds.bound.Statement` is one."""

    @property
    def name(self) -> str:
        """Its full name."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names of the quantities that it needs."""

    def __call__(self, **values: float) -> Any:
        """Return the right-hand side; raise ``DomainError`` outside the domain."""

    def enclose(self, **values: float) -> tuple[float, float]:
        """Return an outward-rounded enclosure of it."""

    def at(self, values: Values) -> tuple[float, str]:
        """Return the right-hand side and ``""``; or NaN and why there is none."""


@dataclass(frozen=True)
class Limit:
    """``value <= most``, or ``value < most`` when strict, with the right side as it is written."""

    text: str
    most: float
    strict: bool

    def holds(self, value: float) -> bool:
        """Decide it; equality up to rounding counts unless strict."""
        return bool(holding.holds(value, self.most, self.strict))


@dataclass(frozen=True)
class Theorem:
    """The paper's theorem on an algorithm.

    Attributes
    ----------
    step_factor, largest_x : float
        c, and the largest alpha L.
    difference_factor : float, optional
        The recorded gamma of the probe.
    inner : Limit
        On alpha L.
    needs : mapping of str to str
        The batch sizes that a condition speaks of, each with the least size as it is written.
    least : Formula
        These least sizes.
    accuracy : Formula
        The recorded accuracy.
    """

    step_factor: float
    largest_x: float
    difference_factor: float | None
    inner: Limit
    needs: Mapping[str, str]
    least: Formula
    accuracy: Formula


@dataclass(frozen=True, eq=False)
class Way:
    """The complexity theorem on an algorithm under one step rule, with one way to draw tasks and inner batches.

    Attributes
    ----------
    rule : str
        Name of the step rule.
    kind : StepKind
    iterations : Formula
        The iterations; infinity outside the domain of the theorem.
    limit : Formula, optional
        Both sides of the rule's condition on the step factor; None where that is c <= 1.
    curve : Formula
        Smoothness and slope of the step.
    signal : callable
        Takes values to the parts A, psi, N and ell.
    still : Formula, optional
        The noise N without the error of the difference; None where there is no probe.
    guarantee : Bound
    """

    rule: str
    kind: StepKind
    iterations: Formula
    limit: Formula | None
    curve: Formula
    signal: Callable[[Values], Mapping[str, float]]
    still: Formula | None
    guarantee: Bound

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities that the iterations depend on."""
        return self.iterations.names


@dataclass(frozen=True)
class Choosing:
    """The bound on the candidate that looks best, and R0, R1, v0, v1 of the direction."""

    bound: Bound
    parts: Formula


class Finder(Protocol):
    """What of an algorithm is looked up when it is asked for."""

    def obstacle(self, theory: Theory, reachable: bool, sigma: float) -> str:
        """Say what of the algorithm itself stands in the way of a small epsilon."""

    def theorem(self) -> Theorem | None:
        """Return the paper's theorem on it."""

    def way(self, rule: str, finite: bool, levels: bool) -> Way:
        """Return the complexity theorem under a step rule."""

    def choosing(self) -> Choosing:
        """Return what the choice among candidates takes."""

    def rule_of(self, statement: str) -> str | None:
        """Return the step rule of the complexity theorem that has a name; None for any other name."""


@dataclass(frozen=True, eq=False)
class Subject:
    """An algorithm with its number of inner steps, as :class:`bounds.theory.algorithm.Algorithm` has it.

    ``after``: whether it is known with several inner steps.
    """

    name: str
    said: str
    inner_steps: int
    after: bool
    takes_hessians: bool
    probes: bool
    has_levels: bool
    runs_levels: bool
    theories: tuple[Theory, ...]
    largest_x: float | None
    range: Limit
    finder: Finder

    def obstacle(self, theory: Theory, reachable: bool, sigma: float) -> str:
        """Say what of the algorithm itself stands in the way of a small epsilon; empty when nothing does."""
        return self.finder.obstacle(theory, reachable, sigma)

    @cached_property
    def recorded(self) -> Theorem | None:
        """The paper's theorem on it."""
        return self.finder.theorem()

    def way(self, rule: str, finite: bool = False, levels: bool = False) -> Way:
        """Return the complexity theorem under a step rule, with different tasks or a multilevel inner batch."""
        return self.finder.way(rule, finite, levels)

    @cached_property
    def choosing(self) -> Choosing:
        """What the choice among candidates takes."""
        return self.finder.choosing()


FACTS = (
    "name", "said", "inner_steps", "after", "takes_hessians", "probes", "has_levels", "runs_levels", "theories",
    "largest_x",
)  # fmt: skip
"""What of a subject is plain data."""


class Kit(Protocol):
    """Where subjects come from."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the algorithms, in order."""

    def subject(self, name: str, inner_steps: int) -> Subject:
        """Return an algorithm with so many inner steps; InputError where there is none."""

    def promised(self) -> Mapping[str, Bound]:
        """Return what holds for one random iterate: under any step, and under the constant one."""
