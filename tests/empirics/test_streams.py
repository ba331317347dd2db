"""The streams and the draws: keys, distribution, scaling with D."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from empirics.draws import RandomSource, Streams
from empirics.layout import layout
from empirics.streams import STREAMS, generator


def test_every_key_opens_its_own_stream():
    keys = list(itertools.product((0, 1, 2**40), ("run", "Run", ""), (0, 1, 31), STREAMS))
    assert len({generator(*key).integers(2**62) for key in keys}) == len(keys)
    assert generator(3, "run", 2, "in").integers(2**62) == generator(3, "run", 2, "in").integers(2**62)


def test_the_first_numbers_never_change():
    """Stored results are found by their configuration: the same configuration must give these numbers."""
    assert generator(0, "run", 0, "tasks").integers(1000, size=4).tolist() == [522, 604, 910, 319]


def test_tasks_are_uniform_and_independent_over_rows_and_steps(problem):
    shapes = layout(problem, 200, 4)
    source = RandomSource(problem, shapes, {}, Streams(0, "uniform", range(4)))
    tasks = torch.stack([next(source.oracles(k)).tasks for k in range(100)])
    counts = np.bincount(tasks.flatten().numpy(), minlength=problem.n_tasks)
    expected = tasks.numel() / problem.n_tasks
    chi2 = ((counts - expected) ** 2 / expected).sum()
    assert chi2 < 23.5  # 99.99% of chi-square with 4 degrees of freedom
    rows = tasks.flatten(2).permute(1, 0, 2).flatten(1).double()
    correlations = torch.corrcoef(rows) - torch.eye(4, dtype=torch.float64)
    assert correlations.abs().max() < 4.5 / np.sqrt(rows.shape[1])


@pytest.mark.parametrize("D", [1, 100, 10**12])
def test_the_noise_of_a_batch_falls_as_one_over_its_size(problem, D):
    source = RandomSource(problem, layout(problem, 500, 2), {"in": D}, Streams(0, "noise", range(2)))
    oracle = next(source.oracles(0))
    w = problem.start.expand(2, -1)
    noise = oracle.gradient(w, "in") - problem.gradient(oracle.tasks, w.unsqueeze(1))
    z = problem.start @ problem.rotation
    expected = (problem.noise**2 * torch.cos(z) ** 2).sum().item() / D
    assert noise.square().sum(-1).mean().item() == pytest.approx(expected, rel=0.15)
