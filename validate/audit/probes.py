"""Probes: two points between which a gradient is differenced, as they were looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from validate.audit.clipping import Clip, clip
from validate.audit.sheet import Sheet
from validate.audit.walking import sizes
from validate.tolerance import norm

LEAST = 1e-200
"""Keeps a ratio of lengths finite where a probe was not taken."""


@dataclass(frozen=True)
class Probe:
    """How a difference is taken.

    Attributes
    ----------
    kind : {"central", "one-sided", "per-tensor", "five-point", "nested"}
        Nested: one central difference an inner step, each at its own point. Five-point: two more points, twice as
        far, make the error of fourth order.
    plus, minus : Tensor, shape (Q, B, d), optional
        The two points, where they were seen.
    splits : (str, str)
        The batches at the two points.
    length, delta : float
        The rule where no points were seen: a length, or a factor of the vector; 0 where it is not the rule.
    """

    kind: str
    plus: Tensor | None = None
    minus: Tensor | None = None
    splits: tuple[str, str] = ("hess", "hess")
    length: float = 0.0
    delta: float = 0.0

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other probes on the same sheet."""
        return self.kind, self.splits, self.length, self.delta, id(self.plus), id(self.minus)

    @property
    def lengths(self) -> Tensor:
        """How far the points are from their middle, or apart where the difference is one-sided, (Q, B)."""
        assert self.plus is not None
        assert self.minus is not None
        way = norm(self.plus - self.minus)
        return way if self.kind == "one-sided" else way / 2

    @property
    def median(self) -> float:
        """The median length of those that were seen, or the length of the rule."""
        return self.length if self.plus is None else float(self.lengths.median())

    @property
    def anywhere(self) -> Probe:
        """Its rule for other sheets than that on which its points were seen."""
        return self if self.plus is None else Probe("nested", length=self.median)


def centred(sheet: Sheet, probe: Probe) -> Probe:
    """Return the central difference of the length of a one-sided one; any other probe as it is."""
    if probe.kind != "one-sided" or probe.plus is None or probe.minus is None:
        return probe
    way = probe.plus - probe.minus
    return replace(probe, kind="central", plus=sheet.start + way, minus=sheet.start - way)


def difference(
    sheet: Sheet, probe: Probe, path: list[Tensor], v: Tensor, split: str, cut: Clip | None = None
) -> Tensor:
    """Return what a probe gives for the Hessian term, (Q, B, d)."""
    if probe.plus is None or probe.minus is None:
        return _nested(sheet, probe, path, v, split, cut)
    across = _across(sheet, probe.plus, probe.minus, probe.splits, cut)
    if probe.kind == "five-point":
        half = (probe.plus - probe.minus) / 2
        far = _across(sheet, probe.plus + half, probe.minus - half, probe.splits, cut)
        across = (8 * across - far) / 6
    if probe.kind == "per-tensor":
        ratio = _per_tensor(sheet, v, (probe.plus - probe.minus) / 2)
    else:
        ratio = (norm(v) / probe.lengths.clamp(min=LEAST)).unsqueeze(-1)
    ratio = ratio * ((probe.plus - probe.minus) * v).sum(-1, keepdim=True).sign()
    halves = 1.0 if probe.kind == "one-sided" else 2.0
    return -sheet.steps * across / halves * ratio


def _across(sheet: Sheet, plus: Tensor, minus: Tensor, splits: tuple[str, str], cut: Clip | None) -> Tensor:
    """Return how far the gradients at two points are apart."""
    return clip(sheet.gradient(plus, splits[0]), cut) - clip(sheet.gradient(minus, splits[1]), cut)


def _nested(
    sheet: Sheet, probe: Probe, path: list[Tensor], v: Tensor, split: str, cut: Clip | None
) -> Tensor:
    z = v
    for point in reversed(path[:-1] or path):
        size = norm(z).unsqueeze(-1).clamp(min=LEAST)
        e = probe.length * z / size if probe.length else probe.delta * z
        both = [clip(sheet.gradient(point + s * e, split), cut) for s in (1, -1)]
        z = z - sheet.steps * (both[0] - both[1]) / (2 * norm(e).unsqueeze(-1).clamp(min=LEAST)) * size
    return z - v


def _per_tensor(sheet: Sheet, v: Tensor, e: Tensor) -> Tensor:
    parts = zip(v.split(sizes(sheet), -1), e.split(sizes(sheet), -1), strict=True)
    each = [(norm(a) / norm(b).clamp(min=LEAST)).unsqueeze(-1).expand_as(a) for a, b in parts]
    return torch.cat(each, -1)
