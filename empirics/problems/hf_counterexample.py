r"""Instances on which HF-MAML stalls when its probes keep a fixed length :math:`l = \gamma/(\rho\alpha)`.

The recorded rule :math:`\delta_i = 1/(6\rho\alpha\|v_i\|)` is :math:`\gamma = 1/6`: however small the target,
the Hessian is averaged over a length on which it can change completely.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from torch import Tensor

from bounds.errors import InputError
from empirics import checks
from empirics.problems.intervals import WAVE, Interval, exact, span
from empirics.problems.line import Line
from empirics.problems.plateau import Plateau
from empirics.problems.tuned import Tuned

PLACE = 9


class _Probed(Line):
    """What both instances say about the recorded rule."""

    def displacement(self, alpha: float, gamma: float = 1 / 6) -> float:
        r"""Return the probe's length :math:`l = \gamma/(\rho\alpha)`; gamma = 1/6 is the recorded rule."""
        checks.positive("gamma", gamma)
        return gamma / (self.hessian_lipschitz * checks.step(alpha, self.L))


@dataclass(frozen=True, kw_only=True)
class HFCounterexample(Plateau, _Probed):
    r"""Cosine tasks on which HF-MAML's recorded difference step stalls at 0.0258 sigma (alpha = 0.05/L).

    The tasks of :class:`~empirics.problems.plateau.Plateau` with :math:`m = L/20` and
    :math:`\kappa w_s = -1.25761`. The Hessian is smooth, so the floor falls like :math:`\gamma^2`.
    """

    family: ClassVar[str] = "hf-counterexample"
    m_share: float = 0.05
    offset: float = -1.25761


@dataclass(frozen=True, kw_only=True)
class HFTent(Tuned, _Probed):
    r"""Tasks with a tent for a Hessian on which HF-MAML's recorded step stalls at up to 0.082 sigma.

    .. math:: f_\pm(w) = \tfrac m2 (z_1 - w_s)^2 \pm r(z_1) + \tfrac m2 \sum_{j>1} z_j^2, \qquad
              r''(t) = \max(0, \lambda - \rho|t|),\quad \lambda = L - m,\quad r'(\infty) = \sigma .

    At the recorded :math:`l = 1/(6\rho\alpha)` the probe sees the mean :math:`C = \lambda^2/(2\rho l)` of the
    whole tent, and :math:`w_s` is chosen so that HF-MAML's fixed point is its tip, where
    :math:`\|\nabla F\| = \alpha(\lambda - C)(1-\alpha m)(\sigma - \lambda^2/2\rho)`. L, rho and sigma are
    attained.

    Attributes
    ----------
    alpha : float, optional
        Inner step for which the instance is tuned, at most 1/(6L), which is the default.
    R : float
        :math:`\rho\sigma/L^2`.
    m_share : float
        m/L, in (0, 1/2).
    """

    family: ClassVar[str] = "hf-counterexample-tent"
    formulas = ("m + lambda", "slope of the tent", "r' beyond the tent")
    usual_reach: ClassVar[float] = 1 / 6
    largest_reach: ClassVar[float] = 1 / 6
    R: float = 79.0
    m_share: float = 0.05

    def validate(self) -> None:
        """Check the parameters, and that adapted points leave the tent."""
        super().validate()
        checks.number("m_share", self.m_share, most=0.5, open_below=True)
        if not self.tuned * (self.p_tip - abs(self.s_tip)) > self.lam / self.hessian_lipschitz:
            raise InputError(
                "R", self.R, "must be larger for this alpha", "adapted points must leave the tent"
            )

    @property
    def m(self) -> float:
        """Curvature of f. Unit F/W^2."""
        return self.m_share * self.L

    @property
    def p_tip(self) -> float:
        r"""Slope :math:`r'(0) = \sigma - \lambda^2/(2\rho)`. Unit F/W."""
        return self.sigma - self.lam**2 / (2 * self.hessian_lipschitz)

    @property
    def seen(self) -> float:
        r"""The mean Hessian :math:`C = \lambda^2/(2\rho l)` that a recorded probe sees at the tip."""
        return self.lam**2 / (2 * self.hessian_lipschitz * self.displacement(self.tuned))

    @cached_property
    def s_tip(self) -> float:
        r"""Slope of f at the tip, :math:`(\alpha C p + \lambda^2/2\rho)/(1-\alpha m)`. Unit F/W."""
        gap = self.lam**2 / (2 * self.hessian_lipschitz)
        return (self.tuned * self.seen * self.p_tip + gap) / (1 - self.tuned * self.m)

    @property
    def w_s(self) -> float:
        """Minimiser of f. Unit W."""
        return -self.s_tip / self.m

    @property
    def floor(self) -> float:
        r"""HF-MAML's floor under the recorded rule at the tuned alpha."""
        return self.tuned * (self.lam - self.seen) * (1 - self.tuned * self.m) * self.p_tip

    @property
    def natural_start(self) -> Tensor:
        r"""The point :math:`z_1 = 2\alpha\sigma`, beyond the tip: from here HF-MAML falls to it."""
        return self.vector(2 * self.tuned * self.sigma * self.axis)

    @property
    def outward(self) -> float:
        """The tip is approached from the right."""
        return 1.0

    def bump(self, t: Tensor, order: int) -> Tensor:
        r"""Return r, its slope p with :math:`p(-\infty) = \sigma - \lambda^2/\rho`, or the tent p'."""
        rho, width = self.hessian_lipschitz, self.lam / self.hessian_lipschitz
        inside = t.clamp(-width, width)
        if order == 2:
            return (self.lam - rho * t.abs()).clamp(min=0)
        if order == 1:
            return self.p_tip + self.lam * inside - rho * inside * inside.abs() / 2
        curve = self.lam * inside**2 / 2 - rho * inside.abs() ** 3 / 6
        return self.p_tip * t + curve + self.lam**2 / (2 * rho) * (t - inside).abs()

    def bump_ranges(self) -> tuple[Interval, Interval, Interval]:
        """Enclose the slope, which rises from end to end, the tent, and its slopes."""
        lam, rho = exact(self.lam), exact(self.hessian_lipschitz)
        half = lam**2 / (2 * rho)
        return span(exact(self.p_tip) - half, exact(self.p_tip) + half), span(0, lam), rho * WAVE
