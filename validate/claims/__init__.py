"""Claims: what the statements say about runs. One file per kind of claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from validate.claims import accuracy, errata, iterations, plateau
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
        "errata": errata.checks,
    }
)
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accuracy": accuracy.KINDS,
        "iterations": iterations.KINDS,
        "plateau": plateau.KINDS,
        "errata": errata.KINDS,
    }
)
"""The kinds of experiments that each claim reads."""
