r"""The algorithms with N inner steps, as directions that read like the paper of Ji, Yang and Liang.

Every inner step has a batch of its own, and so has every factor of the product:
:math:`w_{n+1} = w_n - \alpha\tilde\nabla f_i(w_n, D_{\mathrm{in}}^n)` and
:math:`G_i = (I - \alpha\tilde\nabla^2 f_i(w_0, D_h^0)) \cdots (I - \alpha\tilde\nabla^2 f_i(w_{N-1}, D_h^{N-1}))
\tilde\nabla f_i(w_N, D_o)`. The batches of step n are named ``in.n`` and ``hess.n``, those of the first ``in`` and
``hess``; at N = 1 the numbers are those of :mod:`empirics.algorithms`.
"""

from __future__ import annotations

import math

from torch import Tensor

from bounds.errors import InputError
from empirics.algorithms import Direction, commuting, less_difference
from empirics.oracle import Oracle
from empirics.origins import of_step


def adapted(oracle: Oracle, w: Tensor, alpha: float, steps: int) -> list[Tensor]:
    """Return the points of N inner steps, the first and the last included."""
    points = [w]
    for n in range(steps):
        points.append(points[-1] - alpha * oracle.gradient(points[-1], of_step("in", n)))
    return points


def maml(steps: int) -> Direction:
    """Return MAML with N inner steps."""

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        *points, last = adapted(oracle, w, alpha, steps)
        v = oracle.gradient(last, "out")
        for n in reversed(range(steps)):
            v = v - alpha * oracle.hessian_vector(points[n], v, of_step("hess", n))
        return v

    return commuting(direction)


def fo_maml(steps: int) -> Direction:
    """Return FO-MAML with N inner steps: the Hessians left out."""

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        return oracle.gradient(adapted(oracle, w, alpha, steps)[-1], "out")

    return commuting(direction)


def hf_maml(steps: int, probe_length: float) -> Direction:
    """Return HF-MAML with N inner steps: nested central differences over probes of one length."""
    if not 0 < probe_length < math.inf:
        raise InputError("probe_length", probe_length, "must be a finite number > 0")

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        *points, last = adapted(oracle, w, alpha, steps)
        v = oracle.gradient(last, "out")
        for n in reversed(range(steps)):
            v = less_difference(oracle, points[n], v, alpha, probe_length, of_step("hess", n))
        return v

    return commuting(direction)
