"""Searches that are short, where it is not their tightness that is tested."""

from __future__ import annotations

import pytest


@pytest.fixture
def short_climbs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few points and few rounds for every search among points."""
    from validate.claims import descent, differences, estimators, extremes, lemmas, matrices, rounded
    from validate.instances import starts

    for module, name, value in (
        (lemmas, "POINTS", 4), (lemmas, "ROUNDS", 1), (matrices, "POINTS", 4), (extremes, "ROUNDS", 1),
        (rounded, "POINTS", 8), (rounded, "ROUNDS", 3), (differences, "POINTS", 4), (starts, "PATH", 5),
        (estimators, "ROUNDS", 1), (descent, "ADVERSARIES", 4), (descent, "ROUNDS", 5),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


@pytest.fixture
def short_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps of audited code on the plateau problem, where it is not asked where it stops."""
    from validate.audit import floor

    monkeypatch.setattr(floor, "ITERATIONS", 20)
