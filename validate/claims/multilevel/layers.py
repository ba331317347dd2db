"""Batches of every task at a point with the levels of a plan, and the parts of the outer gradient made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from empirics import multilevel
from empirics.levels import FIRST, SECOND, SHARED, Levels, batches
from empirics.oracle import Cost, Oracle
from empirics.streams import generator
from validate.claims.draws import Spot


@dataclass(frozen=True)
class Layers:
    """Batches of every task at a spot with the levels of a plan, or all with one level.

    Attributes
    ----------
    spot : Spot
    levels : Levels
    D_o : int
    only : int, optional
        The level of all tasks, where it is not drawn.
    """

    spot: Spot
    levels: Levels
    D_o: int
    only: int | None = None

    @cached_property
    def level(self) -> Tensor:
        """The level of each task, ``(n, n_tasks)``."""
        if self.only is not None:
            return torch.full_like(self.spot.tasks, self.only)
        return torch.from_numpy(self.levels.draw(self._rng("level"), tuple(self.spot.tasks.shape)))

    @cached_property
    def cost(self) -> Cost:
        """What was asked of the oracle."""
        return Cost()

    @cached_property
    def oracle(self) -> Oracle:
        """The oracle of all draws."""
        return Oracle(self.spot.problem, self.spot.tasks, self._batch, self.cost, lambda: self.level)

    @cached_property
    def outer(self) -> Tensor:
        """The multilevel outer gradients."""
        return multilevel.outer_gradient(self.oracle, self.spot.w, self.spot.local.alpha, self.levels.rate)

    @cached_property
    def plain(self) -> Tensor:
        """The plain ones of the same batches."""
        return self.oracle.gradient(self._adapted("in"), "out")

    @cached_property
    def corrections(self) -> Tensor:
        r"""The corrections, :math:`p_J(\hat v - v_0)`."""
        return (self.outer - self.plain) * self._probability

    @cached_property
    def quiet(self) -> Tensor:
        r"""The same mean as :math:`\hat v - \nabla f_i(w_i^+)`, with the noises of mean zero taken off."""
        local = self.spot.local
        noise = self._noise(self._adapted("in"), "out")
        inner = self.oracle.gradient(self.spot.w, "in") - local.g
        moved = local.points - local.alpha * local.g
        linear = -local.alpha * self.spot.problem.hessian_vector(self.spot.tasks, moved, inner)
        return self.plain - local.outer - noise - linear + self.added

    @cached_property
    def added(self) -> Tensor:
        r"""The same mean as :math:`\hat v - v_0`, with the noise of the shared batch taken off."""
        at = self._adapted
        ends = (self._noise(at(FIRST), SHARED) + self._noise(at(SECOND), SHARED)) / 2
        shared = self._noise((at(FIRST) + at(SECOND)) / 2, SHARED) - ends
        weighted = torch.where(self.level.unsqueeze(-1) > 0, shared / self._probability, 0.0)
        return self.outer - self.plain - weighted

    @property
    def _probability(self) -> Tensor:
        return self.levels.rate * 2.0 ** -self.level.unsqueeze(-1)

    def _adapted(self, split: str) -> Tensor:
        return self.spot.w - self.spot.local.alpha * self.oracle.gradient(self.spot.w, split)

    def _noise(self, w: Tensor, split: str) -> Tensor:
        return self.oracle.gradient(w, split) - self.spot.problem.gradient(self.spot.tasks, w)

    def _rng(self, stream: str) -> np.random.Generator:
        key = f"{self.spot.experiment.key}/levels/{self.spot.number}/{self.only}"
        return generator(self.spot.experiment.seed, key, 0, stream)

    def _batch(self, split: str) -> tuple[Tensor, Any]:
        tasks = self.spot.tasks.numpy()
        if split in (FIRST, SECOND, SHARED):
            sizes = self.levels.samples(split, self.level.numpy(), self.spot.D, self.D_o)
            drawn = batches(self.spot.problem, self._rng(split), tasks, sizes)
            return torch.from_numpy(drawn), torch.from_numpy(sizes)
        size = self.spot.D if split == "in" else self.D_o
        return torch.from_numpy(self.spot.problem.sample(self._rng(split), tasks, size)), size
