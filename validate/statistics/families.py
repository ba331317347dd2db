"""One error rate for many simultaneous checks."""

from __future__ import annotations

from bounds.errors import InputError


def bonferroni(error: float, checks: int) -> float:
    """Return the share ``error / checks`` of each of ``checks`` simultaneous checks."""
    if not 0 < error < 1:
        raise InputError("error", error, "must be in (0, 1)")
    return error / max(checks, 1)
