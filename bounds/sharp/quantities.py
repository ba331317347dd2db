r"""The parts that every sharp statement is made of.

Notation at a point w: g_i = grad f_i(w), P_i = I - alpha Hess f_i(w), Q_i = I - alpha (mean Hessian over the
inner step), so that grad F_i = P_i Q_i g_i.  Write x = alpha L and y = ||grad F(w)||.
"""

from __future__ import annotations

from sympy import Rational, sqrt

from bounds.bound import Condition, Definition
from bounds.stating import larger, smaller
from bounds.symbols import D_in, D_o, L, alpha, d, defined, rho, sigma, sigma_tilde

x, om, C1, C2, q = map(defined, ("x", "om", "C1", "C2", "q"))
b, T = map(defined, ("b", "T"))
A0, A1, B0, B1 = map(defined, ("A0", "A1", "B0", "B1"))

LEAST = Rational(1, 2) - x**2 + 2 * larger(0, Rational(1, 2) - x) ** 2
"""Least <Pv, Qv> for unit v: (1 - x)^2 up to x = 1/2, and 1/2 - x^2 beyond; both agree, with slope, at 1/2."""

RELATION = (
    Definition(x, alpha * L, "inner step in units of 1/L"),
    Definition(om, 2 * x * sqrt(1 + x**2), "largest distance of P_i Q_i from (1 + x^2) I", r"\omega"),
    Definition(C1, 1 / LEAST, "||grad f|| <= C1 ||grad F|| + C2 sigma", "C_1"),
    Definition(C2, om * C1, "the part of ||grad f|| that heterogeneity can hide", "C_2"),
    Definition(q, sqrt(1 + C2**2), "sqrt(E||g_i||^2) <= C1 y + q sigma"),
)

INNER_BATCH = (
    Definition(
        b,
        smaller(x * sigma_tilde / sqrt(D_in), rho * alpha**2 * sigma_tilde**2 / (2 * D_in)),
        "bias of grad f_i at the adapted point, caused by the inner batch",
    ),
    Definition(
        T, sigma_tilde**2 * (1 / D_o + x**2 / D_in), "variance of the outer gradient g~_i(w_i^+, D_o)"
    ),
)

SPREAD = (
    Definition(
        A0, (1 + x) ** 2 * sigma + om * C2 * sigma + (1 + x) * b, "spread of E[G_i | i] at y = 0", "A_0"
    ),
    Definition(A1, om * C1, "growth of that spread with y", "A_1"),
    Definition(B0, (1 + x) * q * sigma + b, "root mean square of E[v_i | i] at y = 0", "B_0"),
    Definition(B1, (1 + x) * C1, "growth of that root mean square with y", "B_1"),
)

COMMON = RELATION + INNER_BATCH + SPREAD
RANGE = Condition("inner step", alpha * L, 1 / sqrt(2), strict=True)
"""Where LEAST is positive."""
ON_A_LINE = Condition("dimension", d, 1)
