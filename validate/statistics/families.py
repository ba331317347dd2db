"""One error rate for many simultaneous checks."""

from __future__ import annotations

from bounds import arguments


def bonferroni(error: float, checks: int) -> float:
    """Return the share ``error / checks`` of each of ``checks`` simultaneous checks."""
    return arguments.probability("error", error) / max(checks, 1)
