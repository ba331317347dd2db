r"""The step factor at which the bound on the iterations is smallest, all else given.

At ``theta = 1`` the bound is ``2 Delta / (c (s - c u))``: the signal s that the bias leaves, and the cost u of the
variance per c. It is smallest at ``c = s/(2u)``, or at the largest c that the step rule allows.
"""

from __future__ import annotations

from itertools import product

import sympy as sp
from sympy import Integer

from bounds.bound import Condition, Definition, Statement
from bounds.sharp.directions import DIRECTIONS, R0, R1, v0, v1
from bounds.sharp.quantities import RANGE
from bounds.sharp.steps import CONSTANT, PAPER, SAMPLED, Rule, a0, b0, ell, m1, m1u, m2
from bounds.sharp.theorem import parts, psi, statement_name
from bounds.stating import larger
from bounds.symbols import B, c, defined, epsilon, theta
from bounds.units import PURE

signal, cost, largest = map(defined, ("s", "u", "c_max"))
PLAIN = (PAPER, SAMPLED, CONSTANT)
"""Rules under which the bias costs the same for every c."""


def step_factor_statements() -> tuple[Statement, ...]:
    """Return the best step factor for every algorithm, under the step rules for which it has a closed form."""
    return tuple(step_factor(algorithm, rule) for algorithm, rule in product(DIRECTIONS, PLAIN))


def step_factor(algorithm: str, rule: Rule) -> Statement:
    """Return the best step factor at given batch sizes."""
    return Statement(
        name=statement_name(algorithm, "step-factor", rule),
        title=f"{algorithm}: step factor with the fewest iterations at given batches, {rule.title}",
        subject="c_*",
        expression=signal / larger(2 * cost, signal / largest),
        unit=PURE,
        where=(*parts(algorithm, rule)[:-2], *_balance(rule)),
        domain=(
            RANGE,
            Condition("tasks", Integer(1), B),
            Condition("epsilon above the floor", Integer(0), signal, strict=True),
        ),
        relation="=",
        source="derived here: a parabola in c, up to the largest c that the step rule allows",
        provenance="derived",
        note="for theta = 1; the bound on the iterations is then a constant over c (s - c u)",
    )


def _balance(rule: Rule) -> tuple[Definition, ...]:
    plain = {part.symbol: _at_whole_share(part.expression) for part in rule.where}
    bias = (R1**2 + R0 * R1 / epsilon) * psi + (R0**2 + R0 * R1 * epsilon) / ell
    spread = (v1**2 + v0 * v1 / epsilon) * psi + (v0**2 + v0 * v1 * epsilon) / ell
    curvature = plain[m2] / c
    return (
        Definition(psi, epsilon**2 / (a0 + b0 * epsilon), "psi(epsilon)", r"\psi"),
        Definition(signal, plain[m1] * psi - plain[m1u] * bias, "signal that the bias leaves"),
        Definition(cost, curvature * spread / B, "what the variance costs, per c"),
        Definition(largest, _limit(rule), "largest step factor that the rule allows", r"c_{\max}"),
    )


def _at_whole_share(expression: sp.Expr) -> sp.Expr:
    return sp.sympify(expression.subs(theta, 1))


def _limit(rule: Rule) -> sp.Expr:
    """Solve the condition on the step factor, which is linear in c, for c."""
    (condition,) = (one for one in rule.domain if one.name == "step factor")
    return condition.right / (condition.left / c)
