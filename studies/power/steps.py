"""Directions that say they take two inner steps, right ones and wrong ones, each handed to ``check``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from empirics import inner_steps
from empirics.algorithms import Direction
from empirics.oracle import Oracle
from empirics.origins import of_step
from validate import check
from validate.verdict import Verdict

PROBLEM, EPSILON = "ripple:dim=2,n_tasks=4", 0.4
OWN = ("in", "in.1", "out", "hess.1", "hess")
"""What MAML with two inner steps reads, in order."""


def chain(reads: Sequence[str] = OWN, factors: Sequence[int] = (1, 0), steps: int = 2) -> Direction:
    """Return MAML as somebody may write it: the batches it reads in order, and where its factors are taken."""

    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        points = [w]
        for n in range(steps):
            points.append(points[-1] - a * o.gradient(points[-1], reads[n]))
        v = o.gradient(points[-1], reads[2])
        for n, name in zip(factors, reads[3:], strict=False):
            v = v - a * o.hessian_vector(points[n], v, name)
        return v

    return direction


def differences(length: float, over: float = 2.0, at: Sequence[int] = (1, 0)) -> Direction:
    """Return HF-MAML with two inner steps and a probe of its own, its differences at given points."""

    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        *points, last = inner_steps.adapted(o, w, a, 2)
        v = o.gradient(last, "out")
        for n, point in zip((1, 0), at, strict=True):
            size = torch.linalg.vector_norm(v, dim=-1, keepdim=True).clamp(min=1e-300)
            probe = length * v / size
            ahead, behind = (o.gradient(points[point] + s * probe, of_step("hess", n)) for s in (1, -1))
            v = v - a * size * (ahead - behind) / (over * length)
        return v

    return direction


@dataclass(frozen=True)
class Row:
    """A direction that is handed in under an algorithm's name with so many inner steps; called, it is judged."""

    algorithm: str
    made: Callable[[], Direction]
    says: str = ""
    steps: int = 2

    def __call__(self) -> list[Verdict]:
        """Return the verdicts of ``check`` on the direction."""
        report = check(
            PROBLEM,
            EPSILON,
            directions={self.algorithm: self.made()},
            algorithms=[self.algorithm],
            claims=["direction"],
            inner_steps=self.steps,
            seed=1,
        )
        return list(report.verdicts)


def _wrong(algorithm: str, made: Direction, says: str, steps: int = 2) -> Row:
    return Row(algorithm, lambda: made, says, steps)


def _right(algorithm: str, made: Direction, steps: int = 2) -> Row:
    return Row(algorithm, lambda: made, steps=steps)


SABOTAGES: Mapping[str, Row] = MappingProxyType(
    {
        "two steps: one inner batch for both": _wrong(
            "maml", chain(("in", "in", *OWN[2:])), "D_in of inner step 2"
        ),
        "two steps: one Hessian batch for both factors": _wrong(
            "maml", chain((*OWN[:3], "hess", "hess")), "D_h of inner step 2"
        ),
        "two steps: inner batch as outer": _wrong(
            "maml", chain(("in", "in.1", "in.1", *OWN[3:])), "used as D_in of inner step 2"
        ),
        "two steps: factors in the wrong order": _wrong("maml", chain(factors=(0, 1)), "differs"),
        "two steps: Hessian at w twice": _wrong("maml", chain(factors=(0, 0)), "differs"),
        "two steps: factor at w_1 missing": _wrong(
            "maml", chain((*OWN[:3], "hess"), (0,)), "its Hessian at w alone"
        ),
        "two steps: factor at w missing": _wrong(
            "maml", chain((*OWN[:3], "hess.1"), (1,)), "without its Hessian at w"
        ),
        "two steps: one step only": _wrong(
            "maml", chain(("in", "", "out", "hess"), (0,), 1), "MAML after 1 inner step"
        ),
        "two steps: FO-MAML as MAML": _wrong("maml", chain(factors=()), "FO-MAML after 2 inner steps"),
        "three steps: MAML with two": _wrong("maml", inner_steps.maml(2), "MAML after 2 inner steps", 3),
        "two steps: MAML as FO-MAML": _wrong("fo-maml", chain(), "MAML after 2 inner steps"),
        "two steps: FO-MAML of one": _wrong("fo-maml", inner_steps.fo_maml(1), "FO-MAML after 1 inner step"),
        "two steps: difference not halved": _wrong("hf-maml", differences(0.05, 1.0), "differs"),
        "two steps: both differences at w": _wrong("hf-maml", differences(0.05, at=(0, 0)), "differs"),
        "two steps: probe that is too long": _wrong("hf-maml", differences(3.0), "probe is 3 long"),
    }
)
"""By what is wrong."""

RIGHT: Mapping[str, Row] = MappingProxyType(
    {
        "two steps, built in": _right("maml", inner_steps.maml(2)),
        "two steps, batches under other names": _right(
            "maml", chain(("in.1", "in", "hess", "out", "hess.1"))
        ),
        "two steps, FO-MAML written anew": _right("fo-maml", chain(factors=())),
        "two steps, HF-MAML with its own probe": _right("hf-maml", differences(0.05)),
        "three steps, built in": _right("maml", inner_steps.maml(3), 3),
    }
)
"""Right ones, in styles of their own."""
