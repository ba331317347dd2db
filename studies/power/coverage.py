"""How often an interval misses the mean, over how often it may, for laws with and without heavy tails."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from empirics.streams import generator
from validate.statistics import least_observations, mean_interval
from validate.statistics.betting import log_capital

SIZES = (8, 64, 1000)
LOOKS = (0.02, 0.005)
"""Two-sided errors of one look: what some 25 and some 400 claims leave to each of two looks."""
TRIALS, BLOCK = 5000, 500
RARE, LARGE = 1 / 500, 500.0


@dataclass(frozen=True)
class Law:
    """A law on [0, inf): how to draw from it, its mean, and its largest value when that is known."""

    draw: Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
    mean: float
    top: float = math.inf


def _log_normal(spread: float) -> Law:
    return Law(lambda rng, shape: rng.lognormal(0.0, spread, shape), math.exp(spread**2 / 2))


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "exponential": Law(lambda rng, shape: rng.exponential(1.0, shape), 1.0),
        "log-normal (1)": _log_normal(1.0),
        "log-normal (1.5)": _log_normal(1.5),
        "Pareto (2.5)": Law(lambda rng, shape: 1 + rng.pareto(2.5, shape), 2.5 / 1.5),
        "500, 1 in 500": Law(
            lambda rng, shape: np.where(rng.random(shape) < RARE, LARGE, rng.random(shape)),
            RARE * LARGE + (1 - RARE) / 2,
            LARGE,
        ),
    }
)
"""The laws; the last one is uniform on [0, 1] but for rare large values."""


@dataclass(frozen=True)
class Misses:
    """Misses over what is allowed, ``error / 2`` on each side; NaN where no interval is given.

    Attributes
    ----------
    law : str
    n : int
    error : float
    short : float
        The asymptotic interval lies below the mean.
    long : float
        The asymptotic interval lies above it.
    betting : float
        The lower end by betting lies above the mean.
    known : float
        The upper end by betting, the range known, lies below the mean.
    """

    law: str
    n: int
    error: float
    short: float
    long: float
    betting: float
    known: float


def coverage(trials: int = TRIALS, seed: int = 0) -> Iterator[Misses]:
    """Yield the misses of every law, size and error."""
    for name in LAWS:
        for n in SIZES:
            for error in LOOKS:
                yield misses(name, n, error, trials, seed)


def misses(name: str, n: int, error: float, trials: int = TRIALS, seed: int = 0) -> Misses:
    """Draw samples and count the intervals that miss the mean."""
    rng, counts = generator(seed, f"coverage/{name}", n, "in"), np.zeros(4)
    for _ in range(0, trials, BLOCK):
        counts += _count(LAWS[name], LAWS[name].draw(rng, (BLOCK, n)), error)
    share = counts / (math.ceil(trials / BLOCK) * BLOCK) / (error / 2)
    return Misses(name, n, error, *share.tolist())


def _count(law: Law, samples: np.ndarray, error: float) -> np.ndarray:
    won = math.log(2 / error)
    short = long = known = math.nan
    if samples.shape[1] >= least_observations(error):
        made = [mean_interval(sample, error) for sample in samples]
        short, long = sum(i.upper < law.mean for i in made), sum(i.lower > law.mean for i in made)
    betting = (log_capital(samples, law.mean, error / 2) >= won).sum()
    if law.top < math.inf:
        known = (log_capital(law.top - samples, law.top - law.mean, error / 2) >= won).sum()
    return np.array([short, long, betting, known], float)
