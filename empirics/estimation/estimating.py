"""``estimate``: the constants of a model over a region, from below, with what can be said of how good they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from bounds import arguments
from bounds.errors import InputError
from bounds.reading import finite
from empirics import checks
from empirics.estimation.estimated import HOW, LARGEST_X, Estimate
from empirics.estimation.kinks import Kinks, kinks
from empirics.estimation.loading import load
from empirics.estimation.looking import Looks
from empirics.estimation.model import OwnModel
from empirics.estimation.records import Found, supremum
from empirics.estimation.region import STEPS, Region, ball, own_path, training_path
from empirics.estimation.sources import Data, rows
from empirics.estimation.starting import Start, start
from empirics.problems.base import SUPREMA
from empirics.threads import one_thread

TASKS, POINTS, ROUNDS, SECONDS = 32, 64, 4, 60.0
CURVED, NOISY, HESSIANS = 4, 4, 1
KINKED = 8
Progress = Callable[[float, float, str], None]


@torch.enable_grad()
def estimate(
    target: Any,
    *,
    radius: float | None = None,
    path: int | None = None,
    alpha: float | None = None,
    safety: float = 1.0,
    tasks: int = TASKS,
    points: int = POINTS,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Estimate:
    r"""Estimate L, rho, sigma, sigma_tilde, sigma_H, Delta and M of a model, from below.

    Parameters
    ----------
    target : OwnModel, callable or str
        A model, a factory of one, or ``package.module:factory``.
    radius : float, optional
        The region is the ball of this radius around the given weights.
    path : int, optional
        The region is the path of so many training steps (100 where nothing else is said).
    alpha : float, optional
        The inner step; by default the model's, else 1/(10 L).
    safety : float
        Factor on every constant, >= 1.
    tasks, points : int
        How many tasks to look at, and how many samples to draw of each where they can be drawn.
    rounds : int
        Each looks at twice as many points as the one before.
    seconds : float
        Stop after about so long with what is known; the first look is always taken.
    seed : int
    progress : callable, optional
        Called with what is done, what there is in all, and a line about it.

    Raises
    ------
    InputError
        When an argument is out of its range, or the model is not what the theory is about.
    """
    _require(safety, seconds, radius, path, alpha, tasks=tasks, points=points, rounds=rounds)
    checks.seed(seed)
    arguments.progress(progress, "done", "all", "line")
    began = time.monotonic()
    with one_thread():
        model = load(target)
        rng = np.random.default_rng(seed)
        drawn = _shuffled(model.tasks.draw(rng, tasks, points), rng)
        exact, whole = bool(model.tasks.listed), len(drawn) == model.tasks.number
        asked = alpha or model.alpha
        looks = Looks(model.loss, drawn, exact, whole, rng, asked)
        looks.at(model.start, min(CURVED, len(drawn)), 1, 0)
        first = _inner_step(asked, looks, safety)
        region = _region(model, radius, path, first, rng, points)
        seen, complete = _look(looks, region, rounds, began + seconds, progress)
        step = _inner_step(asked, looks, safety)
        begin = start(model, drawn, step, exact, whole)
        kinked = kinks(model, drawn[:KINKED], step)
    found = _found(looks, begin, model)
    notes = _notes(looks, found, asked, safety, kinked)
    counts = {"points": seen, "tasks": len(drawn), "pairs": looks.L.seen}
    return Estimate(
        model.name,
        region.text,
        model.dim,
        model.tasks.number,
        found,
        step,
        safety,
        begin,
        counts,
        complete,
        notes,
    )


def _look(
    looks: Looks, region: Region, rounds: int, until: float, progress: Progress | None
) -> tuple[int, bool]:
    """Look at more and more points, as long as there is time; return how many, and whether at all of them."""
    wanted = region.points(looks.rng, 2**rounds - 1)
    order = _spread_out(len(wanted))
    for done, place in enumerate(order, 1):
        looks.at(wanted[place], min(CURVED, len(looks.tasks)), min(NOISY, len(looks.tasks)), HESSIANS)
        if progress is not None:
            progress(done, len(order) + 1, _line(looks, done))
        if time.monotonic() > until:
            return done, done == len(order)
    return len(order), looks.climb(region, lambda: time.monotonic() > until)


def _spread_out(count: int) -> list[int]:
    """Return the places 0..count-1, both ends first, then the middle, and so on."""
    chosen: dict[int, None] = {}
    parts = 1
    while len(chosen) < count:
        chosen |= dict.fromkeys(round(k * (count - 1) / parts) for k in range(parts + 1))
        parts *= 2
    return list(chosen)


def _line(looks: Looks, done: int) -> str:
    L, rho = looks.smoothness().value, supremum(looks.rho, "").value
    return f"{done} points: L >= {L:.4g}, rho >= {rho:.4g}"


def _inner_step(asked: float | None, looks: Looks, safety: float) -> float:
    L = looks.smoothness().safe * safety
    return asked or (LARGEST_X / L if L > 0 else 1.0)


def _region(
    model: OwnModel,
    radius: float | None,
    path: int | None,
    alpha: float,
    rng: np.random.Generator,
    points: int,
) -> Region:
    if radius is not None:
        return ball(model, radius)
    if model.path is not None and path is None:
        return own_path(model)
    return training_path(model, alpha, rng, points, STEPS if path is None else path)


def _shuffled(tasks: list[Data], rng: np.random.Generator) -> list[Data]:
    """Return the tasks with their samples in random order: halves of a sorted task would differ."""
    return [rows(data, torch.from_numpy(rng.permutation(len(data[0])))) for data in tasks]


def _found(looks: Looks, begin: Start, model: OwnModel) -> dict[str, Found]:
    return {
        "L": looks.smoothness(HOW["L"]),
        "rho": supremum(looks.rho, HOW["rho"]),
        "sigma": supremum(looks.sigma, HOW["sigma"]).root(),
        "sigma_tilde": supremum(looks.sigma_tilde, HOW["sigma_tilde"]).root(),
        "sigma_H": supremum(looks.sigma_H, HOW["sigma_H"]).root(),
        "Delta": begin.above(model.infimum, HOW["Delta"]),
        "M": supremum(looks.M, HOW["M"]).with_noise(),
        "frobenius": supremum(looks.frobenius, "the same in the Frobenius norm").root(),
    }


def _notes(
    looks: Looks, found: Mapping[str, Found], asked: float | None, safety: float, kinked: Kinks
) -> tuple[str, ...]:
    L = found["L"].safe * safety
    told = []
    if kinked:
        told.append(kinked.said)
    if asked is not None and asked * L >= 0.5:
        told.append(f"alpha = {asked:g} has alpha L = {asked * L:.3g}; the theory speaks of alpha L < 1/2")
    failed = sum(getattr(looks, name).failed for name in SUPREMA)
    if failed:
        told.append(f"{failed} looks gave no finite number and were left out")
    unsure = [name for name in SUPREMA if found[name].unsure]
    if unsure and looks.sigma_tilde.record is not None:
        told.append(
            f"{', '.join(unsure)} cannot be told from 0 with these samples, and what rests on them is not to be "
            "relied on: take more --tasks, or more samples of each; plans take what was seen, noise included"
        )
    if looks.sigma_tilde.record is None:
        told.append("too few samples of a task to see their noise: give at least 4, or a sampler of points")
    return tuple(told)


def _require(
    safety: float, seconds: float, radius: float | None, path: int | None, alpha: float | None, **counts: int
) -> None:
    for name, value in counts.items():
        checks.whole(name, value)
    if counts["rounds"] > 12:
        raise InputError(
            "rounds", counts["rounds"], "must be at most 12: each is twice the work of the one before"
        )
    if not (finite(safety) is not None and safety >= 1):
        raise InputError("safety", safety, "must be a finite number >= 1: estimates are from below")
    checks.seconds(seconds)
    if radius is not None and path is not None:
        raise InputError("radius", radius, "must not be given with path", "one region at a time")
    if alpha is not None:
        checks.above_zero("alpha", alpha)
