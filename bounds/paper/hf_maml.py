"""HF-MAML as the paper has it: constant 36, alpha <= 1/(6L), beta_k = beta~(w_k)/25, gamma = 1/6.

The recorded condition ``D_h >= 36 (alpha rho sigma_tilde)^2`` is not homogeneous in units (erratum E2); the
domain here uses its homogeneous form ``36 (rho alpha^2 sigma_tilde)^2``.  The claim itself fails for large B
(erratum E3).
"""

from __future__ import annotations

from sympy import Integer, Rational

from bounds.paper.theorem import NOTE, SIXTH, Recorded
from bounds.symbols import B, alpha, rho, sigma, sigma_tilde

DELTA_FACTOR = Rational(1, 6)

HF_MAML = Recorded(
    algorithm="hf-maml",
    constant=Integer(36),
    step_factor=Rational(1, 25),
    largest_x=SIXTH,
    task_noise=sigma**2 / B,
    hessian_batch=(rho * alpha**2 * sigma_tilde / DELTA_FACTOR) ** 2,
    errata=("E2", "E3"),
    note=f"the condition on D_h stands here in its homogeneous form, which is ours (E2); {NOTE}",
)
