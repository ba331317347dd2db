"""The algorithm that is claimed, as the paper has it, and others that it must be told apart from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bounds import Plan
from bounds.theory.algorithms import algorithm
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.maml import MAML
from empirics import algorithms
from empirics.oracle import Oracle
from empirics.origins import of_step
from validate.directions.asking import Block, Direction, Look
from validate.directions.pairs import lengths, probing
from validate.tolerance import norm


def sgd(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """Plain SGD on the mean of the task losses: no inner step."""
    return oracle.gradient(w, "out")


def reptile(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """Reptile with two inner steps: the way they went, over alpha."""
    once = w - alpha * oracle.gradient(w, "in")
    return (w - once) / alpha + oracle.gradient(once, "in")


def _way(oracle: Oracle, w: Tensor, alpha: float, steps: int, batches: int | None = None) -> list[Tensor]:
    """Return the points of the inner steps; where batches are fewer the last one is used again."""
    points, last = [w], (batches or steps) - 1
    for n in range(steps):
        points.append(points[-1] - alpha * oracle.gradient(points[-1], of_step("in", min(n, last))))
    return points


def after(steps: int, batches: int, factors: Sequence[int] = ()) -> Direction:
    """Return FO-MAML after so many inner steps, times the factors at the points of these numbers.

    ``batches`` is for how many steps there are batches of their own.
    """

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        *points, last = _way(oracle, w, alpha, steps, batches)
        v = oracle.gradient(last, "out")
        for n in reversed(factors):
            v = v - alpha * oracle.hessian_vector(points[n], v, of_step("hess", min(n, batches - 1)))
        return v

    return direction


def central_difference(length: Tensor, steps: int = 1) -> Direction:
    r"""HF-MAML with a probe of its own length for every task, ``(rows, B, 1)``, in every one of its differences.

    Written down again on purpose, independently of :func:`empirics.algorithms.hf_maml`.
    """

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        *points, last = _way(oracle, w, alpha, steps)
        v = oracle.gradient(last, "out")
        for n in reversed(range(steps)):
            size = norm(v).unsqueeze(-1)
            probe = length * torch.where(size == 0, 0.0, v / size)
            ahead, behind = (oracle.gradient(points[n] + s * probe, of_step("hess", n)) for s in (1, -1))
            v = v - alpha * size * torch.where(probe == 0, 0.0, (ahead - behind) / (2 * length))
        return v

    return direction


@dataclass(frozen=True)
class Claimed:
    """The algorithm that a direction says it is.

    Attributes
    ----------
    name : str
    plain : callable
        The algorithm as the paper has it, at a plan.
    probes : bool
        Whether it takes a difference over a probe, whose length is then the direction's own affair.
    steps : int
        Its inner steps; of several differences the one around w shows the length of all.
    """

    name: str
    plain: Direction
    probes: bool
    steps: int = 1

    def versions(self, block: Block, looks: Sequence[Look], u: float) -> list[tuple[int | None, Direction]]:
        """Return the algorithm with each length of a probe that was looked over; the plan's where there is none.

        A number says which look the length was taken from. What the unit round-off u cannot tell from w is none.
        """
        numbers = probing(block, looks, u) if self.probes else []
        found = [(k, self.at(block, looks, k)) for k in numbers]
        return [*((k, version) for k, version in found if version is not None), (None, self.plain)]

    def at(self, block: Block, looks: Sequence[Look], number: int | None) -> Direction | None:
        """Return the algorithm with the lengths of one look; None where that look is over no length."""
        if number is None or not self.probes:
            return self.plain
        if number >= len(looks):
            return None
        way = lengths(block, looks[number])
        return None if bool(way.isnan().all()) else central_difference(way, self.steps)


def claimed(plan: Plan) -> Claimed:
    """Return the algorithm that a plan is for."""
    plain = algorithms.for_plan(plan)
    return Claimed(plan.algorithm, plain, plan.probe_length is not None, plan.inner_steps)


def alternatives(plan: Plan) -> Mapping[str, Direction]:
    """Return other algorithms by what they are called, the claimed one left out.

    HF-MAML is MAML up to the length of its probe, so neither is an alternative of the other.
    """
    if plan.inner_steps > 1:
        return _of_several(plan.inner_steps, algorithm(plan.algorithm).takes_hessians)
    every: dict[str, Direction] = {
        FO_MAML.title: algorithms.fo_maml,
        MAML.title: algorithms.maml,
        "SGD without adaptation": sgd,
        "FO-MAML after two inner steps": after(2, 1),
        "MAML after two inner steps": after(2, 1, (0, 1)),
        "MAML after two inner steps, its Hessian at w alone": after(2, 1, (0,)),
        "Reptile": reptile,
    }
    same = (MAML if algorithm(plan.algorithm).takes_hessians else FO_MAML).title
    return {name: direction for name, direction in every.items() if name != same}


def _of_several(N: int, hessians: bool) -> Mapping[str, Direction]:
    """Return what may be taken for MAML, or FO-MAML, with N inner steps: other numbers of steps and of factors."""
    found: dict[str, Direction] = {"SGD without adaptation": sgd}
    for steps in sorted({1, N - 1, N, N + 1}):
        words = f"after {steps} inner step{'s' if steps > 1 else ''}"
        if hessians or steps != N:
            found[f"{FO_MAML.title} {words}"] = after(steps, N)
        if not hessians or steps != N:
            found[f"{MAML.title} {words}"] = after(steps, N, range(steps))
    alone = f"{MAML.title} with {N} inner steps, its Hessian at w alone"
    last: dict[str, Sequence[int]] = {alone: (0,)}
    last |= {f"{MAML.title} with {N} inner steps, without its Hessian at w": range(1, N)}
    return found | {name: after(N, N, factors) for name, factors in last.items()}
