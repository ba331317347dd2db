"""Sabotaged directions that use a batch where another is needed: in two roles, for several tasks, over steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from empirics.algorithms import Direction
from empirics.oracle import Oracle
from studies.power.parts import LENGTH, inner, labelled, outer, size

Reading = Callable[[Oracle, str], "Tensor | None"]

NAMES = {"in": "D_in", "out": "D_o", "hess": "D_h"}

# ---- one batch in two roles ---------------------------------------------------------------------------


def maml_reading(first: str, out: str, hess: str, what: str) -> Direction:
    """Return MAML whose three roles read the named batches."""

    @labelled(f"reads_{first}_{out}_{hess}", what)
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        return outer(o, w, w - a * o.gradient(w, first), a, out, hess)

    return direction


def hf_reading(first: str, out: str, ahead: str, behind: str, what: str) -> Direction:
    """Return HF-MAML whose four gradients read the named batches."""

    @labelled(f"hf_reads_{first}_{out}_{ahead}_{behind}", what)
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        v = o.gradient(w - a * o.gradient(w, first), out)
        step = LENGTH * v / size(v)
        return v - a * size(v) * (o.gradient(w + step, ahead) - o.gradient(w - step, behind)) / (2 * LENGTH)

    return direction


def sometimes(share: float) -> Direction:
    """Return MAML that reads D_in twice in a share of the replicates."""
    rng = np.random.default_rng(4)

    @labelled(f"reused_in_rows_{share:g}", f"D_in reused as D_o in {share:.0%} of the replicates")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        chosen = torch.from_numpy(rng.random(len(w)) < share)[:, None, None]
        adapted = inner(o, w, a)
        return torch.where(chosen, outer(o, w, adapted, a, "in"), outer(o, w, adapted, a))

    return direction


def first_task_reused(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_o for the first task only."""
    adapted = inner(o, w, a)
    first = (torch.arange(o.tasks.shape[-1]) == 0)[:, None]
    return torch.where(first, outer(o, w, adapted, a, "in"), outer(o, w, adapted, a))


def reused_where_flat(o: Oracle, w: Tensor, a: float) -> Tensor:
    """D_in reused as D_h where the gradient is small."""
    g = o.gradient(w, "in")
    v = o.gradient(w - a * g, "out")
    Hv = torch.where(size(g) < 0.3, o.hessian_vector(w, v, "in"), o.hessian_vector(w, v, "hess"))
    return v - a * Hv


def mixed_hessian(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Hessian averaged over D_h and D_in."""
    v = o.gradient(inner(o, w, a), "out")
    return v - a * (o.hessian_vector(w, v, "hess") + o.hessian_vector(w, v, "in")) / 2


def tenth_of_the_outer(o: Oracle, w: Tensor, a: float) -> Tensor:
    """Outer gradient averaged over D_o and, by a tenth, D_h."""
    adapted = inner(o, w, a)
    v = 0.9 * o.gradient(adapted, "out") + 0.1 * o.gradient(adapted, "hess")
    return v - a * o.hessian_vector(w, v, "hess")


# ---- one batch for several tasks, or a part of one ----------------------------------------------------


def _seen(o: Oracle, w: Tensor, split: str, batch: Tensor | None) -> Tensor:
    return o.gradient(w, split) if batch is None else o.problem.gradient(o.tasks, w, batch)


def _of_first_task(o: Oracle, split: str) -> Tensor | None:
    batch = o.batch(split)
    return None if batch is None else batch[:, :1].expand_as(batch)


def noisier(split: str) -> Direction:
    """Return MAML with one batch half as large as it should be."""

    @labelled(f"half_of_{split}", f"{NAMES[split]} half as large as it should be")
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        def gradient(x: Tensor, name: str) -> Tensor:
            g, exact = o.gradient(x, name), o.problem.gradient(o.tasks, x)
            return exact + math.sqrt(2) * (g - exact) if name == split else g

        v = gradient(w - a * gradient(w, "in"), "out")
        return v - a * o.hessian_vector(w, v, "hess")

    return direction


def maml_with(name: str, what: str, split: str, reading: Reading) -> Direction:
    """Return MAML with something else in the place of one batch."""

    @labelled(name, what)
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        other = reading(o, split)
        adapted = w - a * (_seen(o, w, "in", other) if split == "in" else o.gradient(w, "in"))
        v = _seen(o, adapted, "out", other) if split == "out" else o.gradient(adapted, "out")
        if split != "hess" or other is None:
            return v - a * o.hessian_vector(w, v, "hess")
        return v - a * o.problem.hessian_vector(o.tasks, w, v, other)

    return direction


def fo_with(name: str, what: str, split: str, reading: Reading) -> Direction:
    """Return FO-MAML with something else in the place of one batch."""

    @labelled(name, what)
    def direction(o: Oracle, w: Tensor, a: float) -> Tensor:
        other = reading(o, split)
        adapted = w - a * (_seen(o, w, "in", other) if split == "in" else o.gradient(w, "in"))
        return _seen(o, adapted, "out", other) if split == "out" else o.gradient(adapted, "out")

    return direction


# ---- batches of other steps ---------------------------------------------------------------------------


def _shape(o: Oracle, batch: Tensor) -> tuple[str, tuple[int, ...]]:
    return o.problem.spec, tuple(batch.shape)


def _of_last_step(source: str) -> Reading:
    kept: dict[tuple[str, tuple[int, ...]], Tensor] = {}

    def read(o: Oracle, split: str) -> Tensor | None:
        now = o.batch(source)
        if now is None:
            return None
        last = kept.get(_shape(o, now), o.batch(split))
        kept[_shape(o, now)] = now
        return last

    return read


def _of_first_step(o_batches: dict[tuple[str, tuple[int, ...]], Tensor]) -> Reading:
    def read(o: Oracle, split: str) -> Tensor | None:
        now = o.batch(split)
        return None if now is None else o_batches.setdefault(_shape(o, now), now)

    return read


ROLES = (
    ("out", "out", "hess", "D_o reused as D_in"),
    ("in", "out", "out", "D_o reused as D_h"),
    ("hess", "out", "hess", "D_h reused as D_in"),
    ("out", "out", "out", "D_o for all three uses"),
    ("hess", "hess", "hess", "D_h for all three uses"),
)

SABOTAGES: Mapping[str, tuple[Direction, ...]] = MappingProxyType(
    {
        "maml": (
            *(maml_reading(*row) for row in ROLES),
            *(sometimes(share) for share in (0.1, 0.5)),
            first_task_reused,
            reused_where_flat,
            mixed_hessian,
            tenth_of_the_outer,
            *(
                maml_with(f"first_tasks_{s}", f"{NAMES[s]} of the first task used for all", s, _of_first_task)
                for s in NAMES
            ),
            *(noisier(s) for s in ("in", "out")),
            *(
                maml_with(f"last_{s}", f"{NAMES[s]} of the step before", s, _of_last_step(s))
                for s in NAMES
            ),
            *(
                maml_with(f"frozen_{s}", f"{NAMES[s]} drawn once and kept", s, _of_first_step({}))
                for s in NAMES
            ),
            maml_with("outer_then_inner", "D_o of the step before used as D_in", "in", _of_last_step("out")),
        ),
        "fo-maml": (
            fo_with("fo_first_tasks_in", "D_in of the first task used for every task", "in", _of_first_task),
            fo_with("fo_last_out", "D_o of the step before", "out", _of_last_step("out")),
        ),
        "hf-maml": (
            hf_reading("in", "out", "out", "out", "D_o reused as D_h"),
            hf_reading("out", "out", "hess", "hess", "D_o reused as D_in"),
            hf_reading("hess", "out", "hess", "hess", "D_h reused as D_in"),
            hf_reading("in", "out", "hess", "out", "Different samples at the two probes, D_o among them"),
        ),
    }
)  # fmt: skip
"""Sabotaged directions by the name they claim."""
