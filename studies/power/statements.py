"""Sabotaged statements, plans and step sizes: wrong constants, wrong exponents, missing terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from studies.power import layers, points, runs, steps
from studies.power.judging import Sabotage
from validate.verdict import Status, Verdict

SABOTAGES: Mapping[str, Sabotage] = MappingProxyType(
    {**runs.BOUNDS, **runs.PLANS, **runs.ONE_STEP, **points.SABOTAGES, **layers.SABOTAGES, **steps.SABOTAGES}
)
"""By what is wrong; each returns the verdicts of the claims that should catch it."""


def caught(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return how many verdicts of each claim are VIOLATED or FAILED."""
    return dict(Counter(v.claim for v in verdicts if v.status in (Status.VIOLATED, Status.FAILED)))
