"""The algorithms on a torch model, a batch of tasks at a time (``torch.func``), by a plan or by habit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.func import grad, vmap

from bounds.errors import InputError
from bounds.plan import Plan, StepRule
from bounds.theory.algorithms import algorithm, names
from empirics.estimation.model import BatchLoss, OwnModel
from empirics.estimation.norms import Blocks, norm_interval
from empirics.estimation.sources import TASKS, Data, rows

Optimiser = Callable[[list[Tensor]], torch.optim.Optimizer]
TESTED, WIDE = 256, 64
"""New tasks for a look, and samples in each of their batches where the gradient is measured."""


@dataclass(frozen=True)
class Recipe:
    """How to train: the algorithm, its sizes, and either a step rule of the theory or an optimiser.

    Attributes
    ----------
    algorithm : str
    alpha : float
    B, D_in, D_o, D_h : int
        Tasks of a step, and the samples of each batch of a task.
    iterations : int
    optimiser : callable, optional
        From the parameters to an optimiser, ``lambda w: torch.optim.Adam(w, 1e-3)``.
    rule : StepRule, optional
        beta = c / (smoothness + slope u); with it ``step_factor``, and ``B_prime``, ``D_beta`` where it samples.
    probe_length : float, optional
    """

    algorithm: str
    alpha: float
    B: int
    D_in: int
    D_o: int
    D_h: int
    iterations: int
    optimiser: Optimiser | None = None
    rule: StepRule | None = None
    step_factor: float = 1.0
    B_prime: int = 0
    D_beta: int = 0
    probe_length: float | None = None
    name: str = field(default="", compare=False)

    @property
    def samples(self) -> int:
        """Samples of one iteration."""
        return self.B * (self.D_in + self.D_o + self.D_h) + self.B_prime * self.D_beta


def recipe_of(plan: Plan) -> Recipe:
    """Return the recipe of a plan.

    Raises
    ------
    InputError
        When the plan has no sizes, draws levels, or takes several inner steps.
    """
    if plan.depth or plan.inner_steps > 1:
        raise InputError(
            "plan", plan.algorithm, "must have one inner step and a plain inner batch", "depth=0"
        )
    if plan.B is None or plan.iterations is None or plan.step_rule is None:
        raise InputError("plan", plan.algorithm, f"cannot be run: {plan.reason}")
    sizes: dict[str, Any] = {
        name: int(getattr(plan, name) or 0) for name in ("B", "D_in", "D_o", "D_h", "B_prime", "D_beta")
    }
    return Recipe(
        plan.algorithm,
        plan.alpha,
        iterations=plan.iterations,
        rule=plan.step_rule,
        step_factor=plan.step_factor or 1.0,
        probe_length=plan.probe_length,
        name="plan",
        **sizes,
    )


@torch.enable_grad()
def train(model: OwnModel, recipe: Recipe, *, looks: int = 8, shots: int = 10, seed: int = 0) -> pd.DataFrame:
    """Train from the model's weights; return what new tasks show, a row a look, the last weights in ``attrs``.

    Parameters
    ----------
    model : OwnModel
        Its tasks must be drawn by a sampler.
    recipe : Recipe
    looks : int
        How often to look, beside the start.
    shots : int
        Samples from which a new task is adapted to, by one step of the recipe's alpha.
    seed : int

    Returns
    -------
    DataFrame
        iteration, samples, gradient (with lower, upper) of the recipe's F, loss and accuracy after adaptation.
    """
    rng, w = np.random.default_rng(seed), model.start.clone().requires_grad_(True)
    optimiser = None if recipe.optimiser is None else recipe.optimiser([w])
    places = {round(k * recipe.iterations / looks) for k in range(1, looks + 1)}
    table = [_look(model, recipe, w.detach(), 0, shots)]
    for iteration in range(1, recipe.iterations + 1):
        slope = step(model, recipe, w.detach(), rng)
        if optimiser is None:
            with torch.no_grad():
                w -= _size(model, recipe, w.detach(), slope, rng) * slope
        else:
            w.grad = slope
            optimiser.step()
        if iteration in places:
            table.append(_look(model, recipe, w.detach(), iteration, shots))
    frame = pd.DataFrame(table)
    frame.attrs["weights"] = w.detach()
    return frame


def step(model: OwnModel, recipe: Recipe, w: Tensor, rng: np.random.Generator) -> Tensor:
    """Return the averaged direction of one step."""
    sizes = (recipe.D_in, recipe.D_o, recipe.D_h)
    return directions(model.loss, recipe, w, drawn(model, rng, recipe.B, sizes)).mean(0)


def drawn(model: OwnModel, rng: np.random.Generator, B: int, sizes: tuple[int, ...]) -> list[Data]:
    """Draw B tasks, and for each batch its samples: a list of columns, each ``(B, D, ...)``."""
    if model.tasks.sampler is None:
        raise InputError(TASKS, "given", "must be drawn, to train on them: by sampler(rng, points)")
    found = [model.tasks.one(rng, sum(sizes)) for _ in range(B)]
    whole = tuple(torch.stack(column) for column in zip(*found, strict=True))
    ends = np.cumsum((0, *sizes))
    return [rows(whole, (slice(None), slice(int(begin), int(end)))) for begin, end in pairwise(ends)]


def directions(loss: BatchLoss, recipe: Recipe, w: Tensor, batches: list[Data]) -> Tensor:
    """Return the direction of every task, ``(B, dim)``, by what the algorithm does about the Hessian."""
    inner, outer, hessian = batches
    kind = algorithm(recipe.algorithm).curvature
    slope = grad(loss)

    def one(inner: Data, outer: Data, hessian: Data) -> Tensor:
        v = slope(w - recipe.alpha * slope(w, inner), outer)
        if kind == "none":
            return v
        if kind == "product":
            return v - recipe.alpha * grad(lambda x: slope(x, hessian) @ v)(w)
        delta = float(recipe.probe_length or 0) / v.norm().clamp(min=1e-300)
        return v - recipe.alpha * (slope(w + delta * v, hessian) - slope(w - delta * v, hessian)) / (
            2 * delta
        )

    return vmap(one)(inner, outer, hessian)


def _size(model: OwnModel, recipe: Recipe, w: Tensor, slope: Tensor, rng: np.random.Generator) -> float:
    """Return the step size of the theory's rule."""
    rule = recipe.rule
    if rule is None:
        raise InputError("recipe", recipe.name, "must have an optimiser or a step rule")
    if rule.kind == "constant" or not rule.slope:
        u = 0.0
    elif rule.kind == "self-scaled":
        u = float(slope.norm())
    else:
        (data,) = drawn(model, rng, recipe.B_prime, (recipe.D_beta,))
        u = float(vmap(lambda batch: grad(model.loss)(w, batch).norm())(data).mean())
    return recipe.step_factor / (rule.smoothness + rule.slope * u)


def _look(model: OwnModel, recipe: Recipe, w: Tensor, iteration: int, shots: int) -> dict[str, Any]:
    """Return a row: the same new tasks at every look."""
    rng = np.random.default_rng([7, shots])
    support, query = drawn(model, rng, TESTED, (shots, WIDE))
    slope = grad(model.loss)
    adapted = vmap(lambda data: w - recipe.alpha * slope(w, data))(support)
    loss = float(vmap(model.loss)(adapted, query).mean())
    row = {"name": recipe.name, "iteration": iteration, "samples": iteration * recipe.samples}
    return (
        row | _gradient(model, recipe, w, rng) | {"loss": loss, "accuracy": _accuracy(model, adapted, query)}
    )


def _gradient(model: OwnModel, recipe: Recipe, w: Tensor, rng: np.random.Generator) -> dict[str, float]:
    """Return the interval for ||grad F|| with an inner batch of :data:`WIDE` samples."""
    exact = next(name for name in names() if algorithm(name).curvature == "product")
    wide = Recipe(exact, recipe.alpha, TESTED, WIDE, WIDE, WIDE, 1)
    blocks = Blocks(model.dim)
    for one in directions(model.loss, wide, w, drawn(model, rng, TESTED, (WIDE, WIDE, WIDE))):
        blocks.add(one.cpu().numpy())
    found = norm_interval(blocks.means(), blocks.n)
    return {"gradient": found.estimate, "lower": found.lower, "upper": found.upper}


def _accuracy(model: OwnModel, adapted: Tensor, query: Data) -> float:
    """Return the share of right answers where the targets are labels; NaN where they are not."""
    if model.predict is None or query[-1].is_floating_point():
        return float("nan")
    answers = vmap(model.predict)(adapted, query[0])
    return float((answers.argmax(-1) == query[-1]).double().mean())
