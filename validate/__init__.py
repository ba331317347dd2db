"""Claims against runs: instances, statistics, verdicts.

The names below are imported when they are first used, so that ``import validate`` needs neither numpy nor torch.
"""

from __future__ import annotations

from bounds.lazily import offered

_HOME = {
    "falsify": "validate.instances",
    "check": "validate.checking",
    "Report": "validate.report",
    "Status": "validate.verdict",
    "Verdict": "validate.verdict",
}

__all__ = [*_HOME, "audit"]

__getattr__, __dir__ = offered(__name__, _HOME, ("audit",))
