"""The random step size: its spread, its moments, and the weights of the one-step inequality."""

from __future__ import annotations

import sympy as sp
from sympy import Rational

from bounds.bound import Statement
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.step import TIGHTER, Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.generic import at
from bounds.derivations.tools import formula, free, hypotheses, var
from bounds.sharp.curvature import smoothness_of
from bounds.sharp.quantities import C1, q, x
from bounds.sharp.steps import CONSTANT, SELF_SCALED, Rule, a0, b0, ell, m2, mu1, mu2, r, tau
from bounds.symbols import B_prime, D_beta, L, M, alpha, c, mean_norm, rho, sigma, sigma_tilde, theta, y

Items = tuple[Step | Axiom, ...]
deviation = var("deviation_of_norm")
spread, shift, mean, curve, level = (
    var("variance_of_norm"),
    var("noise_norm"),
    var("mean_of_L"),
    var("Lambda"),
    var("E_inverse"),
)
gap, z, z2, share = var("gap"), var("z"), var("z_2"), var("t_ratio")
m_norm, r_norm, first, high = (
    var("norm_of_mean_direction"),
    var("norm_of_bias"),
    var("mu_low"),
    var("mu_high"),
)
rest = free("left_over")


def relative_spread(expression: sp.Expr, rule: Rule) -> Items:
    """R: variance of the mean of B' norms, relative to the constant part of L~."""
    claim = le(rule.slope * deviation, expression * rule.smoothness)
    given = (le(deviation**2, spread / B_prime), le(spread, sigma**2 + sigma_tilde**2 / D_beta))
    points = (at(L, alpha, x, rho, sigma, sigma_tilde, D_beta, B_prime),)
    return (axioms.INDEPENDENCE, Step("deviation of L~ is at most r ell", claim, given, points=points))


def relative_bias(expression: sp.Expr, rule: Rule) -> Items:
    """Tau: the mean of L~ exceeds Lambda by at most tau ell."""
    claim = le(rule.slope * shift, expression * rule.smoothness)
    points = (at(L, alpha, x, rho, sigma_tilde, D_beta),)
    given = (le(shift**2, sigma_tilde**2 / D_beta),)
    return (axioms.JENSEN, Step("E L~ - Lambda is at most tau ell", claim, given, points=points))


def least_mean(expression: sp.Expr) -> Items:
    """mu1: Jensen for 1/z with E L~ <= (1 + tau) Lambda."""
    given = (le(mean, (1 + tau) * curve), le(1 / mean, level))
    return (axioms.JENSEN, Step("E 1/L~ >= 1/E L~", le(expression / curve, level), given, points=(at(tau),)))


def largest_mean(expression: sp.Expr) -> Items:
    """mu1u: a quadratic above 1/z that meets it at ell = 1 and touches it at z2."""
    quadratic = sp.cancel(((z - 1) * (z - z2) ** 2 + z2**2) / (z * z2**2))
    a2, a1, a0_ = sp.Poly(quadratic, z).all_coeffs()
    touching = {z2: 1 + gap + r**2 / gap}
    expected = a2 * ((1 + gap) ** 2 + r**2) + a1 * (1 + gap) + a0_
    two_points = (1 + r**2 / z2) / (1 + gap)
    return (
        Step(
            "the quadratic lies above 1/z",
            le(1 / z, quadratic),
            (le(1, z), lt(1, z2)),
            controls=_above(1 / z, quadratic),
        ),
        Step(
            "its mean is that of two values",
            eq(expected.subs(touching), two_points.subs(touching)),
            method="identity",
        ),
        Step(
            "two values: largest over their distance",
            le(1 + r**2 / (1 + gap + r**2 / gap), expression),
            (lt(0, r),),
            witness={r: sp.Integer(2), gap: sp.Integer(2)},
        ),
    )


def _above(function: sp.Expr, quadratic: sp.Expr) -> tuple[Claim, ...]:
    return (le(function * (1 + TIGHTER), quadratic),)


def second_moment(expression: sp.Expr) -> Items:
    """mu2: the same for 1/z^2, then the top eigenvalue of [[0, r], [r, r^2]]."""
    slope = -2 / z2**3
    bend = (1 - 1 / z2**2 - slope * (1 - z2)) / (1 - z2) ** 2
    quadratic = sp.expand(1 / z2**2 + slope * (z - z2) + bend * (z - z2) ** 2)
    a2, a1, a0_ = (sp.cancel(k) for k in sp.Poly(quadratic, z).all_coeffs())
    at = {z2: 1 + gap + r**2 / gap}
    chance = r**2 / (r**2 + gap**2)
    expected = a2 * ((1 + gap) ** 2 + r**2) + a1 * (1 + gap) + a0_
    two_points = chance + (1 - chance) / z2**2
    scaled = (chance * (1 + gap) ** 2 + 1 - chance).subs(gap, r * share)
    form = 1 + (2 * r * share + r**2 * share**2) / (1 + share**2)
    whole = sum(sp.cancel(k) * z**n for n, k in enumerate((a0_, a1, a2)))
    return (
        Step(
            "the quadratic lies above 1/z^2",
            le(1 / z**2, whole),
            (le(1, z), lt(1, z2)),
            controls=_above(1 / z**2, whole),
        ),
        Step("its mean is that of two values", eq(expected.subs(at), two_points.subs(at)), method="identity"),
        Step("in units of the distance", eq(scaled, form), method="identity"),
        Step(
            "top eigenvalue",
            le(form, expression),
            (lt(0, r),),
            witness={r: Rational(3, 2), share: sp.Integer(2)},
        ),
    )


def left_over(expression: sp.Expr, rule: Rule, weight: sp.Expr) -> Items:
    """Show what ||m||^2 is multiplied with: the mean of the step against the curvature."""
    low = sp.Integer(1) if rule.kind != "sampled" else mu1
    spent = c if rule.kind == "self-scaled" else weight
    return (Step("coefficient of ||m||^2", eq(expression, low - spent), method="identity"),)


def nonnegative_left_over(st: Statement, expression: sp.Expr, weight: sp.Expr) -> Items:
    """Show that the condition on the step factor makes the left-over nonnegative."""
    given = tuple(Claim(h.left, h.right, h.relation) for h in hypotheses(st, "step factor"))
    whole = expression.subs(m2, weight)
    return (
        Step("the step factor leaves something", le(0, whole), given, controls=(le(c * TIGHTER, whole),)),
    )


def curvature_weight(expression: sp.Expr, rule: Rule) -> Items:
    """m2: smoothness of F against Lambda, times the second moment."""
    smooth = formula("sharp.smoothness")
    moment = mu2 if rule.kind == "sampled" else sp.Integer(1)
    given: tuple[Claim, ...] = (le(x, 1),)
    bound = smoothness_of(rule)
    if rule is CONSTANT:
        given, bound = (*given, le(mean_norm, M)), rule.smoothness
    return (
        axioms.DESCENT,
        Step("c mu2 times smoothness over Lambda", le(c * moment * smooth, expression * bound), given),
    )


def kept_weights(signal: sp.Expr, bias: sp.Expr, rule: Rule, domain: tuple[Claim, ...]) -> Items:
    """m1 and m1u: keep a share of ``||m||^2 >= (1-theta)(y^2 - bias^2/theta)``."""
    low, top = (sp.Integer(1), sp.Integer(1)) if rule.kind == "constant" else (first, high)
    names = {mu1: first, free_symbol("mu1u"): high, free_symbol("spare"): rest}
    weight, cost = signal.subs(names), bias.subs(names)
    whole = low * y**2 + rest * m_norm**2 - top * r_norm**2
    given = (le(y - r_norm, m_norm), le(0, rest), *domain)
    tight = (weight * LOOSER * y**2 - cost * r_norm**2, weight * y**2 - cost * (1 - TIGHTER) * r_norm**2)
    return (
        axioms.POLARISATION,
        Step(
            "keep a share of the squared mean direction",
            le(weight * y**2 - cost * r_norm**2, whole),
            given,
            controls=tuple(le(value, whole) for value in tight),
            witness={
                y: sp.Integer(3),
                r_norm: sp.Integer(1),
                m_norm: sp.Integer(2),
                theta: Rational(1, 3),
                rest: Rational(5, 7),
                first: sp.Integer(2),
                high: sp.Integer(3),
            },
        ),
    )


LOOSER = 1 + TIGHTER


def free_symbol(name: str) -> sp.Symbol:
    """Return the symbol of a statement's own part by its name."""
    return sp.Symbol(name, real=True)


def pathwise_weights(signal: sp.Expr, bias: sp.Expr, domain: tuple[Claim, ...]) -> Items:
    """Self-scaled step: a quadratic form in ||G|| and y, at both ends of the angle.

    With lam = l1||G||/(l0 + l1||G||) the smoothness times the length is ``s = lam y + (1-lam)||G||``; the claim is
    linear in the cosine of the angle between G and grad F, so its ends +-1 decide.
    """
    g, lam, s = var("norm_G"), var("lam"), var("smoothness_length")
    weight = signal.subs(free_symbol("spare"), 1 - c)
    cost = bias.subs(free_symbol("m1"), weight).subs(free_symbol("spare"), 1 - c)
    mixed = lam * y + (1 - lam) * g
    along, against = (
        (weight * y**2, cost * (y - g) ** 2, 2 * y * mixed - c * mixed**2),
        (weight * y**2, cost * (y + g) ** 2, -2 * y * s - c * s**2),
    )
    return (
        axioms.DESCENT,
        _pathwise("G along grad F", along, (le(lam, 1), *domain), _along(g, lam)),
        Step("the smoothness times the length is at most y + ||G||", le(mixed, y + g), (le(lam, 1),)),
        _pathwise("G against grad F", against, (le(s, y + g), *domain), _against(g, s)),
    )


def _pathwise(
    name: str,
    terms: tuple[sp.Expr, sp.Expr, sp.Expr],
    given: tuple[Claim, ...],
    witness: dict[sp.Symbol, sp.Expr],
) -> Step:
    gain, loss, room = terms
    controls = (le(LOOSER * gain - loss, room), le(gain - (1 - TIGHTER) * loss, room))
    return Step(name, le(gain - loss, room), given, controls=controls, witness=witness)


def _along(g: sp.Symbol, lam: sp.Symbol) -> dict[sp.Symbol, sp.Expr]:
    tenth = Rational(1, 10)
    return {c: tenth, theta: tenth, g: sp.Integer(1), y: Rational(10, 9), lam: Rational(1, 10**6)}


def _against(g: sp.Symbol, s: sp.Symbol) -> dict[sp.Symbol, sp.Expr]:
    small = Rational(1, 10**6)
    return {c: Rational(1, 2), theta: Rational(2, 3), g: small, y: sp.Integer(1), s: sp.Integer(1)}


def curve_parts(rule: Rule) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
    """Return what ell, a0 and b0 must be: Lambda at E||g_i|| = C1 y + q sigma, at its least, and its slope."""
    if rule is CONSTANT:
        whole = least = rule.smoothness
    else:
        base = formula("sharp.smoothness") if rule is SELF_SCALED else smoothness_of(rule)
        whole = base.subs(mean_norm, C1 * y + q * sigma)
        least = whole.subs(y, 0) if rule is SELF_SCALED else base.subs(mean_norm, 0)
    return ((ell, least), (a0, whole.subs(y, 0)), (b0, sp.diff(whole, y)))


def curve_step(symbol: sp.Symbol, expression: sp.Expr, rule: Rule) -> Items:
    """Derive one of ell, a0, b0."""
    expected = dict(curve_parts(rule))[symbol]
    return (Step(f"{symbol} from Lambda", eq(expression, expected), method="identity"),)


def weights(st: Statement, rule: Rule) -> Items:
    """m1 and m1u belong together: what is given to the signal is taken from the bias."""
    parts = {d.symbol.name: d.expression for d in st.where}
    if rule.kind == "self-scaled":
        return pathwise_weights(parts["m1"], parts["m1u"], hypotheses(st, "step factor", "share"))
    return kept_weights(parts["m1"], parts["m1u"], rule, hypotheses(st, "share"))


def variance_weight(expression: sp.Expr, rule: Rule) -> Items:
    """m2: for the self-scaled step bias and variance count alike, since their squares add."""
    if rule.kind == "self-scaled":
        claim = eq(expression, free_symbol("m1u"))
        return (
            axioms.INDEPENDENCE,
            Step("E||G - grad F||^2 = bias^2 + variance/B", claim, method="identity"),
        )
    return curvature_weight(expression, rule)


def smoothness(st: Statement) -> Items:
    """Difference of products: ``(P(w)-P(u)) gp(w) + P(u)(gp(w) - gp(u))``."""
    stretch = formula("sharp.matrix.upper")
    distance, factor, size, shift_ = (
        var("distance"),
        var("factor_change"),
        var("adapted_norm"),
        var("adapted_change"),
    )
    first_part, second_part, change = var("first_part"), var("second_part"), var("gradient_change")
    given = (
        le(factor, alpha * rho * distance),
        le(size, stretch * mean_norm),
        le(shift_, L * stretch * distance),
        le(first_part, factor * size),
        le(second_part, stretch * shift_),
        le(change, first_part + second_part),
    )
    points = (at(L, alpha, x, rho, mean_norm),)
    step = Step("two parts", le(change, st.expression * distance), given, points=points)
    return (axioms.FUNDAMENTAL, axioms.NORMS, step)
