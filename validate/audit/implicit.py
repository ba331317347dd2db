r"""iMAML, :math:`(I + \nabla^2 f(u)/\lambda)^{-1} \nabla f(u)`, with :math:`u = w - \nabla f(u)/\lambda`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from validate.audit.asking import Call
from validate.audit.fitting import Answers
from validate.tolerance import norm

CLOSE = 0.03
"""How exactly the inner problem and the linear system must be solved: both are by iteration."""


def deviation(answers: Answers, calls: Sequence[Call]) -> float | None:
    """Return the largest relative deviation from implicit MAML, with the strength that the inner points have.

    None where the code does not look at a point that solves an inner problem.
    """
    sheet = answers.sheet
    points = sheet.start.clone()
    for call in calls:
        seen = [look.point.double() for look in call.looks if look.split == "out" and look.task == 0]
        if not seen:
            return None
        points[call.row] = seen[-1]
    g, way = sheet.gradient(points, "in"), sheet.start - points
    rows = sorted({call.row for call in calls})
    strength = (g * way).sum(-1, keepdim=True) / way.square().sum(-1, keepdim=True).clamp(min=1e-200)
    off = norm(g - strength * way) / norm(g).clamp(min=1e-200)
    solves = bool((off[rows].median() < CLOSE) & (strength[rows] > 0).all())
    if not solves:
        return None
    predicted = _solved(answers, points, strength, sheet.gradient(points, "out"))
    left = answers.deviation(predicted.mean(1))
    return float(left[rows].median())


def _solved(answers: Answers, points: Tensor, strength: Tensor, v: Tensor) -> Tensor:
    d = points.shape[-1]
    columns = [
        answers.sheet.hessian_vector(points, torch.eye(d, dtype=v.dtype)[j].expand_as(v), "in")
        for j in range(d)
    ]
    matrix = torch.eye(d, dtype=v.dtype) + torch.stack(columns, -1) / strength.unsqueeze(-1)
    return torch.linalg.solve(matrix, v.unsqueeze(-1)).squeeze(-1)
