"""Sabotaged algorithms under FO-MAML's name: each is wrong in one way."""

from __future__ import annotations

from torch import Tensor

from empirics import algorithms
from empirics.oracle import Oracle
from studies.power.parts import inner


def maml_as_fo(o: Oracle, w: Tensor, a: float) -> Tensor:
    """MAML passed off as FO-MAML."""
    return algorithms.maml(o, w, a)


def fo_sign(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step uphill."""
    return algorithms.fo_maml(o, w, -a)


def fo_no_adaptation(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step missing."""
    return o.gradient(w, "out")


def fo_reused(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_o."""
    return o.gradient(inner(o, w, a), "in")


def fo_extra_step(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One inner step too many."""
    once = inner(o, w, a)
    return o.gradient(once - a * o.gradient(once, "in"), "out")


def fo_half(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Half the inner step."""
    return algorithms.fo_maml(o, w, a / 2)


def fo_sum(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Sum over the tasks instead of their mean."""
    return algorithms.fo_maml(o, w, a) * o.tasks.shape[-1]


def fo_previous_task(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Adapted point carried over from the previous task."""
    return o.gradient(inner(o, w, a).roll(1, -2), "out")


def fo_shared_noise(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Noise of the first task used for every task."""
    adapted = inner(o, w, a)
    exact = o.problem.gradient(o.tasks, adapted)
    return exact + (o.gradient(adapted, "out") - exact)[..., :1, :]
