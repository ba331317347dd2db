"""The random step size ``beta = c / L~``: how far L~ is off, and the moments of 1/L~.

``L~ = k L + k' rho alpha mean_j ||g~_j||`` over fresh B' tasks with D_beta samples each, and
``Lambda = k L + k' rho alpha E||g_j||``.
"""

from __future__ import annotations

import sympy as sp
from sympy import Rational, sqrt

from bounds.bound import Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import Claim, le, lt
from bounds.derivation.generic import at
from bounds.derivation.step import TIGHTER, Step
from bounds.derivation.tools import Items, identity, var
from bounds.symbols import B_prime, D_beta, L, alpha, defined, rho, sigma, sigma_tilde
from bounds.theory.matrices import x

PLACE = 31

r, tau, mu1, mu1u, mu2 = map(defined, ("r", "tau", "mu1", "mu1u", "mu2"))
deviation, spread, shift = var("deviation_of_norm"), var("variance_of_norm"), var("noise_norm")
mean, curve, level = var("mean_of_L"), var("Lambda"), var("E_inverse")
gap, z, z2, share = var("gap"), var("z"), var("z_2"), var("t_ratio")


def _least_mean(e: sp.Expr, st: Statement) -> Items:
    """Jensen for 1/z with E L~ <= (1 + tau) Lambda."""
    given = (le(mean, (1 + tau) * curve), le(1 / mean, level))
    return (axioms.JENSEN, Step("E 1/L~ >= 1/E L~", le(e / curve, level), given, points=(at(tau),)))


def _largest_mean(e: sp.Expr, st: Statement) -> Items:
    """Take a quadratic above 1/z that meets it at ell = 1 and touches it at z2."""
    quadratic = sp.cancel(((z - 1) * (z - z2) ** 2 + z2**2) / (z * z2**2))
    a2, a1, a0 = sp.Poly(quadratic, z).all_coeffs()
    touching = {z2: 1 + gap + r**2 / gap}
    expected = a2 * ((1 + gap) ** 2 + r**2) + a1 * (1 + gap) + a0
    two_points = (1 + r**2 / z2) / (1 + gap)
    return (
        _above("the quadratic lies above 1/z", 1 / z, quadratic),
        identity("its mean is that of two values", expected.subs(touching), two_points.subs(touching)),
        Step(
            "two values: largest over their distance",
            le(1 + r**2 / (1 + gap + r**2 / gap), e),
            (lt(0, r),),
            witness={r: sp.Integer(2), gap: sp.Integer(2)},
        ),
    )


def _above(name: str, function: sp.Expr, quadratic: sp.Expr) -> Step:
    controls: tuple[Claim, ...] = (le(function * (1 + TIGHTER), quadratic),)
    return Step(name, le(function, quadratic), (le(1, z), lt(1, z2)), controls=controls)


def _largest_square(e: sp.Expr, st: Statement) -> Items:
    """Do the same for 1/z^2, then the top eigenvalue of [[0, r], [r, r^2]]."""
    slope = -2 / z2**3
    bend = (1 - 1 / z2**2 - slope * (1 - z2)) / (1 - z2) ** 2
    quadratic = sp.expand(1 / z2**2 + slope * (z - z2) + bend * (z - z2) ** 2)
    a2, a1, a0 = (sp.cancel(k) for k in sp.Poly(quadratic, z).all_coeffs())
    touching = {z2: 1 + gap + r**2 / gap}
    chance = r**2 / (r**2 + gap**2)
    expected = a2 * ((1 + gap) ** 2 + r**2) + a1 * (1 + gap) + a0
    two_points = chance + (1 - chance) / z2**2
    scaled = (chance * (1 + gap) ** 2 + 1 - chance).subs(gap, r * share)
    form = 1 + (2 * r * share + r**2 * share**2) / (1 + share**2)
    whole = sum(sp.cancel(k) * z**n for n, k in enumerate((a0, a1, a2)))
    return (
        _above("the quadratic lies above 1/z^2", 1 / z**2, whole),
        identity("its mean is that of two values", expected.subs(touching), two_points.subs(touching)),
        identity("in units of the distance", scaled, form),
        Step(
            "top eigenvalue",
            le(form, e),
            (lt(0, r),),
            witness={r: Rational(3, 2), share: sp.Integer(2)},
        ),
    )


def moments(k: sp.Expr, scale: sp.Expr) -> tuple[Definition, ...]:
    """Return what is known of L~ = k L + scale mean_j ||g~_j||, in units of k L, and of its inverse."""
    smallest = k * L

    def off(e: sp.Expr, st: Statement) -> Items:
        """Variance of the mean of B' norms, relative to the constant part of L~."""
        given = (le(deviation**2, spread / B_prime), le(spread, sigma**2 + sigma_tilde**2 / D_beta))
        points = (at(L, alpha, x, rho, sigma, sigma_tilde, D_beta, B_prime),)
        claim = le(scale * deviation, e * smallest)
        return (axioms.INDEPENDENCE, Step("deviation of L~ is at most r ell", claim, given, points=points))

    def biased(e: sp.Expr, st: Statement) -> Items:
        """Bound how far the mean of L~ exceeds Lambda: by at most tau ell."""
        points = (at(L, alpha, x, rho, sigma_tilde, D_beta),)
        given = (le(shift**2, sigma_tilde**2 / D_beta),)
        claim = le(scale * shift, e * smallest)
        return (axioms.JENSEN, Step("E L~ - Lambda is at most tau ell", claim, given, points=points))

    whole = sqrt((sigma**2 + sigma_tilde**2 / D_beta) / B_prime)
    return (
        Definition(r, scale * whole / smallest, "relative standard deviation of L~", why=off),
        Definition(
            tau, scale * sigma_tilde / (smallest * sqrt(D_beta)), "relative bias of L~", r"\tau", why=biased
        ),
        Definition(mu1, 1 / (1 + tau), "E beta~ >= mu1 / Lambda", r"\mu_1", why=_least_mean),
        Definition(
            mu1u,
            (1 + r) ** 2 / (1 + 2 * r),
            "E beta~ <= mu1u / Lambda",
            r"\bar\mu_1",
            why=_largest_mean,
        ),
        Definition(
            mu2,
            1 + (r**2 + r * sqrt(r**2 + 4)) / 2,
            "E beta~^2 <= mu2 / Lambda^2",
            r"\mu_2",
            why=_largest_square,
        ),
    )
