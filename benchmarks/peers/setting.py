"""What is computed: MAML, FO-MAML and HF-MAML on ripples in the open, and on a network for sine waves."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from empirics.problems import Ripple

ALPHA, PROBE = 0.1, 1e-3
ALGORITHMS = ("maml", "fo-maml", "hf-maml")
REPLICATES, TASKS, D = 64, 20, 10
WIDTH, WAVES, SHOTS = 40, 25, 10


@dataclass(frozen=True)
class Batch:
    """Tasks, and the normal numbers of three batches divided by the root of their size."""

    tasks: np.ndarray
    inner: np.ndarray
    outer: np.ndarray
    hessian: np.ndarray


class Wave:
    """The numbers of a ripple problem that is not turned."""

    def __init__(self, problem: Ripple) -> None:
        self.d, self.n = problem.dim, problem.n_tasks
        self.q, self.b, self.phase = problem.stiffness, problem.slopes, problem.phases
        self.A, self.k = problem.A, problem.k
        self.s, self.nu = problem.noise.amplitude, problem.noise.wavenumber

    def draw(self, rng: np.random.Generator, algorithm: str, replicates: int = REPLICATES) -> Batch:
        """Draw what one step of an algorithm needs, and no more."""
        shape = (replicates, TASKS, 2 * self.d)
        tasks = rng.integers(self.n, size=shape[:2])
        inner, outer = (rng.standard_normal(shape) / math.sqrt(D) for _ in range(2))
        hessian = inner if algorithm == "fo-maml" else rng.standard_normal(shape) / math.sqrt(D)
        return Batch(tasks, inner, outer, hessian)


class Net:
    """A network 1-40-40-1 with tanh as a function of a flat vector, and the shots of some sine waves."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.shapes = [(WIDTH, 1), (WIDTH,), (WIDTH, WIDTH), (WIDTH,), (1, WIDTH), (1,)]
        self.sizes = [math.prod(shape) for shape in self.shapes]
        amplitude, phase = rng.uniform(0.1, 5.0, (WAVES, 1, 1)), rng.uniform(0, math.pi, (WAVES, 1, 1))
        x = rng.uniform(-5, 5, (WAVES, SHOTS, 1))
        self.x, self.y = torch.from_numpy(x), torch.from_numpy(amplitude * np.sin(x + phase))
        self.w = torch.from_numpy(0.3 * rng.standard_normal(sum(self.sizes)))

    def forward(self, w, x, tanh):
        """Return the network's answers to points ``(shots, 1)``, in torch or in JAX."""
        parts, first = [], 0
        for shape, size in zip(self.shapes, self.sizes, strict=True):
            parts.append(w[first : first + size].reshape(shape))
            first += size
        hidden = tanh(x @ parts[0].T + parts[1])
        return tanh(hidden @ parts[2].T + parts[3]) @ parts[4].T + parts[5]

    def loss_of(self, x: Tensor, y: Tensor):
        """Return the mean squared error at these shots as a function of the weights."""
        return lambda w: ((self.forward(w, x, torch.tanh) - y) ** 2).mean()
