"""Moments and cost of a direction at fixed points."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bounds.errors import InputError
from empirics import algorithms, estimate_direction_moments, measure_cost
from empirics.oracle import Cost


def gradient_only(oracle, w, alpha):
    return oracle.gradient(w, "in")


@pytest.fixture
def points(problem):
    return torch.randn(4, problem.dim, dtype=torch.float64, generator=torch.Generator().manual_seed(3))


def exact_moments(problem, w, D):
    """Mean and variance of the noisy gradient of one uniformly drawn task."""
    tasks = torch.arange(problem.n_tasks).expand(len(w), -1)
    gradients = problem.gradient(tasks, w.unsqueeze(1))
    mean = gradients.mean(1)
    spread = (gradients - mean.unsqueeze(1)).square().sum(-1).mean(1)
    noise = (problem.noise**2 * torch.cos(w @ problem.rotation) ** 2).sum(-1) / D
    return mean.numpy(), (spread + noise).numpy()


@pytest.mark.parametrize("B", [1, 6])
def test_the_moments_of_a_direction_with_known_moments(problem, plan, points, B):
    found = estimate_direction_moments(problem, gradient_only, points, plan.with_(B=B, D_in=2), n=4000)
    mean, variance = exact_moments(problem, points, 2)
    assert (np.abs(found.mean - mean) < 4.5 * found.mean_se).all()
    assert (np.abs(found.variance - variance) < 4.5 * found.variance_se).all()
    assert (np.abs(found.batch_variance - variance / B) < 4.5 * found.batch_variance_se).all()
    assert (found.variance_se < 0.1 * variance).all()
    np.testing.assert_allclose(found.mean_error, np.sqrt((found.mean_se**2).sum(1)), rtol=1e-12)


def test_the_standard_errors_are_those_of_repetition(problem, plan):
    runs = [
        estimate_direction_moments(problem, algorithms.maml, problem.start, plan.with_(B=3), n=100, seed=seed)
        for seed in range(60)
    ]
    for value in ("mean", "variance", "batch_variance"):
        spread = np.std([getattr(run, value) for run in runs], axis=0, ddof=1)
        typical = np.mean([getattr(run, f"{value}_se") for run in runs], axis=0)
        np.testing.assert_allclose(spread, typical, rtol=0.4)


def test_tasks_that_share_their_noise_show_in_the_variance_of_the_batch(problem, plan, points):
    def shared(oracle, w, alpha):
        return oracle.gradient(w, "in")[:, :1].expand(*oracle.tasks.shape, -1)

    plan = plan.with_(B=6)
    wrong = estimate_direction_moments(problem, shared, points, plan, n=2000)
    right = estimate_direction_moments(problem, gradient_only, points, plan, n=2000)
    np.testing.assert_allclose(wrong.variance, right.variance, rtol=0.15)
    np.testing.assert_allclose(wrong.batch_variance, wrong.variance, rtol=1e-3)
    np.testing.assert_allclose(right.batch_variance, right.variance / 6, rtol=0.15)


def test_more_draws_begin_with_the_same_ones_and_points_are_independent(problem, plan):
    twice = torch.stack([problem.start, problem.start])
    found = estimate_direction_moments(problem, None, twice, plan, n=50)
    alone = estimate_direction_moments(problem, None, problem.start, plan, n=50)
    assert (found.mean[0] == alone.mean[0]).all()
    assert (found.mean[0] != found.mean[1]).all()


def test_slices_of_a_large_batch_add_up(problem, plan):
    found = estimate_direction_moments(
        problem, gradient_only, problem.start, plan.with_(B=100_003, D_in=1), n=20
    )
    mean, variance = exact_moments(problem, problem.start.unsqueeze(0), 1)
    assert (np.abs(found.mean - mean) < 4.5 * found.mean_se).all()
    np.testing.assert_allclose(found.variance, variance, rtol=0.01)
    np.testing.assert_allclose(found.batch_variance, variance / 100_003, rtol=0.8)


def test_wrong_arguments_are_named(problem, plan):
    with pytest.raises(InputError, match="w = "):
        estimate_direction_moments(problem, None, torch.zeros(7), plan)
    with pytest.raises(InputError, match="n = "):
        estimate_direction_moments(problem, None, problem.start, plan, n=1)


def test_the_cost_of_one_iteration(problem, plan):
    B, sizing, dim = plan.B, plan.B_prime, problem.dim
    samples = plan.samples_per_iteration
    assert measure_cost(problem, plan) == Cost(2 * B + sizing, B, samples)
    assert measure_cost(problem, plan, algorithms.maml_full_hessian) == Cost(2 * B + sizing, dim * B, samples)
    hf = plan.with_(algorithm="hf-maml")
    assert measure_cost(problem, hf) == Cost(4 * B + sizing, 0, samples)
    fo = plan.with_(algorithm="fo-maml", D_h=None)
    assert measure_cost(problem, fo) == Cost(2 * B + sizing, 0, fo.samples_per_iteration)
