r"""Exact mean of each algorithm's direction, so that claims about its bias need no Monte Carlo.

Given the task, the adapted point is Gaussian about :math:`w_i^+`, and the outer gradient has the mean
:math:`m_i = E\,\nabla f_i(w_i^+ - \alpha n)`. The batches being independent, :math:`E\,G` is
:math:`E_i(I - \alpha\nabla^2 f_i(w))\,m_i` for MAML and :math:`E_i m_i` for FO-MAML. In one dimension
HF-MAML's probe does not depend on the size of :math:`v_i`, and :math:`E\,G = E_i(1 - \alpha C_i)\,m_i` with
the secant :math:`C_i = [f_i'(w+l) - f_i'(w-l)]/2l`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

import torch
from torch import Tensor

from bounds import arguments
from bounds.errors import InputError
from bounds.theory.algorithms import algorithms
from empirics import checks
from empirics.importing import running_half


@runtime_checkable
class GaussianInner(Protocol):
    """A problem that knows its mean gradient after a noisy inner step."""

    dim: int
    n_tasks: int

    def gradient(self, tasks: Tensor, w: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task gradient."""

    def hessian_vector(self, tasks: Tensor, w: Tensor, v: Tensor, batch: Tensor | None = None) -> Tensor:
        """Task Hessian times a vector."""

    def adapted_gradient(self, tasks: Tensor, w: Tensor, alpha: float, D_in: float) -> Tensor:
        r"""Mean :math:`E\,\nabla f_i(w - \alpha\tilde\nabla f_i(w, D_{in}))` over the inner batch."""


def mean_direction(
    problem: object, w: Tensor, alpha: float, algorithm: str, D_in: float, displacement: float | None = None
) -> Tensor:
    r"""Return the exact :math:`E[G_i \mid w]` over tasks and batches.

    Parameters
    ----------
    problem : Problem
        One of a family with Gaussian noise.
    w : Tensor, shape (..., dim)
        Where.
    alpha : float
        Inner step, unit 1/(F/W^2).
    algorithm : str
        Which algorithm; one with a probe in one dimension only.
    D_in : float
        Size of the inner batch; inf for none of its noise. The other batches do not move the mean.
    displacement : float, optional
        Length of the probe, where the algorithm needs one, unit W.

    Raises
    ------
    InputError
        When the mean is not known in closed form.
    """
    if isinstance(problem, type) or not isinstance(problem, GaussianInner):
        raise InputError("problem", checks.named(problem), "must be of a family with Gaussian noise")
    own = _own(algorithm)
    checks.positive("alpha", alpha)
    if not (arguments.real(D_in) or 0) > 0:
        raise InputError("D_in", D_in, "must be a number > 0, or infinite")
    if displacement is not None:
        checks.positive("displacement", displacement)
    arguments.kind(
        "w", w, Tensor, f"must be a tensor of shape (..., {problem.dim})", "torch.as_tensor(...) makes one"
    )
    if not w.ndim or w.shape[-1] != problem.dim:
        raise InputError("w", tuple(w.shape), f"must have the shape (..., {problem.dim})")
    tasks = torch.arange(problem.n_tasks, device=w.device).expand(*w.shape[:-1], problem.n_tasks)
    point = Inner(problem, tasks, w.unsqueeze(-2), alpha, displacement)
    return own(point, problem.adapted_gradient(tasks, point.w, alpha, D_in)).mean(-2)


def knows_mean(problem: object, algorithm: str) -> bool:
    """Whether :func:`mean_direction` is known for a problem and an algorithm."""
    found = algorithms().get(algorithm)
    if not isinstance(problem, GaussianInner) or found is None or not found.mean:
        return False
    return not found.probes or problem.dim == 1


@dataclass(frozen=True)
class Inner:
    """Where a mean is asked for: problem, tasks, points ``(..., 1, dim)``, inner step, length of a probe."""

    problem: GaussianInner
    tasks: Tensor
    w: Tensor
    alpha: float
    length: float | None


Mean = Callable[[Inner, Tensor], Tensor]
"""From the mean of every task's outer gradient to that of its direction."""


def of_outer(at: Inner, mean: Tensor) -> Tensor:
    """FO-MAML: the outer gradient itself."""
    return mean


def of_product(at: Inner, mean: Tensor) -> Tensor:
    """MAML: times the task's own P."""
    return mean - at.alpha * at.problem.hessian_vector(at.tasks, at.w, mean)


def of_difference(at: Inner, mean: Tensor) -> Tensor:
    """HF-MAML: times one minus alpha times the secant over the probe."""
    if at.problem.dim != 1:
        raise InputError("dim", at.problem.dim, "must be 1 for the mean of an algorithm with a probe")
    length = checks.positive("displacement", at.length)
    ahead, behind = (at.problem.gradient(at.tasks, at.w + sign * length) for sign in (1, -1))
    return (1 - at.alpha * (ahead - behind) / (2 * length)) * mean


def _own(name: str) -> Mean:
    found = algorithms().get(name) if isinstance(name, str) else None
    if found is None or not found.mean:
        known = ", ".join(one.name for one in algorithms().values() if one.mean)
        raise InputError("algorithm", name, f"must be one whose mean is known: {known}")
    return cast(Mean, running_half("mean", found.mean))
