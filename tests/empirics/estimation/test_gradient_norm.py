"""The interval for ||grad F||: as rarely wrong as it says, on laws that are hard for it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from fewer import every
from torch.func import jacrev

from empirics import measure_gradient, problems
from empirics.estimation import directions
from empirics.estimation.model import own_model
from empirics.estimation.norms import BLOCKS, Blocks, norm_interval

REPEATS, ERROR = 300, 0.05
MOST = ERROR + 3 * np.sqrt(ERROR / REPEATS)
"""How often the interval may miss, with three standard errors of this test."""
LAWS = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "heavy tails": lambda rng, shape: rng.standard_t(4, shape) / np.sqrt(2),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1,
    "one loud direction": lambda rng, shape: rng.standard_normal(shape) * np.r_[5.0, np.ones(shape[1] - 1)],
}


def misses(law, dim, signal):
    """Return how often each end is on the wrong side; the signal in standard errors of one coordinate."""
    rng = np.random.default_rng(5)
    mean = np.zeros(dim)
    mean[0] = signal * max(1, dim**0.25) / np.sqrt(BLOCKS)
    truth, wrong = np.linalg.norm(mean), np.zeros(2)
    for _ in range(REPEATS):
        found = norm_interval(mean + LAWS[law](rng, (BLOCKS, dim)), BLOCKS, ERROR)
        wrong += (found.lower > truth * (1 + 1e-9), found.upper < truth)
    return wrong / REPEATS


@pytest.mark.parametrize("case", every(4, product(LAWS, [1, 3, 40], [0.0, 1.5, 5.0])), ids=str)
def test_the_interval_covers(case):
    assert misses(*case).sum() <= MOST


def test_the_norm_of_the_mean_does_not():
    """What one would print without a thought: noise alone makes it 3 where the truth is 0."""
    rng = np.random.default_rng(0)
    means = rng.standard_normal((BLOCKS, 300))
    assert np.linalg.norm(means.mean(0)) > 2.5
    assert norm_interval(means, BLOCKS).lower == 0.0
    assert norm_interval(means, BLOCKS).upper < 2.0


def test_few_or_bad_vectors_give_no_interval():
    for means in (np.ones((4, 2)), np.full((BLOCKS, 2), np.nan)):
        found = norm_interval(means, len(means))
        assert (found.lower, found.upper) == (0.0, np.inf)


def test_blocks_hold_every_vector_once():
    blocks = Blocks(1, 4)
    for k in range(10):
        blocks.add(np.array([float(k)]))
    assert blocks.means().ravel().tolist() == [4.0, 5.0, 4.0, 5.0]


# ---- the inner batch ------------------------------------------------------------------------------


def waves():
    """One task, one parameter: grad f = sin w exactly, samples add wide noise to the phase."""

    def sampler(rng, points):
        return (3.0 * rng.choice([-1.0, 1.0], points),)

    def loss(w, z):
        return (-torch.cos(w[0])) + z * w[0] + 0.0 * w.sum()

    return own_model([0.7], loss, sampler, alpha=0.5, infimum=-100.0)


def exact(w, alpha):
    return (1 - alpha * np.cos(w)) * np.sin(w - alpha * np.sin(w))


def mean_direction(sizes, count=600):
    model, rng = waves(), np.random.default_rng(2)
    seen = [float(directions.sampled(model, model.start, 0.5, sizes, rng)) for _ in range(count)]
    return np.mean(seen), np.std(seen) / np.sqrt(len(seen))


def test_many_levels_remove_the_bias_of_the_inner_batch():
    truth = exact(0.7, 0.5)
    mean, error = mean_direction(directions.Sizes(1, 4, 1, 6))
    assert abs(mean - truth) <= 4 * error
    biased, error = mean_direction(directions.Sizes(1, 4, 1, 0))
    assert abs(biased - truth) > 4 * error, "without them the same test fails"


def test_the_probabilities_of_the_levels_are_some():
    chances = directions.Sizes(8, 8, 8, 7).probabilities()
    assert chances.sum() == pytest.approx(1)
    assert (chances > 0).all()


@pytest.mark.parametrize("samples", [4, 5, 8, 10, 20, 100, 1000])
def test_a_task_of_few_samples_is_enough_for_every_level(samples):
    sizes = directions.sizes_for(samples)
    assert sizes.needed(sizes.depth) <= samples


# ---- families with a known meta-gradient ----------------------------------------------------------


def wrapped(spec):
    problem = problems.from_spec(spec)
    tasks = [(torch.tensor([i]),) for i in range(problem.n_tasks)]
    return problem, own_model(problem.start, lambda w, i: problem.loss(i, w), tasks, infimum=-100.0)


@pytest.mark.parametrize("spec", ["ripple:dim=4,n_tasks=9", "robust-regression:dim=3,n_tasks=5"])
def test_a_list_of_tasks_is_exact(spec):
    problem, model = wrapped(spec)
    found = measure_gradient(model, alpha=0.1)
    truth = float(problem.meta_gradient(problem.start, 0.1).norm())
    assert found.interval.exact
    assert found.interval.estimate == pytest.approx(truth, rel=1e-9)
    assert found.interval.lower == found.interval.upper


def test_a_long_list_is_sampled_and_covers():
    problem, model = wrapped("ripple:dim=4,n_tasks=9")
    truth = float(problem.meta_gradient(problem.start, 0.1).norm())
    many = own_model(
        problem.start, lambda w, i: problem.loss(i, w), list(model.tasks.listed) * 60, infimum=-100.0
    )
    found = measure_gradient(many, alpha=0.1, tasks=256)
    assert not found.interval.exact
    assert found.interval.lower <= truth <= found.interval.upper


def linear():
    """Draw least squares with noise: E over tasks and samples of everything is known."""

    def sampler(rng, points):
        slope = 1.0 + 0.3 * rng.standard_normal(3)
        x = rng.standard_normal((points, 3))
        return x, x @ slope + 0.5 * rng.standard_normal(points)

    return own_model([0.0, 0.0, 0.0], lambda w, x, y: (x @ w - y) ** 2 / 2, sampler)


def test_drawn_tasks_cover_as_often_as_they_say():
    """The task loss is |w - slope|^2/2, so grad F(0) = -(1 - alpha)^2 E slope exactly."""
    alpha = 0.2
    truth = (1 - alpha) ** 2 * np.sqrt(3)
    wrong = 0
    for seed in range(12):
        found, _ = _interval(linear(), alpha, seed)
        wrong += not found.lower <= truth <= found.upper
    assert wrong <= 3, "at 5 per cent, more than three of 12 have probability 0.002"


def _interval(model, alpha, seed):
    from empirics.estimation.measuring import _interval

    return _interval(model, alpha, 64, np.inf, 0.05, np.random.default_rng(seed), None)


def test_the_verdict_has_three_answers():
    model = linear()
    found = {
        epsilon: measure_gradient(model, epsilon=epsilon, alpha=0.2, tasks=64, seed=1).stationary
        for epsilon in (0.01, 1.1, 50.0)
    }
    assert found == {0.01: False, 1.1: None, 50.0: True}


def test_the_exact_direction_is_the_derivative_of_the_adapted_loss():
    _, model = wrapped("wells:dim=2,n_tasks=3")
    w, alpha = model.start + 0.1, 0.05

    def adapted(x, data):
        slope = jacrev(lambda u: model.loss(u, data))(x)
        return model.loss(x - alpha * slope, data)

    for data in model.tasks.listed:
        assert torch.allclose(
            directions.whole(model, w, data, alpha), jacrev(lambda x, d=data: adapted(x, d))(w), atol=1e-12
        )
