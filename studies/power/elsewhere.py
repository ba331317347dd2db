"""Sabotaged directions that are wrong seldom, in one region, for one task, or from one call to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from empirics import algorithms
from empirics.algorithms import Direction
from empirics.oracle import Oracle
from studies.power import hf_maml
from studies.power.parts import LENGTH, inner, labelled, outer, size

# ---- seldom -------------------------------------------------------------------------------------------


def seldom(
    right: Direction, name: str, share: float, part: str, what: str, wrong: Callable[..., Tensor]
) -> Direction:
    """Return a direction that is another one for a share of the calls, rows or tasks."""
    rng = np.random.default_rng(5)

    @labelled(f"{name}_{share:g}", f"{what} in {share:.1%} of the {part}")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        shape = {"calls": (), "replicates": (len(w), 1), "tasks": tuple(o.tasks.shape)}[part]
        chosen = torch.as_tensor(rng.random(shape) < share).unsqueeze(-1)
        return torch.where(chosen, wrong(o, w, a), right(o, w, a)) if bool(chosen.any()) else right(o, w, a)

    return direction


def nothing(o: Oracle, w: Tensor, a: float) -> Tensor:
    """No direction."""
    return torch.zeros_like(o.gradient(w, "out"))


def upside_down(o: Oracle, w: Tensor, a: float) -> Tensor:
    """MAML, downhill for uphill."""
    return -algorithms.maml(o, w, a)


def unadapted(o: Oracle, w: Tensor, a: float) -> Tensor:
    """MAML without its inner step."""
    return outer(o, w, w, a)


def every(nth: int) -> Direction:
    """Return MAML that is FO-MAML once in a while."""
    count = iter(range(1, 10**9))

    @labelled(f"every_{nth}", f"FO-MAML at every {nth}th call")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        return (algorithms.maml if next(count) % nth else algorithms.fo_maml)(o, w, a)

    return direction


# ---- one region ---------------------------------------------------------------------------------------


def where(
    inside: Callable[[Tensor], Tensor], name: str, what: str, wrong: Direction = algorithms.fo_maml
) -> Direction:
    """Return MAML that is another direction in a region."""

    @labelled(name, what)
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        return torch.where(inside(w), wrong(o, w, a), algorithms.maml(o, w, a))

    return direction


def between(near: float, far: float) -> Direction:
    """Return MAML that is FO-MAML on a shell around the origin."""
    name, what = f"shell_{near:g}_{far:g}", f"FO-MAML between {near:g} and {far:g} from the origin"
    return where(lambda w: (size(w) > near) & (size(w) < far), name, what)


def decays_far(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Weight decay of 1 % beyond 10 from the origin."""
    return algorithms.maml(o, w, a) + 0.01 * w * (size(w) > 10)


def inner_clipped(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner gradient clipped at norm 10."""
    g = o.gradient(w, "in")
    return outer(o, w, w - a * g * torch.clamp(10 / size(g), max=1.0), a)


def box(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Adapted point kept in a box of 25 around the origin."""
    return outer(o, w, inner(o, w, a).clamp(-25, 25), a)


def small_to_nothing(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Coordinates of the direction below 0.01 set to 0."""
    G = algorithms.maml(o, w, a)
    return torch.where(G.abs() < 0.01, 0.0, G)


# ---- one task, one coordinate -------------------------------------------------------------------------


def task_zero(o: Oracle, w: Tensor, a: float) -> Tensor:
    """FO-MAML for the task of number 0."""
    return torch.where((o.tasks == 0)[..., None], algorithms.fo_maml(o, w, a), algorithms.maml(o, w, a))


def last_task_of_batch(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian left out for the last task of a batch."""
    last = (torch.arange(o.tasks.shape[-1]) == o.tasks.shape[-1] - 1)[:, None]
    return torch.where(last, algorithms.fo_maml(o, w, a), algorithms.maml(o, w, a))


def frozen_coordinate(o: Oracle, w: Tensor, a: float) -> Tensor:
    """First coordinate not trained."""
    G = algorithms.maml(o, w, a).clone()
    G[..., 0] = 0.0
    return G


def last_coordinate_adapted(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step of the last coordinate only (ANIL)."""
    head = torch.zeros(o.problem.dim, dtype=torch.float64)
    head[-1] = 1.0
    return outer(o, w, w - a * head * o.gradient(w, "in"), a)


# ---- parts of a formula -------------------------------------------------------------------------------


def outer_product(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Outer product of the gradient in place of the Hessian."""
    v, g = o.gradient(inner(o, w, a), "out"), o.gradient(w, "hess")
    return v - a * g * (g * v).sum(-1, keepdim=True)


def between_points(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian half way to the adapted point."""
    adapted = inner(o, w, a)
    v = o.gradient(adapted, "out")
    return v - a * o.hessian_vector((w + adapted) / 2, v, "hess")


def fixed_alpha(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step 0.1, whatever alpha."""
    return algorithms.maml(o, w, 0.1)


def decay(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Weight decay of 0.01 % left switched on."""
    return algorithms.maml(o, w, a) + 1e-4 * w


def rounded(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Direction rounded to multiples of 0.001."""
    return (algorithms.maml(o, w, a) / 1e-3).round() * 1e-3


def noise_added(share: float) -> Direction:
    """Return MAML with noise of its own."""
    rng = torch.Generator().manual_seed(6)

    @labelled(f"noise_added_{share:g}", f"Noise of {share:g} added to every coordinate")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        G = algorithms.maml(o, w, a)
        return G + share * torch.randn(G.shape, generator=rng, dtype=torch.float64)

    return direction


# ---- from one call to the next ------------------------------------------------------------------------


def last_tasks() -> Direction:
    """Return MAML for the tasks of the call before."""
    kept: dict[tuple[str, torch.Size], Tensor] = {}

    @labelled("last_tasks", "Tasks of the step before")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        key, mine = (o.problem.spec, o.tasks.shape), o.tasks
        o.tasks = kept.get(key, mine)
        kept[key] = mine
        return algorithms.maml(o, w, a)

    return direction


def stale_point(lag: float) -> Direction:
    """Return MAML at a point between this and the last."""
    kept: dict[tuple[str, torch.Size], Tensor] = {}

    @labelled("stale_point", f"A point {lag:.0%} of the way back to that of the call before")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        key = (o.problem.spec, w.shape)
        before, kept[key] = kept.get(key, w), w.clone()
        return algorithms.maml(o, w + lag * (before - w), a)

    return direction


def averaged(share: float) -> Direction:
    """Return MAML averaged with what it answered before."""
    kept: dict[tuple[str, torch.Size], Tensor] = {}

    @labelled("averaged", f"{share:.0%} of the direction from the call before")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        G = algorithms.maml(o, w, a)
        key = (o.problem.spec, G.shape)
        before, kept[key] = kept.get(key, G), G
        return (1 - share) * G + share * before

    return direction


# ---- FO-MAML and HF-MAML ------------------------------------------------------------------------------


def fo_per_mille(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Inner step a thousandth too long."""
    return algorithms.fo_maml(o, w, 1.001 * a)


def fo_far(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Plain SGD farther than 20 from the origin."""
    return torch.where(size(w) > 20, o.gradient(w, "out"), algorithms.fo_maml(o, w, a))


def sgd(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Plain SGD."""
    return o.gradient(w, "out")


HF = algorithms.hf_maml(LENGTH)

SABOTAGES: Mapping[str, tuple[Direction, ...]] = MappingProxyType(
    {
        "maml": (
            seldom(algorithms.maml, "seldom_call_sgd", 0.002, "calls", "Inner step missing", unadapted),
            seldom(algorithms.maml, "seldom_row_nothing", 0.002, "replicates", "Zero", nothing),
            seldom(algorithms.maml, "seldom_task_nothing", 0.001, "tasks", "Zero", nothing),
            seldom(algorithms.maml, "seldom_task_sign", 0.001, "tasks", "Uphill", upside_down),
            seldom(algorithms.maml, "seldom_task_fo", 0.003, "tasks", "FO-MAML", algorithms.fo_maml),
            every(500),
            between(3, 8), between(30, 60),
            where(lambda w: w.abs().amin(-1, keepdim=True) > 15, "corners",
                  "FO-MAML where every coordinate exceeds 15"),
            where(lambda w: w[..., :1] > 20, "beyond_20",
                  "Inner step missing where the first coordinate exceeds 20", unadapted),
            decays_far, inner_clipped, box, small_to_nothing,
            task_zero, last_task_of_batch, frozen_coordinate, last_coordinate_adapted,
            outer_product, between_points, fixed_alpha, decay, rounded, noise_added(0.3),
            last_tasks(), stale_point(0.1), averaged(0.1),
        ),
        "fo-maml": (
            seldom(algorithms.fo_maml, "fo_seldom_call", 0.001, "calls", "Plain SGD", sgd),
            seldom(algorithms.fo_maml, "fo_seldom_row", 0.003, "replicates", "MAML", algorithms.maml),
            fo_per_mille, fo_far,
        ),
        "hf-maml": (
            seldom(HF, "hf_seldom_call", 0.003, "calls", "FO-MAML", algorithms.fo_maml),
            seldom(HF, "hf_seldom_task", 0.001, "tasks", "FO-MAML", algorithms.fo_maml),
            hf_maml.hf_other_tasks_size, hf_maml.hf_common_probe, hf_maml.hf_unequal, hf_maml.hf_backward,
            hf_maml.hf_alpha_squared, hf_maml.hf_one_per_cent,
            hf_maml.hf_round_off, hf_maml.hf_off_centre,
        ),
    }
)  # fmt: skip
"""Sabotaged directions by the name they claim."""
