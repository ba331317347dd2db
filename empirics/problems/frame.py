"""Points that remember their waves, and batches of wave noise that are drawn as far as they are looked at."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor


class Point:
    """Coordinates z, which remember their angles, sines and cosines.

    Parameters
    ----------
    z : Tensor
        Coordinates, shape ``(..., dim)``.
    w : Tensor, optional
        The point that they belong to, by which it is known again; z itself where it is not given.
    """

    def __init__(self, z: Tensor, w: Tensor | None = None) -> None:
        self.z = z
        self.w = z if w is None else w
        self._waves: dict[float, tuple[Tensor, Tensor]] = {}
        self._angle: tuple[Tensor, Tensor] | None = None

    def angle(self, k: float, phases: Tensor) -> Tensor:
        r"""Return :math:`kz + \varphi`, computed once for the same phases."""
        if self._angle is None or self._angle[0] is not phases:
            self._angle = phases, torch.add(phases, self.z, alpha=k)
        return self._angle[1]

    def waves(self, k: float) -> tuple[Tensor, Tensor]:
        """Return ``(cos kz, sin kz)``, computed once for each wave number k."""
        if k not in self._waves:
            phase = k * self.z
            self._waves[k] = (torch.cos(phase), torch.sin(phase))
        return self._waves[k]


class Frame:
    r"""A batch of the pair oracle, drawn as far as it is looked at.

    With :math:`z_0` any point, :math:`\xi = \theta\cos\nu z_0 + \theta'\sin\nu z_0` and
    :math:`\eta = \theta'\cos\nu z_0 - \theta\sin\nu z_0` are independent and normal: the pair
    :math:`(\theta, \theta')` is turned. So a gradient at :math:`z_0` takes :math:`\xi` alone and a Hessian
    :math:`\eta` alone, without a sine; any other point takes both, turned by its way from :math:`z_0`. Which
    function of the point the batch is depends on :math:`z_0`; its law does not. It is where the step begins if
    :meth:`begin` says so, else the first point that is asked for.

    Parameters
    ----------
    first, second : callable
        Give :math:`\xi` and :math:`\eta`, standard normal, ``(*S, dim)``.
    D : int
        Size of the batch.
    """

    def __init__(self, first: Callable[[], Tensor], second: Callable[[], Tensor], D: int) -> None:
        self.first, self.second = first, second
        self.scale = 1 / math.sqrt(D)
        """What the numbers are multiplied by, that they are the mean of D samples."""
        self._origin: tuple[Tensor, float, Tensor] | None = None
        self._z: Callable[[], Tensor]

    def begin(self, w: Tensor, coordinates: Callable[[Tensor], Tensor]) -> None:
        """Let :math:`z_0` be where w is now."""
        kept = w.clone()
        self._origin, self._z = (w, _version(w), kept), lambda: coordinates(kept)

    def starts_at(self, p: Point) -> bool:
        """Whether a point is :math:`z_0`: the very tensor, and not changed since."""
        if self._origin is None:
            self.begin(p.w, lambda kept: kept if p.z is p.w else p.z)
            return not p.w.is_inference()
        w, version, kept = self._origin
        return p.w is w and _version(w) == version and _same_bits(w, kept)

    def turn(self, p: Point, wavenumber: float) -> tuple[Tensor, Tensor]:
        r"""Return cosine and sine of :math:`\nu(z - z_0)`, by which :math:`(\xi, \eta)` is turned."""
        angle = torch.add(-wavenumber * self._z(), p.z, alpha=wavenumber)
        return torch.cos(angle), torch.sin(angle)


def _version(w: Tensor) -> float:
    """Return how often a tensor was changed in place; NaN, which equals nothing, where that is not counted."""
    return math.nan if w.is_inference() else w._version


def _same_bits(w: Tensor, kept: Tensor) -> bool:
    """Whether no number is another one: writing through ``.data`` is not counted. A card is not waited for."""
    return not w.is_cpu or torch.equal(w.view(torch.int64), kept.view(torch.int64))
