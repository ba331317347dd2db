"""Try to break declared constants: the largest value that an optimiser finds, from many starts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from empirics.problems.base import Problem

Quantity = Callable[[Tensor, Tensor, Tensor], Tensor]
"""The square of what is maximised, (chains,), from tasks (chains,) and two places (chains, dim).

The first place is a point; the second a vector for L, another point for rho, and nothing to the others.
"""

DRAWS = 256
"""Samples by which noise is measured during a search when its moments are not known exactly."""


POLISHED = 2
"""How many of the best climbs are continued with L-BFGS."""


@dataclass(frozen=True)
class Found:
    """The largest value met, and where: at which task and places."""

    value: float
    task: int
    point: Tensor
    other: Tensor


def search(
    problem: Problem, names: tuple[str, ...] = (), evaluations: int = 100_000, seed: int = 0
) -> dict[str, Found]:
    """Return the largest value found for each of L, rho, sigma, sigma_tilde, sigma_H.

    Hill climbing over points and directions, from starts at every distance between a hundredth of the
    problem's smallest length and a hundred times its largest.

    Parameters
    ----------
    problem : Problem
        Anyone's problem.
    names : tuple of str
        Which constants; all by default.
    evaluations : int
        Evaluations of each quantity.
    seed : int
        Seed of the starts.
    """
    quantities = _quantities(problem, seed)
    return {
        name: _largest(problem, quantities[name], evaluations, seed) for name in names or tuple(quantities)
    }


def least_objective_found(problem: Problem, alpha: float, evaluations: int = 20_000, seed: int = 0) -> float:
    """Return the smallest F(w; alpha) found by descent from many starts."""
    chains, steps = _budget(evaluations)
    _, w, _ = _starts(problem, chains, seed)
    w[0] = problem.start
    optimiser = torch.optim.Rprop([w.requires_grad_()], lr=_length(problem) / 10, step_sizes=_steps(problem))
    least = math.inf
    for _ in range(steps):
        optimiser.zero_grad()
        value = problem.objective(w, alpha)
        least = min(least, float(value.detach().min()))
        value.sum().backward()
        optimiser.step()
    return least


def _quantities(problem: Problem, seed: int) -> Mapping[str, Quantity]:
    everything, c = torch.arange(problem.n_tasks), problem.constants()

    def smoothness(tasks: Tensor, w: Tensor, v: Tensor) -> Tensor:
        return _square(problem.hessian_vector(tasks, w, v)) / _square(v)

    def lipschitz(tasks: Tensor, w: Tensor, u: Tensor) -> Tensor:
        v = u - w
        change = problem.hessian_vector(tasks, u, v) - problem.hessian_vector(tasks, w, v)
        far = c.L + c.rho * (w.detach().norm(dim=-1) + u.detach().norm(dim=-1))
        round_off = 16 * torch.finfo(w.dtype).eps * far * v.norm(dim=-1)
        return ((change.norm(dim=-1) - round_off).clamp(min=0) / _square(v)) ** 2

    def heterogeneity(tasks: Tensor, w: Tensor, v: Tensor) -> Tensor:
        gradients = problem.gradient(everything.expand(len(w), -1), w.unsqueeze(-2))
        spread = _square(gradients - gradients.mean(-2, keepdim=True)).mean(-1)
        round_off = 16 * torch.finfo(w.dtype).eps * gradients.detach().norm(dim=-1).amax(-1)
        return ((spread + 1e-300).sqrt() - round_off).clamp(min=0) ** 2

    def gradient_noise(tasks: Tensor, w: Tensor, v: Tensor) -> Tensor:
        return moments(tasks, w)[0]

    def hessian_noise(tasks: Tensor, w: Tensor, v: Tensor) -> Tensor:
        return moments(tasks, w)[1]

    def moments(tasks: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        return problem.noise_moments(tasks, w) or sampled_moments(problem, tasks, w, DRAWS, seed)

    return {
        "L": smoothness,
        "rho": lipschitz,
        "sigma": heterogeneity,
        "sigma_tilde": gradient_noise,
        "sigma_H": hessian_noise,
    }


def sampled_moments(
    problem: Problem, tasks: Tensor, w: Tensor, draws: int, seed: int, D: int = 1
) -> tuple[Tensor, Tensor]:
    r"""Return sample means of :math:`D\,E\|\cdot\|^2` of gradient and (Frobenius) Hessian noise, ``(chains,)``."""
    batch, index = _draw(problem, tasks, draws, seed, D)
    w = w.unsqueeze(-2)
    noise = problem.gradient(index, w, batch) - problem.gradient(index, w)
    hessian = torch.zeros(index.shape, dtype=w.dtype)
    for unit in torch.eye(problem.dim, dtype=w.dtype):
        v = unit.expand(w.shape)
        hessian = hessian + _square(
            problem.hessian_vector(index, w, v, batch) - problem.hessian_vector(index, w, v)
        )
    return D * _square(noise).mean(-1), D * hessian.mean(-1)


def _draw(problem: Problem, tasks: Tensor, draws: int, seed: int, D: int) -> tuple[Tensor, Tensor]:
    index = tasks.unsqueeze(-1).expand(-1, draws)
    batch = problem.sample(np.random.default_rng(seed), index.numpy(), D)
    return torch.from_numpy(np.asarray(batch, dtype=float)), index


def _largest(problem: Problem, quantity: Quantity, evaluations: int, seed: int) -> Found:
    """Climb from every start, moving one place and the other in turn, no climb losing its best; then polish."""
    chains, steps = _budget(evaluations)
    tasks, w, v = _starts(problem, chains, seed)
    generator = torch.Generator().manual_seed(seed)
    places: tuple[Tensor, ...] = (w, w + v)
    strides, longest = [v.norm(dim=-1, keepdim=True) / 2] * 2, 100 * max(_lengths(problem))
    value, slopes = _evaluate(quantity, tasks, places)
    for step in range(1, steps):
        moving = step % 2
        tried = _move(places, slopes, moving, strides[moving], generator)
        reached, steeper = _evaluate(quantity, tasks, tried)
        better = ~(reached <= value)
        value = torch.where(better, reached, value)
        kept = better.unsqueeze(-1)
        places = tuple(torch.where(kept, new, old) for new, old in zip(tried, places, strict=True))
        slopes = tuple(torch.where(kept, new, old) for new, old in zip(steeper, slopes, strict=True))
        strides[moving] = (strides[moving] * torch.where(kept, 1.6, 0.6)).clamp(max=longest)
    best = torch.where(value.isnan(), torch.inf, value).argsort(descending=True)[:POLISHED]
    hits = [Found(float(value[k]), int(tasks[k]), places[0][k], places[1][k]) for k in best]
    if math.isfinite(hits[0].value):
        hits += [_polish(quantity, hit, min(60, evaluations // 500)) for hit in hits]
    top = max(hits, key=lambda hit: hit.value)
    return Found(math.sqrt(top.value), top.task, top.point, top.other)


def _polish(quantity: Quantity, hit: Found, rounds: int) -> Found:
    """Climb on from a good place with L-BFGS, over both places together."""
    task, scale = torch.tensor([hit.task]), hit.value or 1.0
    middle, size = (hit.point + hit.other) / 2, float((hit.point - hit.other).norm())

    def places(x: Tensor) -> tuple[Tensor, Tensor]:
        w, u = (middle + size * x).unsqueeze(-2)
        return w, u

    def descend(x: np.ndarray) -> tuple[float, np.ndarray]:
        at = torch.from_numpy(x.reshape(2, -1)).requires_grad_()
        value = -quantity(task, *places(at)).sum() / scale
        if not value.requires_grad:
            return float(value), np.zeros_like(x)
        return float(value.detach()), torch.autograd.grad(value, at)[0].numpy().ravel()

    start = ((torch.stack([hit.point, hit.other]) - middle) / size).numpy().ravel()
    done = minimize(descend, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds})
    w, u = places(torch.from_numpy(done.x.reshape(2, -1)))
    value = float(quantity(task, w, u)[0])
    return Found(value if math.isfinite(value) else -1.0, hit.task, w[0], u[0])


def _evaluate(
    quantity: Quantity, tasks: Tensor, places: tuple[Tensor, ...]
) -> tuple[Tensor, tuple[Tensor, ...]]:
    w, v = (place.detach().requires_grad_() for place in places)
    value = quantity(tasks, w, v)
    if not value.requires_grad:
        return value, tuple(torch.zeros_like(place) for place in places)
    slopes = torch.autograd.grad(value.sum(), (w, v), allow_unused=True, materialize_grads=True)
    return value.detach(), slopes


def _move(
    places: tuple[Tensor, ...],
    slopes: tuple[Tensor, ...],
    moving: int,
    stride: Tensor,
    generator: torch.Generator,
) -> tuple[Tensor, ...]:
    """Step along the slope, with a random part that finds the way where there is no slope."""
    place, slope = places[moving], slopes[moving].nan_to_num()
    steep = slope.norm(dim=-1, keepdim=True)
    aside = torch.randn(place.shape, generator=generator, dtype=place.dtype)
    aside = aside / aside.norm(dim=-1, keepdim=True)
    lucky = torch.rand(steep.shape, generator=generator, dtype=place.dtype)
    uphill = torch.where(steep > 1e-100, slope / steep, 0.0)
    there = place + stride * (uphill + torch.where(steep > 1e-100, 0.2, 1.0) * lucky * aside)
    return (places[0], there) if moving else (there, places[1])


def _starts(problem: Problem, chains: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    rng = np.random.default_rng([seed, 1])
    shape = (chains, problem.dim)
    tasks = torch.from_numpy(rng.permutation(np.arange(chains) % problem.n_tasks))
    low, high = math.log10(min(_lengths(problem)) / 100), math.log10(max(_lengths(problem)) * 100)
    around = torch.from_numpy(10 ** rng.uniform(low, high, (chains, 1)) * rng.standard_normal(shape))
    origin = problem.start * torch.from_numpy(rng.integers(0, 2, (chains, 1)))
    vectors = 10 ** rng.uniform(low, high, (chains, 1)) * rng.standard_normal(shape)
    return tasks, origin + around, torch.from_numpy(vectors)


def _lengths(problem: Problem) -> list[float]:
    c = problem.constants()
    known = [c.L / c.rho if c.rho else 0.0, float(problem.start.norm()), c.sigma / c.L]
    return [length for length in known if 0 < length < math.inf] or [1.0]


def _length(problem: Problem) -> float:
    return math.exp(sum(map(math.log, _lengths(problem))) / len(_lengths(problem)))


def _steps(problem: Problem) -> tuple[float, float]:
    return 1e-10 * _length(problem), 10 * _length(problem)


def _budget(evaluations: int) -> tuple[int, int]:
    steps = max(1, min(400, evaluations // 16))
    return max(1, evaluations // steps), steps


def _square(x: Tensor) -> Tensor:
    return (x**2).sum(-1)
