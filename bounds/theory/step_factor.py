r"""The step factor at which the bound on the iterations is smallest, all else given.

At ``theta = 1`` the bound is ``2 Delta / (c (s - c u))``: the signal s that the bias leaves, and the cost u of the
variance per c. It is smallest at ``c = s/(2u)``, or at the largest c that the step rule allows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp
from sympy import Integer

from bounds.bound import Condition, Definition, Statement
from bounds.derivation.claim import le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, hypotheses, identity
from bounds.derivation.tools import parts as named
from bounds.standing import Case
from bounds.stating import PURE, derived, larger
from bounds.symbols import B, c, defined, epsilon, theta
from bounds.theory.complexity import PSI, name_of, parts, psi, theorem
from bounds.theory.directions import R0, R1, v0, v1
from bounds.theory.step_rules import CONSTANT, PAPER, SAMPLED, Rule, ell
from bounds.theory.weights import m1, m1u, m2

if TYPE_CHECKING:
    from bounds.theory.algorithm import Algorithm

signal, cost, largest = map(defined, ("s", "u", "c_max"))
PLAIN = (PAPER, SAMPLED, CONSTANT)
"""Rules under which the bias costs the same for every c."""


def statements(algorithm: Algorithm) -> tuple[Statement, ...]:
    """Return an algorithm's best step factor, under the step rules for which it has a closed form."""
    return tuple(step_factor(algorithm, rule) for rule in PLAIN)


def step_factor(algorithm: Algorithm, rule: Rule) -> Statement:
    """Return the best step factor at given batch sizes."""
    case = Case("step-factor", algorithm.typed, rule.name)
    return derived(
        name_of(case),
        f"{algorithm.name}: step factor with the fewest iterations at given batches, {rule.title}",
        "c_*",
        signal / larger(2 * cost, signal / largest),
        PURE,
        "a parabola in c, up to the largest c that the step rule allows",
        where=(*parts(algorithm, rule)[:-2], *_balance(rule, theorem("iterations", algorithm, rule))),
        domain=(
            algorithm.range,
            Condition("tasks", Integer(1), B),
            Condition("epsilon above the floor", Integer(0), signal, strict=True),
        ),
        relation="=",
        note="for theta = 1; the bound on the iterations is then a constant over c (s - c u)",
        proof=_parabola,
        case=case,
        chapter="theorems",
        unmeasured="where the bound on the iterations, which is measured, is least in c",
    )


def _balance(rule: Rule, whole: Statement) -> tuple[Definition, ...]:
    """Return what the bound on the iterations, ``whole``, is made of at theta = 1."""
    plain = {part.symbol: _at_whole_share(part.expression) for part in rule.where}
    bias = (R1**2 + R0 * R1 / epsilon) * psi + (R0**2 + R0 * R1 * epsilon) / ell
    spread = (v1**2 + v0 * v1 / epsilon) * psi + (v0**2 + v0 * v1 * epsilon) / ell
    chosen = {symbol: plain[symbol] for symbol in (m1, m1u, m2)}
    left = (named(whole)["A"] * psi - named(whole)["N"] / ell).subs(chosen)
    return (
        PSI,
        Definition(
            signal,
            plain[m1] * psi - plain[m1u] * bias,
            "signal that the bias leaves",
            why=lambda e, st: _constant_part(e, left),
        ),
        Definition(
            cost,
            plain[m2] / c * spread / B,
            "what the variance costs, per c",
            why=lambda e, st: (identity("what falls with c", e, -sp.diff(left, c)),),
        ),
        Definition(
            largest,
            _limit(rule),
            "largest step factor that the rule allows",
            r"c_{\max}",
            why=lambda e, st: _allowed(e, whole),
        ),
    )


def _constant_part(e: sp.Expr, left: sp.Expr) -> Items:
    return (
        identity("what is left is affine in c", sp.diff(left, c, 2), 0),
        identity("what does not change with c", e, left.subs(c, 0)),
    )


def _allowed(e: sp.Expr, whole: Statement) -> Items:
    (condition,) = hypotheses(whole, "step factor")
    return (Step("allowed by the step rule", condition, (le(c, e),)),)


def _at_whole_share(expression: sp.Expr) -> sp.Expr:
    return sp.sympify(expression.subs(theta, 1))


def _limit(rule: Rule) -> sp.Expr:
    """Solve the condition on the step factor, which is linear in c, for c."""
    (condition,) = (one for one in rule.domain if one.name == "step factor")
    return condition.right / (condition.left / c)


def _parabola(st: Statement) -> Items:
    """No allowed c makes ``c (s - c u)`` larger."""
    best = st.expression
    positive = (lt(0, signal), lt(0, largest))
    claim = le(c * (signal - c * cost), best * (signal - best * cost))
    return (
        Step("not beyond the largest", le(best, largest), positive),
        Step("a parabola at its top, or at the end of its range", claim, (le(c, largest), *positive)),
    )
