"""MAML as the paper has it: constant 61, alpha <= 1/(6L), beta_k = beta~(w_k)/12."""

from __future__ import annotations

from sympy import Integer, Rational

from bounds.paper.theorem import SIXTH, Recorded
from bounds.symbols import B, alpha, sigma, sigma_H

MAML = Recorded(
    algorithm="maml",
    constant=Integer(61),
    step_factor=Rational(1, 12),
    largest_x=SIXTH,
    task_noise=sigma**2 / B,
    hessian_batch=2 * alpha**2 * sigma_H**2,
)
