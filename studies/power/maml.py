"""Sabotaged algorithms under MAML's name: each is wrong in one way."""

from __future__ import annotations

import torch
from torch import Tensor

from empirics import algorithms
from empirics.oracle import Oracle
from studies.power.parts import LONG, inner, outer, size


def fo_as_maml(o: Oracle, w: Tensor, a: float) -> Tensor:
    """FO-MAML passed off as MAML."""
    return algorithms.fo_maml(o, w, a)


def hf_as_maml(o: Oracle, w: Tensor, a: float) -> Tensor:
    """HF-MAML with a long probe passed off as MAML."""
    return algorithms.hf_maml(LONG)(o, w, a)


def outer_sign(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Plus sign in front of the Hessian term."""
    v = o.gradient(inner(o, w, a), "out")
    return v + a * o.hessian_vector(w, v, "hess")


def inner_sign(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step uphill."""
    return outer(o, w, inner(o, w, -a), a)


def both_signs(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha's sign flipped everywhere."""
    return algorithms.maml(o, w, -a)


def hessian_without_alpha(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha missing in front of the Hessian."""
    return outer(o, w, inner(o, w, a), 1.0)


def hessian_alpha_squared(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha squared in front of the Hessian."""
    return outer(o, w, inner(o, w, a), a * a)


def inner_without_alpha(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Alpha missing in the inner step."""
    return outer(o, w, inner(o, w, 1.0), a)


def inner_half(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Half the inner step."""
    return outer(o, w, inner(o, w, a / 2), a)


def inner_double(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Twice the inner step."""
    return outer(o, w, inner(o, w, 2 * a), a)


def hessian_at_adapted(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian at the adapted point."""
    adapted = inner(o, w, a)
    v = o.gradient(adapted, "out")
    return v - a * o.hessian_vector(adapted, v, "hess")


def hessian_on_inner_gradient(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian times the inner gradient instead of the outer one."""
    v = o.gradient(inner(o, w, a), "out")
    return v - a * o.hessian_vector(w, o.gradient(w, "in"), "hess")


def no_adaptation(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step missing."""
    return outer(o, w, w, a)


def extra_inner_step(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One inner step too many."""
    once = inner(o, w, a)
    return outer(o, w, once - a * o.gradient(once, "in"), a)


def inner_batch_as_outer(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_o."""
    return outer(o, w, inner(o, w, a), a, out="in")


def hessian_batch_as_outer(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_h reused as D_o."""
    return outer(o, w, inner(o, w, a), a, out="hess")


def inner_batch_as_hessian(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_h."""
    return outer(o, w, inner(o, w, a), a, hess="in")


def one_batch_for_all(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One batch for all three uses."""
    return outer(o, w, inner(o, w, a), a, out="in", hess="in")


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
    """Batch as noisy as a single sample."""
    adapted = inner(o, w, a)
    exact = o.problem.gradient(o.tasks, adapted)
    v = exact + 4 * (o.gradient(adapted, "out") - exact)
    return v - a * o.hessian_vector(w, v, "hess")


def shared_noise(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Noise of the first task used for every task."""
    adapted = inner(o, w, a)
    exact = o.problem.gradient(o.tasks, adapted)
    v = exact + (o.gradient(adapted, "out") - exact)[..., :1, :]
    return v - a * o.hessian_vector(w, v, "hess")


def previous_task(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Adapted point carried over from the previous task."""
    return outer(o, w, inner(o, w, a).roll(1, -2), a)


def common_adaptation(o: Oracle, w: Tensor, a: float) -> Tensor:
    """All tasks evaluated at the mean of the adapted points."""
    adapted = inner(o, w, a)
    return outer(o, w, adapted.mean(-2, keepdim=True).expand_as(adapted), a)


def biased_tasks(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Biased sampling: the first task twice as often as the others."""
    n = o.problem.n_tasks
    weight = torch.where(o.tasks == 0, 2.0, 1.0) * n / (n + 1)
    return algorithms.maml(o, w, a) * weight.unsqueeze(-1)


def same_task(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One task drawn and used B times."""
    G = algorithms.maml(o, w, a)
    return G[..., :1, :].expand_as(G)


def dropped_task(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Last task left out of the sum but counted in B."""
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
    v = o.gradient(inner(o, w, a), "out")
    return v - a * torch.diagonal(o.hessian(w, "hess"), dim1=-2, dim2=-1) * v


def clipped(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Gradients clipped at norm 1/2."""
    G = algorithms.maml(o, w, a)
    return G * torch.clamp(0.5 / size(G), max=1.0)


def normalised(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Gradients normalised."""
    G = algorithms.maml(o, w, a)
    return G / size(G)


def weight_decay(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Weight decay of 1 % left switched on."""
    return algorithms.maml(o, w, a) + 0.01 * w


def reptile(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Reptile passed off as MAML: the inner displacement over alpha."""
    return (w - inner(o, w, a)) / a
