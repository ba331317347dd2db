"""Right implementations, each in a style of its own: none may be accused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from empirics import algorithms
from empirics.algorithms import Direction
from empirics.oracle import Oracle


def plain(o: Oracle, w: Tensor, a: float) -> Tensor:
    """As the paper has it."""
    v = o.gradient(w - a * o.gradient(w, "in"), "out")
    return v - a * o.hessian_vector(w, v, "hess")


def single(x: Tensor) -> Tensor:
    """Round to single precision."""
    return x.float().double()


def single_precision(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Every intermediate result in single precision."""
    w = single(w)
    v = single(o.gradient(single(w - a * single(o.gradient(w, "in"))), "out"))
    return single(v - a * single(o.hessian_vector(w, v, "hess")))


def single_answer(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Answer in single precision."""
    return plain(o, w, a).float()


def one_task_at_a_time(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Loop over the tasks."""
    rows = []
    for task in range(o.tasks.shape[-1]):
        adapted = w - a * o.gradient(w, "in")[..., task : task + 1, :]
        v = o.gradient(adapted, "out")[..., task : task + 1, :]
        rows.append(v - a * o.hessian_vector(w, v, "hess")[..., task : task + 1, :])
    return torch.cat(rows, -2)


def swapped(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Batches read under each other's names."""
    v = o.gradient(w - a * o.gradient(w, "out"), "hess")
    return v - a * o.hessian_vector(w, v, "in")


def batch_mean(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Mean over the batch, handed back for every task."""
    G = plain(o, w, a)
    return G.mean(-2, keepdim=True).expand_as(G)


def neighbours_product(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Rows that are not one task each, with the right mean."""
    v = o.gradient(w - a * o.gradient(w, "in"), "out")
    return v - a * o.hessian_vector(w, v, "hess").roll(1, -2)


def differenced(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian product by a fine central difference."""
    v = o.gradient(w - a * o.gradient(w, "in"), "out")
    length = 1e-6 * (1 + torch.linalg.vector_norm(w, dim=-1, keepdim=True))
    size = torch.linalg.vector_norm(v, dim=-1, keepdim=True).clamp(min=1e-300)
    step = length * v / size
    return v - a * size * (o.gradient(w + step, "hess") - o.gradient(w - step, "hess")) / (2 * length)


def looks_around(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Other batches looked at and not used."""
    o.gradient(w + 1, "out")
    G = plain(o, w, a)
    o.gradient(w - a * o.gradient(w, "in"), "in")
    return G


def in_place(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Point overwritten at the end."""
    v = o.gradient(w - a * o.gradient(w, "in"), "out")
    G = v - a * o.hessian_vector(w, v, "hess")
    w.zero_()
    return G


MAML = (
    plain,
    algorithms.maml_full_hessian,
    single_precision,
    single_answer,
    one_task_at_a_time,
    swapped,
    batch_mean,
    neighbours_product,
    differenced,
    looks_around,
    in_place,
)


def fo_single(o: Oracle, w: Tensor, a: float) -> Tensor:
    """FO-MAML in single precision."""
    return single(o.gradient(single(w - a * single(o.gradient(w, "in"))), "out"))


def fo_swapped(o: Oracle, w: Tensor, a: float) -> Tensor:
    """FO-MAML with its batches read under each other's names."""
    return o.gradient(w - a * o.gradient(w, "out"), "in")


FO = (algorithms.fo_maml, fo_single, fo_swapped)


def _as_it_is(x: Tensor) -> Tensor:
    return x


def hf(
    length: float, round_off: Callable[[Tensor], Tensor] = _as_it_is, out: str = "out", hess: str = "hess"
) -> Direction:
    """Return HF-MAML with a probe of this length, rounded as told, with named batches."""

    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        v = round_off(o.gradient(round_off(w - a * o.gradient(w, "in")), out))
        size = torch.linalg.vector_norm(v, dim=-1, keepdim=True).clamp(min=1e-300)
        step = length * v / size
        ahead, behind = (round_off(o.gradient(round_off(x), hess)) for x in (w + step, w - step))
        return round_off(v - a * size * (ahead - behind) / (2 * length))

    return direction


def hf_one_task_at_a_time(length: float) -> Direction:
    """Return HF-MAML as a loop over the tasks."""

    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        return torch.cat(
            [hf(length)(o, w, a)[..., task : task + 1, :] for task in range(o.tasks.shape[-1])], -2
        )

    return direction


COARSE = 3e-4
"""A probe that is not lost in single precision: about sqrt(2u) at rho = 1 and gradients of size 1."""

HF: Mapping[str, Callable[[float], Direction]] = MappingProxyType(
    {
        "recommended probe": hf,
        "half of it": lambda length: hf(length / 2),
        "a twentieth of it": lambda length: hf(length / 20),
        "a thousandth of it": lambda length: hf(length / 1000),
        "single precision": lambda length: hf(max(length, COARSE), single),
        "batches under each other's names": lambda length: hf(length, out="hess", hess="out"),
        "one task at a time": hf_one_task_at_a_time,
        "built in": algorithms.hf_maml,
    }
)
"""HF-MAML in styles of its own, by the length of its probe."""
