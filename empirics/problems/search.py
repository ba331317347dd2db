"""Try to break declared constants: the largest value that an optimiser finds, from many starts."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor

from empirics.problems.base import SUPREMA, Problem
from empirics.problems.clock import ENDLESS, Clock
from empirics.problems.quantities import Quantities, Quantity, lengths
from empirics.problems.secants import steepest

SIGMAS = 5.0
"""Standard errors taken off noise that is only known by sampling."""

POLISHED = 2
"""How many of the best climbs are continued with L-BFGS."""


@dataclass(frozen=True)
class Found:
    """The largest value met, and where: at which task and places.

    ``error`` is by how much the value there may really be larger: 0 unless it was sampled. ``made`` is the share
    of the evaluations that there was time for.
    """

    value: float
    task: int
    point: Tensor
    other: Tensor
    error: float = 0.0
    made: float = 1.0


def search(
    problem: Problem,
    names: tuple[str, ...] = SUPREMA,
    evaluations: int = 100_000,
    seed: int = 0,
    clock: Clock = ENDLESS,
) -> dict[str, Found]:
    """Return the largest value found for each of L, rho, sigma, sigma_tilde, sigma_H.

    Hill climbing from starts at every distance between a hundredth of the problem's smallest length and a
    hundred times its largest, then L-BFGS from the best. For L the change of the gradient along segments is looked
    at too, which shows kinks. Noise that is only known by sampling is measured again, on fresh samples, where it
    was found largest, less five standard errors.

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
    clock : Clock
        When to stop, shared equally by the constants that are left. A search that is cut short has ``made`` fewer
        evaluations than it was given.
    """
    found = {}
    for number, name in enumerate(names):
        share = clock.share(len(names) - number)
        hit = _largest(problem, getattr(Quantities(problem, seed), name), evaluations, seed, share)
        if name == "L":
            hit = max(hit, _kinked(problem, evaluations, seed, hit.made), key=_value)
        found[name] = _settled(problem, name, hit, seed)
    return found


def least_objective_found(
    problem: Problem, alpha: float, evaluations: int = 20_000, seed: int = 0, clock: Clock = ENDLESS
) -> float:
    """Return the smallest F(w; alpha) found by sign-based descent (Rprop) from many starts."""
    chains, steps = _budget(evaluations)
    _, w, _ = _starts(problem, chains, seed)
    known = problem.lowest_point(alpha)
    w[0] = problem.start if known is None else known
    sizes = lengths(problem, problem.constants())
    strides = (1e-9 * min(sizes), 100 * max(sizes))
    optimiser = torch.optim.Rprop([w.requires_grad_()], lr=min(sizes), step_sizes=strides)
    least = math.inf
    for step in range(steps):
        if step and clock.over:
            break
        optimiser.zero_grad()
        value = problem.objective(w, alpha)
        least = min(least, float(value.detach().min()))
        if not value.requires_grad:
            break
        value.sum().backward()
        optimiser.step()
    return least


@dataclass
class _Climbs:
    """Many climbs at once; none loses its best, and each finds its own stride."""

    quantity: Quantity
    tasks: Tensor
    places: tuple[Tensor, Tensor]
    strides: list[Tensor]
    longest: float
    generator: torch.Generator

    def __post_init__(self) -> None:
        self.value, self.slopes = self._evaluate(self.places)

    def move(self, which: int) -> None:
        """Try to move one of the two places of every climb uphill."""
        tried = self._beside(which)
        value, slopes = self._evaluate(tried)
        better = ~(value <= self.value)
        kept = better.unsqueeze(-1)
        self.value = torch.where(better, value, self.value)
        self.places = _choose(kept, tried, self.places)
        self.slopes = _choose(kept, slopes, self.slopes)
        stride = self.strides[which] * torch.where(kept, 1.6, 0.6)
        self.strides[which] = stride.clamp(max=self.longest)

    def best(self, number: int) -> list[Found]:
        """Return the highest climbs; a NaN counts as the highest of all."""
        order = torch.where(self.value.isnan(), torch.inf, self.value).argsort(descending=True)[:number]
        w, u = self.places
        return [Found(float(self.value[k]), int(self.tasks[k]), w[k], u[k]) for k in order]

    def _evaluate(self, places: tuple[Tensor, Tensor]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        w, u = (place.detach().requires_grad_() for place in places)
        value = self.quantity(self.tasks, w, u)
        if not value.requires_grad:
            return value, (torch.zeros_like(w), torch.zeros_like(u))
        slopes = torch.autograd.grad(value.sum(), (w, u), allow_unused=True, materialize_grads=True)
        return value.detach(), (slopes[0], slopes[1])

    def _beside(self, which: int) -> tuple[Tensor, Tensor]:
        """Step along the slope, with a random part that finds the way where there is no slope."""
        place, slope = self.places[which], self.slopes[which].nan_to_num()
        steep = slope.norm(dim=-1, keepdim=True)
        aside = torch.randn(place.shape, generator=self.generator, dtype=place.dtype)
        aside = aside / aside.norm(dim=-1, keepdim=True)
        lucky = torch.rand(steep.shape, generator=self.generator, dtype=place.dtype)
        uphill = torch.where(steep > 1e-100, slope / steep, 0.0)
        there = place + self.strides[which] * (uphill + torch.where(steep > 1e-100, 0.2, 1.0) * lucky * aside)
        return (self.places[0], there) if which else (there, self.places[1])


def _choose(kept: Tensor, new: tuple[Tensor, Tensor], old: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    return torch.where(kept, new[0], old[0]), torch.where(kept, new[1], old[1])


def _largest(problem: Problem, quantity: Quantity, evaluations: int, seed: int, clock: Clock) -> Found:
    chains, steps = _budget(evaluations)
    tasks, w, v = _starts(problem, chains, seed)
    stride, longest = v.norm(dim=-1, keepdim=True) / 2, 100 * max(lengths(problem, problem.constants()))
    random = torch.Generator().manual_seed(seed)
    climbs = _Climbs(quantity, tasks, (w, w + v), [stride, stride], longest, random)
    done = 1
    while done < steps and not clock.over:
        climbs.move(done % 2)
        done += 1
    hits = climbs.best(POLISHED)
    if math.isfinite(hits[0].value) and not clock.over:
        hits += [_polish(quantity, hit, longest, min(60, evaluations // 200)) for hit in hits]
    top = max(hits, key=lambda hit: hit.value)
    return Found(math.sqrt(top.value), top.task, top.point, top.other, made=done / steps)


def _kinked(problem: Problem, evaluations: int, seed: int, made: float) -> Found:
    """Return the fastest change of a gradient along segments of every length: kinks, which no Hessian shows."""
    tasks, w, v = _starts(problem, _budget(evaluations)[0], seed)
    squares, (low, high) = steepest(problem, tasks, w, w + v)
    top = int(squares.argmax())
    return Found(math.sqrt(float(squares[top])), int(tasks[top]), low[top], (high - low)[top], made=made)


def _value(hit: Found) -> float:
    return math.inf if math.isnan(hit.value) else hit.value


def _settled(problem: Problem, name: str, hit: Found, seed: int, rounds: int = 100) -> Found:
    """Measure sampled noise again at the place found: there it is the largest of many noisy values."""
    tasks, w = torch.tensor([hit.task]), hit.point.unsqueeze(0)
    if name not in ("sigma_tilde", "sigma_H") or problem.noise_moments(tasks, w) is not None:
        return hit
    fresh = torch.stack(
        [getattr(Quantities(problem, seed + 1 + k), name)(tasks, w, w) for k in range(rounds)]
    )
    centre, error = float(fresh.mean()), SIGMAS * float(fresh.std()) / math.sqrt(rounds)
    low, high = (
        math.sqrt(max(0.0, end)) if math.isfinite(end) else math.nan
        for end in (centre - error, centre + error)
    )
    return replace(hit, value=low, error=high - low)


def _polish(quantity: Quantity, hit: Found, longest: float, rounds: int) -> Found:
    """Climb on from a good place with L-BFGS, over both places together, at most ``longest`` away."""
    task, scale = torch.tensor([hit.task]), hit.value or 1.0
    middle, size = (hit.point + hit.other) / 2, float((hit.point - hit.other).norm())
    if not size > 0:
        return hit

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
    box = [(a - longest / size, a + longest / size) for a in start]
    done = minimize(descend, start, jac=True, method="L-BFGS-B", bounds=box, options={"maxiter": rounds})
    w, u = places(torch.from_numpy(done.x.reshape(2, -1)))
    value = float(quantity(task, w, u)[0])
    return Found(value if math.isfinite(value) else -1.0, hit.task, w[0], u[0])


def _starts(problem: Problem, chains: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return tasks, points about the origin, the start and at landmarks, and vectors, at every scale."""
    rng, shape = np.random.default_rng([seed, 1]), (chains, problem.dim)
    tasks = torch.from_numpy(rng.permutation(np.arange(chains) % problem.n_tasks))
    sizes = lengths(problem, problem.constants())
    low, high = math.log10(min(sizes) / 100), math.log10(max(sizes) * 100)
    around, vectors = (
        torch.from_numpy(10 ** rng.uniform(low, high, (chains, 1)) * rng.standard_normal(shape))
        for _ in range(2)
    )
    origin = problem.start * torch.from_numpy(rng.integers(0, 2, (chains, 1)))
    points, known = origin + around, problem.landmarks()
    if known is not None:
        number = min(len(known[0]), chains // 4)
        tasks[:number], points[:number] = known[0][:number], known[1][:number]
    return tasks, points, vectors


def _budget(evaluations: int) -> tuple[int, int]:
    steps = max(1, min(150, evaluations // 16))
    return max(1, evaluations // steps), steps
