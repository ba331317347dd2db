from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from bounds.constants import Constants
from bounds.plan import Plan, StepRule
from empirics.problems.base import Certificate, Problem


@dataclass(frozen=True)
class Wave(Problem):
    """f_i(w) = |U'w - c_i|^2/2 + sum_j cos(u_j'w), noise s theta_j cos(u_j'w)/sqrt(D) on the gradient."""

    dim: int = 3
    n_tasks: int = 5
    noise: float = 0.5

    @property
    def spec(self):
        return f"wave:dim={self.dim},n_tasks={self.n_tasks},noise={self.noise}"

    def certificates(self, alpha=None):
        names = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")
        return {name: Certificate(1.0, "", False) for name in names}

    @property
    def start(self):
        return torch.linspace(-1.0, 2.0, self.dim, dtype=torch.float64)

    @property
    def centres(self):
        return torch.from_numpy(np.random.default_rng(1).normal(size=(self.n_tasks, self.dim)))

    @property
    def rotation(self):
        matrix = np.random.default_rng(2).normal(size=(self.dim, self.dim))
        return torch.linalg.qr(torch.from_numpy(matrix))[0]

    def loss(self, tasks, w):
        z = w @ self.rotation
        return ((z - self.centres[tasks]) ** 2).sum(-1) / 2 + torch.cos(z).sum(-1)

    def gradient(self, tasks, w, batch=None):
        z = w @ self.rotation
        slope = z - self.centres[tasks] - torch.sin(z)
        if batch is not None:
            slope = slope + self.noise * batch * torch.cos(z)
        return slope @ self.rotation.T

    def hessian_vector(self, tasks, w, v, batch=None):
        z = w @ self.rotation
        curvature = 1 - torch.cos(z) + 0 * self.centres[tasks]
        if batch is not None:
            curvature = curvature - self.noise * batch * torch.sin(z)
        return (curvature * (v @ self.rotation)) @ self.rotation.T

    def sample(self, rng, tasks, D):
        return rng.standard_normal((*tasks.shape, self.dim)) / np.sqrt(D)


@pytest.fixture
def problem():
    return Wave()


@pytest.fixture
def plan():
    return make_plan()


def make_plan(**changes):
    plan = Plan(
        algorithm="maml",
        theory="sharp",
        constants=Constants(2.0, 1.0, 1.0, 1.0, 1.0, 1.0),
        epsilon=0.1,
        alpha=0.1,
        step_factor=0.5,
        step_rule=StepRule("sampled", 2.5, 0.1),
        B=7,
        D_in=3,
        D_o=2,
        D_h=4,
        B_prime=2,
        D_beta=3,
        probe_length=1e-2,
        iterations=12,
        guarantee=0.1,
        feasible=True,
        reason="",
        binding="",
    )
    return plan.with_(**changes)


@pytest.fixture
def plans():
    return make_plan
