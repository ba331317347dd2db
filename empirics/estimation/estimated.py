"""What an estimate is: a value for each constant, from below, and how it was come by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bounds.constants import Constants
from bounds.errors import InputError
from empirics.estimation.records import Found
from empirics.estimation.starting import Start

LARGEST_X = 0.1
"""alpha L where no inner step is asked for: the largest that the paper's theorems allow all three algorithms."""
HOW = {
    "L": "largest |eigenvalue| of a Hessian (Lanczos)",
    "rho": "third derivative, and change along the adaptation",
    "sigma": "spread of the tasks' gradients",
    "sigma_tilde": "spread of single samples' gradients",
    "sigma_H": "spread of single samples' Hessians, largest direction",
    "Delta": "mean loss after adaptation, above the infimum",
    "M": "mean size of the tasks' gradients",
}


@dataclass(frozen=True)
class Estimate:
    r"""What was found of a model's constants over a region.

    Attributes
    ----------
    target, region : str
        What was looked at, and where.
    dim : int
    n_tasks : int or None
        How many tasks there are, where it is known.
    found : mapping of str to Found
        L, rho, sigma, sigma_tilde, sigma_H (in the worst direction), Delta, M; ``frobenius`` is sigma_H in that
        norm.
    alpha : float
        The inner step that Delta is for.
    safety : float
        What the constants are multiplied with before anything follows from them.
    start : Start
        Loss and gradient at the given weights.
    looks : mapping of str to int
        How many points were looked at, tasks, and pairs of these for the curvature.
    complete : bool
        Whether there was time for all that was planned.
    notes : tuple of str
    """

    target: str
    region: str
    dim: int
    n_tasks: int | None
    found: Mapping[str, Found]
    alpha: float
    safety: float
    start: Start
    looks: Mapping[str, int]
    complete: bool
    notes: tuple[str, ...]

    def constants(self) -> Constants:
        """Return the constants times the safety factor, every one of them ``estimated``."""
        values: dict[str, Any] = {name: self.used(name) for name in HOW}
        if not values["L"] > 0:
            allowed = "no curvature was found: the loss looks linear, and the theory says nothing about it"
            raise InputError("L", 0.0, allowed)
        return Constants(**values).known_as("estimated")

    def used(self, name: str) -> float:
        """Return what plans take for a constant: the upper end of Delta, the safe value of any other."""
        one = self.found[name]
        return self.safety * (one.upper if name == "Delta" else one.safe)

    def to_dict(self) -> dict[str, Any]:
        """Return all as plain data."""
        rows = {
            name: {"value": one.value, "lower": one.lower, "upper": one.upper, "formula": one.how}
            | {"used": self.used(name), "standing": "estimated"}
            for name, one in self.found.items()
        }
        return {
            "target": self.target, "region": self.region, "dim": self.dim, "n_tasks": self.n_tasks,
            "alpha": self.alpha, "safety": self.safety, "constants": rows, "start": self.start.to_dict(),
            "looks": dict(self.looks), "complete": self.complete, "notes": list(self.notes),
        }  # fmt: skip
