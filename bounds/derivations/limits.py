"""Where an algorithm stops with K shots, the stationary law on a quadratic, and the best step factor."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.catalogue import statement
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.generic import at
from bounds.derivations.tools import formula, hypotheses, parts, var
from bounds.sharp.directions import h2
from bounds.sharp.limits import b_shot, c0, h
from bounds.sharp.quantities import T
from bounds.sharp.step_factor import cost, largest, signal
from bounds.sharp.steps import Rule, ell, m1, m1u, m2
from bounds.sharp.theorem import psi
from bounds.symbols import B, D, L, alpha, beta, c, rho, sigma, sigma_tilde, theta, y

Items = tuple[Step | Axiom, ...]


def k_shot(st: Statement) -> Items:
    """At ``E G = 0`` the gradient is the bias itself."""
    bias = var("bias_of_the_mean")
    given = (le(y, bias), le(bias, formula("sharp.matrix.upper") * b_shot))
    return (axioms.NORMS, Step("grad F is the bias of the mean direction", le(y, st.expression), given))


def k_shot_samples(st: Statement) -> Items:
    """From this D on the bound of order 1/D is the smaller one."""
    claim = le(rho * alpha**2 * sigma_tilde**2 / (2 * D), alpha * L * sigma_tilde / sp.sqrt(D))
    points = (at(L, alpha, rho, sigma_tilde),)
    return (Step("the bound of order 1/D is the smaller", claim, (le(st.expression, D),), points=points),)


def slope(expression: sp.Expr, st: Statement) -> Items:
    """H: both factors of a quadratic's meta-gradient are 1 - x, FO-MAML leaves one of them out."""
    factor = formula("sharp.matrix.lower")
    outer = 1 if _first_order(st) else factor
    return (Step("slope of the mean direction", eq(expression, outer * factor * L), method="identity"),)


def start_variance(expression: sp.Expr, st: Statement) -> Items:
    """c0: ``E (P - alpha noise)^2 v^2`` at the minimum, v with the tasks' spread and the batches' noise."""
    factor = formula("sharp.matrix.lower")
    outer = 1 if _first_order(st) else factor**2 + h2
    claim = eq(expression, outer * (factor**2 * sigma**2 + T))
    return (axioms.INDEPENDENCE, Step("second moment at the minimum", claim, method="identity"))


def stationary(st: Statement) -> Items:
    """``E z^2 = E (z - beta G)^2`` with G linear in z, and ``grad F = (1-x)^2 L z``."""
    factor = formula("sharp.matrix.lower")
    square = st.expression / (factor**2 * L) ** 2
    growth = 0 if _first_order(st) else h2 * (factor * L) ** 2
    mean = L * factor if _first_order(st) else L * factor**2
    after = (1 - beta * mean) ** 2 * square + beta**2 * (growth * square + c0) / B
    claim = eq(after.subs(h, mean), square.subs(h, mean))
    return (axioms.RECURSION, Step("the second moment is that of the next step", claim, method="identity"))


def _first_order(st: Statement) -> bool:
    return st.name.endswith(".fo-maml")


def _balance(st: Statement, rule: Rule) -> sp.Expr:
    """Return ``A psi - N/ell`` of the bound on the iterations, at theta = 1."""
    theorem = parts(statement(st.name.replace("step-factor", "iterations")))
    plain = {d.symbol: d.expression.subs(theta, 1) for d in rule.where if d.symbol in (m1, m1u, m2)}
    return (theorem["A"] * psi - theorem["N"] / ell).subs(plain)


def constant_part(expression: sp.Expr, st: Statement, rule: Rule) -> Items:
    """S: what does not change with c."""
    whole = _balance(st, rule)
    return (
        Step("what is left is affine in c", eq(sp.diff(whole, c, 2), 0), method="identity"),
        Step("what does not change with c", eq(expression, whole.subs(c, 0)), method="identity"),
    )


def slope_in_c(expression: sp.Expr, st: Statement, rule: Rule) -> Items:
    """U: what falls with c."""
    claim = eq(expression, -sp.diff(_balance(st, rule), c))
    return (Step("what falls with c", claim, method="identity"),)


def limit_of_c(expression: sp.Expr, st: Statement) -> Items:
    """c_max: the condition of the step rule holds up to it."""
    theorem = statement(st.name.replace("step-factor", "iterations"))
    (condition,) = hypotheses(theorem, "step factor")
    return (Step("allowed by the step rule", condition, (le(c, expression),)),)


def step_factor(st: Statement) -> Items:
    """No allowed c makes ``c (s - c u)`` larger."""
    best = st.expression
    positive = (lt(0, signal), lt(0, largest))
    claim = le(c * (signal - c * cost), best * (signal - best * cost))
    return (
        Step("not beyond the largest", le(best, largest), positive),
        Step("a parabola at its top, or at the end of its range", claim, (le(c, largest), *positive)),
    )
