"""From a model to what to do, in one call: its constants, the price of its derivatives, the plans that follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from bounds import arguments
from bounds.errors import InputError
from empirics.estimation import timing
from empirics.estimation.advising import Advice, advise
from empirics.estimation.estimating import POINTS, Progress, estimate
from empirics.estimation.loading import load
from empirics.estimation.model import OwnModel

LOOKS = ("radius", "path", "safety", "tasks", "points", "rounds", "seconds", "seed")


def advise_on(
    target: Any,
    *,
    epsilon: float | None = None,
    alpha: float | None = None,
    hessian_cost: float | None = None,
    progress: Progress | None = None,
    **more: Any,
) -> Advice:
    """Return constants and plans for a model.

    Parameters
    ----------
    target : OwnModel, callable or str
        A model, a factory of one, or ``package.module:factory``.
    epsilon : float, optional
        Target for E||grad F||; by default a tenth of what it is at the given weights.
    alpha : float, optional
        The inner step; by default the model's, else 1/(10 L).
    hessian_cost : float, optional
        Price of a Hessian-vector product in gradients; by default it is measured here, and the time of a gradient
        with it.
    progress : callable, optional
    more : object
        ``radius``, ``path``, ``safety``, ``tasks``, ``points``, ``rounds``, ``seconds`` and ``seed`` are for
        :func:`empirics.estimate`, anything else for :func:`empirics.advise`.

    Raises
    ------
    InputError
        When an argument is out of its range, or the model is not what the theory is about.
    """
    if hessian_cost is not None and arguments.real(hessian_cost) is None:
        raise InputError("hessian_cost", hessian_cost, "must be a number", "leave it out to have it measured")
    model = load(target)
    looks = {name: more.pop(name) for name in LOOKS if name in more}
    found = estimate(model, alpha=alpha, progress=progress, **looks)
    prices = prices_of(model, hessian_cost, looks.get("seed", 0), looks.get("points", POINTS))
    return advise(found, prices, epsilon=epsilon, **({"n_tasks": model.tasks.number} | more))


def prices_of(
    model: OwnModel, hessian_cost: float | None, seed: int = 0, points: int = POINTS
) -> timing.Prices:
    """Return what derivatives cost: as given, or measured on one task."""
    if hessian_cost is not None:
        return timing.Prices(None, hessian_cost)
    return timing.measured(model, model.tasks.one(np.random.default_rng(seed), points))
