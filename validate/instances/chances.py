"""What the axioms on chances say of small spaces whose outcomes are counted: the left side and the right one."""

from __future__ import annotations

import math
from itertools import product

import numpy as np


def markov(theta: np.ndarray) -> tuple[float, float]:
    """Three values with weights, and a level."""
    weights, values = np.exp(theta[:3]), np.abs(theta[3:6])
    weights, level = weights / weights.sum(), abs(theta[6]) + 1e-6
    return float(weights[values > level].sum()), float(weights @ values) / level


def all_events(theta: np.ndarray) -> tuple[float, float]:
    """Two coins, the four outcomes counted."""
    p, q = 1 / (1 + np.exp(-theta))
    outcomes = {(a, b): (p if a else 1 - p) * (q if b else 1 - q) for a in (0, 1) for b in (0, 1)}
    marginals = [sum(v for k, v in outcomes.items() if k[side]) for side in (0, 1)]
    return float(outcomes[1, 1]), float(marginals[0] * marginals[1]) * (1 + 1e-12)


def median(theta: np.ndarray) -> tuple[float, float]:
    """Three independent numbers, each below, in or above an interval: the chance that their median is not."""
    each = np.exp(4 * theta.reshape(3, 3))
    each /= each.sum(1, keepdims=True)
    outside = each[:, 0] + each[:, 2]
    lost = [places for places in product(range(3), repeat=3) if sorted(places)[1] != 1]
    left = sum(math.prod(each[i, place] for i, place in enumerate(places)) for places in lost)
    return float(left), float(3 * outside.max() ** 2) * (1 + 1e-12)
