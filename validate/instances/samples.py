r"""Exact laws of what the algorithms see at a point: all samples of every batch, each batch of one sample.

The algorithms are those of :mod:`empirics.algorithms`, asked by an oracle that answers for every sample at once.
Tensors of directions have the shape ``(n, n_tasks, samples, dim)``: all that can be drawn, equally likely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds.bound import Statement
from bounds.standing import LOSSES, SAMPLES, itself
from bounds.theory.algorithms import algorithms
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.step_rules import Rule
from empirics.algorithms import named
from empirics.oracle import SPLITS, Cost, Oracle
from validate.instances.probes import SIGNS, Probed
from validate.instances.search import Search, left_of, reach, sides
from validate.instances.waves import SIZE, Waves

ONE = dict.fromkeys(("B", "D", "D_in", "D_o", "D_h", "D_test", "B_prime", "D_beta"), 1.0)
FAR, HALVINGS = 20.0, 50
"""Half of the interval in which a stop is looked for, and how often it is halved."""


@dataclass(frozen=True)
class Sampled(Probed):
    """Points of waves, with all that can be drawn there.

    Attributes
    ----------
    gamma : Tensor, shape (n, 1)
        ``rho alpha l`` of HF-MAML's probe, of length l.
    c, theta : Tensor, shape (n, 1)
        Step factor, and the share of the descent.
    noisy : bool
        Whether the batches of directions are of one sample each; otherwise they are exact.
    """

    gamma: Tensor
    c: Tensor
    theta: Tensor
    noisy: bool = True

    @property
    def known(self) -> Mapping[str, Any]:
        """What statements may ask: everything here by its name, and batches of one sample."""
        return _Asked(self)

    @property
    def x(self) -> Tensor:
        """The inner step; L = 1."""
        return self.alpha

    @property
    def sigma(self) -> np.ndarray:
        """Heterogeneity at the point."""
        return self.spread(self.g)

    @property
    def epsilon(self) -> np.ndarray:
        """A target that is just reached."""
        return self.y

    @property
    def probe_length(self) -> Tensor:
        """Length of HF-MAML's probe, ``(n, 1)``."""
        return self.gamma / (self.problem.rho * self.alpha[:, 0])

    @property
    def damping(self) -> Tensor:
        """How many times larger than it must be the constant part of a self-scaled step is, ``(n, 1)``."""
        return 1 + self.gamma

    @property
    def missing(self) -> np.ndarray:
        """Where no point was found that a statement is about."""
        return self.w.isnan().flatten().numpy()

    def neighbours(self) -> Tensor:
        """Return another point for each one, close by."""
        return self.w + 2e-3 + 1e-2 * self.other.abs()

    # ---- what is drawn ----------------------------------------------------------------------------

    def direction(self, name: str) -> Tensor:
        """Return all equally likely directions of an algorithm."""
        hessian = algorithms()[name].takes_hessians
        made = named(name, self.probe_length.unsqueeze(-1))
        tasks, batches = _drawn(hessian) if self.noisy else (self.tasks[0], dict.fromkeys(SPLITS))
        oracle = Oracle(
            self.problem, tasks.expand(len(self.w), -1), lambda split: (batches[split], 1), Cost()
        )
        return made(oracle, self.points, self.alpha).unflatten(1, (2, -1))

    @cached_property
    def v(self) -> Tensor:
        """Outer gradients."""
        return self.direction(FO_MAML.name)

    @property
    def adapted_alike(self) -> Tensor:
        """Meta-gradients, the outer gradient exact, with one sample in the inner step and in its derivative."""
        tasks, w = self.tasks.unsqueeze(-1), self.points.unsqueeze(-2)
        alpha = self.alpha.unsqueeze(-1)
        outer = self.problem.gradient(tasks, w - alpha * self.problem.gradient(tasks, w, SIGNS))
        return outer - alpha * self.problem.hessian_vector(tasks, w, outer, SIGNS)

    @property
    def relative_noise(self) -> np.ndarray:
        """Samples with which HF-MAML's noise of the difference is as large as its vector."""
        ratio = self.alpha[:, 0] / (2 * self.probe_length)
        return (ratio**2 * self.difference_of_noises(self.probe_length, False)).flatten().numpy()

    # ---- one step ---------------------------------------------------------------------------------

    def steps(self, rule: Rule) -> Tensor:
        """Return all equally likely step sizes over the step factor, ``(n, 2 x 4)``, of a rule that draws."""
        smooth, slope = self._rule(rule)
        drawn = self.problem.gradient(self.tasks.unsqueeze(-1), self.points.unsqueeze(-2), SIGNS)
        size = drawn.abs().flatten(1) if rule.kind == "sampled" else torch.zeros_like(self.w)
        return 1 / (smooth + slope * size)

    def _rule(self, rule: Rule) -> tuple[Tensor, Tensor]:
        both = rule.step_curve(self.known)
        smooth, slope = (torch.from_numpy(np.broadcast_to(one, len(self.w)).copy()) for one in both)
        return smooth[:, None], slope[:, None]

    def mean_fall(self, rule: Rule) -> np.ndarray:
        """Return the mean change of F in one step of FO-MAML with one task; any direction would do."""
        G = self.v.flatten(1, 2)
        falls = [self._risen(self.c * step, G).mean(1) for step in self.steps(rule).unsqueeze(-1).unbind(1)]
        return torch.stack(falls).mean(0).numpy()

    def fall(self, rule: Rule) -> np.ndarray:
        """Return the change of F along any direction whatever, with a step that its length scales."""
        smooth, slope = self._rule(rule)
        G = self.meta.mean(1) * (1 + self.other)
        beta = self.c / (smooth + slope * G.abs())
        return self._risen(beta, G.unsqueeze(1))[:, 0].numpy()

    def _risen(self, beta: Tensor, G: Tensor) -> Tensor:
        return self.problem.risen(self.points, -beta.unsqueeze(-1) * G, self.alpha.unsqueeze(-1))

    @property
    def bias(self) -> np.ndarray:
        """Bias of FO-MAML's direction."""
        return self.length(self.v.mean((1, 2)) - self.meta.mean(1))

    @property
    def variance(self) -> np.ndarray:
        """Its variance."""
        return self.spread(self.v.flatten(1, 2)) ** 2

    @property
    def error(self) -> np.ndarray:
        """Distance of the direction of :meth:`fall` from grad F."""
        return self.length(self.meta.mean(1) * self.other)

    @property
    def M(self) -> np.ndarray:
        """Bound on the mean gradient norm."""
        return self.values["mean_norm"]

    # ---- moments and stops ------------------------------------------------------------------------

    @property
    def outer_norm(self) -> np.ndarray:
        """Gradient of the first task after its exact inner step."""
        return self.length(self.outer)[:, 0]

    @property
    def phi(self) -> np.ndarray:
        """Young parameter at which the recorded second moment is smallest."""
        noise = (self.alpha[:, 0] * self.problem.sigma_tilde).flatten().numpy()
        return np.maximum(self.outer_norm / np.maximum(noise, 1e-9), 1e-9)

    @property
    def crossing(self) -> np.ndarray:
        """Samples at which the two bounds on the bias of the inner batch are equal."""
        first = self.alpha[:, 0] * self.problem.sigma_tilde
        second = self.problem.rho * first**2 / 2
        return ((second / first) ** 2).flatten().numpy()

    @property
    def exact(self) -> Sampled:
        """The same points, samples without noise."""
        return replace(self, noisy=False)

    @property
    def alike(self) -> Sampled:
        """The same points, both tasks with one Hessian."""
        return replace(self, problem=self.problem.alike)

    def at_rest(self, name: str) -> Sampled:
        """Return the points at which the mean direction of an algorithm vanishes; NaN where none is found."""
        low, high = torch.full_like(self.w, -FAR), torch.full_like(self.w, FAR)
        rises = (self._mean_at(name, low) < 0) & (self._mean_at(name, high) > 0)
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            below = self._mean_at(name, middle) < 0
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return replace(self, w=torch.where(rises, (low + high) / 2, torch.nan))

    def _mean_at(self, name: str, w: Tensor) -> Tensor:
        return replace(self, w=w).direction(name).mean((1, 2))


@dataclass(frozen=True)
class _Asked(Mapping[str, Any]):
    """What a statement asks for, computed when it asks."""

    point: Sampled

    def __getitem__(self, name: str) -> Any:
        if name in ONE or name in ("L", "d"):
            return 1.0
        if name in self.point.values:
            return self.point.values[name]
        holder = self.point.problem if name in ("rho", "sigma_tilde", "sigma_H") else self.point
        found = getattr(holder, name)
        return found.flatten().numpy() if isinstance(found, Tensor) else found

    def __iter__(self) -> Any:
        return iter(ONE)

    def __len__(self) -> int:
        return len(ONE)


@cache
def _drawn(hessian: bool) -> tuple[Tensor, Mapping[str, Tensor]]:
    """Return all combinations of a task and the samples of its batches, task first."""
    splits = SPLITS if hessian else SPLITS[:2]
    rows = list(product(range(2), *(range(len(SIGNS)) for _ in splits)))
    columns = torch.tensor(rows).T
    return columns[0], {split: SIGNS[column] for split, column in zip(splits, columns[1:], strict=True)}


def squashed(numbers: Tensor) -> Tensor:
    """Map numbers into (0.001, 1): far enough from zero for differences not to drown in round-off."""
    return 0.001 + 0.9985 * torch.sigmoid(2 * numbers)


def decode(numbers: np.ndarray, reach: float) -> Sampled:
    """Return the instances of unconstrained numbers, alpha up to ``reach``."""
    given = torch.from_numpy(numbers)
    problem = Waves.of(given)
    c, alpha, theta, gamma = (
        scale * squashed(given[:, k : k + 1] + shift)
        for k, scale, shift in ((13, 1, 0), (10, reach, 0), (12, 1, -1), (14, 2, 0))
    )
    return Sampled(
        problem, problem.w, alpha.unsqueeze(-1), 0.5 + gamma, given[:, 15:16], c, False, gamma, c, theta
    )


def _sides(st: Statement, points: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    return sides(st, decode(points, reach(st)))


def _shown(st: Statement, point: np.ndarray) -> dict[str, Any]:
    found = decode(point[None], reach(st))
    at = st.left.among if st.left is not None else itself
    chosen = at(found)
    own = {name: getattr(found.problem, name)[0].tolist() for name in ("m", "b", "a", "p", "k")}
    return (
        own | {"w": chosen.w.item()} | {name: float(np.ravel(chosen.known[name])[0]) for name in st.symbols}
    )


def _looked_for(st: Statement) -> bool:
    """Whether a statement is about points that have to be looked for."""
    return st.left is not None and st.left.among is not itself


_looked_at = left_of(LOSSES, SAMPLES)
SEARCHES = (
    Search(lambda st: _looked_at(st) and not _looked_for(st), SIZE, _sides, _shown),
    Search(lambda st: _looked_at(st) and _looked_for(st), SIZE, _sides, _shown, slow=2),
)
