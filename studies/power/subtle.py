"""Sabotaged directions that are right nearly always or everywhere, keep state, or read a batch twice."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from empirics import algorithms
from empirics.algorithms import Direction
from empirics.oracle import Oracle
from studies.power.parts import LENGTH, inner, labelled, outer, size

# ---- rare ---------------------------------------------------------------------------------------------


def rare_call(share: float, wrong: Direction = algorithms.fo_maml) -> Direction:
    """Return MAML but for a share of the calls."""
    rng = np.random.default_rng(0)

    @labelled(f"rare_call_{share:g}", f"{share:.1%} of the calls are wrong")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        return (wrong if rng.random() < share else algorithms.maml)(o, w, a)

    return direction


def rare_row(share: float) -> Direction:
    """Return MAML but for a share of the replicates."""
    rng = np.random.default_rng(1)

    @labelled(f"rare_row_{share:g}", f"FO-MAML in {share:.1%} of the replicates")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        G = algorithms.maml(o, w, a)
        chosen = torch.from_numpy(rng.random(len(G)) < share)[:, None, None]
        return torch.where(chosen, algorithms.fo_maml(o, w, a), G)

    return direction


def rare_task(share: float) -> Direction:
    """Return MAML but for a share of the tasks."""
    rng = np.random.default_rng(2)

    @labelled(f"rare_task_{share:g}", f"FO-MAML in {share:.1%} of the tasks")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        G = algorithms.maml(o, w, a)
        chosen = torch.from_numpy(rng.random(tuple(o.tasks.shape)) < share)[..., None]
        return torch.where(chosen, algorithms.fo_maml(o, w, a), G)

    return direction


def rare_reuse(share: float) -> Direction:
    """Return MAML that reads one batch twice in a share of the calls."""
    rng = np.random.default_rng(3)

    @labelled(f"rare_reuse_{share:g}", f"D_in reused as D_o in {share:.1%} of the calls")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        return outer(o, w, inner(o, w, a), a, out="in" if rng.random() < share else "out")

    return direction


# ---- regional -----------------------------------------------------------------------------------------


def far(distance: float) -> Direction:
    """Return MAML that is FO-MAML far from the origin."""

    @labelled(f"far_{distance:g}", f"FO-MAML farther than {distance:g} from the origin")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        return torch.where(size(w) > distance, algorithms.fo_maml(o, w, a), algorithms.maml(o, w, a))

    return direction


def clipped_far(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Gradients clipped at norm 30."""
    G = algorithms.maml(o, w, a)
    return G * torch.clamp(30 / size(G), max=1.0)


def flat(o: Oracle, w: Tensor, a: float) -> Tensor:
    """No adaptation where the inner gradient is small."""
    g = o.gradient(w, "in")
    return outer(o, w, torch.where(size(g) < 0.1, w, w - a * g), a)


def half_space(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian left out where the first coordinate is negative."""
    return torch.where(w[..., :1] < 0, algorithms.fo_maml(o, w, a), algorithms.maml(o, w, a))


# ---- parts of a formula -------------------------------------------------------------------------------


def half_hessian(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Half of the Hessian term."""
    return outer(o, w, inner(o, w, a), a / 2)


def hessian_two_per_cent(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian term 2 % too large."""
    v = o.gradient(inner(o, w, a), "out")
    return v - 1.02 * a * o.hessian_vector(w, v, "hess")


def inner_per_mille(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step a thousandth too long."""
    return outer(o, w, inner(o, w, 1.001 * a), a)


def mixed_batches(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Outer gradient averaged over D_o and D_in."""
    adapted = inner(o, w, a)
    v = (o.gradient(adapted, "out") + o.gradient(adapted, "in")) / 2
    return v - a * o.hessian_vector(w, v, "hess")


def one_hessian(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian of the mean of the outer gradients, instead of each task's of its own."""
    v = o.gradient(inner(o, w, a), "out")
    return v - a * o.hessian_vector(w, v.mean(-2, keepdim=True).expand_as(v), "hess")


def inner_noise_shared(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Noise of the inner step shared by the tasks."""
    exact = o.problem.gradient(o.tasks, w)
    noise = (o.gradient(w, "in") - exact)[..., :1, :]
    return outer(o, w, w - a * (exact + noise), a)


def first_row(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Point of the first replicate used for all."""
    return algorithms.maml(o, w[:1].expand_as(w).clone(), a)


def sgd(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Plain SGD on the mean of the losses."""
    return o.gradient(w, "out")


def two_steps(o: Oracle, w: Tensor, a: float) -> Tensor:
    """MAML after two inner steps, the Hessian at both points."""
    once = inner(o, w, a)
    v = o.gradient(once - a * o.gradient(once, "in"), "out")
    v = v - a * o.hessian_vector(once, v, "hess")
    return v - a * o.hessian_vector(w, v, "hess")


# ---- state --------------------------------------------------------------------------------------------


def momentum(share: float = 0.9) -> Direction:
    """Return MAML with momentum."""
    kept: dict[torch.Size, Tensor] = {}

    @labelled("momentum", "Momentum of 0.9 kept between the calls")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        G = algorithms.maml(o, w, a)
        kept[G.shape] = G + share * kept.get(G.shape, torch.zeros_like(G))
        return kept[G.shape]

    return direction


def schedule(after: int) -> Direction:
    """Return MAML that becomes FO-MAML."""
    count = iter(range(10**9))

    @labelled(f"schedule_{after}", f"FO-MAML after {after:,} calls")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        return (algorithms.fo_maml if next(count) > after else algorithms.maml)(o, w, a)

    return direction


# ---- other names --------------------------------------------------------------------------------------


def fo_rare(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Plain SGD in 1 % of the tasks."""
    G = algorithms.fo_maml(o, w, a)
    return torch.where(torch.rand(*o.tasks.shape, 1) < 0.01, o.gradient(w, "out"), G)


def fo_mixed(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Outer gradient averaged over D_o and D_in."""
    adapted = inner(o, w, a)
    return (o.gradient(adapted, "out") + o.gradient(adapted, "in")) / 2


def _hf(o: Oracle, w: Tensor, a: float, first: str, out: str, hess: str) -> Tensor:
    v = o.gradient(w - a * o.gradient(w, first), out)
    delta = LENGTH / size(v)
    return v - a * (o.gradient(w + delta * v, hess) - o.gradient(w - delta * v, hess)) / (2 * delta)


def hf_inner_as_outer(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_o."""
    return _hf(o, w, a, "in", "in", "hess")


def hf_inner_as_hessian(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_h."""
    return _hf(o, w, a, "in", "out", "in")


def hf_one_batch(o: Oracle, w: Tensor, a: float) -> Tensor:
    """One batch for all uses."""
    return _hf(o, w, a, "in", "in", "in")


def hf_far(o: Oracle, w: Tensor, a: float) -> Tensor:
    """FO-MAML farther than 20 from the origin."""
    return torch.where(size(w) > 20, algorithms.fo_maml(o, w, a), algorithms.hf_maml(LENGTH)(o, w, a))


def hf_step_as_long_as_alpha(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Difference step alpha, of which no theory speaks."""
    v = o.gradient(inner(o, w, a), "out")
    return v - (o.gradient(w + a * v, "hess") - o.gradient(w - a * v, "hess")) / 2


SABOTAGES: Mapping[str, tuple[Direction, ...]] = MappingProxyType(
    {
        "maml": (
            *(rare_call(share) for share in (0.001, 0.003, 0.01)),
            *(rare_row(share) for share in (0.001, 0.01)),
            *(rare_task(share) for share in (0.001, 0.01)),
            *(rare_reuse(share) for share in (0.003, 0.01)),
            *(far(distance) for distance in (5.0, 20.0, 50.0, 100.0)),
            clipped_far,
            flat,
            half_space,
            half_hessian,
            hessian_two_per_cent,
            inner_per_mille,
            mixed_batches,
            one_hessian,
            inner_noise_shared,
            first_row,
            sgd,
            two_steps,
            momentum(),
            schedule(100),
            schedule(3000),
        ),
        "fo-maml": (fo_rare, fo_mixed),
        "hf-maml": (hf_inner_as_outer, hf_inner_as_hessian, hf_one_batch, hf_far, hf_step_as_long_as_alpha),
    }
)
"""Sabotaged directions by the name they claim."""
