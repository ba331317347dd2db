"""The theory: constants, statements with their domains and units, and recommended hyperparameters.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bounds.lazily import offered

if TYPE_CHECKING:
    from bounds.catalogue import statement, statements
    from bounds.constants import Constants
    from bounds.errors import DomainError, InputError
    from bounds.explaining import explain
    from bounds.plan import Plan, StepRule
    from bounds.recommendation import recommend

__all__ = [
    "Constants",
    "Plan",
    "StepRule",
    "recommend",
    "statement",
    "statements",
    "explain",
    "InputError",
    "DomainError",
]

_HOME = {
    "Constants": "bounds.constants",
    "Plan": "bounds.plan",
    "StepRule": "bounds.plan",
    "recommend": "bounds.recommendation",
    "statement": "bounds.catalogue",
    "statements": "bounds.catalogue",
    "explain": "bounds.explaining",
    "InputError": "bounds.errors",
    "DomainError": "bounds.errors",
}

__getattr__, __dir__ = offered(__name__, _HOME)
