"""What a family gets without writing it: batches drawn in place, and batches made of two parts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from empirics import problems
from empirics.problems.base import Problem

FAMILIES = [family.name for family in problems.families()]
PAIRED = [name for name in FAMILIES if problems.from_spec(name).frame_width is not None]
IN_PLACE = [name for name in FAMILIES if problems.from_spec(name).sample_width is not None]


@pytest.mark.parametrize("family", IN_PLACE)
def test_a_batch_that_is_drawn_in_place_is_the_one_that_is_sampled(family):
    problem = problems.from_spec(family)
    sampled = problem.sample(np.random.default_rng(3), np.zeros((2, 3), dtype=int), 7)
    for draw in (problem.sample_into, lambda *given: Problem.sample_into(problem, *given)):
        placed = np.full((2, 3, problem.sample_width), np.nan)
        draw(np.random.default_rng(3), 7, placed)
        assert np.array_equal(placed, sampled)


@pytest.mark.parametrize("family", PAIRED)
def test_both_parts_side_by_side_are_a_batch(family):
    problem = problems.from_spec(family)
    numbers = torch.from_numpy(np.random.default_rng(5).standard_normal((2, 1, 4, problem.frame_width)))
    batch = Problem.frame(problem, lambda: numbers[0], lambda: numbers[1], 1)
    tasks = torch.zeros((1, 4), dtype=torch.int64)
    w = problem.start.expand(1, 4, -1)
    sampled = problem.sample(np.random.default_rng(0), tasks.numpy(), 1)
    assert batch.shape[-1] == sampled.shape[-1]
    noise = problem.gradient(tasks, w, batch) - problem.gradient(tasks, w)
    assert torch.isfinite(noise).all()
    assert (noise.norm(dim=-1) > 0).all()
