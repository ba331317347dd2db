"""One error rate for many simultaneous checks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bounds.errors import InputError


def bonferroni(error: float, checks: int) -> float:
    """Return the share ``error / checks`` of each of ``checks`` simultaneous checks."""
    if not 0 < error < 1:
        raise InputError("error", error, "must be in (0, 1)")
    return error / max(checks, 1)


def holm(p_values: ArrayLike, error: float) -> np.ndarray:
    """Return which hypotheses Holm's step-down procedure rejects at family-wise ``error``.

    A p-value that is not a number rejects nothing (S. Holm, Scand. J. Statist. 6, 1979).
    """
    p = np.nan_to_num(np.asarray(p_values, dtype=float), nan=1.0)
    order = np.argsort(p, kind="stable")
    passed = p[order] <= error / np.arange(p.size, 0, -1)
    rejected = np.zeros(p.size, dtype=bool)
    rejected[order] = np.logical_and.accumulate(passed)
    return rejected
