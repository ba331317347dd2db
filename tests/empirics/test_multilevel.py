"""Directions with a multilevel inner batch: mean, cost, levels of their own, and what a run asks of them."""

import numpy as np
import pytest
import torch

from bounds import Constants, InputError, recommend
from bounds.levels import probabilities
from empirics import algorithms, problems, simulate
from empirics.draws import RandomSource, Streams
from empirics.levels import FIRST, SECOND, SHARED, Levels, batches
from empirics.moments import measure_cost, sample_directions
from empirics.problems.mean_direction import mean_direction
from empirics.run import Run

SPEC = "plateau:dim=1,sigma_tilde=2"
REACH, DEPTH, RATE = 0.5, 1, 1.0
NAMES = ("maml", "fo-maml", "hf-maml")


def plan_of(problem, name, **changes):
    alpha = REACH / problem.constants().L
    plan = recommend(problem.constants(alpha), 5.0, "maml", alpha=alpha, depth=0)
    own = {
        "algorithm": name,
        "probe_length": 0.05 if name == "hf-maml" else None,
        "B": 4,
        "D_in": 1,
        "D_o": 1,
        "D_h": 1,
        "depth": DEPTH,
        "rate": RATE,
        "n_tasks": None,
    }
    return plan.with_(**own | changes)


@pytest.mark.parametrize("name", NAMES)
def test_the_mean_is_that_of_the_deepest_batch(name):
    problem = problems.from_spec(SPEC)
    plan = plan_of(problem, name, B=16, D_o=4)
    values = sample_directions(problem, None, problem.start, plan, n=8_000)
    args = (problem, problem.start, plan.alpha, name)
    deep, plain = (
        float(mean_direction(*args, D_in=D, displacement=plan.probe_length)) for D in (2.0**DEPTH, 1.0)
    )
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    assert abs(deep - plain) > 4 * error, "the two could not be told apart"
    assert abs(float(values.mean()) - deep) < 4 * error


@pytest.mark.parametrize("name", NAMES)
def test_without_noise_it_is_the_plain_direction(name):
    problem = problems.from_spec("ripple:dim=3,n_tasks=5")
    plan = plan_of(problem, name)
    runs = [
        simulate(problem, one, exact=True, iterations=5) for one in (plan, plan.with_(depth=0, rate=None))
    ]
    assert (runs[0] == runs[1]).all().all() or np.allclose(runs[0].grad_norm, runs[1].grad_norm, rtol=1e-12)


def test_the_cost_is_the_expected_one_and_level_zero_is_free():
    problem = problems.from_spec(SPEC)
    plan = plan_of(problem, "maml", B=20_000, D_in=3, D_o=2, depth=5, rate=0.5, B_prime=1, D_beta=1)
    cost = measure_cost(problem, plan)
    each = np.array([1.0, *(2.0 * 2 ** (j - 1) * 3 + 2 for j in range(1, 6))]) - np.eye(6)[0]
    p = np.array(probabilities(5, 0.5))
    expected, square = 3 + 2 + 1 + p @ each, p @ each**2
    assert cost.samples / 20_000 == pytest.approx(expected, abs=5 * (square / 20_000) ** 0.5)
    assert cost.samples / 20_000 == pytest.approx(plan.samples_per_iteration / 20_000, rel=0.03)
    assert cost.gradients / 20_000 == pytest.approx(2 + 5 * (1 - p[0]), rel=0.05)


def source(B=6, replicates=3, experiment="levels", depth=3):
    problem = problems.from_spec(SPEC)
    plan = plan_of(problem, "maml", B=B, depth=depth, rate=1.0)
    run = Run.make(problem, plan, None, 0, experiment)
    return run.batches(range(replicates))


def test_every_task_draws_a_level_of_its_own_afresh():
    made = source(B=64, replicates=4)
    rows = [next(iter(made.oracles(k))).levels()[:4].numpy() for k in range(40)]
    drawn = np.stack(rows)
    p = np.array(probabilities(3, 1.0))
    found = np.bincount(drawn.ravel(), minlength=4) / drawn.size
    assert np.abs(found - p).max() < 5 * (0.25 / drawn.size) ** 0.5
    assert len({tuple(row) for row in drawn.reshape(-1, 64)}) == drawn.size // 64
    same = (drawn[..., 1:] == drawn[..., :-1]).mean()
    assert same == pytest.approx(float(p @ p), abs=0.02)


def test_batches_have_the_sizes_of_their_levels():
    levels = Levels(3, 1.0)
    level = np.array([0, 1, 2, 3])
    assert levels.samples(FIRST, level, 5, 7).tolist() == [0, 5, 10, 20]
    assert levels.samples(SECOND, level, 5, 7).tolist() == [0, 5, 10, 20]
    assert levels.samples(SHARED, level, 5, 7).tolist() == [0, 7, 7, 7]


@pytest.mark.parametrize(
    "spec", [SPEC, "robust-regression:dim=2,n_tasks=4,points=6", "wells:dim=2,n_tasks=3"]
)
def test_a_batch_of_its_own_size_has_that_noise(spec):
    problem = problems.from_spec(spec)
    tasks = np.zeros((4, 4000), dtype=int)
    sizes = np.repeat([[1], [4], [64], [0]], 4000, axis=1)
    drawn = torch.from_numpy(batches(problem, np.random.default_rng(0), tasks, sizes))
    index, w = torch.from_numpy(tasks), problem.start[None, None]
    noise = problem.gradient(index, w, drawn) - problem.gradient(index, w)
    square = noise.square().sum(-1).mean(1)[:3]
    assert square / square[0] == pytest.approx([1, 1 / 4, 1 / 64], rel=0.15)
    assert not drawn[3].any()


def test_no_batch_costs_more_than_another():
    problem = problems.from_spec(SPEC)
    tasks = np.zeros((1, 5), dtype=int)
    drawn = batches(problem, np.random.default_rng(0), tasks, np.full((1, 5), 2**60))
    assert np.isfinite(drawn).all()


def test_numbers_do_not_depend_on_the_chunk_or_the_number_of_replicates():
    problem = problems.from_spec("ripple:dim=2,n_tasks=4")
    plan = plan_of(problem, "maml", depth=3, rate=0.5)
    whole = simulate(problem, plan, replicates=5, iterations=70)
    part = simulate(problem, plan, replicates=2, iterations=10, chunk=1)
    both = whole[(whole.replicate < 2) & (whole.iteration <= 9)].reset_index(drop=True)
    assert part[part.iteration <= 9].reset_index(drop=True).equals(both)


def test_the_plain_part_sees_the_same_samples():
    problem = problems.from_spec(SPEC)
    plan = plan_of(problem, "maml")
    for split in ("in", "out", "hess"):
        first, second = (
            next(iter(Run.make(problem, one, None, 3, "same").batches(range(2)).oracles(0))).batch(split)
            for one in (plan, plan.with_(depth=0, rate=None))
        )
        assert torch.equal(first, second)


def test_a_direction_that_ignores_the_levels_is_refused():
    problem = problems.from_spec(SPEC)
    with pytest.raises(InputError, match="never asks for the levels"):
        simulate(problem, plan_of(problem, "maml"), direction=algorithms.maml, iterations=2)


def test_a_plan_without_levels_has_none_to_give():
    problem = problems.from_spec(SPEC)
    plan = plan_of(problem, "maml")
    deep = algorithms.for_plan(plan)
    with pytest.raises(InputError, match="plain inner batch"):
        simulate(problem, plan.with_(depth=0), direction=deep, iterations=2)


@pytest.mark.parametrize(("depth", "rate"), [(2, None), (2, 0.0), (2, 1.5), (2, float("nan")), (-1, 0.5)])
def test_a_plan_whose_levels_have_no_probability_is_refused(depth, rate):
    problem = problems.from_spec(SPEC)
    with pytest.raises(InputError, match=r"rate|depth"):
        simulate(problem, plan_of(problem, "maml", depth=depth, rate=rate), iterations=1)


def test_a_recommended_plan_runs_as_it_is():
    problem = problems.from_spec("ripple:dim=2,n_tasks=4")
    constants = problem.constants(alpha=0.1)
    plan = recommend(constants, 0.5, "hf-maml", alpha=0.1, depth=2)
    assert isinstance(constants, Constants)
    runs = simulate(problem, plan, replicates=4)
    assert float(runs.grad_norm.mean()) <= 0.5


def test_padding_rows_change_nothing():
    sources = [source(replicates=count) for count in (1, 4)]
    assert all(isinstance(one, RandomSource) and isinstance(one.streams, Streams) for one in sources)
    first, second = (next(iter(one.oracles(0))).levels()[0] for one in sources)
    assert torch.equal(first, second)
