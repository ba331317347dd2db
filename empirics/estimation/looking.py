"""One look at all constants at one point: several tasks, each in two halves where its samples were drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from empirics.estimation import noise
from empirics.estimation.climbing import bending_of, curvature_of, down, up
from empirics.estimation.curvature import Bent, bent
from empirics.estimation.derivatives import Curvature, gradient, gradients, products
from empirics.estimation.model import BatchLoss
from empirics.estimation.records import Best, Found, Record, greater
from empirics.estimation.region import Region
from empirics.estimation.sources import Data, pooled, rows

NUMBERS = 2**23
"""Entries of the single samples' derivatives that are held at one time."""
MOST_ROWS = 64
GROUPS = 8
POOLED = 1024
"""Samples of all tasks together of which one Hessian is taken."""
FEW = 4
"""Rows below which the terms of a variance are those of pairs: of two the usual ones are the same."""
DESCENTS = 8
STARTS = 12
"""Random directions from which the third derivative is climbed, at the points where it was largest."""


@dataclass
class Looks:
    """What was seen so far of each constant.

    Attributes
    ----------
    loss : callable
    tasks : list of tuple of Tensor
        The tasks that are looked at.
    exact : bool
        Whether the samples given are all of a task; otherwise they were drawn from something larger.
    all_tasks : bool
        Whether these are all tasks that there are.
    rng : Generator
    alpha : float, optional
        The inner step of the adaptation segment; by default it follows from the curvature found.
    """

    loss: BatchLoss
    tasks: list[Data]
    exact: bool
    all_tasks: bool
    rng: np.random.Generator
    alpha: float | None = None
    L: Best = field(default_factory=Best)
    together: Best = field(default_factory=Best)
    rho: Best = field(default_factory=Best)
    sigma: Best = field(default_factory=Best)
    sigma_tilde: Best = field(default_factory=Best)
    sigma_H: Best = field(default_factory=Best)
    frobenius: Best = field(default_factory=Best)
    M: Best = field(default_factory=Best)
    _next: int = 0

    def at(self, w: Tensor, curved: int, noisy: int, hessians: int) -> None:
        """Look at a point: at the gradients of all tasks, and at so many tasks more closely."""
        self._heterogeneity(w)
        self._curvature_together(w)
        for place in range(max(curved, noisy, hessians)):
            data = self._one()
            if place < curved:
                self.curvature(w, data)
            if place < noisy:
                self._gradient_noise(w, data)
            if place < hessians:
                self._hessian_noise(w, data)

    def _one(self) -> Data:
        self._next += 1
        return self.tasks[self._next % len(self.tasks)]

    # ---- curvature ----------------------------------------------------------------------------------

    def curvature(self, w: Tensor, data: Data, starts: int = 1) -> None:
        """Look at L and rho, at rho from so many random directions."""
        if self.exact or len(data[0]) < 4:
            seen = bent(self.loss, w, data, self.rng, self.alpha, starts)
            self.rho.add(Record(seen.rho, seen.rho, where=(w, data)))
            self.L.add(Record(seen.L, seen.L, where=(w, data)))
            return
        first, second = noise.split(data)
        seen = bent(self.loss, w, first, self.rng, self.alpha, starts)
        values, bends = self._again(w, _groups(second), seen)
        self.rho.add(_grouped(seen.rho, bends, (w, data)))
        self.L.add(_grouped(seen.L, values, (w, data)))

    def _curvature_together(self, w: Tensor) -> None:
        """Look at the Hessian of the mean loss: it is at most L, and many samples see it where a task has few."""
        if self.exact:
            return
        count = max(1, POOLED // len(self.tasks[0][0]))
        halves = [noise.split(task) for task in self.tasks[:count] if len(task[0]) >= 4]
        if not halves:
            return
        first, second = map(pooled, zip(*halves, strict=True))
        curve = Curvature(self.loss, w, first)
        size, top = curve.top(np.random.default_rng(0))
        sign = -1.0 if curve.form(top) < 0 else 1.0
        forms = [sign * Curvature(self.loss, w, group).form(top) for group in _groups(second)]
        self.together.add(_grouped(size, np.array(forms), ()))

    def smoothness(self, how: str = "") -> Found:
        """Return what was seen of L, never less than what the Hessian of the mean loss shows."""
        return greater(self.L, self.together, how)

    def _again(self, w: Tensor, groups: list[Data], seen: Bent) -> tuple[np.ndarray, np.ndarray]:
        """Return both forms, in the directions found, on groups of other samples of the task."""
        values, bends = [], []
        for group in groups:
            curve = Curvature(self.loss, w, group)
            values.append(seen.sign * curve.form(seen.top))
            bends.append(0.0 if seen.bend is None else float(curve.third(seen.bend) @ seen.turned))
        return np.array(values), np.array(bends)

    def climb(self, region: Region, out_of_time: Callable[[], bool]) -> bool:
        """Go on from the largest that were seen: up in a ball, in many directions; return if there was time."""
        inside = region.radius is not None
        for data in self.tasks[:DESCENTS] if inside and self.L.record else ():
            if out_of_time():
                return False
            step = 1 / max(self.L.record.score, 1e-300) if self.L.record else 0.0
            self.curvature(down(self.loss, region.centre, data, region, step), data)
        kinds = ((self.L, curvature_of), (self.rho, bending_of)) if inside else ()
        for record, kind in [(record, kind) for best, kind in kinds for record in best.leaders()]:
            w, data = record.where
            chosen = data if self.exact or len(data[0]) < 4 else noise.split(data)[0]
            if out_of_time():
                return False
            self.curvature(up(kind(self.loss, chosen, self.rng), w, region), data)
        for record in self.rho.leaders():
            if out_of_time():
                return False
            w, data = record.where
            self.curvature(w, data, STARTS)
        return True

    # ---- differences of tasks, noise of samples ----------------------------------------------------

    def _heterogeneity(self, w: Tensor) -> None:
        slopes = [
            torch.stack([gradient(self.loss, w, half) for half in self._halves(task)]) for task in self.tasks
        ]
        each = torch.stack(slopes)
        whole = each.mean(1)
        size, plain = float(whole.norm(dim=-1).mean()), noise.spread(whole)
        if self.exact and self.all_tasks:
            self.M.add(Record(size, size))
            self.sigma.add(Record(plain, plain))
            return
        self.M.add(self._mean_length(each, size))
        pairs = (each[:, 0], each[:, 0] if self.exact else each[:, -1])
        first, second = (_products(pairs[0][k::2], pairs[1][k::2]) for k in (0, 1))
        self.sigma.add(Record(float(first.mean()), float(second.mean()), second, plain=plain))

    def _mean_length(self, each: Tensor, size: float) -> Record:
        """Return what the tasks' gradients ``(tasks, halves, dim)`` show of M; ``size`` has their noise in it."""
        if each.shape[1] < 2 and not self.exact:
            return Record(size, size, np.zeros(1))
        lengths = _lengths(each[:, 0], each[:, -1])
        first, second = lengths[::2], lengths[1::2] if len(lengths) > 1 else lengths
        return Record(float(first.mean()), float(second.mean()), second, plain=size)

    def _halves(self, data: Data) -> tuple[Data, ...]:
        return (data,) if self.exact or len(data[0]) < 2 else noise.split(data)

    def _rows(self, w: Tensor, data: Data) -> tuple[Data, bool]:
        """Return the samples to take one by one, and whether they are all of the task."""
        n, most = len(data[0]), max(4, min(MOST_ROWS, NUMBERS // len(w)))
        if n <= most:
            return data, self.exact
        return rows(data, torch.from_numpy(self.rng.choice(n, most, replace=False))), False

    def _gradient_noise(self, w: Tensor, data: Data) -> None:
        chosen, exact = self._rows(w, data)
        each = gradients(self.loss, w, chosen)
        if exact:
            value = noise.spread(each)
            self.sigma_tilde.add(Record(value, value))
        elif len(each) >= 4:
            first, second = (_products(half, half) for half in (each[::2], each[1::2]))
            self.sigma_tilde.add(Record(float(first.mean()), float(second.mean()), second))

    def _hessian_noise(self, w: Tensor, data: Data) -> None:
        chosen, exact = self._rows(w, data)
        if len(chosen[0]) < (2 if exact else 4):
            return
        first, second = (chosen, chosen) if exact else noise.split(chosen)
        top, vector, size = noise.hessian_noise(self.loss, w, first, self.rng)
        if exact:
            self.sigma_H.add(Record(top, top))
            self.frobenius.add(Record(top, size))
            return
        terms = _squares(products(self.loss, w, second, vector))
        self.sigma_H.add(Record(top, float(terms.mean()), terms))
        probe = torch.from_numpy(self.rng.choice([-1.0, 1.0], len(w))).to(w)
        other = _squares(products(self.loss, w, second, probe))
        self.frobenius.add(Record(top, float(other.mean()), other))


def _groups(data: Data) -> list[Data]:
    """Return the samples of a task in a few groups."""
    return [rows(data, slice(k, None, GROUPS)) for k in range(min(GROUPS, len(data[0])))]


def _grouped(score: float, values: np.ndarray, where: tuple[object, ...]) -> Record:
    """Return the record of a form on other samples, at least 0: where the signs disagree nothing was seen."""
    return Record(score, max(0.0, float(values.mean())), values, where)


def _products(a: Tensor, b: Tensor) -> np.ndarray:
    r"""Return terms :math:`\frac{n}{n-1}\langle a_i-\bar a, b_i-\bar b\rangle`, whose mean is unbiased.

    Of few rows these depend on each other, of two they are the same; then half the products of the differences of
    disjoint pairs are taken, which do not.
    """
    n = len(a)
    if n < 2:
        return np.full(1, math.nan)
    if n < FEW:
        ends = [half[1 : n // 2 * 2 : 2] - half[: n // 2 * 2 : 2] for half in (a, b)]
        return ((ends[0] * ends[1]).sum(-1) / 2).cpu().numpy()
    return (((a - a.mean(0)) * (b - b.mean(0))).sum(-1) * (n / (n - 1))).cpu().numpy()


def _lengths(a: Tensor, b: Tensor) -> np.ndarray:
    """Return what each of two noisy vectors has along the other, on average at most the length without noise.

    The part along a direction that knows nothing of the noise has none of it in the mean.
    """
    both = [(one * other).sum(-1) / other.norm(dim=-1).clamp(min=1e-300) for one, other in ((a, b), (b, a))]
    return ((both[0] + both[1]) / 2).cpu().numpy()


def _squares(each: Tensor) -> np.ndarray:
    return _products(each, each)
