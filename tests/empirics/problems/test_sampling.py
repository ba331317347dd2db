"""Batches: prefix-stable streams, any D at the same size, problems that travel between processes."""

import pickle

import numpy as np
import pytest
import torch
from random_settings import FAMILIES

from bounds.errors import InputError
from empirics import problems


@pytest.fixture(params=list(FAMILIES))
def problem(request):
    noisy = "sigma_tilde" in [p.name for p in FAMILIES[request.param].parameters]
    return problems.from_spec(request.param + (":sigma_tilde=0.2" if noisy else ""))


def test_a_block_of_steps_equals_the_steps_one_by_one(problem):
    tasks = np.arange(12).reshape(3, 4) % problem.n_tasks
    block = problem.sample(np.random.default_rng(1), tasks, 5)
    rng = np.random.default_rng(1)
    assert np.array_equal(block, np.stack([problem.sample(rng, row, 5) for row in tasks]))


def test_a_batch_is_as_small_for_a_trillion_samples_as_for_one(problem):
    tasks = np.arange(4) % problem.n_tasks
    small, large = (problem.sample(np.random.default_rng(1), tasks, D) for D in (1, 10**12))
    assert small.shape == large.shape
    index, w = torch.from_numpy(tasks), problem.start.expand(4, -1)
    exact = problem.gradient(index, w)
    mean = problem.gradient(index, w, torch.from_numpy(large))
    torch.testing.assert_close(mean, exact, rtol=0, atol=1e-5 * problem.constants().sigma_tilde)
    for D in (0, 2.5, True):
        with pytest.raises(InputError, match="D ="):
            problem.sample(np.random.default_rng(1), tasks, D)


def test_a_problem_survives_pickling_and_is_hashable(problem):
    _ = problem.gradient(torch.tensor([0]), problem.start.unsqueeze(0))
    again = pickle.loads(pickle.dumps(problem))
    assert again == problem
    assert hash(again) == hash(problem)
    assert again.start.equal(problem.start)


def test_seeds_give_different_problems_and_the_same_constants():
    one, two = problems.Ripple(seed=1), problems.Ripple(seed=2)
    assert not one.start.equal(two.start)
    assert {k: v.value for k, v in one.task_certificates().items()} == {
        k: v.value for k, v in two.task_certificates().items()
    }


def test_rotation_changes_nothing_that_matters():
    turned, plain = problems.Ripple(dim=3), problems.Ripple(dim=3, rotate=False)
    z = torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(turned.objective(turned.vector(z), 0.2), plain.objective(z, 0.2))
    torch.testing.assert_close(
        turned.coordinates(turned.meta_gradient(turned.vector(z), 0.2)), plain.meta_gradient(z, 0.2)
    )
    hessian = torch.stack(
        [turned.hessian_vector(torch.tensor(0), turned.start, e) for e in torch.eye(3, dtype=z.dtype)]
    )
    assert (hessian - torch.diag(hessian.diag())).abs().max() > 0.01
