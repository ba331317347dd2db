r"""What the batches of N inner steps add, a fresh one at every step: bias, noise, and Hessians at noisy points.

With :math:`e_n = \tilde w_n - w_n` and :math:`A_n = 1 + t^2 + \dots + t^{2(n-1)}`,
:math:`E\|e_n\|^2 \le S_n = \alpha^2\tilde\sigma^2 A_n/D_{\mathrm{in}}`: each step stretches what was off and adds
the noise of its own batch, which has mean zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sympy as sp
from sympy import Integer, sqrt

from bounds.bound import Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.tools import Items, identity
from bounds.stating import smaller
from bounds.symbols import D_in, D_o, L, alpha, defined, rho, sigma_tilde
from bounds.theory.estimators import T, b
from bounds.theory.inner_steps.products import geometric
from bounds.theory.matrices import UPPER, x

PLACE = 77

e_N, nu = defined("e_N"), defined("nu")


def noises(n: int) -> sp.Expr:
    """Return A_n, the squares of the noises of n steps in units of one batch's."""
    return geometric(UPPER**2, n)


def _carried(n: int) -> sp.Expr:
    total = Integer(0)
    for _ in range(n):
        total = UPPER * total * UPPER + 1
    return alpha**2 * sigma_tilde**2 / D_in * total


def _drift(N: int) -> Definition:
    def why(e: sp.Expr, st: Statement) -> Items:
        name = "every step stretches what was off, and adds the noise of its batch"
        square = (e / x) ** 2 * alpha**2
        return (axioms.NORMS, axioms.INDEPENDENCE, identity(name, square, _carried(N)))

    value = x * sigma_tilde * sqrt(noises(N) / D_in)
    return Definition(e_N, value, "L times how far the noise moves the adapted point", "e_N", why=why)


def _bias(N: int) -> Definition:
    r"""Return :math:`b_N`: the drift itself, or Taylor at every step, where the noise has mean zero."""
    taylor = rho * alpha**2 * sigma_tilde**2 / (2 * D_in) * UPPER ** (N - 1) * geometric(UPPER, N)

    def why(e: sp.Expr, st: Statement) -> Items:
        mean = Integer(0)
        for n in range(N):
            mean = UPPER * mean + alpha * rho * _carried(n) / 2
        curved = (L * mean + rho * _carried(N) / 2).subs(L, x / alpha)
        named = ("Lipschitz gradient", "Taylor at every step, in the mean")
        drifted = e_N
        rests = (axioms.TAYLOR, axioms.JENSEN, axioms.INDEPENDENCE)
        return (*rests, *_two_bounds(e, named, (drifted, curved)))

    value = smaller(e_N, taylor)
    return Definition(b, value, "bias of grad f_i at the adapted point, caused by the inner batches", why=why)


def _two_bounds(e: sp.Expr, names: Sequence[str], expected: tuple[sp.Expr, sp.Expr]) -> Items:
    if not isinstance(e, sp.Min) or len(e.args) != 2:
        return (identity("the smaller of two bounds", e, smaller(*expected)),)
    branches = sorted(e.args, key=lambda branch: bool(branch.has(rho)))
    rows = zip(names, branches, expected, strict=True)
    return tuple(identity(name, branch, value) for name, branch, value in rows)


def _variance(N: int) -> Definition:
    def why(e: sp.Expr, st: Statement) -> Items:
        name = "noise of the outer batch, and of the drift through a Lipschitz gradient"
        whole = sigma_tilde**2 / D_o + (x / alpha) ** 2 * _carried(N)
        return (axioms.INDEPENDENCE, identity(name, e, whole))

    value = sigma_tilde**2 * (1 / D_o + x**2 * noises(N) / D_in)
    return Definition(T, value, "variance of the outer gradient g~_i(w_N, D_o)", why=why)


def _turn(N: int) -> Definition:
    r"""Return :math:`\nu`: how much the Hessians at the noisy points turn a product of N factors, over t^N."""
    sizes = sum((sqrt(noises(n)) for n in range(1, N)), Integer(0))
    value = rho * alpha**2 * sigma_tilde / sqrt(D_in) * UPPER ** (N - 1) * sizes

    def why(e: sp.Expr, st: Statement) -> Items:
        terms = (UPPER**n * alpha * rho * sqrt(_carried(n)) * UPPER ** (N - 1 - n) for n in range(1, N))
        name = "one factor after the other changes, at the noisy points but the first"
        return (axioms.NORMS, axioms.MINKOWSKI, identity(name, e, sum(terms, Integer(0))))

    return Definition(
        nu, value, "root mean square change of P_0...P_{N-1} at the noisy points", r"\nu", why=why
    )


@cache
def batches(N: int) -> tuple[Definition, ...]:
    """Return drift, bias, variance, and the change of the Hessians, of N noisy inner steps."""
    return (_drift(N), _bias(N), _variance(N), _turn(N))
