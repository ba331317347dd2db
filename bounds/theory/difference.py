r"""The central difference along a probe: its error, its noise, and what round-off adds.

A probe has the length l = delta ||v||.
"""

from __future__ import annotations

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le, lt
from bounds.derivation.generic import Point, at
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, identity, var
from bounds.standing import SAMPLES, Left
from bounds.stating import INNER_STEP, PRODUCT, PURE, RECALL, derived, recorded, smaller
from bounds.symbols import (
    D_h,
    L,
    alpha,
    defined,
    delta,
    point_norm,
    probe_gradient,
    probe_length,
    probe_norm,
    rho,
    rounding,
    sigma_H,
    sigma_tilde,
)
from bounds.theory.matrices import x
from bounds.units import unit

PLACE = 41

h2, eta = map(defined, ("h2", "eta"))
total, first, second, root = var("total"), var("part_1"), var("part_2"), var("root")
moved_1, moved_2 = var("moved_1"), var("moved_2")

ERROR = smaller(rho * delta * probe_norm**2 / 2, 2 * L * probe_norm)
"""Error of the central difference."""
NOISE = smaller(sigma_H**2 * probe_norm**2, sigma_tilde**2 / delta**2) / D_h
"""Its noise, with the same samples at both probes."""
HESSIAN_NOISE = alpha**2 * sigma_H**2
PROBE_NOISE = (alpha * sigma_tilde / probe_length) ** 2
RELATIVE_NOISE = smaller(HESSIAN_NOISE, PROBE_NOISE)
"""Noise of alpha times the difference of one sample, relative to ||v||^2."""
_PROBE = (delta, probe_length / probe_norm)


def _noise_of_probe() -> sp.Expr:
    return alpha**2 * NOISE.subs(*_PROBE) / probe_norm**2


def _regimes() -> tuple[Point, ...]:
    """Return points where Hessian noise counts in the difference, and where gradient noise does."""
    return tuple(
        at(alpha, sigma_tilde, sigma_H, probe_length, D_h, probe_norm, sigma_H=s) for s in ("1/20", 50)
    )


def _relative_noise(e: sp.Expr, st: Statement) -> Items:
    name = "noise of the difference at delta = l/||v||"
    step = Step(name, le(_noise_of_probe(), e), points=_regimes())
    return (axioms.SEGMENT_MEAN, axioms.INDEPENDENCE, step)


def _relative_error(e: sp.Expr, st: Statement) -> Items:
    claim = le(alpha * ERROR.subs(*_PROBE) / probe_norm, e.subs(x, alpha * L))
    points = tuple(at(L, alpha, rho, probe_length, probe_norm, probe_length=size) for size in ("2/5", 6))
    return (axioms.SEGMENT_MEAN, Step("error of the difference at delta = l/||v||", claim, points=points))


NOISE_OF_DIFFERENCE = Definition(
    h2,
    RELATIVE_NOISE / D_h,
    "relative variance of the difference, same samples at both probes",
    "h^2",
    why=_relative_noise,
)
RELATIVE_ERROR = smaller(rho * alpha * probe_length / 2, 2 * x)


def relative_error(meaning: str) -> Definition:
    """Return the error of alpha times the difference, relative to ||v||."""
    return Definition(eta, RELATIVE_ERROR, meaning, r"\eta", why=_relative_error)


def _smaller_error(st: Statement) -> Items:
    """``(1/2) int_{-1}^{1} |t| rho delta ||v||^2 dt``, and twice the largest Hessian."""
    t = sp.Symbol("t", real=True)
    weight = sp.integrate(sp.Abs(t), (t, -1, 1)) / 2
    given = (le(total, weight * rho * delta * probe_norm**2), le(total, 2 * L * probe_norm))
    points = tuple(at(L, rho, delta, probe_norm, delta=size) for size in ("1/4", 5))
    step = Step("the smaller of two bounds", le(total, st.expression), given, points=points)
    return (axioms.SEGMENT_MEAN, step)


def _smaller_noise(st: Statement) -> Items:
    """Bound an average of Hessian noises along the segment, or two gradient noises over 2 delta."""
    a, c = var("hessian_branch"), var("gradient_branch")
    given = (
        le(a, sigma_H**2 * probe_norm**2 / D_h),
        le(c, (2 * sigma_tilde / (2 * delta)) ** 2 / D_h),
        le(total, a),
        le(total, c),
    )
    points = tuple(at(sigma_H, sigma_tilde, delta, probe_norm, D_h, delta=size) for size in ("1/4", 9))
    step = Step("the smaller of two bounds", le(total, st.expression), given, points=points)
    return (axioms.SEGMENT_MEAN, axioms.MINKOWSKI, step)


def _independent_noise(st: Statement) -> Items:
    """Two independent noises, each of variance sigma_tilde^2 / D_h, over (2 delta)^2."""
    given = (le(first, sigma_tilde**2 / D_h), le(second, sigma_tilde**2 / D_h))
    claim = le((first + second) / (2 * delta) ** 2, st.expression)
    points = (at(sigma_tilde, delta, D_h),)
    return (axioms.INDEPENDENCE, Step("two independent noises", claim, given, points=points))


def _enough(st: Statement) -> Items:
    """With this many samples the relative variance h2 of the difference is at most one."""
    noise = _noise_of_probe()
    points = tuple({s: v for s, v in point.items() if s != D_h} for point in _regimes())
    claim, tight = le(noise, 1), le(noise, Rational(999, 1000))
    given = (le(st.expression, D_h),)
    step = Step("the noise is at most ||v||", claim, given, controls=(tight,), points=points)
    return (axioms.INDEPENDENCE, step)


OFF = rounding * (probe_gradient + L * point_norm)
"""How far a computed gradient is off: it is rounded, and so is the point at which it is taken."""
COMPUTED = rho * delta * probe_norm**2 / 2 + OFF / delta
LENGTH = sqrt(2 * OFF / rho)


def _two_round_offs(st: Statement) -> Items:
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


def _best(st: Statement) -> Items:
    """No step has a smaller bound; it is attained at the best step."""
    given = {rounding: root**2 * rho / (2 * (probe_gradient + L * point_norm))}
    bounded, least = COMPUTED.subs(given), sp.simplify(st.expression.subs(given))
    point = {**at(L, rho, probe_norm, probe_gradient, point_norm), root: Rational(1, 3)}
    return (
        identity("attained at the best step", COMPUTED.subs(delta, LENGTH / probe_norm), st.expression),
        Step("no step does better", le(least, bounded), (lt(0, rho), lt(0, probe_gradient)), points=(point,)),
    )


def _best_step(st: Statement) -> Items:
    """Both parts of the error are equal there."""
    truncation = rho * st.expression * probe_norm**2 / 2
    rounded = OFF / st.expression
    whole = COMPUTED.subs(delta, st.expression)
    return (
        identity("both errors are equal", truncation, rounded),
        identity("they are all of the error", whole, truncation + rounded),
    )


def _probe(st: Statement) -> Items:
    """Read the best step as the length of the probe, ``delta = l / ||v||``."""
    return (identity("probe of the best step", LENGTH / probe_norm * probe_norm, st.expression),)


CURVED = Condition("curvature", Integer(0), rho, strict=True)
MOVING = Condition("direction", Integer(0), probe_norm, strict=True)
_OF_ERROR = Left(lambda p: p.error_of_difference, of=SAMPLES)
_OF_COMPUTED = Left(lambda p: p.computed_error, of=SAMPLES)
_BALANCE = "truncation against round-off; arithmetic and geometric mean"
_ERROR = r"\|[\nabla f(w+\delta v)-\nabla f(w-\delta v)]/(2\delta)-\nabla^2 f(w)v\|"
_NOISE = r"E\|d_i-E d_i\|^2"
_ROUNDED = r"\|\mathrm{fl}(d)-\nabla^2 f(w)v\|"
_SAME = "same samples at both probes: an average of Hessian noises; Jensen"
RECORDED_ERROR = recorded(
    "difference.bias",
    "error of the central difference",
    _ERROR,
    rho * delta * probe_norm**2,
    PRODUCT,
    "error of hf-maml's difference",
    marks=(RECALL,),
    unmeasured="twice the derived bound on the same quantity, which is measured",
    left=_OF_ERROR,
)
STATEMENTS = (
    derived(
        "difference.bias",
        "error of the central difference",
        _ERROR,
        ERROR,
        PRODUCT,
        "mean of the Hessian over the segment",
        proof=_smaller_error,
        sharpens=RECORDED_ERROR,
        left=_OF_ERROR,
    ),
    derived(
        "difference.noise",
        "noise of the central difference, same samples at both probes",
        _NOISE,
        NOISE,
        PRODUCT.power(Integer(2)),
        _SAME,
        proof=_smaller_noise,
        left=Left(lambda p: p.noise_of_difference(), "square", SAMPLES),
    ),
    derived(
        "difference.noise.independent",
        "noise of the central difference, fresh samples at each probe",
        _NOISE,
        sigma_tilde**2 / (2 * delta**2 * D_h),
        PRODUCT.power(Integer(2)),
        "two independent noises",
        proof=_independent_noise,
        left=Left(lambda p: p.noise_of_difference(fresh=True), "square", SAMPLES),
    ),
    derived(
        "hf-maml.hessian-batch",
        "hf-maml: samples that keep the noise of the difference below ||v_i||, same samples at both probes",
        "D_h",
        RELATIVE_NOISE,
        PURE,
        _SAME,
        relation=r"\ge",
        proof=_enough,
        left=Left(lambda p: p.relative_noise, of=SAMPLES, enough=True),
    ),
    derived(
        "difference.computed",
        "error of the central difference when points and gradients are rounded to the relative error u",
        _ROUNDED,
        COMPUTED,
        PRODUCT,
        "error of the central difference, and two round-offs of gradients and of points over 2 delta",
        proof=_two_round_offs,
        left=_OF_COMPUTED,
    ),
    derived(
        "difference.computed.step",
        "difference step at which this bound is smallest",
        r"\delta",
        LENGTH / probe_norm,
        INNER_STEP,
        _BALANCE,
        relation="=",
        domain=(CURVED, MOVING),
        proof=_best_step,
        unmeasured="the bound on the computed error at one step, by an identity",
    ),
    derived(
        "difference.computed.best",
        "error of the computed difference at that step",
        _ROUNDED,
        probe_norm * sqrt(2 * OFF * rho),
        PRODUCT,
        _BALANCE,
        proof=_best,
        unmeasured="the bound on the computed error at one step, by an identity",
        left=Left(lambda p: p.computed_error, of=SAMPLES, among=lambda p: p.best_rounded()),
    ),
    derived(
        "hf-maml.rounding",
        "hf-maml: length of the probe below which round-off outweighs the error of the difference",
        "l",
        LENGTH,
        unit(0, 1),
        _BALANCE,
        relation="=",
        domain=(CURVED,),
        proof=_probe,
        unmeasured="the step at which the bound on the computed error is smallest, as a factor",
    ),
)
DIFFERENCE_BIAS, SAME_NOISE, FRESH_NOISE, HESSIAN_BATCH, *COMPUTED_ONES = STATEMENTS
COMPUTED_ERROR, BEST_STEP, BEST_ERROR, ROUNDED_PROBE = COMPUTED_ONES
