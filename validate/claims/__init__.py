"""Claims: what the statements say about runs. One file per kind of claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from validate.claims import (
    accuracy,
    cost,
    descent,
    differences,
    direction,
    errata,
    errata_points,
    estimators,
    falsification,
    iterations,
    lemmas,
    limits,
    matrices,
    plateau,
    rates,
    rounded,
    step,
)
from validate.experiment import Experiment, Run
from validate.judge import Check

if TYPE_CHECKING:
    import pandas as pd

Claim = Callable[[Experiment, "pd.DataFrame", Run], list[Check]]

CLAIMS: Mapping[str, Claim] = MappingProxyType(
    {
        "accuracy": accuracy.checks,
        "iterations": iterations.checks,
        "plateau": plateau.checks,
        "direction": direction.checks,
        "lemma": lemmas.checks,
        "errata": errata.checks,
        "recorded": errata_points.checks,
        "step": step.checks,
        "descent": descent.checks,
        "rates": rates.checks,
        "cost": cost.checks,
        "difference": differences.checks,
        "rounding": rounded.checks,
        "estimator": estimators.checks,
        "matrix": matrices.checks,
        "limits": limits.checks,
        "falsify": falsification.checks,
    }
)
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accuracy": accuracy.KINDS,
        "iterations": iterations.KINDS,
        "plateau": plateau.KINDS,
        "direction": direction.KINDS,
        "lemma": lemmas.KINDS,
        "errata": errata.KINDS,
        "recorded": errata_points.KINDS,
        "step": step.KINDS,
        "descent": descent.KINDS,
        "rates": rates.KINDS,
        "cost": cost.KINDS,
        "difference": differences.KINDS,
        "rounding": rounded.KINDS,
        "estimator": estimators.KINDS,
        "matrix": matrices.KINDS,
        "limits": limits.KINDS,
        "falsify": falsification.KINDS,
    }
)
"""The kinds of experiments that each claim reads."""
