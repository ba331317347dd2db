r"""The cosine family: one two-task problem on which FO-MAML stays away from stationarity, for every small alpha.

Units L = sigma = 1: m = 1/8, k = 7/8, k w_s = -19/20, p(w) = cos(k w), and the tasks' gradients are
``m (w - w_s) +- p(w)``.  With s = m (w - w_s) the mean adapted gradient and the meta-gradient are

    phi    = (1 - a m) s + sin(k (w - a s)) sin(k a p)
    grad F = (1 - a m) phi + a k sin(k w) [cos(k (w - a s)) cos(k a p) - a m p].

From w_s the iterates increase to the first zero of phi, and |grad F| >= ratio * a on the way.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from bounds.derivation.intervals import Interval
from bounds.derivation.outcome import Answer, Outcome

CURVATURE, START = sp.Rational(1, 8), sp.Rational(-19, 20)
CELLS, SLICES = 400, 160
TIGHTER = sp.Rational(104, 100)


def decide_lower(ratio: sp.Rational, limit: sp.Rational) -> Outcome:
    """Prove |grad F| >= ratio * alpha L sigma along the path for all alpha L in (0, limit]."""
    ends = np.linspace(0.0, np.nextafter(float(limit), np.inf), CELLS + 1)
    alpha = Interval(ends[:-1], ends[1:])
    reach = _reach(alpha)
    stops = bool(np.all(_map(alpha, reach).low > 0) and np.all(_map(alpha, _point(0.0, alpha)).high < 0))
    least, seen = np.inf, np.inf
    for i in range(SLICES):
        inside = Interval(reach.high * (i / SLICES), reach.high * ((i + 1) / SLICES))
        gradient = _gradient(alpha, inside)
        before = _map(alpha, inside).high < 0
        least = min(least, float(np.min(-gradient.high)))
        seen = min(seen, float(np.min(np.where(before, -gradient.low, np.inf))))
    detail = {"certified ratio": least, "ratio seen on the path": seen, "cells": CELLS * SLICES}
    tight = float(ratio * TIGHTER)
    control: Answer = "refuted" if seen < tight else "proved" if stops and least >= tight else "unknown"
    if stops and least >= float(ratio):
        return Outcome("proved", True, (control,), detail)
    return Outcome("refuted" if seen < float(ratio) else "unknown", True, (control,), detail)


def _reach(alpha: Interval) -> Interval:
    """Return, for every cell, a scaled distance z with w = w_s + alpha z at which phi is positive."""
    z = np.zeros(CELLS)
    for step in (0.5, 0.05, 0.005):
        for _ in range(400):
            low = _map(alpha, Interval(z, z)).low
            z = np.where(low > 0, z, z + step)
        z = np.maximum(z - step, 0.0) if step > 0.01 else z
    return Interval(z, z)


def _point(value: float, like: Interval) -> Interval:
    return Interval(np.full_like(like.low, value), np.full_like(like.low, value))


def _parts(alpha: Interval, z: Interval) -> tuple[Interval, ...]:
    m, k = Interval.exact(CURVATURE), Interval.exact(1 - CURVATURE)
    angle = Interval.exact(START) + k * alpha * z
    p = angle.cos()
    s_over_alpha = m * z
    shifted = angle - k * alpha * alpha * s_over_alpha
    turn = k * alpha * p
    return m, k, angle, p, s_over_alpha, shifted, turn


def _map(alpha: Interval, z: Interval) -> Interval:
    """Enclose phi / alpha; sin(u)/u lies in [1 - u^2/6, 1]."""
    m, k, _, p, s, shifted, turn = _parts(alpha, z)
    sinc = Interval(1 - np.nextafter(turn.high, np.inf) ** 2 / 5.9, np.ones_like(turn.high))
    return (Interval.exact(1) - alpha * m) * s + shifted.sin() * k * p * sinc


def _gradient(alpha: Interval, z: Interval) -> Interval:
    """Enclose grad F / alpha."""
    m, k, angle, p, _, shifted, turn = _parts(alpha, z)
    bracket = shifted.cos() * turn.cos() - alpha * m * p
    return (Interval.exact(1) - alpha * m) * _map(alpha, z) + k * angle.sin() * bracket
