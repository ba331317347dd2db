"""What Ji, Yang and Liang have: Theoretical Convergence of Multi-Step MAML, JMLR 23, 2022.

Recorded from memory: nothing here was checked against the paper.
"""

from __future__ import annotations

from functools import cache

from sympy import Integer, Rational

from bounds.bound import Condition, Statement
from bounds.stating import HESSIAN, INNER_STEP, MEMORY, PURE, Source
from bounds.symbols import Delta, L, alpha, epsilon, mean_norm, rho
from bounds.theory.inner_steps.algorithms import USUAL
from bounds.theory.matrices import UPPER, x

PLACE = 81
SHOWN = 2
"""The number of steps for which statements are among all statements."""
multi_step = Source("multi-step", "Ji, Yang and Liang's", "recorded", marks=(MEMORY,))
_ORDER = "an order in epsilon alone: the recorded order leaves out the factors that carry the units"
_OPEN = "an order without a constant: no number that a run could contradict"
_DESIGN = "a condition on a plan: its consequence, the accuracy at that plan, is what is measured"


@cache
def smoothness(N: int) -> Statement:
    """Return the recorded smoothness of F with N inner steps, as the paper writes it."""
    last, whole = UPPER ** (N - 1), UPPER**N
    slope = (last * alpha * rho + rho / L * whole * (last - 1)) * whole
    return multi_step(
        f"smoothness.{N}-steps",
        f"smoothness of F at w, with {N} inner steps",
        r"\|\nabla F(w)-\nabla F(u)\|/\|w-u\|",
        (UPPER ** (2 * N) * L + slope * mean_norm).subs(x, alpha * L),
        HESSIAN,
        "proposition on smoothness",
        domain=(Condition("inner step", alpha * L, Rational(1, 2 * N)),),
        unmeasured="measured with the statement that sharpens it, which is the same",
    )


def _order(what: str, title: str, subject: str, value: object, **rest: str) -> Statement:
    return multi_step(
        f"{what}.{SHOWN}-steps",
        f"N-step MAML: {title}, order as recorded, N = {SHOWN}",
        subject,
        value,
        PURE,
        "theorem on the resampling case",
        up_to_constant=True,
        unmeasured=_OPEN,
        **rest,
    )


STATEMENTS = (
    multi_step(
        f"inner-step.{SHOWN}-steps",
        f"N-step MAML: inner step, N = {SHOWN}",
        r"\alpha",
        1 / (USUAL * SHOWN * L),
        INNER_STEP,
        "theorem on the resampling case",
        relation="=",
        unmeasured=_DESIGN,
    ),
    _order("iterations", "iterations", "K", Delta * L / epsilon**2),
    _order("gradients", "gradients of a run", "K B N D", Integer(SHOWN) / epsilon**4, inhomogeneous=_ORDER),
)
