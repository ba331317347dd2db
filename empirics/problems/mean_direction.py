r"""Exact mean of each algorithm's direction, so that claims about its bias need no Monte Carlo.

Given the task, the adapted point is Gaussian about :math:`w_i^+`, and the outer gradient has the mean
:math:`m_i = E\,\nabla f_i(w_i^+ - \alpha n)`. The batches being independent, :math:`E\,G` is
:math:`E_i(I - \alpha\nabla^2 f_i(w))\,m_i` for MAML and :math:`E_i m_i` for FO-MAML. In one dimension
HF-MAML's probe does not depend on the size of :math:`v_i`, and :math:`E\,G = E_i(1 - \alpha C_i)\,m_i` with
the secant :math:`C_i = [f_i'(w+l) - f_i'(w-l)]/2l`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from bounds.errors import InputError
from empirics.problems import checks


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
    algorithm : {"maml", "fo-maml", "hf-maml"}
        Which algorithm; ``hf-maml`` in one dimension only.
    D_in : float
        Size of the inner batch; inf for none of its noise. The other batches do not move the mean.
    displacement : float, optional
        Length of HF-MAML's probe, unit W.

    Raises
    ------
    InputError
        When the mean is not known in closed form.
    """
    if not isinstance(problem, GaussianInner):
        raise InputError("problem", type(problem).__name__, "must be of a family with Gaussian noise")
    checks.positive("alpha", alpha)
    tasks = torch.arange(problem.n_tasks, device=w.device).expand(*w.shape[:-1], problem.n_tasks)
    w = w.unsqueeze(-2)
    mean = problem.adapted_gradient(tasks, w, alpha, D_in)
    if algorithm == "fo-maml":
        return mean.mean(-2)
    if algorithm == "maml":
        return (mean - alpha * problem.hessian_vector(tasks, w, mean)).mean(-2)
    if algorithm != "hf-maml":
        raise InputError("algorithm", algorithm, 'must be "maml", "fo-maml" or "hf-maml"')
    if problem.dim != 1:
        raise InputError("dim", problem.dim, "must be 1 for the mean of HF-MAML")
    length = checks.positive("displacement", displacement)
    secant = (problem.gradient(tasks, w + length) - problem.gradient(tasks, w - length)) / (2 * length)
    return ((1 - alpha * secant) * mean).mean(-2)
