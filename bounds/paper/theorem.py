r"""The common shape of the paper's three convergence theorems.

With a constant C and a noise level N, the recorded claim is
``E||grad F(w_eps)|| <= max{ sqrt(C (1 + rho alpha sigma/L) N), C (rho alpha/L) N, epsilon }``
after at most ``O(1) Delta min{ (L + rho alpha (sigma + epsilon))/epsilon^2, ... }`` iterations.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.stating import ABSTRACT, NOTES, larger, smaller
from bounds.symbols import B, D_h, D_in, D_o, Delta, L, alpha, defined, epsilon, rho, sigma, sigma_tilde
from bounds.units import PURE, unit

N = defined("N")
SAMPLING = sigma_tilde**2 / (B * D_o) + sigma_tilde**2 / D_in
ENOUGH_TASKS = Condition("tasks", sp.Integer(20), B)
NOTE = "recorded for 1 > epsilon > 0, which is not a condition on a quantity with a unit; it is not imposed"


@dataclass(frozen=True)
class Recorded:
    """One recorded theorem: its constant, step factor, inner-step range, noise level and extra conditions."""

    algorithm: str
    constant: sp.Integer
    step_factor: sp.Rational
    largest_x: sp.Rational
    task_noise: sp.Expr
    hessian_batch: sp.Expr | None = None
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

    def accuracy(self) -> Statement:
        """Return the recorded accuracy."""
        level = self.constant * N
        return Statement(
            name=f"paper.{self.algorithm}.accuracy",
            title=f"{self.algorithm}: accuracy as recorded, constant {self.constant}",
            subject=r"E\|\nabla F(w_\varepsilon)\|",
            expression=larger(sqrt((1 + rho * alpha * sigma / L) * level), rho * alpha / L * level, epsilon),
            unit=unit(1, -1),
            where=(self.noise,),
            domain=self.domain,
            source=f"the paper's theorem on {self.algorithm}",
            provenance="recorded",
            marks=self.marks,
            errata=self.errata,
            note=self.note,
        )

    def iterations(self) -> Statement:
        """Return the recorded order of the number of iterations (its constant factor is left open)."""
        target = (L + rho * alpha * (sigma + epsilon)) / epsilon**2
        floor = L / self.task_noise + L * (B * D_o + D_in) / sigma_tilde**2
        return Statement(
            name=f"paper.{self.algorithm}.iterations",
            title=f"{self.algorithm}: order of the iterations as recorded",
            subject="K",
            expression=Delta * smaller(target, floor),
            unit=PURE,
            domain=self.domain[:2],
            source=f"the paper's theorem on {self.algorithm}",
            provenance="recorded",
            marks=self.marks,
            up_to_constant=True,
            errata=("E4",),
            note=NOTE,
        )


SIXTH, TENTH = Rational(1, 6), Rational(1, 10)
