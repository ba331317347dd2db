"""The constants of a problem, each with its formula, a certified enclosure and what a search found."""

from __future__ import annotations

import math

import pandas as pd

from empirics.problems.base import Certificate, Problem
from empirics.problems.intervals import outward
from empirics.problems.search import least_objective_found, search

ROUND_OFF = 1e-9
"""By how much, relatively, a found value may exceed a constant before it counts."""

REACHED = 1e-3
"""How close, relatively, a search must come to a constant that is called attained."""


def certify(
    problem: Problem, alpha: float | None = None, evaluations: int = 100_000, seed: int = 0
) -> pd.DataFrame:
    """Return one row per constant.

    Columns: ``constant``, ``value`` as declared, ``formula``, ``attained``; ``lower`` and ``upper``, an
    outward-rounded enclosure over the whole space of the constant, or of the bound that it is (NaN where the
    problem gives none; for Delta, from the smallest F found up to the declared bound); ``found``, the largest
    value that an optimiser met; ``status``: ``certified`` when the enclosure's upper end is the value up to
    round-off, ``declared`` when there is no enclosure, else ``too small`` or ``not reached``.

    Parameters
    ----------
    problem : Problem
        A family of this package or anyone's problem.
    alpha : float, optional
        Inner step at which Delta is wanted; all of (0, 1/L] by default.
    evaluations : int
        Evaluations of the optimiser, per constant.
    seed : int
        Seed of the optimiser.
    """
    declared = {name: c for name, c in problem.certificates(alpha).items() if name in _SEARCHED}
    enclosures = {name: outward(interval) for name, interval in problem.enclosures().items()}
    found = {
        n: (hit.value, hit.error) for n, hit in search(problem, evaluations=evaluations, seed=seed).items()
    }
    found["Delta"] = (_delta_found(problem, alpha, max(evaluations // 5, 1), seed), 0.0)
    if enclosures:
        enclosures["Delta"] = (found["Delta"][0], declared["Delta"].value)
    return pd.DataFrame([_row(n, c, enclosures.get(n), *found[n]) for n, c in declared.items()])


def status(certificate: Certificate, upper: float | None, found: float, error: float = 0.0) -> str:
    """Say what is known of one constant, given a lower bound and its error; a NaN counts as too small."""
    if not found <= certificate.value * (1 + ROUND_OFF) + 1e-12:
        return "too small"
    if upper is not None and not upper <= certificate.value * (1 + ROUND_OFF):
        return "too small"
    if certificate.attained and not found + error >= certificate.value * (1 - REACHED):
        return "not reached"
    return "declared" if upper is None else "certified"


_SEARCHED = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")


def _row(
    name: str, declared: Certificate, enclosure: tuple[float, float] | None, found: float, error: float
) -> dict:
    lower, upper = enclosure or (math.nan, math.nan)
    return {
        "constant": name,
        "value": declared.value,
        "formula": declared.formula,
        "attained": declared.attained,
        "lower": lower,
        "upper": upper,
        "found": found,
        "status": status(declared, enclosure and upper, found, error),
    }


def _delta_found(problem: Problem, alpha: float | None, evaluations: int, seed: int) -> float:
    L = problem.constants(alpha).L
    steps = [x / L for x in (1e-3, 0.1, 0.5, 1.0)] if alpha is None else [alpha]
    return max(
        float(problem.objective(problem.start, step))
        - least_objective_found(problem, step, evaluations, seed)
        for step in steps
    )
