"""Round-off in the central difference."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.derivation.claim import eq, le
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.generic import at
from bounds.derivations.tools import formula, var
from bounds.symbols import alpha, delta, probe_gradient, probe_norm, rho, rounding

Items = tuple[Step | Axiom, ...]
total, first, second, root = var("total"), var("part_1"), var("part_2"), var("root")


def computed(st: Statement) -> Items:
    """Add what two round-offs of u ||grad f|| do, divided by 2 delta, to the exact difference's error."""
    given = (
        le(total, rho * delta * probe_norm**2 / 2 + (first + second) / (2 * delta)),
        le(first, rounding * probe_gradient),
        le(second, rounding * probe_gradient),
    )
    points = (at(rho, delta, probe_norm, rounding, probe_gradient),)
    step = Step("truncation, and two round-offs", le(total, st.expression), given, points=points)
    return (axioms.SEGMENT_MEAN, axioms.NORMS, step)


def best(st: Statement) -> Items:
    """No step has a smaller bound; it is attained at the best step."""
    error = formula("sharp.difference.computed")
    step = formula("sharp.difference.computed.step")
    bounded = error.subs(rounding, root**2 / (2 * probe_gradient * rho))
    least = st.expression.subs(rounding, root**2 / (2 * probe_gradient * rho))
    point = {**at(rho, probe_norm, probe_gradient), root: sp.Rational(1, 3)}
    return (
        Step("attained at the best step", eq(error.subs(delta, step), st.expression), method="identity"),
        Step("no step does better", le(least, bounded), points=(point,)),
    )


def best_step(st: Statement) -> Items:
    """Both parts of the error are equal there."""
    truncation = rho * st.expression * probe_norm**2 / 2
    rounded = rounding * probe_gradient / st.expression
    whole = formula("sharp.difference.computed").subs(delta, st.expression)
    return (
        Step("both errors are equal", eq(truncation, rounded), method="identity"),
        Step("they are all of the error", eq(whole, truncation + rounded), method="identity"),
    )


def factor(st: Statement) -> Items:
    """Read the best step as a difference factor, ``delta = gamma / (rho alpha ||v||)``."""
    best = formula("sharp.difference.computed.step")
    claim = eq(best * rho * alpha * probe_norm, st.expression)
    return (Step("gamma of the best step", claim, method="identity"),)
