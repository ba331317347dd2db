"""Sabotaged algorithms: each wrong in one way that has been seen, or could be, in an implementation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from empirics import algorithms
from empirics.algorithms import Direction
from empirics.oracle import Oracle

LENGTH = 0.05
"""Probe of the HF-MAML sabotages."""


def _inner(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    return w - alpha * oracle.gradient(w, "in")


def _maml(
    oracle: Oracle, w: Tensor, adapted: Tensor, alpha: float, outer: str = "out", hess: str = "hess"
) -> Tensor:
    v = oracle.gradient(adapted, outer)
    return v - alpha * oracle.hessian_vector(w, v, hess)


def _size(v: Tensor) -> Tensor:
    return torch.linalg.vector_norm(v, dim=-1, keepdim=True)


# ---- under MAML's name ------------------------------------------------------------------------------


def fo_as_maml(o: Oracle, w: Tensor, a: float) -> Tensor:
    """FO-MAML passed off as MAML."""
    return algorithms.fo_maml(o, w, a)


def hf_as_maml(o: Oracle, w: Tensor, a: float) -> Tensor:
    """HF-MAML with a long probe passed off as MAML."""
    return algorithms.hf_maml(10 * LENGTH)(o, w, a)


def outer_sign(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Plus sign in front of the Hessian term."""
    v = o.gradient(_inner(o, w, a), "out")
    return v + a * o.hessian_vector(w, v, "hess")


def inner_sign(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step uphill."""
    return _maml(o, w, _inner(o, w, -a), a)


def both_signs(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha's sign flipped everywhere."""
    return algorithms.maml(o, w, -a)


def hessian_without_alpha(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha missing in front of the Hessian."""
    return _maml(o, w, _inner(o, w, a), 1.0)


def hessian_alpha_squared(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha squared in front of the Hessian."""
    return _maml(o, w, _inner(o, w, a), a * a)


def inner_without_alpha(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha missing in the inner step."""
    return _maml(o, w, _inner(o, w, 1.0), a)


def inner_half(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Half the inner step."""
    return _maml(o, w, _inner(o, w, a / 2), a)


def inner_double(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Twice the inner step."""
    return _maml(o, w, _inner(o, w, 2 * a), a)


def hessian_at_adapted(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian at the adapted point."""
    adapted = _inner(o, w, a)
    v = o.gradient(adapted, "out")
    return v - a * o.hessian_vector(adapted, v, "hess")


def hessian_on_inner_gradient(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian times the inner gradient instead of the outer one."""
    v = o.gradient(_inner(o, w, a), "out")
    return v - a * o.hessian_vector(w, o.gradient(w, "in"), "hess")


def no_adaptation(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step missing."""
    return _maml(o, w, w, a)


def extra_inner_step(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One inner step too many."""
    once = _inner(o, w, a)
    return _maml(o, w, once - a * o.gradient(once, "in"), a)


def inner_batch_as_outer(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_o."""
    return _maml(o, w, _inner(o, w, a), a, outer="in")


def hessian_batch_as_outer(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_h reused as D_o."""
    return _maml(o, w, _inner(o, w, a), a, outer="hess")


def inner_batch_as_hessian(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_h."""
    return _maml(o, w, _inner(o, w, a), a, hess="in")


def one_batch_for_all(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One batch for all three uses."""
    return _maml(o, w, _inner(o, w, a), a, outer="in", hess="in")


def sum_over_tasks(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Sum over the tasks instead of their mean."""
    return algorithms.maml(o, w, a) * o.tasks.shape[-1]


def mean_twice(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Mean over the tasks divided by B again."""
    return algorithms.maml(o, w, a) / o.tasks.shape[-1]


def sum_over_samples(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Sum over 16 samples instead of their mean."""
    return 16 * algorithms.maml(o, w, a)


def noise_not_averaged(o: Oracle, w: Tensor, a: float) -> Tensor:
    """A batch that is as noisy as a single sample."""
    adapted = _inner(o, w, a)
    exact = o.problem.gradient(o.tasks, adapted)
    v = exact + 4 * (o.gradient(adapted, "out") - exact)
    return v - a * o.hessian_vector(w, v, "hess")


def shared_noise(o: Oracle, w: Tensor, a: float) -> Tensor:
    """The first task's samples used for every task."""
    adapted = _inner(o, w, a)
    exact = o.problem.gradient(o.tasks, adapted)
    v = exact + (o.gradient(adapted, "out") - exact)[..., :1, :]
    return v - a * o.hessian_vector(w, v, "hess")


def previous_task(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Adapted point carried over from the previous task."""
    return _maml(o, w, _inner(o, w, a).roll(1, -2), a)


def common_adaptation(o: Oracle, w: Tensor, a: float) -> Tensor:
    """All tasks evaluated at the mean of the adapted points."""
    adapted = _inner(o, w, a)
    return _maml(o, w, adapted.mean(-2, keepdim=True).expand_as(adapted), a)


def biased_tasks(o: Oracle, w: Tensor, a: float) -> Tensor:
    """The first task drawn twice as often as the others."""
    n = o.problem.n_tasks
    weight = torch.where(o.tasks == 0, 2.0, 1.0) * n / (n + 1)
    return algorithms.maml(o, w, a) * weight.unsqueeze(-1)


def same_task(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One task drawn and used B times."""
    G = algorithms.maml(o, w, a)
    return G[..., :1, :].expand_as(G)


def dropped_task(o: Oracle, w: Tensor, a: float) -> Tensor:
    """The last task left out of the sum but counted in B."""
    G = algorithms.maml(o, w, a)
    return torch.cat([G[..., :-1, :], torch.zeros_like(G[..., -1:, :])], -2)


def update_at_adapted(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Outer update applied at the adapted point (outer step as long as the inner one)."""
    return algorithms.maml(o, w, a) + o.gradient(w, "in")


def squared_factor(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Factor I - alpha H applied twice."""
    G = algorithms.maml(o, w, a)
    return G - a * o.hessian_vector(w, G, "hess")


def identity_missing(o: Oracle, w: Tensor, a: float) -> Tensor:
    """I - alpha H without the I."""
    return algorithms.maml(o, w, a) - algorithms.fo_maml(o, w, a)


def diagonal_hessian(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Only the diagonal of the Hessian used."""
    v = o.gradient(_inner(o, w, a), "out")
    return v - a * torch.diagonal(o.hessian(w, "hess"), dim1=-2, dim2=-1) * v


def clipped(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Gradients clipped at norm 1/2."""
    G = algorithms.maml(o, w, a)
    return G * torch.clamp(0.5 / _size(G), max=1.0)


def normalised(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Gradients normalised."""
    G = algorithms.maml(o, w, a)
    return G / _size(G)


def weight_decay(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Weight decay of 1 % left switched on."""
    return algorithms.maml(o, w, a) + 0.01 * w


def reptile(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Reptile passed off as MAML: the inner displacement over alpha."""
    return (w - _inner(o, w, a)) / a


# ---- under FO-MAML's name ---------------------------------------------------------------------------


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
    return o.gradient(_inner(o, w, a), "in")


def fo_extra_step(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One inner step too many."""
    once = _inner(o, w, a)
    return o.gradient(once - a * o.gradient(once, "in"), "out")


def fo_half(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Half the inner step."""
    return algorithms.fo_maml(o, w, a / 2)


def fo_sum(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Sum over the tasks instead of their mean."""
    return algorithms.fo_maml(o, w, a) * o.tasks.shape[-1]


def fo_previous_task(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Adapted point carried over from the previous task."""
    return o.gradient(_inner(o, w, a).roll(1, -2), "out")


def fo_shared_noise(o: Oracle, w: Tensor, a: float) -> Tensor:
    """The first task's samples used for every task."""
    adapted = _inner(o, w, a)
    exact = o.problem.gradient(o.tasks, adapted)
    return exact + (o.gradient(adapted, "out") - exact)[..., :1, :]


# ---- under HF-MAML's name ---------------------------------------------------------------------------


def _hf(
    o: Oracle, w: Tensor, a: float, *, length: float = LENGTH, factor: float = 0.5, sign: float = -1.0
) -> Tensor:
    v = o.gradient(_inner(o, w, a), "out")
    delta = length / _size(v)
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
    v = o.gradient(_inner(o, w, a), "out")
    delta = LENGTH / _size(v)
    forward = w + delta * v
    return v - a * (o.gradient(forward, "hess") - o.gradient(forward - delta * v, "hess")) / (2 * delta)


def hf_one_probe(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One-sided difference."""
    v = o.gradient(_inner(o, w, a), "out")
    delta = LENGTH / _size(v)
    return v - a * (o.gradient(w + delta * v, "hess") - o.gradient(w, "hess")) / delta


def hf_at_adapted(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference taken at the adapted point."""
    adapted = _inner(o, w, a)
    v = o.gradient(adapted, "out")
    delta = LENGTH / _size(v)
    d = (o.gradient(adapted + delta * v, "hess") - o.gradient(adapted - delta * v, "hess")) / (2 * delta)
    return v - a * d


def hf_fresh_probes(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Different samples at the two probes."""
    v = o.gradient(_inner(o, w, a), "out")
    delta = LENGTH / _size(v)
    return v - a * (o.gradient(w + delta * v, "hess") - o.gradient(w - delta * v, "in")) / (2 * delta)


def hf_coordinate_delta(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Delta per coordinate."""
    v = o.gradient(_inner(o, w, a), "out")
    step = LENGTH * torch.sign(v)
    d = (o.gradient(w + step, "hess") - o.gradient(w - step, "hess")) * v.abs() / (2 * LENGTH)
    return v - a * d


def hf_delta_not_normalised(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Delta not divided by ||v||."""
    v = o.gradient(_inner(o, w, a), "out")
    d = (o.gradient(w + LENGTH * v, "hess") - o.gradient(w - LENGTH * v, "hess")) / (2 * LENGTH)
    return v - a * d


def hf_long_probe(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Delta ten times too large."""
    return _hf(o, w, a, length=10 * LENGTH)


def hf_on_inner_gradient(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference along the inner gradient instead of v."""
    g = o.gradient(w, "in")
    v, delta = o.gradient(w - a * g, "out"), LENGTH / _size(g)
    return v - a * (o.gradient(w + delta * g, "hess") - o.gradient(w - delta * g, "hess")) / (2 * delta)


def hf_without_difference(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference left out: FO-MAML passed off as HF-MAML."""
    return algorithms.fo_maml(o, w, a)


def hf_reused(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_h reused as D_o."""
    v = o.gradient(_inner(o, w, a), "hess")
    delta = LENGTH / _size(v)
    return v - a * (o.gradient(w + delta * v, "hess") - o.gradient(w - delta * v, "hess")) / (2 * delta)


SABOTAGES: Mapping[str, tuple[Direction, ...]] = MappingProxyType(
    {
        "maml": (
            fo_as_maml, hf_as_maml, outer_sign, inner_sign, both_signs, hessian_without_alpha,
            hessian_alpha_squared, inner_without_alpha, inner_half, inner_double, hessian_at_adapted,
            hessian_on_inner_gradient, no_adaptation, extra_inner_step, inner_batch_as_outer,
            hessian_batch_as_outer, inner_batch_as_hessian, one_batch_for_all, sum_over_tasks, mean_twice,
            sum_over_samples, noise_not_averaged, shared_noise, previous_task, common_adaptation, biased_tasks,
            same_task, dropped_task, update_at_adapted, squared_factor, identity_missing, diagonal_hessian,
            clipped, normalised, weight_decay, reptile,
        ),
        "fo-maml": (
            maml_as_fo, fo_sign, fo_no_adaptation, fo_reused, fo_extra_step, fo_half, fo_sum, fo_previous_task,
            fo_shared_noise,
        ),
        "hf-maml": (
            hf_half_missing, hf_sign, hf_second_from_first, hf_one_probe, hf_at_adapted, hf_fresh_probes,
            hf_coordinate_delta, hf_delta_not_normalised, hf_long_probe, hf_on_inner_gradient,
            hf_without_difference, hf_reused,
        ),
    }
)  # fmt: skip
"""Sabotaged directions by the name they claim."""
