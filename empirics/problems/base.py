"""What a problem is: task losses with exact derivatives, a noise model, and certified constants."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from bounds import arguments
from bounds.constants import NAMES, Constants, Standing
from bounds.errors import InputError
from empirics.replay.replays import Replays

SUPREMA = NAMES[:5]
"""L, rho, sigma, sigma_tilde, sigma_H: the constants that bound something at every point."""


@dataclass(frozen=True)
class Certificate:
    """One constant of a problem: its value, the formula behind it, whether it is attained, and how it is known."""

    value: float
    formula: str
    attained: bool
    standing: Standing = "certified"

    def __post_init__(self) -> None:
        if arguments.real(self.value) is None:
            raise InputError("value", self.value, "must be a number")
        arguments.text("formula", self.formula)
        arguments.flag("attained", self.attained)
        arguments.text("standing", self.standing, "must be a word: certified, declared, estimated or refuted")


class Problem(ABC):
    r"""A finite set of equally likely tasks f_1..f_n with known constants.

    Shapes: ``tasks`` is an integer tensor of any shape S (often ``(replicates, B)``), ``w`` broadcasts
    against ``(*S, dim)``, a ``batch`` is what :meth:`sample` returned for these tasks, as a tensor, and
    stands for the mean of D samples; ``batch=None`` means the exact derivative. Answers have the shape
    ``S``, or ``(*S, dim)``.
    """

    family: ClassVar[str]
    dim: int
    n_tasks: int

    @property
    @abstractmethod
    def spec(self) -> str:
        """Canonical ``family:key=value,...`` from which the problem can be rebuilt exactly."""

    def named(self, name: str) -> Problem:
        """Return the problem under the name of the factory that made it; a built-in one has a name already."""
        return self

    @abstractmethod
    def certificates(self, alpha: float | None = None) -> dict[str, Certificate]:
        """Certified L, rho, sigma, sigma_tilde, sigma_H, Delta (at one alpha, or for all alpha <= 1/L)."""

    @property
    @abstractmethod
    def start(self) -> Tensor:
        """The starting point w_0, shape ``(dim,)``."""

    @abstractmethod
    def loss(self, tasks: Tensor, w: Tensor) -> Tensor:
        """Exact task loss f_i(w)."""

    @abstractmethod
    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task gradient at w: exact, or the mean over the D samples that ``batch`` stands for."""

    @abstractmethod
    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task Hessian at w times v: exact, or the mean over the D samples that ``batch`` stands for."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, tasks: np.ndarray, D: int) -> np.ndarray:
        """Draw what the mean of D samples of each task needs, ``(*tasks.shape, m)``, at a cost free of D."""

    @property
    def sample_width(self) -> int | None:
        """The length m of a batch where :meth:`sample_into` can draw it in place; None where it cannot."""
        return None

    def sample_into(self, rng: np.random.Generator, D: int, out: np.ndarray) -> None:
        """Draw into ``out``, contiguous, ``(..., m)``, the numbers that :meth:`sample` gives for any tasks.

        Only asked of a problem that has a ``sample_width``; by default drawn and copied.
        """
        out[...] = self.sample(rng, np.zeros(out.shape[:-1], dtype=int), D)

    @property
    def frame_width(self) -> int | None:
        """Length of each part of a batch that :meth:`frame` makes; None where it makes none."""
        return None

    def frame(self, first: Callable[[], Tensor], second: Callable[[], Tensor], D: int) -> Any:
        """Return a batch of D samples made of two parts, each asked for when a derivative needs it.

        A part gives independent standard normal numbers, ``(*S, frame_width)``. Only asked of a problem that has
        a ``frame_width``; by default both are drawn, side by side as :meth:`sample` gives them.
        """
        return torch.cat((first(), second()), -1) / math.sqrt(D)

    @property
    def takes_frames(self) -> bool:
        """Whether its derivatives take a batch that is a frame, see :mod:`empirics.problems.frame`."""
        return False

    @property
    def silent(self) -> bool:
        """Whether samples have no noise, so that every batch of a task gives the same."""
        known = self.constants()
        return known.sigma_tilde == 0 and known.sigma_H == 0

    def noise_moments(self, tasks: Tensor, w: Tensor) -> tuple[Tensor, Tensor] | None:
        r"""Exact :math:`E\|\cdot\|^2` of one sample's gradient and (Frobenius) Hessian noise, if known."""
        return None

    def gradient_noise(self, tasks: Tensor, w: Tensor) -> Tensor | None:
        r"""Exact :math:`E\|\cdot\|^2` of one sample's gradient noise, if known."""
        known = self.noise_moments(tasks, w)
        return None if known is None else known[0]

    def hessian_noise(self, tasks: Tensor, w: Tensor) -> Tensor | None:
        r"""Exact :math:`E\|\cdot\|_F^2` of one sample's Hessian noise, if known."""
        known = self.noise_moments(tasks, w)
        return None if known is None else known[1]

    @property
    def footprint(self) -> int:
        """How many numbers the exact F at one point is made of."""
        return self.n_tasks * self.dim

    def lowest_point(self, alpha: float) -> Tensor | None:
        """Where F is smallest, shape ``(dim,)``, if known."""
        return None

    def unturned(self) -> Problem:
        """Return the problem in coordinates of its own, :meth:`coordinates`, in which it is cheaper; or itself."""
        return self

    def coordinates(self, w: Tensor) -> Tensor:
        """Return the coordinates of points in those of :meth:`unturned`, an isometry, shape ``(..., dim)``."""
        return w

    def vector(self, z: Tensor) -> Tensor:
        """Return the points that have these coordinates, shape ``(..., dim)``."""
        return z

    @property
    def replays(self) -> Replays | None:
        """Recordings of its derivatives, where it keeps some."""
        return None

    @property
    def rowwise(self) -> bool:
        """Whether no number of a row of points depends on the other rows or on its place, bit for bit."""
        return False

    def landmarks(self) -> tuple[Tensor, Tensor] | None:
        """Tasks ``(m,)`` and points ``(m, dim)``, best first, from which a search should start as well."""
        return None

    def enclosures(self) -> dict[str, Any]:
        """Interval enclosures of the constants over the whole space, as far as the problem has them."""
        return {}

    def constants(self, alpha: float | None = None) -> Constants:
        """Return the constants as the theory wants them, each with how it is known."""
        found = {name: c for name, c in self.certificates(alpha).items() if name in NAMES}
        values: dict[str, Any] = {name: c.value for name, c in found.items()}
        return Constants(**values, standing={name: c.standing for name, c in found.items()})

    def objective(self, w: Tensor, alpha: float) -> Tensor:
        r"""Exact :math:`F(w) = E_i f_i(w - \alpha \nabla f_i(w))` for ``w`` of shape ``(..., dim)``."""
        tasks, points = self.every_task(w)
        adapted = points - alpha * self.gradient(tasks, points)
        return self.loss(tasks, adapted).mean(-1)

    def meta_gradient(self, w: Tensor, alpha: float) -> Tensor:
        r"""Exact :math:`\nabla F(w) = E_i (I - \alpha \nabla^2 f_i(w)) \nabla f_i(w_i^+)`, shape of ``w``."""
        tasks, points = self.every_task(w)
        outer = self.gradient(tasks, points - alpha * self.gradient(tasks, points))
        return (outer - alpha * self.hessian_vector(tasks, points, outer)).mean(-2)

    def meta(self, w: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
        r"""Exact F and :math:`\nabla F` at once; a family overrides it where that saves work."""
        return self.objective(w, alpha), self.meta_gradient(w, alpha)

    def every_task(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """Return all tasks and the points for each of them, ``(..., n_tasks)`` and ``(..., 1, dim)``."""
        tasks = torch.arange(self.n_tasks, device=w.device).expand(*w.shape[:-1], self.n_tasks)
        return tasks, w.unsqueeze(-2)


def width_of_frames(problem: Problem) -> int | None:
    """Return its ``frame_width`` as its class has it: of what passes on to another problem nobody knows."""
    return problem.frame_width if hasattr(type(problem), "frame_width") else None


def takes_frames(problem: Problem) -> bool:
    """Return whether it takes frames, as its class has it."""
    return problem.takes_frames if hasattr(type(problem), "takes_frames") else False
