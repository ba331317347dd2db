"""Interval arithmetic on arrays of boxes, every operation rounded outwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import SupportsFloat

import numpy as np

Array = np.ndarray


@dataclass(frozen=True)
class Interval:
    """Arrays of lower and upper ends; one entry is one box of a subdivision."""

    low: Array
    high: Array

    @classmethod
    def exact(cls, value: SupportsFloat) -> Interval:
        """Enclose a rational number."""
        number = float(value)
        return cls(np.asarray(np.nextafter(number, -np.inf)), np.asarray(np.nextafter(number, np.inf)))

    def __add__(self, other: Interval) -> Interval:
        return _outward(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return _outward(np.minimum.reduce(corners), np.maximum.reduce(corners))

    def inverse(self) -> Interval:
        """Return the reciprocal; boxes that contain zero become the whole line."""
        crosses = (self.low <= 0) & (self.high >= 0)
        with np.errstate(divide="ignore"):
            low, high = 1 / np.where(crosses, 1.0, self.high), 1 / np.where(crosses, 1.0, self.low)
        whole = _outward(low, high)
        return Interval(np.where(crosses, -np.inf, whole.low), np.where(crosses, np.inf, whole.high))

    def power(self, n: int) -> Interval:
        """Return a whole power; even powers know that they are nonnegative."""
        if n < 0:
            return self.power(-n).inverse()
        if n == 1:
            return self
        if n % 2 == 0:
            size = np.maximum(abs(self.low), abs(self.high))
            crosses = (self.low <= 0) & (self.high >= 0)
            least = np.where(crosses, 0.0, np.minimum(abs(self.low), abs(self.high)))
            square = _outward(least * least, size * size)
            half = Interval(np.maximum(square.low, 0.0), square.high)
            return half if n == 2 else half.power(n // 2)
        return self * self.power(n - 1)

    def sqrt(self) -> Interval:
        """Return the square root; negative ends are cut at zero."""
        found = _outward(np.sqrt(np.maximum(self.low, 0.0)), np.sqrt(np.maximum(self.high, 0.0)))
        return Interval(np.maximum(found.low, 0.0), found.high)

    def sin(self) -> Interval:
        """Return the sine, with a margin of four units in the last place, for arguments within [-pi/2, pi/2]."""
        if not (np.all(self.low >= -1.57) and np.all(self.high <= 1.57)):
            raise ValueError("the sine is enclosed on [-pi/2, pi/2] only")
        return _outward(np.sin(self.low), np.sin(self.high), 4)

    def cos(self) -> Interval:
        """Return the cosine, in the same way."""
        if not (np.all(self.low >= -1.57) and np.all(self.high <= 1.57)):
            raise ValueError("the cosine is enclosed on [-pi/2, pi/2] only")
        ends = np.cos(self.low), np.cos(self.high)
        top = np.where((self.low <= 0) & (self.high >= 0), 1.0, np.maximum(*ends))
        return _outward(np.minimum(*ends), top, 4)


def minimum(a: Interval, b: Interval) -> Interval:
    """Return the smaller of two."""
    return Interval(np.minimum(a.low, b.low), np.minimum(a.high, b.high))


def maximum(a: Interval, b: Interval) -> Interval:
    """Return the larger of two."""
    return Interval(np.maximum(a.low, b.low), np.maximum(a.high, b.high))


def _outward(low: Array, high: Array, ulps: int = 1) -> Interval:
    for _ in range(ulps):
        low, high = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
    return Interval(low, high)
