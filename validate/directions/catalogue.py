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
from validate.directions import probes
from validate.directions.asking import Block, Direction, Look
from validate.directions.pairs import lengths, norm, probing


def sgd(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """Plain SGD on the mean of the task losses: no inner step."""
    return oracle.gradient(w, "out")


def two_steps(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """FO-MAML after two inner steps."""
    once = w - alpha * oracle.gradient(w, "in")
    return oracle.gradient(once - alpha * oracle.gradient(once, "in"), "out")


def two_steps_with_hessian(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """MAML after two inner steps, with the Hessian at both points."""
    once = w - alpha * oracle.gradient(w, "in")
    v = oracle.gradient(once - alpha * oracle.gradient(once, "in"), "out")
    v = v - alpha * oracle.hessian_vector(once, v, "hess")
    return v - alpha * oracle.hessian_vector(w, v, "hess")


def two_steps_hessian_at_start(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """MAML after two inner steps, with the Hessian at w alone."""
    v = two_steps(oracle, w, alpha)
    return v - alpha * oracle.hessian_vector(w, v, "hess")


def reptile(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """Reptile with two inner steps: the way they went, over alpha."""
    once = w - alpha * oracle.gradient(w, "in")
    return (w - once) / alpha + oracle.gradient(once, "in")


def central_difference(length: Tensor) -> Direction:
    r"""HF-MAML with a probe of its own length for every task, ``(rows, B, 1)``.

    Written down again on purpose, independently of :func:`empirics.algorithms.hf_maml`.
    """

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        v = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
        size = norm(v).unsqueeze(-1)
        probe = length * torch.where(size == 0, 0.0, v / size)
        difference = oracle.gradient(w + probe, "hess") - oracle.gradient(w - probe, "hess")
        return v - alpha * size * torch.where(probe == 0, 0.0, difference / (2 * length))

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
    """

    name: str
    plain: Direction
    probes: bool

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
        return None if bool(way.isnan().all()) else central_difference(way)


def claimed(plan: Plan) -> Claimed:
    """Return the algorithm that a plan is for."""
    return Claimed(plan.algorithm, probes.reference(plan), probes.has_probe(plan))


def alternatives(plan: Plan) -> Mapping[str, Direction]:
    """Return other algorithms by what they are called, the claimed one left out.

    HF-MAML is MAML up to the length of its probe, so neither is an alternative of the other.
    """
    every: dict[str, Direction] = {
        FO_MAML.title: algorithms.fo_maml,
        MAML.title: algorithms.maml,
        "SGD without adaptation": sgd,
        "FO-MAML after two inner steps": two_steps,
        "MAML after two inner steps": two_steps_with_hessian,
        "MAML after two inner steps, its Hessian at w alone": two_steps_hessian_at_start,
        "Reptile": reptile,
    }
    same = (MAML if algorithm(plan.algorithm).takes_hessians else FO_MAML).title
    return {name: direction for name, direction in every.items() if name != same}
