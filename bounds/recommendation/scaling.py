"""Units in which a search is done: L = 1 and epsilon = 1, so that its floats stay near one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bounds.constants import Constants

NATURAL: Mapping[str, str] = {
    "L": "L",
    "rho": "L^2/epsilon",
    "sigma": "epsilon",
    "sigma_tilde": "epsilon",
    "sigma_H": "L",
    "Delta": "epsilon^2/L",
    "M": "epsilon",
}
"""What each constant is a multiple of where L = epsilon = 1."""


@dataclass(frozen=True)
class Units:
    """The unit F of the objective and W of the parameters in which L = epsilon = 1."""

    F: float
    W: float

    @classmethod
    def of(cls, L: float, epsilon: float) -> Units:
        """Choose ``W = epsilon/L`` and ``F = epsilon^2/L``."""
        return cls(epsilon * (epsilon / L), epsilon / L)

    def ratios(self, c: Constants) -> dict[str, Any]:
        """Return the constants as multiples of these units."""
        gradient, hessian = self.F / self.W, self.F / self.W / self.W
        return {
            "L": c.L / hessian,
            "rho": c.rho / hessian * self.W,
            "sigma": c.sigma / gradient,
            "sigma_tilde": c.sigma_tilde / gradient,
            "sigma_H": c.sigma_H / hessian,
            "Delta": c.Delta / self.F,
            "M": None if c.M is None else c.M / gradient,
        }

    def constants(self, c: Constants) -> Constants:
        """Return the constants in these units."""
        return Constants(**self.ratios(c))

    def alpha(self, alpha: float) -> float:
        """Return the inner step in these units."""
        return alpha * (self.F / self.W / self.W)


def remedy(c: Constants, name: str, nearest: float, farthest: float) -> str:
    """Return what to take where a constant is more than ``farthest`` of its natural unit.

    An epsilon is named to three digits, if it lies between ``nearest`` and ``farthest`` itself.
    """
    value, held = getattr(c, name), c.L

    def fits(epsilon: float) -> bool:
        return nearest <= epsilon <= farthest and Units.of(held, epsilon).ratios(c)[name] <= farthest

    limits = {"rho": held / value * held * farthest, "Delta": math.sqrt(value / farthest) * math.sqrt(held)}
    limit, side = limits.get(name, value / farthest), "<=" if name == "rho" else ">="
    beside = limit * (0.99 if name == "rho" else 1.01)
    epsilon = next(filter(fits, (float(f"{one:.3g}") for one in (limit, beside))), None)
    smaller = f"a smaller {name}"
    return f"take {smaller}" if epsilon is None else f"take epsilon {side} {epsilon:g}, or {smaller}"
