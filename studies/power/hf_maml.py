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
