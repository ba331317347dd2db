"""What the instances that are tuned to one inner step share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from empirics import checks
from empirics.problems.line import Line


@dataclass(frozen=True, kw_only=True)
class Tuned(Line):
    r"""Two tasks tuned to alpha, whose Hessians change by at most :math:`\lambda = L - m` at the rate rho.

    Attributes
    ----------
    alpha : float, optional
        Inner step for which the instance is tuned. Unit 1/(F/W^2).
    R : float
        :math:`\rho\sigma/L^2`.
    """

    usual_reach: ClassVar[float]
    """alpha L, unless alpha is given."""
    largest_reach: ClassVar[float]
    """Largest alpha L."""
    alpha: float | None = None
    R: float = 20.0

    def validate(self) -> None:
        """Check the parameters."""
        super().validate()
        checks.positive("R", self.R)
        if self.alpha is not None:
            limit = self.largest_reach / self.L
            checks.number("alpha", self.alpha, most=limit, open_below=True, open_above=False)

    @cached_property
    def tuned(self) -> float:
        """The inner step for which the instance is tuned."""
        return self.usual_reach / self.L if self.alpha is None else self.alpha

    @property
    def lam(self) -> float:
        r"""Height :math:`\lambda = L - m` of the Hessian's change. Unit F/W^2."""
        return self.L - self.m

    @property
    def hessian_lipschitz(self) -> float:
        r"""The constant :math:`\rho = R L^2/\sigma`."""
        return self.R * self.L**2 / self.sigma

    @property
    def default_wavenumber(self) -> float:
        r"""The noise varies over the length :math:`\sigma/L`."""
        return self.L / self.sigma
