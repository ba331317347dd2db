r"""Reptile, iMAML and Meta-SGD on the same problems, for comparison: nothing is guaranteed for them here.

Reptile (Nichol, Achiam, Schulman 2018) moves to where a few gradient steps on a task lead. iMAML (Rajeswaran,
Finn, Kakade, Levine 2019) differentiates through the proximal point :math:`\phi_i = \arg\min_\phi f_i(\phi) +
\|\phi - w\|^2/(2\alpha)`, an inner step taken implicitly. Meta-SGD (Li, Zhou, Chen, Li 2017) learns a vector of
inner steps beside w.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from empirics import checks
from empirics.algorithms import Direction
from empirics.oracle import Cost, Oracle
from empirics.problems.base import Problem

ACCURACY = 1e-16
MOST = 200
ORDER = ("in", "out", "hess")
"""Batches of Reptile's inner steps, each its own."""


def reptile(steps: int = 2) -> Direction:
    r"""Reptile: :math:`(w - w_i^{(k)})/\alpha` after k inner gradient steps, the sum of the gradients on the way.

    With one step it is stochastic gradient descent on the mean loss f. With more it is the gradient of no
    objective in general.

    Parameters
    ----------
    steps : {1, 2, 3}
        k; each step has a batch of its own.
    """
    checks.count("steps", steps)
    names = ORDER[: min(steps, len(ORDER))]
    if steps > len(ORDER):
        checks.number("steps", steps, most=len(ORDER))

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        adapted = w
        for name in names:
            adapted = adapted - alpha * oracle.gradient(adapted, name)
        return (w - adapted) / alpha

    return direction


def imaml(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    r"""iMAML: :math:`(I + \alpha\nabla^2 f_i(\phi_i))^{-1}\nabla f_i(\phi_i)` at the exact proximal point.

    The point by iterating :math:`\phi \leftarrow w - \alpha\nabla f_i(\phi)`, a contraction for alpha L < 1; the
    inverse by conjugate gradients, as many steps as there are dimensions.
    """
    adapted = proximal(lambda point: oracle.gradient(point, "in"), w, alpha)
    outer = oracle.gradient(adapted, "out")
    return conjugate_gradients(lambda v: v + alpha * oracle.hessian_vector(adapted, v, "hess"), outer)


def proximal(gradient: Callable[[Tensor], Tensor], w: Tensor, alpha: float) -> Tensor:
    r"""Return the fixed point of :math:`\phi = w - \alpha\nabla f(\phi)`, up to round-off."""
    adapted, last = w, math.inf
    for _ in range(MOST):
        following = w - alpha * gradient(adapted)
        change = float((following - adapted).abs().max())
        adapted = following
        if not ACCURACY < change < last:
            break
        last = change
    return adapted


def conjugate_gradients(product: Callable[[Tensor], Tensor], right: Tensor) -> Tensor:
    """Solve ``A x = right`` for symmetric positive definite A, along the last axis, many systems at once."""
    x, r = torch.zeros_like(right), right
    p, size = r, (r * r).sum(-1, keepdim=True)
    for _ in range(right.shape[-1]):
        Ap = product(p)
        step = _over(size, (p * Ap).sum(-1, keepdim=True))
        x, r = x + step * p, r - step * Ap
        new = (r * r).sum(-1, keepdim=True)
        p, size = r + _over(new, size) * p, new
    return x


def _over(a: Tensor, b: Tensor) -> Tensor:
    return torch.where(b > 0, a / b, 0.0)


# ---- runs with all tasks and exact derivatives ----------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """Where a run stopped.

    Attributes
    ----------
    point : Tensor
        The last w, shape ``(dim,)``.
    own : float
        Size of the algorithm's own mean direction there; of Meta-SGD's in w and in its inner steps that can move.
    inner : float or Tensor
        The inner steps, a number or one for each coordinate.
    iterations, gradients, products : int
        Iterations made; task gradients and Hessian-vector products of one task in one iteration.
    """

    point: Tensor
    own: float
    inner: float | Tensor
    iterations: int
    gradients: float
    products: float


def descend(
    problem: Problem, direction: Direction, alpha: float, step: float, iterations: int, enough: float = 0.0
) -> Stop:
    r"""Run :math:`w \leftarrow w - \beta\,E_i G_i` with all tasks and exact derivatives, from the problem's start.

    Parameters
    ----------
    step : float
        :math:`\beta`, unit W^2/F.
    iterations : int
    enough : float
        Size of the mean direction at which it stops before.
    """
    cost = Cost()
    oracle = everyone(problem, cost)
    w, made = problem.start.reshape(1, 1, -1), 0
    with torch.no_grad():
        while True:
            G = direction(oracle, w, alpha).mean(-2, keepdim=True)
            own = float(G.norm())
            if not own > enough or made == iterations:
                break
            w, made = w - step * G, made + 1
    each = (made + 1) * problem.n_tasks
    return Stop(w.reshape(-1), own, alpha, made, cost.gradients / each, cost.hessian_vectors / each)


def meta_sgd(problem: Problem, alpha: float, step: float, iterations: int, enough: float = 0.0) -> Stop:
    r"""Run Meta-SGD: gradient descent on :math:`E_i f_i(w - a\circ\nabla f_i(w))` in w and a together.

    a starts at alpha in every coordinate of w and stays in [0, 1/L]. With :math:`g_i = \nabla f_i(w)` and
    :math:`u_i = \nabla f_i(w - a\circ g_i)` the gradients are :math:`E_i[u_i - \nabla^2 f_i(w)(a\circ u_i)]` and
    :math:`-E_i[g_i\circ u_i]`; the step in a is beta over the mean square of the task gradients at the start,
    which makes its unit right.
    """
    cost, L = Cost(), problem.constants().L
    oracle = everyone(problem, cost)
    w, made = problem.start.reshape(1, 1, -1), 0
    a = torch.full_like(w, alpha)
    with torch.no_grad():
        scale = float((oracle.gradient(w, "in") ** 2).sum(-1).mean())
        cost.gradients = 0
        while True:
            g = oracle.gradient(w, "in")
            u = oracle.gradient(w - a * g, "out")
            G = (u - oracle.hessian_vector(w, a * u, "hess")).mean(-2, keepdim=True)
            following = (a + step / scale * (g * u).mean(-2, keepdim=True)).clamp(0, 1 / L)
            own = math.hypot(float(G.norm()), float((following - a).norm()) / step * math.sqrt(scale))
            if not own > enough or made == iterations:
                break
            w, a, made = w - step * G, following, made + 1
    each = (made + 1) * problem.n_tasks
    return Stop(w.reshape(-1), own, a.reshape(-1), made, cost.gradients / each, cost.hessian_vectors / each)


def everyone(problem: Problem, cost: Cost) -> Oracle:
    """Return an oracle of all tasks with exact derivatives."""
    return Oracle(problem, torch.arange(problem.n_tasks).unsqueeze(0), lambda split: (None, 0), cost)


def implicit_objective(problem: Problem, w: Tensor, alpha: float) -> float:
    r"""Return iMAML's own objective :math:`E_i f_i(\phi_i(w))` at a point ``(dim,)``."""
    tasks = torch.arange(problem.n_tasks)
    points = w.expand(problem.n_tasks, -1)
    return float(problem.loss(tasks, proximal(lambda p: problem.gradient(tasks, p), points, alpha)).mean())


def adapted_objective(problem: Problem, w: Tensor, a: float | Tensor) -> float:
    r"""Return :math:`E_i f_i(w - a\circ\nabla f_i(w))` at a point ``(dim,)``: F, or Meta-SGD's own objective."""
    tasks = torch.arange(problem.n_tasks)
    points = w.expand(problem.n_tasks, -1)
    return float(problem.loss(tasks, points - a * problem.gradient(tasks, points)).mean())
