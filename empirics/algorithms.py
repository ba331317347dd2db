"""The algorithms, as directions that read like the paper.

A direction takes the oracle of one step, the point ``w`` of shape ``(replicates, 1, dim)`` and the inner
step size alpha, and returns one direction per task, ``(replicates, B, dim)``; the run averages over the
tasks. When B is very large the run hands the tasks over in slices.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

import torch
from torch import Tensor

from bounds import arguments
from bounds.errors import InputError
from bounds.plan import Plan, require_plan
from bounds.theory.algorithm import Algorithm
from bounds.theory.algorithms import algorithms, names
from empirics import checks
from empirics.importing import import_named, running_half
from empirics.oracle import Oracle
from empirics.sources import written_in

Direction = Callable[[Oracle, Tensor, float], Tensor]
FULL_HESSIAN = "maml-full-hessian"
COMMUTES = "commutes_with_rotations"
"""Attribute of a direction: that of turned tasks at the turned point is its own, turned."""


def commuting(direction: Direction) -> Direction:
    """Say of a direction that it commutes with rotations of w: it adds, scales and asks the oracle, no more."""
    setattr(direction, COMMUTES, direction)
    return direction


def commutes(direction: Direction) -> bool:
    """Whether that was said of this very direction; a decorator copies what was said of another."""
    return getattr(direction, COMMUTES, None) is direction


def ours(direction: Direction) -> bool:
    """Whether a direction is one of this project's, which add, scale and ask the oracle, no more."""
    return commutes(direction) and written_in("empirics", direction)


@commuting
def maml(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    r"""MAML: :math:`(I - \alpha \tilde\nabla^2 f_i(w, D_h))\, \tilde\nabla f_i(w_i^+, D_o)`."""
    adapted = w - alpha * oracle.gradient(w, "in")
    outer = oracle.gradient(adapted, "out")
    return outer - alpha * oracle.hessian_vector(w, outer, "hess")


@commuting
def maml_full_hessian(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """MAML with the full Hessian of every task written out, at a cost of order ``dim**2``."""
    adapted = w - alpha * oracle.gradient(w, "in")
    outer = oracle.gradient(adapted, "out")
    return outer - alpha * (oracle.hessian(w, "hess") @ outer.unsqueeze(-1)).squeeze(-1)


@commuting
def fo_maml(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    r"""FO-MAML: :math:`\tilde\nabla f_i(w_i^+, D_o)`, the Hessian left out."""
    adapted = w - alpha * oracle.gradient(w, "in")
    return oracle.gradient(adapted, "out")


def hf_maml(probe_length: float | Tensor) -> Direction:
    r"""HF-MAML with difference steps :math:`\delta_i = l / \|v_i\|`, l the length of the probe.

    Parameters
    ----------
    probe_length : float or Tensor
        Length of the probe, unit W, > 0; or one for each point, ``(replicates, 1, 1)``.

    Returns
    -------
    Direction
        :math:`v_i - \alpha d_i` with :math:`v_i = \tilde\nabla f_i(w_i^+, D_o)` and
        :math:`d_i = [\tilde\nabla f_i(w + \delta_i v_i, D_h) - \tilde\nabla f_i(w - \delta_i v_i, D_h)]
        / (2 \delta_i)`, both with the same samples; :math:`d_i = 0` where :math:`v_i = 0`.
    """
    sizes = checks.points("probe_length", probe_length)
    if not bool(((sizes > 0) & (sizes < math.inf)).all()):
        raise InputError("probe_length", probe_length, "must be a finite number > 0")

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        adapted = w - alpha * oracle.gradient(w, "in")
        v = oracle.gradient(adapted, "out")
        return less_difference(oracle, w, v, alpha, probe_length)

    return commuting(direction)


def less_difference(
    oracle: Oracle, w: Tensor, v: Tensor, alpha: float, probe_length: float | Tensor, split: str = "hess"
) -> Tensor:
    r"""Return :math:`v - \alpha d`, d the central difference of gradients over a probe along v; d = 0 at v = 0."""
    size = torch.linalg.vector_norm(v, dim=-1, keepdim=True)
    delta = probe_length / size
    probe = delta * v
    forward, backward = oracle.gradient(w + probe, split), oracle.gradient(w - probe, split)
    d = torch.where(size == 0, 0.0, (forward - backward) / (2 * delta))
    return v - alpha * d


VARIANTS: Mapping[str, Direction] = MappingProxyType({FULL_HESSIAN: maml_full_hessian})
"""Other ways to compute an algorithm, by what may be typed for them."""


def for_plan(plan: Plan) -> Direction:
    """Return the direction that the plan is for."""
    return by_name(require_plan("plan", plan).algorithm, plan)


def by_name(name: str, plan: Plan) -> Direction:
    """Return the direction of an algorithm by its name, or a user's by ``package.module:callable``.

    Raises
    ------
    InputError
        When there is no such direction, or the plan names no length for the probe that it needs.
    """
    arguments.text("name", name, "must be the name of an algorithm, or package.module:callable")
    require_plan("plan", plan)
    known = algorithms().get(name)
    if known is not None and known.probes and plan.probe_length is None:
        allowed = f"{name} needs the length of its probe, and this plan for {plan.algorithm} names none"
        raise InputError("probe_length", None, allowed, "give it: plan.with_(probe_length=...)")
    return named(name, plan.probe_length, plan.inner_steps, plan.rate if plan.depth else None)


def named(
    name: str,
    probe_length: float | Tensor | None = None,
    inner_steps: int = 1,
    rate: float | None = None,
) -> Direction:
    """Return a direction by its name, with so many inner steps; one that needs a probe gets the length.

    With a rate it is the one whose inner batch is a multilevel one.

    Raises
    ------
    InputError
        When there is no such direction.
    """
    if inner_steps > 1 and name in VARIANTS:
        raise InputError("inner_steps", inner_steps, f"must be 1 for {name}")
    if name in VARIANTS:
        return VARIANTS[name]
    known = algorithms().get(name)
    if known is None:
        return _imported(name)
    if not known.direction:
        raise InputError("direction", name, "can be planned, not run", "give its Algorithm a direction")
    if inner_steps > 1 and not known.several:
        raise InputError("inner_steps", inner_steps, f"{name} is run with one only")
    probe = (probe_length,) if known.probes else ()
    if rate is not None:
        return _layered(known, rate, inner_steps, *probe)
    if inner_steps > 1:
        return cast(Direction, running_half("direction", known.several)(inner_steps, *probe))
    found = running_half("direction", known.direction)
    return cast(Direction, found(*probe)) if probe else found


def _layered(known: Algorithm, rate: float, steps: int, *probe: float | Tensor | None) -> Direction:
    if not (known.layered if steps == 1 else known.layered_several):
        told = "" if steps == 1 else f" with {steps} inner steps"
        allowed = f"has no multilevel inner batch to run{told}"
        raise InputError("direction", known.name, allowed, "recommend with depth=0")
    if steps > 1:
        return cast(Direction, running_half("direction", known.layered_several)(rate, steps))
    return cast(Direction, running_half("direction", known.layered)(rate, *probe))


def behind(name: str) -> str:
    """Return ``package.module:callable`` where a name stands for code of others; the name itself where not."""
    known = algorithms().get(name)
    path = name if known is None else known.direction
    return name if path.startswith(f"{__name__}:") else path


def _imported(name: str) -> Any:
    found = import_named("direction", name)
    if not callable(found):
        allowed = f"must be one of {', '.join((*names(), *VARIANTS))}, or package.module:callable"
        raise InputError("direction", name, allowed)
    return found
