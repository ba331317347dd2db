"""Claims against runs: instances, statistics, verdicts.

The names below are imported when they are first used, so that ``import validate`` needs neither numpy nor torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "falsify": "validate.instances",
    "check": "validate.checking",
    "Report": "validate.report",
    "Status": "validate.verdict",
    "Verdict": "validate.verdict",
}

__all__ = [*_HOME, "audit"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    if name == "audit":
        return import_module("validate.audit")
    raise AttributeError(f"module 'validate' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
