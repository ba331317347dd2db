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
    function of the point the batch is depends on :math:`z_0`; its law does not. It is the point of :meth:`begin`,
    else the first one that is asked for.

    It is for those who know it, and change no tensor in place: a point is known by its tensor. For anybody else
    it is settled as the pair.

    Parameters
    ----------
    first, second : callable
        Give :math:`\xi` and :math:`\eta`, standard normal, ``(*S, dim)``.
    D : int
        Size of the batch.
    wavenumber : float
        The wave number :math:`\nu` of the noise.
    coordinates : callable
        From points to their coordinates z.
    """

    def __init__(
        self,
        first: Callable[[], Tensor],
        second: Callable[[], Tensor],
        D: int,
        wavenumber: float,
        coordinates: Callable[[Tensor], Tensor],
    ) -> None:
        self.first, self.second = first, second
        self.scale = 1 / math.sqrt(D)
        """What the numbers are multiplied by, that they are the mean of D samples."""
        self._wavenumber, self._coordinates = wavenumber, coordinates
        self._origin: Tensor | None = None

    def begin(self, w: Tensor) -> None:
        """Let :math:`z_0` be where w is."""
        self._origin = w

    def starts_at(self, p: Point) -> bool:
        """Whether a point is :math:`z_0`: the very tensor."""
        if self._origin is None:
            self._origin = p.w
        return p.w is self._origin

    def turn(self, p: Point) -> tuple[Tensor, Tensor]:
        r"""Return cosine and sine of :math:`\nu(z - z_0)`, by which :math:`(\xi, \eta)` is turned."""
        assert self._origin is not None
        start = self._coordinates(self._origin)
        angle = torch.add(-self._wavenumber * start, p.z, alpha=self._wavenumber)
        return torch.cos(angle), torch.sin(angle)

    def settled(self, w: Tensor | None) -> Tensor:
        r"""Return :math:`(\theta, \theta')/\sqrt D`, side by side; :math:`z_0` is where w is, or 0.

        A coordinate that is no finite number is taken for 0: a batch has numbers wherever it is looked at.
        """
        xi, eta = self.first(), self.second()
        if w is None:
            return torch.cat((xi, eta), -1) * self.scale
        z = torch.nan_to_num(self._coordinates(w), 0.0, 0.0, 0.0)
        cos, sin = Point(z).waves(self._wavenumber)
        cos, sin = cos * self.scale, sin * self.scale
        theta = torch.addcmul(xi * cos, eta, sin, value=-1)
        return torch.cat((theta, torch.addcmul(xi * sin, eta, cos)), -1)
