"""What users check: the built-in families, unusual settings of them, and problems of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from bounds import recommend
from empirics import problems
from empirics.problems.base import Certificate, Problem
from validate.design import Setting, convergence, usual_epsilon

SHORT = 500
"""Steps of a run that is affordable."""


@dataclass(frozen=True)
class User:
    """A problem, by its specification or made by a function, and alpha L."""

    problem: str | Callable[[], Problem]
    reach: float = 0.1

    def made(self) -> Problem:
        """Return the problem."""
        return problems.from_spec(self.problem) if isinstance(self.problem, str) else self.problem()

    @property
    def alpha(self) -> float:
        """The inner step."""
        return self.reach / self.made().constants().L


def _cauchy(w: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return torch.log1p((x @ w - y) ** 2) / 2


def _constants(x: np.ndarray) -> dict[str, Certificate]:
    """Return constants of the Cauchy loss, from the rows of all tasks ``(tasks, points, dim)``."""
    size = float(np.linalg.norm(x, axis=-1).max())
    top = max(float(np.linalg.norm(rows, 2) ** 2 / len(rows)) for rows in x)
    return {
        "L": problems.certified(top),
        "rho": problems.certified(1.4572 * top * size),
        "sigma": problems.certified(top**0.5 / 2),
        "sigma_tilde": problems.certified(size / 2),
        "sigma_H": problems.estimated(size**2),
    }


def _readings(rng: np.random.Generator, gain: float, points: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.uniform(-1, 1, (points, 3))
    return x, x @ np.array([gain, -1.0, 0.5]) + 0.1 * rng.standard_normal(points)


def own_data() -> Problem:
    """Return an own problem from a loss and the arrays of five tasks."""
    rng = np.random.default_rng(0)
    tasks = [_readings(rng, gain, 20) for gain in np.linspace(0.5, 1.5, 5)]
    constants = _constants(np.stack([x for x, _ in tasks]))
    return problems.own_problem(_cauchy, tasks, [0, 0, 0], constants, infimum=0.0)


def own_sampler() -> Problem:
    """Return an own problem from a sampler of two tasks in one dimension."""
    bound = np.ones((2, 16, 1))

    def sampler(rng: np.random.Generator, points: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.uniform(-1, 1, (points, 1))
        return x, rng.uniform(0.5, 2) * x[:, 0]

    return problems.own_problem_from_sampler(
        _cauchy, sampler, 2, 16, [0.5], _constants(bound), infimum=0.0, seed=1
    )


def own_frame() -> Problem:
    """Return an own problem from a DataFrame with one task."""
    import pandas as pd

    x, y = _readings(np.random.default_rng(2), 1.0, 12)
    frame = pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": y, "who": "one"})
    constants = _constants(x[None])
    return problems.own_problem_from_frame(
        _cauchy, frame, "who", [["a", "b", "c"], "y"], [0, 0, 0], constants, infimum=0.0
    )


FAMILIES: Mapping[str, User] = MappingProxyType(
    {
        name.split(":")[0]: User(name)
        for name in (
            "ripple:dim=3,n_tasks=8",
            "plateau:sigma_tilde=0.3",
            "shared-hessian:dim=3,n_tasks=6",
            "quadratic:dim=3,n_tasks=6",
            "wells:dim=3,n_tasks=8",
            "robust-regression:dim=3,n_tasks=6,points=6",
            "sigmoid-classification:dim=3,n_tasks=4,points=6",
            "trapezoid:alpha=0.1",
            "hf-counterexample:sigma_tilde=0.3",
            "hf-counterexample-tent:alpha=0.1",
            "ramp",
        )
    }
)
UNUSUAL: Mapping[str, User] = MappingProxyType(
    {
        "one-sided noise": User("ripple:dim=2,n_tasks=6,sigma=1,sigma_tilde=1,oracle=one-sided"),
        "one task": User("robust-regression:dim=2,n_tasks=1,points=6"),
        "one task, classes": User("sigmoid-classification:dim=2,n_tasks=1,points=6"),
        "two tasks": User("wells:dim=2,n_tasks=2"),
        "two tasks, dim 1": User("quadratic:dim=1,n_tasks=2"),
        "dim 1": User("ripple:dim=1,n_tasks=4"),
        "sigma = 0": User("shared-hessian:dim=3,n_tasks=4,sigma=0"),
        "sigma_tilde = 0": User("wells:dim=3,n_tasks=8,sigma_tilde=0,sigma_H=0"),
        "sigma_H = 0": User("quadratic:dim=3,n_tasks=4,sigma_H=0"),
        "no noise at all": User("quadratic:dim=3,n_tasks=6,sigma=0,sigma_tilde=0,sigma_H=0"),
        "tiny sigma": User("ripple:dim=3,n_tasks=8,sigma=1e-6,sigma_tilde=1e-6"),
        "tiny rho": User("ripple:dim=3,n_tasks=8,rho=1e-6"),
        "large rho": User("ripple:dim=3,n_tasks=8,rho=1000"),
        "tiny L": User("quadratic:dim=3,n_tasks=6,L=1e-6"),
        "large L": User("quadratic:dim=3,n_tasks=6,L=1e6"),
        "alpha L = 1e-6": User("plateau:sigma_tilde=0.3", 1e-6),
        "alpha L = 0.001": User("ripple:dim=3,n_tasks=8", 1e-3),
        "alpha L = 0.45": User("ripple:dim=3,n_tasks=8", 0.45),
        "alpha L = 0.65": User("plateau:sigma_tilde=0.3", 0.65),
        "noisy ramp": User("ramp:sigma_tilde=1"),
        "own, data": User(own_data),
        "own, sampler": User(own_sampler),
        "own, DataFrame": User(own_frame),
    }
)
EVERYONE: Mapping[str, User] = MappingProxyType({**FAMILIES, **UNUSUAL})
"""All of them, by name."""


@cache
def affordable(name: str) -> float:
    """Return a target that all algorithms reach in few steps by their recommended plans."""
    user = EVERYONE[name]
    setting = Setting(user.made(), user.alpha, replicates=16)
    epsilon = usual_epsilon(setting)
    while any(run.horizon > SHORT for run in convergence(setting, epsilon)):
        epsilon *= 1.5
    return epsilon


@cache
def probe(name: str) -> float:
    """Return the length of HF-MAML's probe that is recommended for this target."""
    user = EVERYONE[name]
    constants = user.made().constants(user.alpha)
    return float(
        recommend(constants, affordable(name), "hf-maml", alpha=user.alpha, depth=0).probe_length or 0.0
    )
