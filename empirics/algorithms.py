"""The algorithms, as directions that read like the paper.

A direction takes the oracle of one step, the point ``w`` of shape ``(replicates, 1, dim)`` and the inner
step size alpha, and returns one direction per task, ``(replicates, B, dim)``; the run averages over the
tasks. When B is very large the run hands the tasks over in slices.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import cast

import torch
from torch import Tensor

from bounds.errors import InputError
from bounds.plan import Plan
from empirics.importing import import_named
from empirics.oracle import Oracle

Direction = Callable[[Oracle, Tensor, float], Tensor]
NAMES = ("maml", "fo-maml", "hf-maml", "maml-full-hessian")


def maml(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    r"""MAML: :math:`(I - \alpha \tilde\nabla^2 f_i(w, D_h))\, \tilde\nabla f_i(w_i^+, D_o)`."""
    adapted = w - alpha * oracle.gradient(w, "in")
    outer = oracle.gradient(adapted, "out")
    return outer - alpha * oracle.hessian_vector(w, outer, "hess")


def maml_full_hessian(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """MAML with the full Hessian of every task written out, at a cost of order ``dim**2``."""
    adapted = w - alpha * oracle.gradient(w, "in")
    outer = oracle.gradient(adapted, "out")
    return outer - alpha * (oracle.hessian(w, "hess") @ outer.unsqueeze(-1)).squeeze(-1)


def fo_maml(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    r"""FO-MAML: :math:`\tilde\nabla f_i(w_i^+, D_o)`, the Hessian left out."""
    adapted = w - alpha * oracle.gradient(w, "in")
    return oracle.gradient(adapted, "out")


def hf_maml(probe_length: float) -> Direction:
    r"""HF-MAML with difference steps :math:`\delta_i = l / \|v_i\|`, l the length of the probe.

    Parameters
    ----------
    probe_length : float
        Length of the probe, unit W, > 0.

    Returns
    -------
    Direction
        :math:`v_i - \alpha d_i` with :math:`v_i = \tilde\nabla f_i(w_i^+, D_o)` and
        :math:`d_i = [\tilde\nabla f_i(w + \delta_i v_i, D_h) - \tilde\nabla f_i(w - \delta_i v_i, D_h)]
        / (2 \delta_i)`, both with the same samples; :math:`d_i = 0` where :math:`v_i = 0`.
    """
    if not 0 < probe_length < math.inf:
        raise InputError("probe_length", probe_length, "must be a finite number > 0")

    return partial(hf_direction, probe_length)


def hf_direction(probe_length: float | Tensor, oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """HF-MAML with probes of a length, or of one length for each point."""
    adapted = w - alpha * oracle.gradient(w, "in")
    v = oracle.gradient(adapted, "out")
    size = torch.linalg.vector_norm(v, dim=-1, keepdim=True)
    delta = probe_length / size
    forward = oracle.gradient(w + delta * v, "hess")
    backward = oracle.gradient(w - delta * v, "hess")
    d = torch.where(size == 0, 0.0, (forward - backward) / (2 * delta))
    return v - alpha * d


def for_plan(plan: Plan) -> Direction:
    """Return the direction that the plan is for."""
    return by_name(plan.algorithm, plan)


def by_name(name: str, plan: Plan) -> Direction:
    """Return a direction by its name, or a user's by ``package.module:callable``.

    Raises
    ------
    InputError
        When there is no such direction.
    """
    known = {"maml": maml, "fo-maml": fo_maml, "maml-full-hessian": maml_full_hessian}
    if name in known:
        return known[name]
    if name == "hf-maml":
        return hf_maml(_probe_length(plan))
    return _imported(name)


def _probe_length(plan: Plan) -> float:
    if plan.probe_length is None:
        allowed = f"hf-maml needs the length of its probe, and this plan for {plan.algorithm} names none"
        raise InputError("probe_length", None, allowed, "give it: plan.with_(probe_length=...)")
    return plan.probe_length


def _imported(name: str) -> Direction:
    found = import_named("direction", name)
    if not callable(found):
        allowed = f"must be one of {', '.join(NAMES)}, or package.module:callable"
        raise InputError("direction", name, allowed)
    return cast(Direction, found)
