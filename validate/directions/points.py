"""Where a direction is looked at: where it differs most from other algorithms, near, far and where F is flat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bounds import Constants
from empirics.problems.base import Problem
from validate.directions.asking import Block, Direction
from validate.directions.precision import relative, scale
from validate.instances.starts import downhill
from validate.tolerance import direction_round_off, norm

if TYPE_CHECKING:
    from validate.directions.cases import Case

SHELLS = (0.0, 0.03, 0.3, 1.0, 3.0, 11.0, 30.0, 110.0, 300.0)
"""Distances from the start, in units of L/rho."""
AROUND = 10
STEPS = 60
SCATTERED, NEAREST = 300, 0.01
"""Points at random distances, from this many L/rho to the largest shell: regions between shells show there."""
KEPT = (3, 15, 60)
"""Steps of exact descent on F after which the point is kept."""


@dataclass(frozen=True)
class Places:
    """Points to look at, ``(n, dim)``, and the algorithms that coincide with the claimed one at all of them.

    At the scattered points only exact derivatives are compared.
    """

    points: Tensor
    coincide: tuple[str, ...]
    scattered: Tensor

    def turns(self, rows: int) -> Tensor:
        """Return a point for each row, all in turn."""
        return self.points[torch.arange(rows) % len(self.points)]


def places(case: Case, others: Mapping[str, Direction]) -> Places:
    """Choose a point on every shell and along the descent, and for every other algorithm where it differs most."""
    problem = case.problem
    shells = _shells(problem, np.random.default_rng(case.seed))
    below = islice(downhill(problem, case.alpha, case.steps), STEPS)
    path = torch.stack([w for k, w in enumerate(below, 1) if k in KEPT])
    points = torch.cat([*shells, path])
    gaps, usable = _gaps(case, others, points)
    least, first, chosen = gaps.min(0).values, 0, []
    for part in [*shells, *path.unsqueeze(1)]:
        best = first + int(least[first : first + len(part)].argmax())
        chosen.append(best)
        first += len(part)
    chosen += [int(row.argmax()) for row in gaps]
    kept = [number for number in dict.fromkeys(chosen) if usable[number]]
    near = tuple(
        name for name, row in zip(others, gaps, strict=True) if not row.max() > direction_round_off(1.0)
    )
    scattered = _scattered(problem, np.random.default_rng((case.seed, SCATTERED)))
    block = case.exact(scattered)
    usable = _usable(block, block.answer(case.claimed.plain))
    return Places(points[kept] if kept else problem.start.unsqueeze(0), near, scattered[usable])


def unit(constants: Constants, start: Tensor) -> float:
    """Return the length over which Hessians change, L/rho; where they do not, that of the start, or 1."""
    if constants.rho > 0:
        return constants.L / constants.rho
    return float(norm(start)) or 1.0


def _scattered(problem: Problem, rng: np.random.Generator) -> Tensor:
    """Return points in random directions from the start, at distances that are even on a log scale."""
    away = torch.from_numpy(rng.standard_normal((SCATTERED, problem.dim)))
    far = np.exp(rng.uniform(np.log(NEAREST), np.log(SHELLS[-1]), (SCATTERED, 1)))
    length = unit(problem.constants(), problem.start)
    return problem.start + length * torch.from_numpy(far) * away / norm(away).unsqueeze(-1)


def _shells(problem: Problem, rng: np.random.Generator) -> list[Tensor]:
    length = unit(problem.constants(), problem.start)
    found = []
    for shell in SHELLS:
        around = torch.from_numpy(rng.standard_normal((AROUND if shell else 1, problem.dim)))
        found.append(problem.start + shell * length * around / norm(around).unsqueeze(-1))
    known = problem.landmarks()
    return found if known is None or not len(known[1]) else [*found, known[1][:AROUND]]


def _gaps(case: Case, others: Mapping[str, Direction], points: Tensor) -> tuple[Tensor, Tensor]:
    """Return how far every other algorithm is at every point, relatively, and where everything is finite."""
    blocks = case.drawn(points, "places", 4), case.exact(points)
    each = [_gap(block, case.claimed.plain, others) for block in blocks]
    usable = each[0][1] & each[1][1]
    return torch.maximum(each[0][0], each[1][0]).where(usable, -1.0), usable


def _gap(block: Block, plain: Direction, others: Mapping[str, Direction]) -> tuple[Tensor, Tensor]:
    own = block.answer(plain)
    size = scale(block, own, block.problem.constants())
    rows = [relative(block.answer(other) - own, size).amax(-1) for other in others.values()]
    return torch.nan_to_num(torch.stack(rows), nan=-1.0, posinf=-1.0), _usable(block, own)


def _usable(block: Block, own: Tensor) -> Tensor:
    """Return the rows in which the algorithm and the scale of its terms are finite."""
    size = scale(block, own, block.problem.constants())
    return torch.isfinite(own).all(-1).all(-1) & torch.isfinite(size).all(-1)
