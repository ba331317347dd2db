"""Recommendations for algorithms of one's own: what a theory offers, and which there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bounds import kit
from bounds.constants import NAMES, Constants
from bounds.errors import InputError
from bounds.members import members, sources


@dataclass(frozen=True)
class Planner:
    """A recommendation for an algorithm that this project does not know.

    Attributes
    ----------
    algorithm : str
        What ``--algorithm`` takes.
    needs : tuple of str
        The constants that it reads; others need not be given.
    plan : callable
        From the constants and the target to the hyperparameters by name, JSON-ready, on the safe side.

    Raises
    ------
    InputError
        When ``needs`` names what is no constant of the assumptions.
    """

    algorithm: str
    needs: tuple[str, ...]
    plan: Callable[[Constants, float], Mapping[str, Any]]

    def __post_init__(self) -> None:
        needs: Any = self.needs
        strange = (
            needs if not isinstance(needs, tuple) else tuple(name for name in needs if name not in NAMES)
        )
        if strange or not isinstance(needs, tuple):
            allowed = f"must be a tuple of constants out of {', '.join(NAMES)}"
            remedy = "write the value of any other quantity in the module, where the plan is made"
            raise InputError(f"needs of the planner {self.algorithm}", strange, allowed, remedy)


def planners() -> Mapping[str, Planner]:
    """Return the planners of other packages by their algorithm.

    Raises
    ------
    InputError
        When an algorithm has two, or is one of this project's.
    """
    found: dict[str, Planner] = {}
    for planner in members(sources(__name__), Planner):
        if planner.algorithm in found or planner.algorithm in kit.names():
            raise InputError("theory", planner.algorithm, "is planned twice", "rename one of the algorithms")
        found[planner.algorithm] = planner
    return found
