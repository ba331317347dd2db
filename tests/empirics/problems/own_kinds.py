"""A small own problem of each kind: arrays, a sampler, a table; and one without noise. The constants hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from empirics import problems

DIM, TASKS, POINTS = 2, 3, 4


def loss(w, x, y):
    """Cauchy loss: |psi''| <= 1, |psi'''| <= 1.4572, |psi'| <= 1/2."""
    return torch.log1p((x @ w - y) ** 2) / 2


def constants(tasks):
    """Constants that hold, from the data."""
    size = max(np.linalg.norm(x, axis=1).max() for x, _ in tasks)
    top = max(np.linalg.norm(x, 2) ** 2 / len(x) for x, _ in tasks)
    values = {"L": top, "rho": 1.4572 * top * size, "sigma": top**0.5 / 2}
    silent = all(len(x) == 1 for x, _ in tasks)
    noise = {"sigma_tilde": 0.0, "sigma_H": 0.0} if silent else {"sigma_tilde": size / 2, "sigma_H": size**2}
    return {name: problems.certified(value) for name, value in (values | noise).items()}


def reading(rng, points):
    """Draw a task and some of its points."""
    x = rng.uniform(-1, 1, (points, DIM))
    return x, x @ rng.uniform(0.5, 1.5, DIM) + 0.1 * rng.standard_normal(points)


def _tasks(points=POINTS):
    return [reading(np.random.default_rng(seed), points) for seed in range(TASKS)]


def arrays():
    """Per-sample loss and arrays, tasks of unequal size."""
    tasks = [(x[: POINTS - k], y[: POINTS - k]) for k, (x, y) in enumerate(_tasks())]
    return problems.own_problem(loss, tasks, [1.0, -1.0], constants(tasks), infimum=0.0)


def sampler():
    """Per-sample loss and a sampler of tasks."""
    streams = np.random.SeedSequence(0).spawn(TASKS)
    known = constants([reading(np.random.default_rng(stream), POINTS) for stream in streams])
    return problems.own_problem_from_sampler(loss, reading, TASKS, POINTS, [1.0, -1.0], known, infimum=0.0)


def table():
    """Per-sample loss and a DataFrame with one row per point."""
    tasks = _tasks()
    rows = [
        {"sensor": f"s{number}", "a": x[0], "b": x[1], "y": y}
        for number, (xs, ys) in enumerate(tasks)
        for x, y in zip(xs, ys, strict=True)
    ]
    return problems.own_problem_from_frame(
        loss, pd.DataFrame(rows), "sensor", [["a", "b"], "y"], [1.0, -1.0], constants(tasks), infimum=0.0
    )


def silent():
    """One point a task: nothing is random but the task."""
    tasks = _tasks(1)
    return problems.own_problem(loss, tasks, [1.0, -1.0], constants(tasks), infimum=0.0)


def single():
    """One task of one point: nothing is random at all."""
    tasks = _tasks(1)[:1]
    known = constants(tasks) | {"sigma": problems.certified(0.0)}
    return problems.own_problem(loss, tasks, [1.0, -1.0], known, infimum=0.0)


KINDS = {make.__name__: make for make in (arrays, sampler, table)}
EDGES = {make.__name__: make for make in (silent, single)}
