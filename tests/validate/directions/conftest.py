"""A plan for the same question is made once: nearly every test asks for the same few."""

from __future__ import annotations

import pickle

import pytest

from bounds import Plan
from validate.claims import direction


@pytest.fixture(scope="session", autouse=True)
def plans_once():
    """What is recommended is tested elsewhere; here it takes a third of the time."""
    made: dict[bytes, Plan] = {}
    recommend = direction.recommend

    def once(*given, **more):
        key = pickle.dumps((given, sorted(more.items())))
        if key not in made:
            made[key] = recommend(*given, **more)
        return made[key]

    patch = pytest.MonkeyPatch()
    patch.setattr(direction, "recommend", once)
    yield
    patch.undo()
