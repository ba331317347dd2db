r"""Bias and spread of a direction: ``||E G - grad F|| <= R0 + R1 y``, ``std(G_i) <= v0 + v1 y``.

An algorithm is four lines, read as in the one-step inequality: R0, R1 bound the bias of its direction, v0, v1 the
standard deviation of one task's direction, both affine in y = ||grad F(w)||.

With B different tasks out of n, :math:`m_i = E[G_i\mid i]` and a noise that is independent from task to task, two
different tasks have the covariance :math:`-\mathrm{Var}_i(m_i)/(n-1)`, so that

.. math:: E\|\bar G - E\bar G\|^2 = \frac1B\Big[\frac{n-B}{n-1}\,\mathrm{Var}_i(m_i)
          + E\|G_i - m_i\|^2\Big].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import sympy as sp
from sympy import Integer, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.generic import at
from bounds.derivation.step import TIGHTER, Step
from bounds.derivation.tools import Items, Why, identity, parts, var
from bounds.stating import larger
from bounds.symbols import B, D_h, alpha, defined, gradient, n_tasks, probe_norm, sigma, sigma_H, y
from bounds.theory import difference
from bounds.theory.difference import h2
from bounds.theory.estimators import INNER_BATCH, b
from bounds.theory.gradients import C2, RELATION, SPREAD, q
from bounds.theory.matrices import C1, UPPER, om

PLACE = 50

A0, A1, B0, B1 = map(defined, ("A0", "A1", "B0", "B1"))
R0, R1, v0, v1 = map(defined, ("R0", "R1", "v0", "v1"))
between = defined("between")
Part = Callable[[sp.Expr], sp.Expr]
"""What one takes of an expression that is affine in y."""
OF_F = C1 * y + C2 * sigma
"""||grad f||, as far as y and sigma say."""
ROOT_MEAN_SQUARE = C1 * y + q * sigma
_MEAN = UPPER * ROOT_MEAN_SQUARE + b


def at_zero(whole: sp.Expr) -> sp.Expr:
    """Return the value at y = 0 of what is affine in y."""
    return sp.expand(whole).coeff(y, 0)


def growth(whole: sp.Expr) -> sp.Expr:
    """Return the growth with y of what is affine in y."""
    return sp.expand(whole).coeff(y, 1)


def left_of(st: Statement) -> sp.Expr:
    """Return what drawing without replacement leaves of the variance between tasks: 1 with replacement."""
    return between if between.name in parts(st) else sp.S.One


def _spread(part: Part) -> Why:
    """Spread of E[G_i | i], from the spread of the meta-gradients and the bias through P."""
    whole = SPREAD.subs(gradient, OF_F) + UPPER * b

    def why(e: sp.Expr, st: Statement) -> Items:
        own = part(sqrt(left_of(st)) * whole)
        return (axioms.MINKOWSKI, identity("spread of the mean given the task", e, own))

    return why


def _size(part: Part) -> Why:
    """Root mean square of E[v_i | i]."""
    name = "size of the mean given the task"
    return lambda e, st: (axioms.MINKOWSKI, identity(name, e, part(_MEAN)))


MEAN = (
    Definition(
        A0,
        UPPER**2 * sigma + om * C2 * sigma + UPPER * b,
        "spread of E[G_i | i] at y = 0",
        "A_0",
        why=_spread(at_zero),
    ),
    Definition(A1, om * C1, "growth of that spread with y", "A_1", why=_spread(growth)),
    Definition(
        B0, UPPER * q * sigma + b, "root mean square of E[v_i | i] at y = 0", "B_0", why=_size(at_zero)
    ),
    Definition(B1, UPPER * C1, "growth of that root mean square with y", "B_1", why=_size(growth)),
)
COMMON = RELATION + INNER_BATCH + MEAN


def _product_noise(e: sp.Expr, st: Statement) -> Items:
    """Noise of the Hessian-vector product, relative to ||v||^2."""
    noise = var("noise_of_product")
    given = (le(noise, sigma_H**2 * probe_norm**2 / D_h),)
    claim, points = le(alpha**2 * noise / probe_norm**2, e), (at(alpha, sigma_H, probe_norm, D_h),)
    return (axioms.INDEPENDENCE, Step("noise of the Hessian-vector product", claim, given, points=points))


NOISE_OF_PRODUCT = Definition(
    h2,
    difference.HESSIAN_NOISE / D_h,
    "relative variance of the Hessian-vector product",
    "h^2",
    why=_product_noise,
)


def four(
    name: str,
    values: tuple[object, object, object, object],
    bias: sp.Expr,
    spread: Callable[[sp.Expr], tuple[sp.Expr, sp.Expr]],
) -> tuple[Definition, ...]:
    """Return R0, R1, v0 and v1 of a direction.

    Parameters
    ----------
    name : str
        The algorithm's.
    values : four expressions
    bias : expression, affine in y
        What bounds the bias, composed of the bounds on its parts.
    spread : callable
        From what drawing without replacement leaves of the variance between tasks: the squares of v0 and v1, in
        which the squares of uncorrelated noises add up.
    """

    def biased(part: Part) -> Why:
        rests = (axioms.FUNDAMENTAL, axioms.NORMS, axioms.JENSEN)
        return lambda e, st: (*rests, identity(f"bias of {name}", e, part(bias)))

    def spread_out(index: int) -> Why:
        words = f"spread of {name}: squares of uncorrelated noises add"

        def why(e: sp.Expr, st: Statement) -> Items:
            return (
                axioms.MINKOWSKI,
                axioms.INDEPENDENCE,
                identity(words, e**2, spread(left_of(st))[index]),
            )

        return why

    r0, r1, s0, s1 = (Integer(0) + value for value in values)
    deviation = "standard deviation of one task's direction at y = 0"
    return (
        Definition(R0, r0, "bias of the mean direction at y = 0", "R_0", why=biased(at_zero)),
        Definition(R1, r1, "growth of the bias with y", "R_1", why=biased(growth)),
        Definition(v0, s0, deviation, "v_0", why=spread_out(0)),
        Definition(v1, s1, "its growth with y", "v_1", why=spread_out(1)),
    )


def _different(e: sp.Expr, st: Statement) -> Items:
    """Two different tasks of n have the covariance -1/(n-1) of the variance; one task has none."""
    mean = 1 + (B - 1) * (-1 / (n_tasks - 1))
    divisor = sp.fraction(e)[1]
    some = (le(2, n_tasks), le(1, B), le(B, n_tasks))
    point = {n_tasks: Integer(7), B: Integer(3)}
    return (
        axioms.WITHOUT_REPLACEMENT,
        Step(
            "variance of the mean of B different tasks out of n >= 2, over V/B",
            le(mean, e),
            some,
            points=(point,),
        ),
        Step(
            "of one task only there is no variance",
            le(0, e),
            (le(1, n_tasks), le(B, n_tasks)),
            controls=(le(TIGHTER, e),),
        ),
        Step("it divides by one at least", le(1, divisor), (le(1, n_tasks),), controls=(lt(1, divisor),)),
        Step(
            "all tasks together do not vary",
            le(e, 0),
            (le(1, n_tasks), eq(B, n_tasks)),
            controls=(le(e, -TIGHTER),),
        ),
    )


BETWEEN = Definition(
    between,
    larger(Integer(0), n_tasks - B) / larger(Integer(1), n_tasks - 1),
    "what drawing without replacement leaves of the variance between tasks",
    r"\varphi",
    why=_different,
)
AT_MOST_ALL = Condition("different tasks", B, n_tasks)


def different(
    own: tuple[Definition, ...], change: Callable[[sp.Expr], Mapping[sp.Symbol, sp.Expr]] | None = None
) -> tuple[Definition, ...]:
    """Return the parts of a direction with the variance between tasks lessened: B different tasks are drawn.

    By default that variance is the square of A0 + A1 y; ``change`` takes the factor and returns other parts' new
    expressions.
    """
    named = {part.symbol: part.expression for part in own}
    if change is None:
        changed: Mapping[sp.Symbol, sp.Expr] = {A: sqrt(between) * named[A] for A in (A0, A1)}
    else:
        changed = change(between)
    return (BETWEEN, *(replace(part, expression=changed.get(part.symbol, part.expression)) for part in own))
