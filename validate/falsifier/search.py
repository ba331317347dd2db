"""``falsify``: maximise left side over right side from many starts, then look again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, cycle
from typing import Any

import numpy as np

from bounds.errors import InputError
from validate.falsifier import jets, plateaus, runs

ABOVE = 1e-9
"""How far above 1 a ratio must lie to count: ratios of attained bounds are 1 up to round-off."""
SHAPES = ((2, 1), (3, 1), (2, 2), (3, 2))


@dataclass(frozen=True)
class Finding:
    """What a search found.

    Attributes
    ----------
    claim : str
    ratio : float
        Largest left side over right side.
    broken : bool
        Whether the second look confirmed a ratio above 1.
    instance : dict
        Where it is.
    tried : int
        Instances that were evaluated.
    seed : int
        Key of the search that found it.
    """

    claim: str
    ratio: float
    broken: bool
    instance: dict[str, Any]
    tried: int
    seed: int = 0


def falsifiable() -> tuple[str, ...]:
    """Return the names of the claims that can be searched."""
    return (*jets.lemmas(), *plateaus.STOPS, *runs.GUARANTEES)


def check_claims(claims: Sequence[str]) -> list[str]:
    """Return the claims, each once; raise InputError for one that cannot be searched."""
    for claim in claims:
        if claim not in falsifiable():
            raise InputError("CLAIM", claim, f"must be one of {', '.join(falsifiable())}")
    return list(dict.fromkeys(claims))


def falsify(claim: str, *, seed: int = 0, rounds: int = 300, restarts: int = 64) -> Finding:
    """Search for an instance inside the assumptions that breaks a claim, from a neutral start.

    Parameters
    ----------
    claim : str
        One of :func:`falsifiable`.
    seed : int
    rounds : int
        Steps of every climb.
    restarts : int
        Climbs that run side by side.

    Raises
    ------
    InputError
        When the claim is not one that can be searched.
    """
    check_claims([claim])
    rng = np.random.default_rng(seed)
    if claim in jets.lemmas():
        found = _search_jets(claim, rng, rounds, restarts)
    elif claim in plateaus.STOPS:
        found = _search_plateaus(claim, rng, rounds)
    else:
        found = _search_runs(claim, rng, rounds, restarts)
    return replace(found, seed=seed)


def falsify_for(seconds: float, claims: Sequence[str], *, seed: int = 0, **size: int) -> Iterator[Finding]:
    """Search claim after claim with ever new seeds until the time is over, and yield every search's finding.

    Each claim is searched at least once. ``size`` is passed on to :func:`falsify`.
    """
    end = time.monotonic() + seconds
    numbers = count(seed)
    for turn, claim in zip(count(), cycle(claims), strict=False):
        if turn % len(claims) == 0:
            key = next(numbers)
        if turn >= len(claims) and not (time.monotonic() < end):
            return
        yield falsify(claim, seed=key, **size)


def worst(findings: Sequence[Finding]) -> Finding:
    """Return the finding that came nearest, or farthest beyond, with all that was tried."""
    top = max(findings, key=lambda found: (found.broken, found.ratio))
    return replace(top, tried=sum(found.tried for found in findings))


def _search_jets(claim: str, rng: np.random.Generator, rounds: int, restarts: int) -> Finding:
    reach, best = jets.reach(claim), Finding(claim, 0.0, False, {}, 0)
    for n, d in SHAPES:

        def score(points: np.ndarray, n: int = n, d: int = d) -> np.ndarray:
            return jets.ratio(claim, jets.decode(points, n, d, reach))

        points, values = _climb(score, rng.standard_normal((restarts, jets.size(n, d))), rng, rounds)
        top = int(np.argmax(values))
        if values[top] > best.ratio:
            found = jets.decode(points[top : top + 1], n, d, reach)
            again = float(jets.ratio(claim, found)[0])
            instance = {"alpha L": float(found.alpha[0]), "g": found.g[0].tolist(), "H": found.H[0].tolist()}
            instance["mean H"] = found.mean_H[0].tolist()
            best = Finding(claim, again, again > 1 + ABOVE, instance, 0)
    return Finding(claim, best.ratio, best.broken, best.instance, len(SHAPES) * restarts * (rounds + 1))


def _search_plateaus(claim: str, rng: np.random.Generator, rounds: int) -> Finding:
    reach = plateaus.STOPS[claim].reach

    def score(points: np.ndarray) -> np.ndarray:
        return np.array([plateaus.ratio(claim, plateaus.decode(point, reach)) for point in points])

    starts = np.concatenate([np.zeros((1, 3)), rng.standard_normal((3, 3))])
    points, values = _climb(score, starts, rng, max(1, rounds // 10), widest=0.0)
    instance = plateaus.decode(points[int(np.argmax(values))], reach)
    ratio = float(np.max(values))
    broken = ratio > 1 + ABOVE and plateaus.confirmed(claim, instance) > 1 + ABOVE
    where = {"m/L": instance.m_share, "kappa w_s": instance.offset, "alpha L": instance.alpha}
    return Finding(claim, ratio, broken, where, len(starts) * (max(1, rounds // 10) + 1))


def _search_runs(claim: str, rng: np.random.Generator, rounds: int, restarts: int) -> Finding:
    key, steps = int(rng.integers(2**31)), max(1, rounds // 10)

    def score(points: np.ndarray) -> np.ndarray:
        return np.array([runs.ratio(claim, runs.decode(point), key) for point in points])

    starts = rng.standard_normal((max(2, restarts // 8), runs.NUMBERS))
    points, values = _climb(score, starts, rng, steps)
    trial = runs.decode(points[int(np.argmax(values))])
    ratio = float(np.max(values))
    broken = ratio > 1 and runs.confirmed(claim, trial, key + 1) > 1
    return Finding(claim, ratio, broken, trial.to_dict(), len(starts) * (steps + 1))


def _climb(
    score: Callable[[np.ndarray], np.ndarray],
    points: np.ndarray,
    rng: np.random.Generator,
    rounds: int,
    widest: float = 0.5,
) -> tuple[np.ndarray, np.ndarray]:
    best, value = points.copy(), np.nan_to_num(score(points), nan=-np.inf, posinf=-np.inf)
    for _ in range(rounds):
        size = 10 ** rng.uniform(-4, widest, (len(best), 1))
        trial = best + size * rng.standard_normal(best.shape)
        found = np.nan_to_num(score(trial), nan=-np.inf, posinf=-np.inf)
        better = found > value
        best[better], value = trial[better], np.where(better, found, value)
    return best, value
