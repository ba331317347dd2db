"""``falsify``: maximise left side over right side from many starts, look again; ``measured`` for the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from bounds import arguments
from bounds.bound import Statement
from bounds.errors import InputError, unknown
from bounds.ledger import Worst
from validate.instances.climbing import climb
from validate.instances.free import KNOWN
from validate.instances.search import Search, about, falsifiable, targets

ABOVE = 1e-9
"""How far above 1 a ratio must lie to count: ratios of attained bounds are 1 up to round-off."""
ROUNDS, RESTARTS = 100, 64
"""How much is searched for the ledger."""


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
    inside : int
        How many of them the statement is about: at the others it says nothing, or there is no instance.
    """

    claim: str
    ratio: float
    broken: bool
    instance: dict[str, Any]
    tried: int
    seed: int = 0
    inside: int = 0


def check_claims(claims: Sequence[str]) -> list[str]:
    """Return the claims, each once; raise InputError for one that cannot be searched."""
    for claim in claims:
        if not isinstance(claim, str):
            raise unknown("claim", claim, falsifiable())
        if claim not in falsifiable():
            raise _refused(claim)
    return list(dict.fromkeys(claims))


def _refused(claim: str) -> InputError:
    """Return why a claim cannot be searched: it is none, or what a statement of this name lacks for it."""
    st = targets().get(claim)
    if st is None:
        return unknown("CLAIM", claim, falsifiable())
    remedy = "give a search of it: over(statement, numbers, seen) from validate.instances.sampled"
    if st.standing.kind == "order":
        return InputError("CLAIM", claim, "leaves its constant factor open: no number can break it")
    if st.left is None:
        allowed = "has no left side (left=...) and no search: there is nothing to compare it with"
        return InputError("CLAIM", claim, allowed, remedy)
    missing = ", ".join(name for name in st.symbols if name not in KNOWN)
    what = f"a value of {missing}" if missing else f"its left side, which is of {st.left.of!r}"
    return InputError("CLAIM", claim, f"cannot be searched: no instance gives {what}", remedy)


def falsify(claim: str, *, seed: int = 0, rounds: int = 300, restarts: int = 64) -> Finding:
    """Search for an instance inside the assumptions that breaks a claim, from a neutral start and random ones.

    Parameters
    ----------
    claim : str
        One of :func:`validate.instances.falsifiable`.
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
    for name, value, least in (("seed", seed, 0), ("rounds", rounds, 1), ("restarts", restarts, 1)):
        arguments.count(name, value, least)
    return against(targets()[claim], seed, rounds, restarts)


def against(st: Statement, seed: int = 0, rounds: int = 300, restarts: int = 64) -> Finding:
    """Search against a statement as it is given, which may be an altered one."""
    rng = np.random.default_rng(seed)
    found = [_climbed(one, st, rng, rounds, restarts) for one in about(st) if one.size]
    return replace(worst(found), seed=seed)


def falsify_for(seconds: float, claims: Sequence[str], *, seed: int = 0, **size: int) -> Iterator[Finding]:
    """Search claim after claim with ever new seeds until the time is over, and yield every search's finding.

    Each claim is searched at least once. ``size`` is passed on to :func:`falsify`.
    """
    end, seeds = time.monotonic() + seconds, count(seed) if claims else ()
    for key, claim in ((key, claim) for key in seeds for claim in claims):
        if key > seed and not (time.monotonic() < end):
            return
        yield falsify(claim, seed=key, **size)


def worst(findings: Sequence[Finding]) -> Finding:
    """Return the finding that came nearest, or farthest beyond, with all that was tried."""
    top = max(findings, key=lambda found: (found.broken, found.ratio))
    tried, inside = (sum(getattr(found, name) for found in findings) for name in ("tried", "inside"))
    return replace(top, tried=tried, inside=inside)


def measured(st: Statement, seed: int = 0) -> Worst | None:
    """Return the worst ratio of left to right side over instances; None where nothing can be measured."""
    rng = np.random.default_rng(seed)
    found = [_seen(one, st, rng, seed) for one in about(st) if one.ledger]
    if not found:
        return None
    ratio = max((one.ratio for one in found), key=lambda value: np.inf if np.isnan(value) else value)
    return Worst(ratio, sum(one.instances for one in found))


def _seen(one: Search, st: Statement, rng: np.random.Generator, seed: int) -> Worst:
    if not one.size:
        return Worst(float(one.ratios(st, np.zeros((1, 0)), seed)[0]), one.instances)
    found = _climbed(one, st, rng, ROUNDS, RESTARTS)
    return Worst(found.ratio, found.tried)


def _climbed(one: Search, st: Statement, rng: np.random.Generator, rounds: int, restarts: int) -> Finding:
    climbs, steps = max(2, restarts // one.slow), max(1, rounds // one.slow)
    starts = rng.standard_normal((climbs, one.size))
    starts[0] = 0.0
    key = int(rng.integers(2**31))
    seen = []

    def score(points: np.ndarray) -> np.ndarray:
        ratios = one.ratios(st, points, key)
        seen.append(np.count_nonzero(~np.isnan(ratios)))
        return ratios

    points, values = climb(score, starts, rng, steps)
    broken, values = _confirmed(one, st, points, values, key + 1)
    top = int(np.argmax(broken if broken.any() else values))
    count = {"tried": climbs * (steps + 1) * one.instances, "inside": int(sum(seen)) * one.instances}
    if not values[top] > -np.inf:
        return Finding(st.name, -np.inf, False, {}, **count)
    return Finding(st.name, float(values[top]), bool(broken[top]), one.shown(st, points[top]), **count)


def _confirmed(
    one: Search, st: Statement, points: np.ndarray, values: np.ndarray, key: int
) -> tuple[np.ndarray, np.ndarray]:
    """Look again at what seems broken until one is: which are, and the ratios, those that are not as seen then.

    The worst is looked at first, and where the second look is random, alone: its error is that of one look.
    """
    broken, values = np.zeros(len(values), bool), values.copy()
    for row in np.argsort(-values)[: 1 if one.again else None]:
        if broken.any() or not values[row] > 1 + ABOVE:
            break
        again = one.ratio_again(st, points[row], key)
        broken[row] = again > 1 + ABOVE
        if not broken[row]:
            values[row] = np.nan_to_num(again, nan=-np.inf)
    return broken, values
