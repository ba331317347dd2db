"""The directions against autodiff and by hand, and what the oracle gives them."""

from __future__ import annotations

import pytest
import torch

from bounds.errors import InputError
from bounds.theory.algorithms import runnable
from empirics import algorithms, simulate, trajectory
from empirics.draws import ExactSource, RandomSource, Streams
from empirics.identity import direction_identity
from empirics.layout import layout
from empirics.oracle import Cost


def exact_oracle(problem):
    return next(ExactSource(problem, layout(problem, problem.n_tasks, 1)).oracles(0))


def random_oracle(problem, B=4, sizes=None, seed=0, replicates=2):
    shapes = layout(problem, B, replicates)
    sizes = sizes or {"in": 3, "out": 2, "hess": 5}
    return next(RandomSource(problem, shapes, sizes, Streams(seed, "test", range(replicates))).oracles(0))


def test_maml_is_the_gradient_of_the_meta_objective(problem):
    w = torch.randn(problem.dim, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    w.requires_grad_()
    problem.objective(w, 0.2).backward()
    direction = algorithms.maml(exact_oracle(problem), w.detach().view(1, 1, -1), 0.2)
    torch.testing.assert_close(direction.mean(-2).squeeze(0), w.grad, rtol=1e-12, atol=1e-12)


def test_the_full_hessian_variant_is_the_same_algorithm(problem):
    oracle, w = random_oracle(problem), problem.start.expand(2, 1, -1)
    torch.testing.assert_close(
        algorithms.maml_full_hessian(oracle, w, 0.2), algorithms.maml(oracle, w, 0.2), rtol=1e-13, atol=1e-13
    )


def test_fo_maml_by_hand(problem):
    oracle, w = random_oracle(problem), problem.start.expand(2, 1, -1)
    inner = problem.gradient(oracle.tasks, w, oracle.batch("in"))
    by_hand = problem.gradient(oracle.tasks, w - 0.2 * inner, oracle.batch("out"))
    assert torch.equal(algorithms.fo_maml(oracle, w, 0.2), by_hand)


@pytest.mark.parametrize("length", [1e-2, 0.3])
def test_hf_maml_by_hand(problem, length):
    oracle, w, alpha = random_oracle(problem), problem.start.expand(2, 1, -1), 0.2
    v = algorithms.fo_maml(oracle, w, alpha)
    delta = length / v.norm(dim=-1, keepdim=True)
    ahead = problem.gradient(oracle.tasks, w + delta * v, oracle.batch("hess"))
    behind = problem.gradient(oracle.tasks, w - delta * v, oracle.batch("hess"))
    expected = v - alpha * (ahead - behind) / (2 * delta)
    found = algorithms.hf_maml(length)(oracle, w, alpha)
    torch.testing.assert_close(found, expected, rtol=1e-14, atol=0)


def test_hf_maml_tends_to_maml_as_the_probe_shrinks(problem):
    oracle, w = random_oracle(problem), problem.start.expand(2, 1, -1)
    target = algorithms.maml(oracle, w, 0.2)
    directions = [algorithms.hf_maml(length) for length in (1e-1, 1e-2, 1e-3)]
    errors = [(direction(oracle, w, 0.2) - target).norm().item() for direction in directions]
    assert errors[1] == pytest.approx(errors[0] / 100, rel=0.05)
    assert errors[2] == pytest.approx(errors[1] / 100, rel=0.05)


def test_hf_maml_at_a_zero_gradient_has_no_difference():
    class Flat:
        tasks = torch.zeros(1, 2, dtype=torch.long)

        def gradient(self, w, split):
            return torch.zeros(1, 2, 3, dtype=torch.float64)

    w = torch.zeros(1, 1, 3, dtype=torch.float64)
    assert torch.equal(algorithms.hf_maml(1.0)(Flat(), w, 0.1), w.expand(1, 2, 3))


@pytest.mark.parametrize("length", [0.0, -1.0, float("nan"), float("inf")])
def test_hf_maml_refuses_a_probe_that_is_no_length(length):
    with pytest.raises(InputError, match="probe_length"):
        algorithms.hf_maml(length)


def test_a_plan_without_a_probe_is_no_plan_for_hf_maml(plans):
    with pytest.raises(InputError, match="probe_length"):
        algorithms.by_name("hf-maml", plans(probe_length=None))
    with pytest.raises(InputError, match="probe_length"):
        plans(algorithm="hf-maml", probe_length=None)


def test_the_same_name_means_the_same_samples_and_other_names_others(problem):
    oracle, w = random_oracle(problem, sizes={"in": 1, "out": 1, "hess": 1}), problem.start.expand(2, -1)
    first = {split: oracle.gradient(w, split) for split in ("in", "out", "hess")}
    for split in ("hess", "in", "out"):
        assert torch.equal(oracle.gradient(w, split), first[split])
    assert len({tuple(g.flatten().tolist()) for g in first.values()}) == 3


def test_points_of_every_shape_give_the_same_answer(problem):
    oracle, w = random_oracle(problem), problem.start.expand(2, -1)
    flat = oracle.gradient(w, "in")
    assert flat.shape == (2, 4, problem.dim)
    for points in (w.unsqueeze(1), w.unsqueeze(1).expand(2, 4, -1)):
        torch.testing.assert_close(oracle.gradient(points, "in"), flat, rtol=1e-14, atol=1e-14)


def test_tasks_drawn_twice_get_fresh_samples(problem):
    oracle = random_oracle(problem, B=50, replicates=1)
    tasks = oracle.tasks[0].tolist()
    noise = oracle.batch("in")[0]
    first, second = [row for row, task in enumerate(tasks) if task == tasks[0]][:2]
    assert not torch.equal(noise[first], noise[second])


def test_a_batch_that_is_not_looked_at_changes_nothing_else(problem, plan):
    fo = trajectory(problem, plan, replicates=2, direction=algorithms.fo_maml)

    def looks_but_does_not_use(oracle, w, alpha):
        oracle.hessian_vector(w, w, "hess")
        return algorithms.fo_maml(oracle, w, alpha)

    assert (trajectory(problem, plan, replicates=2, direction=looks_but_does_not_use) == fo).all()


def test_unknown_names_are_refused(problem, plan):
    with pytest.raises(InputError, match="split"):
        random_oracle(problem).gradient(problem.start.expand(2, -1), "inner")
    with pytest.raises(InputError, match="split"):
        exact_oracle(problem).gradient(problem.start.expand(1, -1), "inner")
    for name in ("reptile", "no.such.module:maml", "math:no_such", "math:pi", ":", ""):
        with pytest.raises(InputError, match="direction"):
            algorithms.by_name(name, plan)


def test_directions_by_name(plan):
    assert algorithms.for_plan(plan) is algorithms.maml
    assert algorithms.for_plan(plan.with_(algorithm="fo-maml")) is algorithms.fo_maml
    assert algorithms.by_name("empirics.algorithms:fo_maml", plan) is algorithms.fo_maml
    assert algorithms.by_name("maml-full-hessian", plan) is algorithms.maml_full_hessian
    assert callable(algorithms.for_plan(plan.with_(algorithm="hf-maml")))


def test_the_oracle_counts_the_work(problem):
    def cost(direction, B=4):
        oracle = random_oracle(problem, B, {"in": 3, "out": 2, "hess": 5})
        direction(oracle, problem.start.expand(2, 1, -1), 0.1)
        return oracle.cost

    each, dim = 2 * 4, problem.dim
    assert cost(algorithms.maml) == Cost(2 * each, each, each * 10)
    assert cost(algorithms.fo_maml) == Cost(2 * each, 0, each * 5)
    assert cost(algorithms.hf_maml(0.1)) == Cost(4 * each, 0, each * 10)
    assert cost(algorithms.maml_full_hessian) == Cost(2 * each, dim * each, each * 10)


SABOTAGED = {
    "sign of alpha": lambda o, w, a: algorithms.maml(o, w, -a),
    "outer sign": lambda o, w, a: -algorithms.maml(o, w, a),
    "sum": lambda o, w, a: algorithms.maml(o, w, a) * o.tasks.shape[-1],
    "reused batch": lambda o, w, a: o.gradient(w - a * o.gradient(w, "in"), "in"),
}


@pytest.mark.parametrize("name", SABOTAGED)
def test_anyones_direction_runs_and_is_not_maml(problem, plan, name):
    wrong = simulate(problem, plan, replicates=2, direction=SABOTAGED[name])
    right = simulate(problem, plan, replicates=2)
    assert len(wrong) == len(right)
    assert not (wrong.grad_norm == right.grad_norm).all()


def test_an_algorithm_is_found_beside_a_folder_of_the_users_with_the_same_name(tmp_path, monkeypatch, plan):
    (tmp_path / "empirics").mkdir()
    (tmp_path / "empirics" / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert algorithms.for_plan(plan) is algorithms.maml


def test_a_strangers_algorithm_runs_by_its_name(tmp_path, monkeypatch, plan):
    text = """
from dataclasses import replace
from bounds.theory.algorithms import fo_maml

def direction(oracle, w, alpha):
    return oracle.gradient(w, "out")

LAZY = replace(fo_maml.FO_MAML, name="lazy", recorded=None, direction="strangers_lazy:direction")
"""
    (tmp_path / "strangers_lazy.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOSP_THEORY", "strangers_lazy")
    lazy = plan.with_(algorithm="lazy")
    assert algorithms.for_plan(lazy).__name__ == "direction"
    assert algorithms.behind("lazy") == "strangers_lazy:direction"
    assert direction_identity("lazy", lazy) is not None
    assert direction_identity("maml", plan) is None
    assert "lazy" in runnable()
    monkeypatch.delenv("FOSP_THEORY")
    assert "lazy" not in runnable()
