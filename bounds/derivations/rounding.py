"""Round-off in the central difference."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.generic import at
from bounds.derivations.tools import formula, var
from bounds.sharp.rounding import OFF
from bounds.symbols import L, delta, point_norm, probe_gradient, probe_norm, rho, rounding

Items = tuple[Step | Axiom, ...]
total, first, second, root = var("total"), var("part_1"), var("part_2"), var("root")
moved_1, moved_2 = var("moved_1"), var("moved_2")


def computed(st: Statement) -> Items:
    """Add what the round-offs of two gradients and of their points do, over 2 delta, to the exact error."""
    given = (
        le(total, rho * delta * probe_norm**2 / 2 + (first + second) / (2 * delta)),
        le(first, rounding * probe_gradient + L * moved_1),
        le(second, rounding * probe_gradient + L * moved_2),
        le(moved_1, rounding * point_norm),
        le(moved_2, rounding * point_norm),
    )
    points = (at(L, rho, delta, probe_norm, rounding, probe_gradient, point_norm),)
    step = Step("truncation, and two round-offs", le(total, st.expression), given, points=points)
    return (axioms.SEGMENT_MEAN, axioms.NORMS, step)


def best(st: Statement) -> Items:
    """No step has a smaller bound; it is attained at the best step."""
    error = formula("sharp.difference.computed")
    step = formula("sharp.difference.computed.step")
    given = {rounding: root**2 * rho / (2 * (probe_gradient + L * point_norm))}
    bounded, least = error.subs(given), sp.simplify(st.expression.subs(given))
    point = {**at(L, rho, probe_norm, probe_gradient, point_norm), root: sp.Rational(1, 3)}
    return (
        Step("attained at the best step", eq(error.subs(delta, step), st.expression), method="identity"),
        Step("no step does better", le(least, bounded), (lt(0, rho), lt(0, probe_gradient)), points=(point,)),
    )


def best_step(st: Statement) -> Items:
    """Both parts of the error are equal there."""
    truncation = rho * st.expression * probe_norm**2 / 2
    rounded = OFF / st.expression
    whole = formula("sharp.difference.computed").subs(delta, st.expression)
    return (
        Step("both errors are equal", eq(truncation, rounded), method="identity"),
        Step("they are all of the error", eq(whole, truncation + rounded), method="identity"),
    )


def probe(st: Statement) -> Items:
    """Read the best step as the length of the probe, ``delta = l / ||v||``."""
    best = formula("sharp.difference.computed.step")
    return (Step("probe of the best step", eq(best * probe_norm, st.expression), method="identity"),)
