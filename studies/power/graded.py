"""Defects with a size: from which one a direction is accused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from empirics import algorithms
from empirics.algorithms import Direction
from empirics.oracle import Oracle
from studies.power.correct import hf
from studies.power.elsewhere import between, noise_added, seldom, where
from studies.power.parts import inner, outer, size
from studies.power.users import probe

ON = "ripple"
SEEDS, ENOUGH = 10, 9
"""A size is seen when the direction is accused with this many of so many seeds."""


@dataclass(frozen=True)
class Graded:
    """A defect: the name it is handed in under, what it is, its sizes upwards, and the direction of a size."""

    algorithm: Any
    what: str
    sizes: tuple[float, ...]
    made: Callable[[float], Direction]


def _hessian(s: float) -> Direction:
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        v = o.gradient(inner(o, w, a), "out")
        return v - (1 + s) * a * o.hessian_vector(w, v, "hess")

    return direction


def _alpha(s: float) -> Direction:
    return lambda o, w, a: algorithms.maml(o, w, (1 + s) * a)


def _mixed(s: float) -> Direction:
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        adapted = inner(o, w, a)
        v = (1 - s) * o.gradient(adapted, "out") + s * o.gradient(adapted, "in")
        return v - a * o.hessian_vector(w, v, "hess")

    return direction


def _mixed_hessian(s: float) -> Direction:
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        v = o.gradient(inner(o, w, a), "out")
        return v - a * ((1 - s) * o.hessian_vector(w, v, "hess") + s * o.hessian_vector(w, v, "in"))

    return direction


def _reused(p: float) -> Direction:
    rng = np.random.default_rng(7)

    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        chosen = torch.from_numpy(rng.random(len(w)) < p)[:, None, None]
        adapted = inner(o, w, a)
        return torch.where(chosen, outer(o, w, adapted, a, "in"), outer(o, w, adapted, a))

    return direction


def _decay(s: float) -> Direction:
    return lambda o, w, a: algorithms.maml(o, w, a) + s * w


def _seldom(part: str) -> Callable[[float], Direction]:
    return lambda p: seldom(algorithms.maml, "seldom", p, part, "FO-MAML", algorithms.fo_maml)


def _beyond(r: float) -> Direction:
    return where(lambda w: size(w) > r, "beyond", "")


def _ball(r: float) -> Direction:
    return where(lambda w: size(w - 3.0) < r, "ball", "")


POWERS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.03, 0.1)
CHANCES = (3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01)
SHARES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)

DEFECTS: Mapping[str, Graded] = MappingProxyType(
    {
        "hessian": Graded("maml", "Hessian term times 1 + s", POWERS, _hessian),
        "alpha": Graded("maml", "alpha times 1 + s", POWERS, _alpha),
        "decay": Graded("maml", "weight decay s", POWERS, _decay),
        "calls": Graded("maml", "FO-MAML with probability s in a call", CHANCES, _seldom("calls")),
        "rows": Graded("maml", "FO-MAML with probability s in a replicate", CHANCES, _seldom("replicates")),
        "tasks": Graded("maml", "FO-MAML with probability s in a task", CHANCES, _seldom("tasks")),
        "reused": Graded("maml", "D_in for D_o with probability s in a replicate", CHANCES, _reused),
        "mixed": Graded("maml", "outer gradient: 1 - s from D_o and s from D_in", SHARES, _mixed),
        "mixed-hessian": Graded("maml", "Hessian: 1 - s from D_h and s from D_in", SHARES, _mixed_hessian),
        "noise": Graded("maml", "noise s added to every coordinate", SHARES, noise_added),
        "shell": Graded(
            "maml",
            "FO-MAML between 5 and 5 (1 + s) L/rho from the origin",
            SHARES,
            lambda s: between(5, 5 * (1 + s)),
        ),
        "ball": Graded("maml", "FO-MAML within s L/rho of (3, 3, 3)", (0.3, 1.0, 2.0, 3.0, 4.0), _ball),
        "beyond": Graded("maml", "FO-MAML beyond 1/s L/rho", (1e-3, 3e-3, 0.01, 0.1), lambda s: _beyond(1 / s)),
        "probe": Graded(
            "hf-maml",
            "a probe 1 + s times as long as recommended",
            (0.1, 0.3, 1.0, 3.0, 10.0),
            lambda s: hf((1 + s) * probe(ON)),
        ),
    }
)  # fmt: skip
"""By name; on ripple lengths are in units of L/rho, which is 1 there."""


def swept(name: str, accused: Callable[[Direction, Any, int], bool]) -> dict[str, Any]:
    """Go through the sizes upwards until one is seen; a size is given up when it can no longer be."""
    defect, tried = DEFECTS[name], []
    for s in defect.sizes:
        seen = missed = 0
        for seed in range(SEEDS):
            found = accused(defect.made(s), defect.algorithm, seed)
            seen, missed = seen + found, missed + (not found)
            if missed > SEEDS - ENOUGH:
                break
        tried.append((s, seen, seen + missed))
        if seen >= ENOUGH:
            break
    return {"what": defect.what, "tried": tried}
