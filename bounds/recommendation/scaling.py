"""Units in which a search is done: L = 1 and epsilon = 1, so that its floats stay near one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bounds.constants import Constants


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
