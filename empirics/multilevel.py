r"""The algorithms with a multilevel inner batch, as directions that read like the section on it.

In place of the outer gradient :math:`v_0` stands :math:`\hat v = v_0 + \Delta_J/p_J`, where every task draws its
own level J with probability :math:`p_J = q\,2^{-J}`, see :mod:`bounds.theory.multilevel`. Each function takes the
rate q and returns a direction; the depth is the oracle's.
"""

from __future__ import annotations

import torch
from torch import Tensor

from empirics.algorithms import Direction, commuting, less_difference
from empirics.levels import FIRST, SECOND, SHARED
from empirics.oracle import Oracle


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
