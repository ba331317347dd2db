"""Searches that are short, where it is not their tightness that is tested."""

from __future__ import annotations

import pytest


@pytest.fixture
def short_climbs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few points and few rounds for every search among points."""
    from validate.claims import descent, differences, estimators, extremes, lemmas, matrices, rounded
    from validate.instances import starts

    for module, name, value in (
        (lemmas, "POINTS", 8), (lemmas, "ROUNDS", 3), (matrices, "POINTS", 4), (extremes, "ROUNDS", 3),
        (rounded, "POINTS", 8), (rounded, "ROUNDS", 3), (differences, "POINTS", 8), (starts, "PATH", 20),
        (estimators, "ROUNDS", 3), (descent, "ADVERSARIES", 8),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
