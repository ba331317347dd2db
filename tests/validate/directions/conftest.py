"""Plans that are found once, where the same few are asked for again and again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest


@pytest.fixture(scope="module", autouse=True)
def plans_are_kept() -> Iterator[None]:
    """Ask for a plan once for each problem, target and algorithm: what is judged here is the direction."""
    from validate.claims import direction

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(direction, "recommend", cache(direction.recommend))
        yield
