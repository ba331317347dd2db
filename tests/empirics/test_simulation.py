"""The simulator: repeatability, exactness, divergence, input checks."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from bounds.errors import InputError
from bounds.plan import StepRule
from empirics import algorithms, simulate, trajectory
from empirics.layout import layout
from empirics.problems import from_spec

SAME = pd.testing.assert_frame_equal


def exactly_equal(left, right):
    SAME(left.reset_index(drop=True), right.reset_index(drop=True), check_exact=True)


def test_simulate_is_the_function_even_after_its_module_was_imported():
    import empirics.simulation

    assert inspect.isfunction(empirics.simulate)
    assert empirics.simulate is empirics.simulation.simulate


def test_the_table_has_every_state_and_a_last_row_without_a_step(problem, plan):
    run = simulate(problem, plan, replicates=3)
    assert list(run.columns) == ["replicate", "iteration", "grad_norm", "objective", "step_size"]
    assert len(run) == 3 * (plan.iterations + 1)
    last = run[run.iteration == plan.iterations]
    assert last.step_size.isna().all()
    assert run[run.iteration < plan.iterations].step_size.gt(0).all()


def test_the_measured_values_are_those_of_the_iterates(problem, plan):
    run = simulate(problem, plan, replicates=3)
    points = torch.from_numpy(trajectory(problem, plan, replicates=3))
    sizes = torch.linalg.vector_norm(problem.meta_gradient(points, plan.alpha), dim=-1)
    np.testing.assert_allclose(run.grad_norm, sizes.flatten().numpy(), rtol=1e-12)
    values = problem.objective(points, plan.alpha).flatten().numpy()
    np.testing.assert_allclose(run.objective, values, rtol=1e-12)


@pytest.fixture(params=["wave", "ripple:dim=40,n_tasks=6", "ripple:dim=1,n_tasks=5", "plateau", "quadratic"])
def any_problem(request, problem):
    return problem if request.param == "wave" else from_spec(request.param)


@pytest.mark.parametrize("algorithm", ["maml", "hf-maml"])
def test_a_replicate_does_not_depend_on_how_many_there_are(any_problem, plan, algorithm):
    plan = plan.with_(algorithm=algorithm)
    height = layout(any_problem, plan.B).replicates
    every = simulate(any_problem, plan, replicates=2 * height + 3)
    for replicates in (1, height, height + 1):
        some = simulate(any_problem, plan, replicates=replicates)
        exactly_equal(some, every[every.replicate < replicates])


@pytest.mark.parametrize("chunk", [1, 70, 1000])
def test_a_chunk_changes_nothing(problem, plan, chunk):
    exactly_equal(
        simulate(problem, plan, replicates=150, chunk=chunk), simulate(problem, plan, replicates=150)
    )


@pytest.mark.parametrize("exact", [False, True])
def test_a_longer_run_begins_like_a_shorter_one(any_problem, plan, exact):
    steps = 3 * layout(any_problem, plan.B).steps + 1
    long = simulate(any_problem, plan, replicates=3, iterations=steps, exact=exact)
    for iterations in (0, 1, 5, steps // 2):
        begins_like(long, simulate(any_problem, plan, replicates=3, iterations=iterations, exact=exact))


def begins_like(long, short):
    iterations = short.iteration.max()
    columns = ["replicate", "iteration", "grad_norm", "objective"]
    exactly_equal(short[columns], long[long.iteration <= iterations][columns])
    steps = short.iteration < iterations
    assert list(short[steps].step_size) == list(long[long.iteration < iterations].step_size)


@pytest.mark.parametrize("spec", ["ripple", "plateau", "shared-hessian", "quadratic"])
def test_the_meta_objective_and_its_gradient_at_once(spec):
    problem = from_spec(spec)
    points = torch.randn(7, problem.dim, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    F, gradient = problem.meta(points, 0.1)
    torch.testing.assert_close(F, problem.objective(points, 0.1), rtol=1e-13, atol=1e-13)
    torch.testing.assert_close(gradient, problem.meta_gradient(points, 0.1), rtol=1e-13, atol=1e-13)


def test_the_number_of_threads_of_the_caller_changes_nothing_and_is_restored(problem, plan):
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        two = simulate(problem, plan.with_(B=20000), replicates=2, iterations=3)
        assert torch.get_num_threads() == 2
        torch.set_num_threads(1)
        exactly_equal(two, simulate(problem, plan.with_(B=20000), replicates=2, iterations=3))
    finally:
        torch.set_num_threads(threads)


def test_seed_experiment_and_replicate_each_change_the_numbers(problem, plan):
    def final(**keys):
        run = simulate(problem, plan, replicates=2, **keys)
        return tuple(run[run.iteration == plan.iterations].grad_norm)

    values = [*final(), *final(seed=1), *final(experiment="other")]
    assert len(set(values)) == len(values)
    assert final(seed=1) == final(seed=1)


def test_recording_less_often_keeps_the_numbers(problem, plan):
    every = simulate(problem, plan, replicates=3)
    some = simulate(problem, plan, replicates=3, every=5)
    assert sorted(some.iteration.unique()) == [0, 5, 10, 12]
    expected = every[every.iteration.isin([0, 5, 10, 12])]
    np.testing.assert_allclose(some.grad_norm.to_numpy(), expected.grad_norm.to_numpy(), rtol=1e-13)


def test_an_exact_run_is_gradient_descent_on_the_meta_objective(problem, plan):
    plan = plan.with_(step_rule=StepRule("constant", 2.0, 0.0))
    run = simulate(problem, plan, exact=True, replicates=2)
    w = problem.start
    for k in range(plan.iterations):
        gradient = problem.meta_gradient(w, plan.alpha)
        row = run[(run.iteration == k) & (run.replicate == 1)]
        assert row.grad_norm.item() == pytest.approx(torch.linalg.vector_norm(gradient).item(), rel=1e-12)
        assert row.step_size.item() == plan.step_factor / 2.0
        w = w - plan.step_factor / 2.0 * gradient


def test_an_exact_run_needs_no_batch_sizes(problem, plan):
    bare = plan.with_(B=None, D_in=None, D_o=None, D_h=None, B_prime=None, D_beta=None)
    exactly_equal(simulate(problem, bare, exact=True), simulate(problem, plan, exact=True))


def test_one_starting_point_per_replicate(problem, plan):
    starts = torch.randn(3, problem.dim, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    together = simulate(problem, plan, exact=True, replicates=3, start=starts)
    for row, start in enumerate(starts):
        alone = simulate(problem, plan, exact=True, replicates=1, start=start)
        assert list(alone.grad_norm) == list(together[together.replicate == row].grad_norm)


def test_divergence_gives_rows_without_raising(problem, plan):
    plan = plan.with_(step_rule=StepRule("constant", 1.0, 0.0), step_factor=1e30)
    run = simulate(problem, plan, replicates=2, iterations=50)
    assert len(run) == 2 * 51
    assert not np.isfinite(run.grad_norm.to_numpy()[-1])
    assert np.isfinite(run.grad_norm.to_numpy()[0])


def test_a_diverging_replicate_leaves_the_others_alone(problem, plan):
    def explode_first(oracle, w, alpha):
        G = algorithms.maml(oracle, w, alpha)
        return torch.cat([G[:1] * torch.inf, G[1:]])

    run = simulate(problem, plan, replicates=3, direction=explode_first)
    healthy = simulate(problem, plan, replicates=3)
    exactly_equal(run[run.replicate > 0], healthy[healthy.replicate > 0])
    assert run[run.replicate == 0].grad_norm.isna().any()


def test_large_batches_of_tasks_are_sliced_and_still_fresh(problem, plan):
    many = plan.with_(B=100_000, D_in=1, D_o=1, D_h=1)
    assert len(layout(problem, many.B).slices) > 1
    noisy = trajectory(problem, many, replicates=1, iterations=1)
    exact = trajectory(problem, many, replicates=1, iterations=1, exact=True)
    few = trajectory(problem, many.with_(B=10), replicates=1, iterations=1)
    assert np.abs(noisy - exact).max() < 0.1 * np.abs(few - exact).max()


def test_the_step_rules(problem, plan):
    for kind in ("sampled", "self-scaled", "constant"):
        rule = StepRule(kind, 3.0, 0.7)
        run = simulate(problem, plan.with_(step_rule=rule), exact=True, replicates=1, iterations=1)
        w, tasks = problem.start.unsqueeze(0), torch.arange(problem.n_tasks)
        u = {
            "sampled": torch.linalg.vector_norm(problem.gradient(tasks, w), dim=-1).mean(),
            "self-scaled": torch.linalg.vector_norm(problem.meta_gradient(problem.start, plan.alpha)),
            "constant": torch.zeros(()),
        }[kind].item()
        assert run.step_size[0] == pytest.approx(plan.step_factor / (3.0 + 0.7 * u), rel=1e-12)


def test_the_sampled_step_is_independent_of_the_direction_batches(problem, plan):
    def first_step(**changes):
        return simulate(problem, plan.with_(**changes), replicates=4, iterations=1).step_size[0]

    assert first_step() == first_step(B=20, D_in=100, D_o=9, D_h=1)
    assert first_step() != first_step(B_prime=3)
    assert first_step() != first_step(D_beta=4)


def test_progress_is_called_to_the_end(problem, plan):
    calls = []
    simulate(problem, plan, replicates=70, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (70 * plan.iterations, 70 * plan.iterations)
    assert [done for done, _ in calls] == sorted({done for done, _ in calls})


@pytest.mark.parametrize(
    ("argument", "arguments"),
    [
        ("replicates", {"replicates": 0}),
        ("replicates", {"replicates": 2.5}),
        ("iterations", {"iterations": -1}),
        ("seed", {"seed": -1}),
        ("seed", {"seed": "x"}),
        ("experiment", {"experiment": 3}),
        ("chunk", {"chunk": 0}),
        ("every", {"every": 0}),
        ("direction", {"direction": "maml"}),
        ("device", {"device": "abacus"}),
        ("start", {"start": np.zeros(7)}),
    ],
)
def test_wrong_arguments_are_named(problem, plan, argument, arguments):
    with pytest.raises(InputError) as caught:
        simulate(problem, plan, **arguments)
    assert caught.value.argument == argument


@pytest.mark.parametrize("name", ["B", "D_in", "D_o", "D_h", "B_prime", "D_beta", "iterations"])
def test_a_plan_without_a_size_is_refused_by_name(problem, plan, name):
    with pytest.raises(InputError) as caught:
        simulate(problem, plan.with_(**{name: None}))
    assert caught.value.argument == name


def test_an_infeasible_plan_is_refused_with_its_reason(problem, plan):
    with pytest.raises(InputError, match="below the floor"):
        simulate(problem, plan.with_(step_rule=None, feasible=False, reason="epsilon is below the floor"))


@pytest.mark.parametrize("answer", [torch.zeros(3), None, "nonsense"])
def test_a_direction_of_the_wrong_shape_is_refused(problem, plan, answer):
    with pytest.raises(InputError, match="must return a tensor"):
        simulate(problem, plan, direction=lambda oracle, w, alpha: answer)


def test_importing_the_package_imports_no_numerical_library():
    code = "import empirics, sys; print([m for m in ('numpy', 'torch', 'pandas', 'pyarrow') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
