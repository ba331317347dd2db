r"""What an algorithm is to the theory: its direction, and the paper's theorem on it where there is one.

With a constant C and a noise level N, a recorded theorem claims
``E||grad F(w_eps)|| <= max{ sqrt(C (1 + rho alpha sigma/L) N), C (rho alpha/L) N, epsilon }``
after at most ``O(1) Delta min{ (L + rho alpha (sigma + epsilon))/epsilon^2, ... }`` iterations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import sympy as sp
from sympy import Integer, Rational

from bounds.bound import Condition, Definition, Statement
from bounds.errors import InputError
from bounds.stating import ABSTRACT, NOTES
from bounds.symbols import B, D_h, D_in, D_o, L, alpha, defined, sigma_tilde
from bounds.theory import multilevel
from bounds.theory.matrices import RANGE
from bounds.theory.step_rules import RULE, Rule

if TYPE_CHECKING:
    from bounds.plan import Theory


N = defined("N")
SAMPLING = sigma_tilde**2 / (B * D_o) + sigma_tilde**2 / D_in
ENOUGH_TASKS = Condition("tasks", Integer(20), B)
NOTE = "recorded for 1 > epsilon > 0, which is not a condition on a quantity with a unit; it is not imposed"
SIXTH, TENTH = Rational(1, 6), Rational(1, 10)

Square = tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]
"""A weight, and the coefficients of p, o, n."""
Curvature = Literal["product", "difference", "none"]
"""What an algorithm does about the Hessian of the inner step."""


@dataclass(frozen=True)
class Certificate:
    """With which constant the recorded accuracy follows from the theorem here.

    Attributes
    ----------
    bias, variance : tuple of Square
        Squares of bias and variance over N, in p = sigma/sqrt(B), o = sigma_tilde/sqrt(B D_o) and
        n = sigma_tilde/sqrt(D_in).
    growth, bias_growth : expressions
        Squared growth of the spread, and growth of the bias, with y.
    constant : Rational
        A constant that is enough on the whole domain.
    largest_tasks : int, optional
        Up to how many tasks it is; for all when None.
    task_scale : expression
        sigma over p sqrt(B): below one where p stands for more than the tasks' own noise.
    doubled : bool
        Whether squares of sums are replaced by twice the sums of squares.
    shares : tuple of Definition
        Parts that the squares are written with.
    refuted_by : str
        The erratum, where the record is false beyond ``largest_tasks``.
    """

    bias: tuple[Square, ...]
    variance: tuple[Square, ...]
    growth: sp.Expr
    bias_growth: sp.Expr
    constant: sp.Rational
    largest_tasks: int | None = None
    task_scale: sp.Expr = sp.S.One
    doubled: bool = False
    shares: tuple[Definition, ...] = ()
    refuted_by: str = ""


@dataclass(frozen=True)
class Recorded:
    """A recorded theorem: constant, step factor, inner-step range, noise level, extra conditions, certificate."""

    constant: sp.Integer
    step_factor: sp.Rational
    largest_x: sp.Rational
    task_noise: sp.Expr
    certificate: Certificate
    hessian_batch: sp.Expr | None = None
    difference_factor: sp.Rational | None = None
    fixed_noise: sp.Expr = sp.S.Zero
    errata: tuple[str, ...] = ()
    marks: tuple[str, ...] = (ABSTRACT, NOTES)
    note: str = NOTE

    @property
    def noise(self) -> Definition:
        """The noise level N of the theorem."""
        return Definition(N, self.task_noise + SAMPLING, "noise level")

    @property
    def domain(self) -> tuple[Condition, ...]:
        """The recorded conditions."""
        inner = Condition("inner step", alpha * L, self.largest_x)
        if self.hessian_batch is None:
            return (inner, ENOUGH_TASKS)
        return (inner, ENOUGH_TASKS, Condition("Hessian batch", self.hessian_batch, D_h))


def no_obstacle(theory: Theory, reachable: bool, sigma: float) -> str:
    """Say that nothing of the algorithm itself is in the way."""
    return ""


@dataclass(frozen=True, eq=False)
class Algorithm:
    """One algorithm, with all that is particular about it: whoever has the object need not ask for its name.

    Attributes
    ----------
    name : str
        What is typed, and what the names of its statements have.
    title : str
        How it is written.
    parts : tuple of Definition
        R0, R1 (bias of its direction), v0, v1 (spread of one task's direction), with all that they are made of.
    different : tuple of Definition
        The same when the B tasks of a step are different ones of n.
    recorded : Recorded, optional
        The paper's theorem on it.
    more : mapping of str to Statement
        What is recorded of this algorithm only, by what it is about.
    curvature : {"product", "difference", "none"}
        What it does about the Hessian of the inner step: multiply by it, take a difference of gradients over a
        probe, or leave it out.
    obstacle : callable
        Takes the theory, whether any epsilon is reachable, and sigma; says what of the algorithm itself stands in
        the way of a small epsilon, empty when nothing does.
    direction : str
        Where its running half is, ``package.module:callable``: a direction, or with a probe a function from its
        length to one. Empty: it can be planned, not run.
    layered : str
        Where its running half with a multilevel inner batch is: a function of the rate, and of a probe's length,
        to a direction. Empty: none is recommended.
    mean : str
        Where the exact mean of its direction is, see :mod:`empirics.problems.mean_direction`; empty: unknown.
    inner_steps : int
        How many inner steps it takes.
    single : str
        Name of the algorithm with one inner step that it comes from; empty where it comes from none.
    range : Condition
        The largest inner step that the theory speaks of.
    rules : mapping
        The step rules for its objective, by their names.
    usual : Rational, optional
        The inner step alpha L where none is asked for and none is recorded.
    after : callable, optional
        From the algorithm and a number of inner steps to the algorithm with so many; None where only one is known.
    several : str
        Where its running half with several inner steps is: a function of their number, and of a probe's length.
    deep, deep_different : tuple of Definition
        Its parts with a multilevel inner batch, where they are not those of one inner step with another bias and
        another variance; the second when the tasks of a step are different ones.
    layered_several : str
        Where its running half with a multilevel batch and several inner steps is: a function of the rate and the
        number of steps.
    """

    name: str
    parts: tuple[Definition, ...]
    different: tuple[Definition, ...]
    recorded: Recorded | None = None
    more: Mapping[str, Statement] = field(default_factory=dict)
    curvature: Curvature = "product"
    obstacle: Callable[[Theory, bool, float], str] = no_obstacle
    title: str = ""
    direction: str = ""
    layered: str = ""
    mean: str = ""
    inner_steps: int = 1
    single: str = ""
    range: Condition = RANGE
    rules: Mapping[str, Rule] = field(default_factory=lambda: RULE)
    usual: sp.Rational | None = None
    after: Callable[[Algorithm, int], Algorithm] | None = None
    several: str = ""
    deep: tuple[Definition, ...] = ()
    deep_different: tuple[Definition, ...] = ()
    layered_several: str = ""

    @property
    def has_levels(self) -> bool:
        """Whether its parts with a multilevel inner batch are known."""
        return bool(self.deep) or multilevel.applies(self.parts)

    def deeper(self, finite: bool = False) -> tuple[Definition, ...]:
        """Return its parts with a multilevel inner batch; ``finite``: the tasks of a step are different ones."""
        if self.deep:
            return self.deep_different if finite else self.deep
        return multilevel.deeper(self.different if finite else self.parts)

    @property
    def runs_levels(self) -> bool:
        """Whether it has a running half with a multilevel inner batch."""
        return bool(self.layered if self.inner_steps == 1 else self.layered_several)

    @property
    def largest_x(self) -> sp.Rational | None:
        """The inner step alpha L where none is asked for: the largest recorded one, or else the usual one."""
        return self.usual if self.recorded is None else self.recorded.largest_x

    def with_steps(self, inner_steps: int) -> Algorithm:
        """Return the algorithm with so many inner steps.

        Raises
        ------
        InputError
            When it is not known with so many.
        """
        if inner_steps == self.inner_steps:
            return self
        if self.after is None:
            raise InputError("inner_steps", inner_steps, f"{self.name} is known with {self.inner_steps} only")
        return self.after(self, inner_steps)

    @property
    def takes_hessians(self) -> bool:
        """Whether it draws D_h samples."""
        return self.curvature != "none"

    @property
    def probes(self) -> bool:
        """Whether it needs a probe, whose length is part of its plans."""
        return self.curvature == "difference"

    @property
    def written(self) -> str:
        """How it is written: its title, or else its name."""
        return self.title or self.name

    @property
    def typed(self) -> str:
        """What is typed for it, whatever its number of inner steps."""
        return self.single or self.name

    @property
    def said(self) -> str:
        """Its name in a sentence; ``name`` itself where it takes one inner step."""
        if self.inner_steps == 1:
            return self.name
        return f"{self.typed} with {self.inner_steps} inner steps"

    @property
    def theories(self) -> tuple[Theory, ...]:
        """The theories that speak of it."""
        return ("sharp",) if self.recorded is None else ("paper", "sharp")
