r"""Bias and spread of the three directions: ``||E G - grad F|| <= R0 + R1 y``, ``std(G_i) <= v0 + v1 y``.

Each algorithm is four lines, read as in the one-step inequality: R0, R1 bound the bias of its direction,
v0, v1 the standard deviation of one task's direction, both affine in y = ||grad F(w)||.  HF-MAML is parametrised
by the length l of its probe, ``delta_i = l / ||v_i||``, so that rho = 0 is no special case; gamma = rho alpha l is
only a name.
"""

from __future__ import annotations

from types import MappingProxyType

from sympy import Integer, sqrt

from bounds.bound import Definition
from bounds.sharp.quantities import A0, A1, B0, B1, C1, C2, COMMON, T, b, q, x
from bounds.stating import smaller
from bounds.symbols import D_h, alpha, defined, probe_length, rho, sigma, sigma_H, sigma_tilde

R0, R1, v0, v1 = map(defined, ("R0", "R1", "v0", "v1"))
h2, eta, M0, M1 = map(defined, ("h2", "eta", "M0", "M1"))

_BIAS = "bias of the mean direction at y = 0", "growth of the bias with y"
_SPREAD = "standard deviation of one task's direction at y = 0", "its growth with y"


def _four(r0: object, r1: object, s0: object, s1: object) -> tuple[Definition, ...]:
    expressions, meanings, names = (r0, r1, s0, s1), _BIAS + _SPREAD, ("R_0", "R_1", "v_0", "v_1")
    rows = zip((R0, R1, v0, v1), expressions, meanings, names, strict=True)
    return tuple(Definition(symbol, Integer(0) + e, meaning, tex) for symbol, e, meaning, tex in rows)


MAML = (
    *COMMON,
    Definition(h2, alpha**2 * sigma_H**2 / D_h, "relative variance of the Hessian-vector product", "h^2"),
    *_four(
        (1 + x) * b,
        0,
        sqrt(A0**2 + (1 + x) ** 2 * T + h2 * (B0**2 + T)),
        sqrt(A1**2 + h2 * B1**2),
    ),
)

FO_MAML = (
    *COMMON,
    *_four(
        x * (1 + x) * q * sigma + b,
        x * (1 + x) * C1,
        sqrt(((1 + x) * sigma + x * C2 * sigma + b) ** 2 + T),
        x * C1,
    ),
)

HESSIAN_NOISE = alpha**2 * sigma_H**2
PROBE_NOISE = (alpha * sigma_tilde / probe_length) ** 2
DIFFERENCE_ERROR = smaller(rho * alpha * probe_length / 2, 2 * x)

HF_MAML = (
    *COMMON,
    Definition(
        h2,
        smaller(HESSIAN_NOISE, PROBE_NOISE) / D_h,
        "relative variance of the difference, same samples at both probes",
        "h^2",
    ),
    Definition(eta, DIFFERENCE_ERROR, "relative error of the central difference", r"\eta"),
    Definition(
        M0, sqrt(A0**2 + (1 + x) ** 2 * T) + eta * sqrt(B0**2 + T), "spread before Hessian noise", "M_0"
    ),
    Definition(M1, A1 + eta * B1, "its growth with y", "M_1"),
    *_four(
        (1 + x) * b + eta * sqrt(B0**2 + T),
        eta * B1,
        sqrt(M0**2 + h2 * (B0**2 + T)),
        sqrt(M1**2 + h2 * B1**2),
    ),
)

DIRECTIONS = MappingProxyType({"maml": MAML, "fo-maml": FO_MAML, "hf-maml": HF_MAML})
