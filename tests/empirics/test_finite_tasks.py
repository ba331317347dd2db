"""Different tasks out of n: how they are drawn, what variance is left, and that the guarantee holds."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
import torch
from fewer import every
from scipy import stats

from bounds import InputError, recommend
from empirics import algorithms, problems, simulate
from empirics.draws import different
from empirics.layout import layout
from empirics.moments import estimate_direction_moments
from empirics.run import Run

FAMILIES = ["ripple:dim=3,n_tasks=4", "robust-regression:dim=3,n_tasks=5,points=6"]
ALGORITHMS = ["maml", "fo-maml", "hf-maml"]


def planned(problem, algorithm="maml", epsilon=1.0, **changes):
    plan = recommend(problem.constants(0.1), epsilon, algorithm, alpha=0.1, n_tasks=problem.n_tasks)
    return plan.with_(**changes)


@pytest.mark.parametrize(("n", "size"), [(1, 1), (5, 1), (5, 3), (5, 5), (1000, 4), (1000, 900)])
def test_no_task_is_drawn_twice_in_a_step(n, size):
    drawn = different(np.random.default_rng(0), n, 50, size)
    assert drawn.shape == (50, size)
    assert all(len(set(row)) == size for row in drawn)
    assert drawn.min() >= 0
    assert drawn.max() < n


@pytest.mark.parametrize(("n", "size"), [(4, 2), (5, 3), (9, 3), (12, 2)])
def test_every_set_of_tasks_is_equally_likely(n, size):
    drawn = np.sort(different(np.random.default_rng(1), n, 30_000, size), axis=1)
    _, counts = np.unique(drawn, axis=0, return_counts=True)
    assert len(counts) == len(list(combinations(range(n), size)))
    assert stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("case", every(5, product(FAMILIES, [1, 2, 3, 4], ALGORITHMS)), ids=str)
def test_the_variance_is_that_over_all_sets_of_tasks(case):
    """Without noise, exactly, over all subsets: the factor (n-B)/(n-1) and the simulator's draws agree with it."""
    spec, B, algorithm = case
    problem = problems.from_spec(spec)
    n, plan = problem.n_tasks, planned(problem, algorithm, B=B, D_in=10**12, D_o=10**12, D_h=10**12)
    w = problem.start + 0.3
    run = Run.make(problem, plan, exact=True)
    (oracle,) = run.batches(range(1)).oracles(0)
    each = run.directions(oracle, w[None])[0].numpy()
    centred = each - each.mean(0)
    exact = np.mean([(centred[list(s)].mean(0) ** 2).sum() for s in combinations(range(n), B)])
    assert exact == pytest.approx((n - B) / (n - 1) * (centred**2).sum(1).mean() / B, rel=1e-9, abs=1e-18)
    found = estimate_direction_moments(problem, None, w, plan, n=4000)
    assert abs(found.batch_variance[0] - exact) <= 5 * found.batch_variance_se[0] + 1e-6 * exact + 1e-12


def test_with_replacement_more_variance_is_left():
    problem = problems.from_spec(FAMILIES[0])
    plan, w = planned(problem, B=3, D_in=1, D_o=1, D_h=1), problem.start
    drawn = [
        estimate_direction_moments(problem, None, w, p, n=8000) for p in (plan, plan.with_(n_tasks=None))
    ]
    gap = drawn[1].batch_variance[0] - drawn[0].batch_variance[0]
    assert gap > 5 * (drawn[0].batch_variance_se[0] + drawn[1].batch_variance_se[0])


@pytest.mark.parametrize("B", [2, 4])
def test_the_numbers_do_not_depend_on_chunks_horizon_or_replicates(B):
    problem = problems.from_spec(FAMILIES[0])
    plan = planned(problem, B=B, iterations=70)
    whole = simulate(problem, plan, replicates=70, seed=3)
    assert whole.equals(simulate(problem, plan, replicates=70, seed=3, chunk=1))
    fewer = simulate(problem, plan, replicates=5, seed=3, iterations=40)
    same = whole[(whole.replicate < 5) & (whole.iteration < 40)].reset_index(drop=True)
    assert fewer[fewer.iteration < 40].reset_index(drop=True).equals(same)
    assert not whole.equals(simulate(problem, plan, replicates=70, seed=4))


def test_slices_of_a_step_share_no_task():
    problem = problems.from_spec("ripple:dim=70,n_tasks=1000")
    plan = planned(problem, B=950)
    run = Run.make(problem, plan)
    assert len(layout(problem, 950).slices) > 1
    tasks = torch.cat([oracle.tasks for oracle in run.batches(range(1)).oracles(0)], dim=-1)
    assert all(len(set(row.tolist())) == 950 for row in tasks)


def test_without_a_number_of_tasks_the_draws_are_the_former_ones():
    problem = problems.from_spec(FAMILIES[0])
    plan = recommend(problem.constants(0.1), 0.5, alpha=0.1).with_(B=3)
    (oracle,) = Run.make(problem, plan).batches(range(2)).oracles(0)
    from empirics.streams import generator

    steps = layout(problem, 3).steps
    for row in range(2):
        former = generator(0, "run", row, "tasks").integers(4, size=(steps, 3))[0]
        assert oracle.tasks[row].tolist() == former.tolist()


def test_a_plan_for_another_number_of_tasks_is_refused():
    plan = planned(problems.from_spec("ripple:dim=3,n_tasks=8"))
    with pytest.raises(InputError, match="the problem has 4 tasks"):
        simulate(problems.from_spec(FAMILIES[0]), plan)


@pytest.mark.parametrize("spec", FAMILIES)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_guarantee_holds_on_few_tasks(spec, algorithm):
    problem = problems.from_spec(spec)
    constants = problem.constants(0.1)
    epsilon = 0.5 * constants.sigma
    plan = recommend(constants, epsilon, algorithm, alpha=0.1, n_tasks=problem.n_tasks)
    assert plan.tasks == "all"
    assert plan.total_samples < recommend(constants, epsilon, algorithm, alpha=0.1).total_samples
    short = simulate(problem, plan, replicates=16, iterations=min(plan.iterations, 3000))
    mean = short[short.iteration < plan.iterations].groupby("replicate").grad_norm.mean()
    assert mean.mean() + 5 * mean.std() / 4 <= plan.guarantee


def test_one_task_has_no_variance_between_tasks():
    problem = problems.from_spec("robust-regression:dim=2,n_tasks=1,points=4")
    plan = recommend(problem.constants(0.1), 0.5, alpha=0.1, n_tasks=1)
    assert (plan.B, plan.tasks) == (1, "all")
    assert len(simulate(problem, plan, replicates=2, iterations=3)) == 8
    assert algorithms.for_plan(plan) is algorithms.maml
