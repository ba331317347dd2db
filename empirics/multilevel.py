r"""The algorithms with a multilevel inner batch, as directions that read like the section on it.

In place of the outer gradient :math:`v_0` stands :math:`\hat v = v_0 + \Delta_J/p_J`, where every task draws its
own level J with probability :math:`p_J = q\,2^{-J}`, see :mod:`bounds.theory.multilevel`. Each function takes the
rate q and returns a direction; the depth is the oracle's.
"""

from __future__ import annotations

import torch
from torch import Tensor

from empirics.algorithms import Direction, commuting, less_difference
from empirics.inner_steps import adapted
from empirics.levels import CURVED, FIRST, SECOND, SHARED
from empirics.oracle import Oracle
from empirics.origins import of_step


def outer_gradient(oracle: Oracle, w: Tensor, alpha: float, rate: float) -> Tensor:
    r"""Outer gradient with the bias of the deepest level only, :math:`v_0 + \Delta_J / p_J`.

    :math:`\Delta_J` is the gradient at the middle of two adapted points less the mean of those at the two, all
    three over one fresh batch; no level, no correction.
    """
    outer = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    level = oracle.levels().unsqueeze(-1)
    first = w - alpha * oracle.gradient(w, FIRST)
    second = w - alpha * oracle.gradient(w, SECOND)
    ends = (oracle.gradient(first, SHARED) + oracle.gradient(second, SHARED)) / 2
    correction = oracle.gradient((first + second) / 2, SHARED) - ends
    return outer + torch.where(level > 0, correction / (rate * 2.0**-level), 0.0)


def maml(rate: float) -> Direction:
    r"""MAML: :math:`(I - \alpha \tilde\nabla^2 f_i(w, D_h))\, \hat v_i`."""

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        outer = outer_gradient(oracle, w, alpha, rate)
        return outer - alpha * oracle.hessian_vector(w, outer, "hess")

    return commuting(direction)


def fo_maml(rate: float) -> Direction:
    r"""FO-MAML: :math:`\hat v_i`."""

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        return outer_gradient(oracle, w, alpha, rate)

    return commuting(direction)


def hf_maml(rate: float, probe_length: float) -> Direction:
    r"""HF-MAML: :math:`\hat v_i - \alpha d_i`, with the difference along a probe in the direction of it."""

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        outer = outer_gradient(oracle, w, alpha, rate)
        return less_difference(oracle, w, outer, alpha, probe_length)

    return commuting(direction)


# ---- several inner steps: see bounds.theory.inner_steps.layers ----------------------------------------


def coupled(oracle: Oracle, w: Tensor, alpha: float, steps: int) -> tuple[list[Tensor], ...]:
    """Return the points of a level's three paths: each step of the first takes the mean of both halves."""
    fine, first, second = [w], [w], [w]
    for n in range(steps):
        one, two = of_step(FIRST, n), of_step(SECOND, n)
        both = (oracle.gradient(fine[-1], one) + oracle.gradient(fine[-1], two)) / 2
        fine.append(fine[-1] - alpha * both)
        first.append(first[-1] - alpha * oracle.gradient(first[-1], one))
        second.append(second[-1] - alpha * oracle.gradient(second[-1], two))
    return fine, first, second


def along(oracle: Oracle, points: list[Tensor], alpha: float, out: str, hess: str) -> Tensor:
    r"""Return :math:`\tilde P_1\cdots\tilde P_{N-1}\tilde g(w_N)` along a path; :math:`\tilde g` without hess."""
    *before, last = points
    v = oracle.gradient(last, out)
    for n in reversed(range(1, len(before) if hess else 0)):
        v = v - alpha * oracle.hessian_vector(before[n], v, of_step(hess, n))
    return v


def of_levels(oracle: Oracle, w: Tensor, alpha: float, rate: float, steps: int, hessians: bool) -> Tensor:
    r"""Return :math:`u_0 + \Delta_J/p_J` with N inner steps: a product with all its Hessians but the first."""
    hess, curved = ("hess", CURVED) if hessians else ("", "")
    outer = along(oracle, adapted(oracle, w, alpha, steps), alpha, "out", hess)
    level = oracle.levels().unsqueeze(-1)
    paths = coupled(oracle, w, alpha, steps)
    fine, first, second = (along(oracle, path, alpha, SHARED, curved) for path in paths)
    correction = fine - (first + second) / 2
    return outer + torch.where(level > 0, correction / (rate * 2.0**-level), 0.0)


def several_maml(rate: float, steps: int) -> Direction:
    """Return MAML with N inner steps and a multilevel batch."""

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        u = of_levels(oracle, w, alpha, rate, steps, True)
        return u - alpha * oracle.hessian_vector(w, u, "hess")

    return commuting(direction)


def several_fo_maml(rate: float, steps: int) -> Direction:
    """Return FO-MAML with N inner steps and a multilevel batch."""

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        return of_levels(oracle, w, alpha, rate, steps, False)

    return commuting(direction)
