"""Sabotaged algorithms under HF-MAML's name: each is wrong in one way."""

from __future__ import annotations

import torch
from torch import Tensor

from empirics import algorithms
from empirics.oracle import Oracle
from studies.power.parts import LENGTH, LONG, inner, size


def _hf(
    o: Oracle, w: Tensor, a: float, *, length: float = LENGTH, factor: float = 0.5, sign: float = -1.0
) -> Tensor:
    v = o.gradient(inner(o, w, a), "out")
    delta = length / size(v)
    d = (o.gradient(w + delta * v, "hess") - o.gradient(w - delta * v, "hess")) * factor / delta
    return v + sign * a * d


def hf_half_missing(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Missing 1/2 in the central difference."""
    return _hf(o, w, a, factor=1.0)


def hf_sign(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Plus sign in front of the difference."""
    return _hf(o, w, a, sign=1.0)


def hf_second_from_first(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Second probe computed from the perturbed point, not from w."""
    v = o.gradient(inner(o, w, a), "out")
    delta = LENGTH / size(v)
    forward = w + delta * v
    return v - a * (o.gradient(forward, "hess") - o.gradient(forward - delta * v, "hess")) / (2 * delta)


def hf_one_probe(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One-sided difference."""
    v = o.gradient(inner(o, w, a), "out")
    delta = LENGTH / size(v)
    return v - a * (o.gradient(w + delta * v, "hess") - o.gradient(w, "hess")) / delta


def hf_at_adapted(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference taken at the adapted point."""
    adapted = inner(o, w, a)
    v = o.gradient(adapted, "out")
    delta = LENGTH / size(v)
    d = (o.gradient(adapted + delta * v, "hess") - o.gradient(adapted - delta * v, "hess")) / (2 * delta)
    return v - a * d


def hf_fresh_probes(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Different samples at the two probes."""
    v = o.gradient(inner(o, w, a), "out")
    delta = LENGTH / size(v)
    return v - a * (o.gradient(w + delta * v, "hess") - o.gradient(w - delta * v, "in")) / (2 * delta)


def hf_coordinate_delta(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Delta per coordinate."""
    v = o.gradient(inner(o, w, a), "out")
    step = LENGTH * torch.sign(v)
    d = (o.gradient(w + step, "hess") - o.gradient(w - step, "hess")) * v.abs() / (2 * LENGTH)
    return v - a * d


def hf_delta_not_normalised(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Probe as long as v: delta left out."""
    v = o.gradient(inner(o, w, a), "out")
    d = (o.gradient(w + v, "hess") - o.gradient(w - v, "hess")) / 2
    return v - a * d


def hf_long_probe(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Delta far too large."""
    return _hf(o, w, a, length=LONG)


def hf_on_inner_gradient(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference along the inner gradient instead of v."""
    g = o.gradient(w, "in")
    v, delta = o.gradient(w - a * g, "out"), LENGTH / size(g)
    return v - a * (o.gradient(w + delta * g, "hess") - o.gradient(w - delta * g, "hess")) / (2 * delta)


def hf_without_difference(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference left out: FO-MAML passed off as HF-MAML."""
    return algorithms.fo_maml(o, w, a)


def hf_reused(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_h reused as D_o."""
    v = o.gradient(inner(o, w, a), "hess")
    delta = LENGTH / size(v)
    return v - a * (o.gradient(w + delta * v, "hess") - o.gradient(w - delta * v, "hess")) / (2 * delta)


def _along(
    o: Oracle, w: Tensor, a: float, step: Tensor, v: Tensor, scale: Tensor, spread: float = 2.0
) -> Tensor:
    return v - a * scale * (o.gradient(w + step, "hess") - o.gradient(w - step, "hess")) / spread


def hf_other_tasks_size(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference divided by the delta of another task."""
    v = o.gradient(inner(o, w, a), "out")
    return _along(o, w, a, LENGTH * v / size(v), v, size(v).roll(1, -2) / LENGTH)


def hf_common_probe(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One probe for all tasks, along the mean of their gradients."""
    v = o.gradient(inner(o, w, a), "out")
    mean = v.mean(-2, keepdim=True).expand_as(v)
    return _along(o, w, a, LENGTH * mean / size(mean), v, size(v) / LENGTH)


def hf_unequal(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Second probe half as long."""
    v = o.gradient(inner(o, w, a), "out")
    step = LENGTH * v / size(v)
    d = o.gradient(w + step, "hess") - o.gradient(w - step / 2, "hess")
    return v - a * size(v) * d / (1.5 * LENGTH)


def hf_backward(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference backwards."""
    v = o.gradient(inner(o, w, a), "out")
    d = o.gradient(w, "hess") - o.gradient(w - LENGTH * v / size(v), "hess")
    return v - a * size(v) * d / LENGTH


def hf_alpha_squared(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha squared in front of the difference."""
    v = o.gradient(inner(o, w, a), "out")
    return _along(o, w, a, LENGTH * v / size(v), v, a * size(v) / LENGTH)


def hf_one_per_cent(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference 1 % too large."""
    v = o.gradient(inner(o, w, a), "out")
    return _along(o, w, a, LENGTH * v / size(v), v, 1.01 * size(v) / LENGTH)


def hf_round_off(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Probe so short that round-off is left."""
    return algorithms.hf_maml(1e-15)(o, w, a)


def hf_off_centre(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference around a point 0.01 off."""
    v = o.gradient(inner(o, w, a), "out")
    return v - a * size(v) * (
        o.gradient(w + 0.01 + LENGTH * v / size(v), "hess")
        - o.gradient(w + 0.01 - LENGTH * v / size(v), "hess")
    ) / (2 * LENGTH)
