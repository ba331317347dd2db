r"""Sampling noise whose batch mean is exact at a cost that does not grow with the batch.

A sample adds to the task loss, in the coordinates z of the family,

.. math:: \frac{s}{\nu}\sum_j (\theta_j \sin \nu z_j - \theta'_j \cos \nu z_j), \qquad
          \theta, \theta' \sim N(0, I),\quad s = \tilde\sigma/\sqrt d,\quad \nu = \sigma_H/\tilde\sigma,

so the gradient noise :math:`s(\theta_j\cos\nu z_j + \theta'_j\sin\nu z_j)` has
:math:`E\|\cdot\|^2 = \tilde\sigma^2` at every point, and the Hessian noise, which is diagonal, has squared
Frobenius norm :math:`\sigma_H^2` in the mean at every point. The mean of D samples is the same expression
with :math:`\theta/\sqrt D`. (Noise linear in w would be simpler, but its variance is not bounded in w.)
The ``one-sided`` oracle keeps only :math:`\theta`: gradient and Hessian noise are then correlated, and both
constants are largest values over z instead of constants.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError
from empirics import checks
from empirics.problems.base import Certificate
from empirics.problems.frame import Frame, Point
from empirics.problems.intervals import IV, Interval, exact, root
from empirics.problems.synthetic import Synthetic
from empirics.sources import written_in


@dataclass(frozen=True)
class WaveNoise:
    """The oracle above: ``pair`` (the default) or ``one-sided``.

    Parameters
    ----------
    dim : int
    sigma_tilde : float
        Root mean square norm of the gradient noise of one sample. Unit F/W.
    sigma_H : float
        Root mean square Frobenius norm of the Hessian noise of one sample. Unit F/W^2.
    oracle : {"pair", "one-sided"}
    """

    dim: int
    sigma_tilde: float
    sigma_H: float
    oracle: str = "pair"

    def __post_init__(self) -> None:
        if not isinstance(self.oracle, str) or self.oracle not in ("pair", "one-sided"):
            raise InputError("oracle", self.oracle, 'must be "pair" or "one-sided"')
        if self.sigma_tilde == 0 and self.sigma_H > 0:
            raise InputError("sigma_H", self.sigma_H, "must be 0 when sigma_tilde is 0")

    @property
    def width(self) -> int:
        """How many Gaussian numbers a batch is made of."""
        return 0 if self.sigma_tilde == 0 else self.dim * (2 if self.oracle == "pair" else 1)

    @cached_property
    def amplitude(self) -> float:
        r"""The amplitude :math:`s = \tilde\sigma / \sqrt d`. Unit F/W."""
        return self.sigma_tilde / math.sqrt(self.dim)

    @cached_property
    def wavenumber(self) -> float:
        r"""The wave number :math:`\nu = \sigma_H/\tilde\sigma`. Unit 1/W."""
        return self.sigma_H / self.sigma_tilde if self.sigma_tilde else 0.0

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...], D: int) -> np.ndarray:
        r"""Draw :math:`(\theta, \theta')/\sqrt D`: all that the mean of D samples needs."""
        drawn = np.empty((*shape, self.width))
        self.sample_into(rng, D, drawn)
        return drawn

    def sample_into(self, rng: np.random.Generator, D: int, out: np.ndarray) -> None:
        """Draw the same into ``out``, contiguous, ``(..., width)``."""
        rng.standard_normal(out=out)
        out /= math.sqrt(D)

    @property
    def framed(self) -> bool:
        """Whether a batch can be a :class:`Frame`."""
        return self.oracle == "pair" and self.width > 0

    def slope(self, p: Point, batch: Tensor | Frame) -> Tensor:
        r"""Gradient noise :math:`s(\theta\cos\nu z + \theta'\sin\nu z)`."""
        return self.onto_slope(torch.zeros_like(p.z), p, batch)

    def onto_slope(self, exact: Tensor, p: Point, batch: Tensor | Frame) -> Tensor:
        """Return exact slopes with the noise added, in as few passes over the numbers as there are terms."""
        if isinstance(batch, Frame) and batch.starts_at(p):
            return torch.add(exact, batch.first(), alpha=self.amplitude * batch.scale)
        if self.width == 0:
            return exact
        theta, other, cos, sin, s = self._seen(p, batch)
        noisy = torch.addcmul(exact, theta, cos, value=s)
        return noisy if other is None else torch.addcmul(noisy, other, sin, value=s)

    def curvature(self, p: Point, batch: Tensor | Frame) -> Tensor:
        r"""Hessian noise (its diagonal) :math:`s\nu(\theta'\cos\nu z - \theta\sin\nu z)`."""
        return self.onto_curvature(torch.zeros_like(p.z), p, batch)

    def onto_curvature(self, exact: Tensor, p: Point, batch: Tensor | Frame) -> Tensor:
        """Return exact curvatures with the noise added."""
        if isinstance(batch, Frame) and batch.starts_at(p):
            return torch.add(exact, batch.second(), alpha=self.amplitude * self.wavenumber * batch.scale)
        if self.width == 0:
            return exact
        theta, other, cos, sin, s = self._seen(p, batch)
        noisy = torch.addcmul(exact, theta, sin, value=-s * self.wavenumber)
        return noisy if other is None else torch.addcmul(noisy, other, cos, value=s * self.wavenumber)

    def _seen(self, p: Point, batch: Tensor | Frame) -> tuple[Tensor, Tensor | None, Tensor, Tensor, float]:
        """Return both numbers (one where the oracle is one-sided), cosine and sine at the point, and a factor."""
        if isinstance(batch, Frame):
            return (
                batch.first(),
                batch.second(),
                *batch.turn(p),
                self.amplitude * batch.scale,
            )
        other = None if self.oracle == "one-sided" else batch[..., self.dim :]
        return batch[..., : self.dim], other, *p.waves(self.wavenumber), self.amplitude

    def moments(self, p: Point) -> tuple[Tensor, Tensor]:
        r"""Return :math:`E\|\cdot\|^2` of one sample's gradient noise and Hessian noise at z."""
        if self.oracle == "pair" or self.width == 0:
            one = torch.ones_like(p.z[..., 0])
            return self.sigma_tilde**2 * one, self.sigma_H**2 * one
        cos, sin = p.waves(self.wavenumber)
        squared = self.amplitude**2
        return squared * (cos**2).sum(-1), self.wavenumber**2 * squared * (sin**2).sum(-1)

    def enclosures(self) -> dict[str, Interval]:
        r"""Enclose both constants: :math:`d s^2(\cos^2 + \sin^2)` and :math:`\nu^2` times that."""
        sigma_tilde = root(IV.mpf(self.dim)) * exact(self.amplitude)
        return {"sigma_tilde": sigma_tilde, "sigma_H": exact(self.wavenumber) * sigma_tilde}

    def certificates(self) -> dict[str, Certificate]:
        """Return sigma_tilde and sigma_H; the one-sided oracle attains each where a wave peaks."""
        pair = self.oracle == "pair"
        where = ", at every w" if pair else ", largest where cos(nu z_j) = +-1 for all j"
        where_H = ", at every w" if pair else ", largest where sin(nu z_j) = +-1 for all j"
        return {
            "sigma_tilde": Certificate(self.sigma_tilde, f"sqrt(d) s{where}", True),
            "sigma_H": Certificate(self.sigma_H, f"sqrt(d) nu s (Frobenius){where_H}", True),
        }

    def deviation(self, p: Point) -> Tensor:
        """Return the standard deviation of each coordinate of one sample's gradient noise (a Gaussian)."""
        if self.oracle == "pair":
            return torch.full_like(p.z, self.amplitude)
        return self.amplitude * p.waves(self.wavenumber)[0].abs()


_SAMPLED = ("sample", "sample_into")
_DERIVATIVES = ("gradient", "hessian_vector")


class Noisy(Synthetic):
    """What wave noise gives a family, whose parameters ``sigma_tilde``, ``sigma_H`` and ``oracle`` are."""

    sigma_tilde: float
    sigma_H: float | None
    oracle: str

    def check_noise(self) -> None:
        """Check the sizes of the noise; raise InputError."""
        checks.number("sigma_tilde", self.sigma_tilde)
        if self.sigma_H is not None:
            checks.number("sigma_H", self.sigma_H)

    @property
    def default_wavenumber(self) -> float:
        """Wave number of the noise when sigma_H is not given. Unit 1/W."""
        return 0.0

    @property
    def usual_sigma_H(self) -> float:
        """Hessian noise when sigma_H is not given. Unit F/W^2."""
        return self.default_wavenumber * self.sigma_tilde

    @cached_property
    def noise(self) -> WaveNoise:
        """The sampling noise, in the coordinates z."""
        sigma_H = self.usual_sigma_H if self.sigma_H is None else self.sigma_H
        return WaveNoise(self.dim, self.sigma_tilde, sigma_H, self.oracle)

    def sample(self, rng: np.random.Generator, tasks: np.ndarray, D: int) -> np.ndarray:
        """Draw what the mean of D samples of each task needs."""
        return self.noise.sample(rng, tasks.shape, checks.count("D", D))

    @property
    def frame_width(self) -> int | None:
        """Normal numbers of a batch that is looked at at one point, unless samples or noise are another's."""
        noise, own = self.noise, type(self)
        known = type(noise) is WaveNoise and vars(noise).keys().isdisjoint(_SAMPLED)
        ours = all(written_in(__package__, getattr(kind, n)) for kind in (own, WaveNoise) for n in _SAMPLED)
        return (
            self.dim if known and ours and noise.framed and vars(self).keys().isdisjoint(_SAMPLED) else None
        )

    @property
    def takes_frames(self) -> bool:
        """Whether it has frames, and nobody has put derivatives in the place of those here, that read a batch."""
        ours = all(written_in(__package__, getattr(type(self), name)) for name in _DERIVATIVES)
        return ours and vars(self).keys().isdisjoint(_DERIVATIVES) and self.frame_width is not None

    def frame(self, first: Callable[[], Tensor], second: Callable[[], Tensor], D: int) -> Frame:
        """Return a batch that is drawn as far as it is looked at."""
        return Frame(first, second, D, self.noise.wavenumber, self.coordinates)

    def noise_moments(self, tasks: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        r"""Exact :math:`E\|\cdot\|^2` of one sample's gradient noise and (Frobenius) Hessian noise at w."""
        shape = torch.broadcast_shapes(tasks.shape, w.shape[:-1])
        gradient, hessian = self.noise.moments(Point(self.coordinates(w)))
        return gradient.expand(shape), hessian.expand(shape)
