"""Where FO-MAML and HF-MAML stop."""

from __future__ import annotations

import sympy as sp
from sympy import Rational

from bounds.bound import Statement
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.cosine import decide_lower
from bounds.derivations.generic import at
from bounds.derivations.matrices import over_x
from bounds.derivations.tools import formula, free, hypotheses, unfolded, var
from bounds.sharp.directions import eta
from bounds.sharp.plateau import lam
from bounds.sharp.quantities import C1, q, x
from bounds.symbols import L, R, alpha, epsilon, m, sigma, y

Items = tuple[Step | Axiom, ...]
square, cross, bend, centre = var("E_gp_squared"), var("E_gp_S_gp"), var("E_S_gp_squared"), var("E_S_gp_mean")
eigenvalue, gamma = var("eigenvalue_of_Q"), var("rho_alpha_l")


def upper(st: Statement) -> Items:
    """``x sqrt(E||gp||^2)`` with ``Var(N gp) <= sigma^2`` for N = Q^-1 = nu I + S and E gp = 0."""
    nu = 1 / formula("sharp.matrix.upper")
    variance = nu**2 * square + 2 * nu * cross + bend - centre
    stays = over_x(hypotheses(st)[0])
    given = (le(centre, bend), le(variance, sigma**2))
    return (
        axioms.FUNDAMENTAL,
        axioms.SPECTRAL,
        Step(
            "eigenvalues of Q^-1 are at least nu",
            le(nu, 1 / eigenvalue),
            (le(1 - x, eigenvalue), le(eigenvalue, 1 + x), stays),
        ),
        Step("variance of N gp", le(x * sp.sqrt(square), st.expression), given),
    )


def lower(st: Statement) -> Items:
    """Cosine family, fixed problem, every alpha <= 1/(10L): interval subdivision."""
    ratio = sp.cancel(st.expression / (x * sigma))
    limit = hypotheses(st)[0].right
    claim = le(ratio, var("gradient_over_x_sigma"))
    step = Step(
        "cosine family: the map changes sign and the gradient stays away from zero before it does",
        claim,
        (le(x, limit),),
        method="subdivision",
        decide=lambda _: decide_lower(ratio, limit),
    )
    return (axioms.CONTRACTION, step)


def trapezoid(st: Statement) -> Items:
    """On the ramp all three gradients are affine: solve for the fixed point, evaluate grad F there."""
    s, p, ramp = free("s"), free("p"), free("lam_")
    first, second = L, 2 * m - L
    map_ = ((1 - alpha * first) * (s + p) + (1 - alpha * second) * (s - p)) / 2
    grad = ((1 - alpha * first) ** 2 * (s + p) + (1 - alpha * second) ** 2 * (s - p)) / 2
    fixed = sp.solve(map_, s)[0]
    top = (sigma - ramp**2 / (2 * R * L**2 / sigma)) / (1 + alpha * ramp)
    value = -grad.subs(s, fixed).subs(p, top).subs(ramp, L - m)
    whole = unfolded(st)
    room = hypotheses(st, "room for the ramp")[0]
    turn = sp.diff(map_.subs({s: m * (y - epsilon), p: (L - m) * y}), y)
    stable = tuple(Claim(h.left.subs(lam, L - m), h.right, h.relation) for h in hypotheses(st, "stable stop"))
    return (
        axioms.CONTRACTION,
        Step("gradient at the fixed point", eq(whole, value), method="identity"),
        Step("the stop is stable: the map increases", lt(0, turn), stable, controls=(lt(1, turn / L),)),
        Step(
            "the ramp has a positive height",
            le(0, 1 - lam**2 / (2 * R * L**2)),
            (room,),
            controls=(le(Rational(1, 1000), 1 - lam**2 / (2 * R * L**2)),),
        ),
        Step(
            "the second map contracts: 1 - alpha L and 1 - alpha (2m - L) are positive for 0 < m < L",
            lt(0, (1 - alpha * L) * (1 - alpha * (2 * m - L))),
            hypotheses(st, "inner step", "curvature of the mean"),
            controls=(lt(1, (1 - alpha * L) * (1 - alpha * (2 * m - L))),),
        ),
    )


def difference(st: Statement) -> Items:
    """``y <= eta (1+x) sqrt(g^2 + sigma^2) <= eta (1+x) (C1 y + q sigma)``."""
    stretch = formula("sharp.matrix.upper")
    given = (le(y, eta * stretch * (C1 * y + q * sigma)), *map(over_x, hypotheses(st, "signal")))
    points = ({**at(x, C1, q, sigma), eta: Rational(1, 5)},)
    return (axioms.SEGMENT_MEAN, Step("solve for the gradient", le(y, st.expression), given, points=points))


def repair(st: Statement) -> Items:
    """With gamma = rho alpha l below this, eta <= gamma/2 keeps every stop at or below epsilon."""
    stretch = formula("sharp.matrix.upper")
    given = (
        le(gamma, st.expression),
        le(y, gamma / 2 * stretch * (C1 * y + q * sigma)),
        *hypotheses(st, "heterogeneity"),
        lt(0, C1),
        lt(0, q),
    )
    points = (at(x, C1, q, sigma),)
    return (axioms.SEGMENT_MEAN, Step("every stop is at most epsilon", le(y, epsilon), given, points=points))


def shared(st: Statement) -> Items:
    """``grad F = E (I - aH) gp_i = (I - aH) E gp_i = 0``."""
    mean, factor = free("E_gp"), free("I_minus_aH")
    claim = eq(st.expression, (factor * mean).subs(mean, 0))
    return (Step("the common factor leaves the mean", claim, method="identity", controls=(eq(1, 0),)),)
