"""The constants of a problem, each with its formula, a certified enclosure and what a search found."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from bounds import arguments
from empirics import checks
from empirics.differentiation import differentiable
from empirics.problems.base import SUPREMA, Certificate, Problem
from empirics.problems.clock import Clock
from empirics.problems.intervals import outward
from empirics.problems.search import Found, least_objective_found, search
from empirics.threads import one_thread

ROUND_OFF = 1e-9
"""By how much, relatively, a found value may exceed a constant before it counts."""

REACHED = 1e-3
"""How close, relatively, a search must come to a constant that is called attained."""


def certify(
    problem: Problem,
    alpha: float | None = None,
    evaluations: int = 100_000,
    seed: int = 0,
    *,
    seconds: float = math.inf,
    progress: Callable[[pd.DataFrame], None] | None = None,
) -> pd.DataFrame:
    """Return one row per constant.

    Columns: ``constant``, ``value`` as declared, ``formula``, ``attained``; ``lower`` and ``upper``, an
    outward-rounded enclosure over the whole space of the constant, or of the bound that it is (NaN where the
    problem gives none; for Delta, from the smallest F found up to the declared bound); ``found``, the largest
    value that an optimiser met; ``status``: ``certified`` when the enclosure's upper end is the value up to
    round-off, ``declared`` when there is no enclosure, else ``too small`` (a larger value was met, or the
    enclosure is above it: the constant is wrong) or ``not reached`` (called attained, and the search came not near
    it: that refutes nothing); ``made``, the share of the evaluations that there was time for.

    Parameters
    ----------
    problem : Problem
        A family of this package or anyone's problem.
    alpha : float, optional
        Inner step at which Delta is wanted; all of (0, 1/L] by default.
    evaluations : int
        Evaluations of the optimiser, per constant. The table follows from them and the seed.
    seed : int
        Seed of the optimiser.
    seconds : float
        About how long the search may take; when it cuts it short, ``made`` is below 1 and the table depends on
        the machine. Each constant is looked at once at least.
    progress : callable, optional
        Called with the table so far, whenever a constant is done.
    """
    _require(problem, alpha, evaluations, seed)
    checks.seconds(seconds)
    arguments.progress(progress, "table")
    clock, rows = Clock(seconds), []
    declared = {name: c for name, c in problem.certificates(alpha).items() if name in _SEARCHED}
    enclosures = {name: outward(interval) for name, interval in problem.enclosures().items()}
    with one_thread(), differentiable():
        for number, (name, constant) in enumerate(declared.items()):
            share = clock.share(len(declared) - number)
            found = _found(problem, name, alpha, evaluations, seed, share)
            if name == "Delta" and enclosures:
                enclosures["Delta"] = (found.value, constant.value)
            rows.append(_row(name, constant, enclosures.get(name), found))
            if progress is not None:
                progress(pd.DataFrame(rows))
    return pd.DataFrame(rows)


def _require(problem: Problem, alpha: float | None, evaluations: int, seed: int) -> None:
    checks.problem(problem)
    if alpha is not None:
        checks.positive("alpha", alpha)
    checks.count("evaluations", evaluations)
    checks.seed(seed)


def _found(
    problem: Problem, name: str, alpha: float | None, evaluations: int, seed: int, clock: Clock
) -> Found:
    if name != "Delta":
        return search(problem, (name,), evaluations, seed, clock)[name]
    return _delta_found(problem, alpha, max(evaluations // 5, 1), seed, clock)


def status(certificate: Certificate, upper: float | None, found: float, error: float = 0.0) -> str:
    """Say what is known of one constant, given a lower bound and its error; a NaN counts as too small."""
    if not found <= certificate.value * (1 + ROUND_OFF) + 1e-12:
        return "too small"
    if upper is not None and not upper <= certificate.value * (1 + ROUND_OFF):
        return "too small"
    if certificate.attained and not found + error >= certificate.value * (1 - REACHED):
        return "not reached"
    return "declared" if upper is None else "certified"


_SEARCHED = (*SUPREMA, "Delta")


def _row(
    name: str, declared: Certificate, enclosure: tuple[float, float] | None, found: Found
) -> dict[str, Any]:
    lower, upper = enclosure or (math.nan, math.nan)
    return {
        "constant": name,
        "value": declared.value,
        "formula": declared.formula,
        "attained": declared.attained,
        "lower": lower,
        "upper": upper,
        "found": found.value,
        "status": status(declared, enclosure and upper, found.value, found.error),
        "made": found.made,
    }


def _delta_found(problem: Problem, alpha: float | None, evaluations: int, seed: int, clock: Clock) -> Found:
    L = problem.constants(alpha).L
    steps, gaps, ended = [x / L for x in (1e-3, 0.1, 0.5, 1.0)] if alpha is None else [alpha], [], 0
    for number, step in enumerate(steps):
        share = clock.share(len(steps) - number)
        least = least_objective_found(problem, step, evaluations, seed, share)
        gaps.append(float(problem.objective(problem.start, step)) - least)
        ended += not share.over
    return Found(max(gaps), 0, problem.start, problem.start, made=ended / len(steps))
