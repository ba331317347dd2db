"""FO-MAML as the paper has it: constant 14, alpha <= 1/(10L), beta_k = beta~(w_k)/18."""

from __future__ import annotations

from sympy import Integer, Rational

from bounds.paper.theorem import TENTH, Recorded
from bounds.symbols import B, L, alpha, sigma

FIXED = 20 * alpha**2 * L**2 * sigma**2

FO_MAML = Recorded(
    algorithm="fo-maml",
    constant=Integer(14),
    step_factor=Rational(1, 18),
    largest_x=TENTH,
    task_noise=sigma**2 / B + FIXED,
    fixed_noise=FIXED,
)
