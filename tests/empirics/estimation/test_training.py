"""Batched directions are those of the algorithms, a recipe is the plan, real tasks are what they claim."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from bounds import Constants, recommend
from bounds.errors import InputError
from bounds.theory.algorithms import algorithms
from empirics import estimate
from empirics.estimation import tasks, training
from empirics.estimation.derivatives import Curvature, gradient
from empirics.estimation.model import own_model
from empirics.estimation.sources import rows

CONSTANTS = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)


def curved():
    """Return a small nonconvex model whose tasks are drawn."""

    def sampler(rng, points):
        return rng.standard_normal((points, 2)), rng.standard_normal(points)

    return own_model([0.3, -0.2], lambda w, x, y: torch.log1p((x @ w - y) ** 2), sampler)


@pytest.mark.parametrize("make", [curved, tasks.sinusoid, tasks.digits])
@pytest.mark.parametrize("name", algorithms())
def test_a_batch_of_tasks_is_the_tasks_one_by_one(name, make):
    model, plan = make(), recommend(CONSTANTS, 0.5, name, alpha=0.1, depth=0)
    recipe = replace(training.recipe_of(plan), probe_length=1e-4 if plan.probe_length else None)
    w = model.start
    batches = training.drawn(model, np.random.default_rng(0), 3, (4, 5, 6))
    found = training.directions(model.loss, recipe, w, batches)
    for task, direction in enumerate(found):
        inner, outer, hessian = (rows(batch, task) for batch in batches)
        v = gradient(model.loss, w - recipe.alpha * gradient(model.loss, w, inner), outer)
        curve = Curvature(model.loss, w, hessian).product(v)
        expected = v if algorithms()[name].curvature == "none" else v - recipe.alpha * curve
        assert torch.allclose(direction, expected, atol=1e-7)


def test_a_recipe_is_the_plan():
    plan = recommend(CONSTANTS, 0.3, alpha=0.1, depth=0)
    recipe = training.recipe_of(plan)
    assert recipe.samples == plan.samples_per_iteration
    assert recipe.iterations == plan.iterations
    assert recipe.rule == plan.step_rule


def test_a_plan_without_sizes_cannot_be_run():
    first = next(name for name, one in algorithms().items() if one.curvature == "none")
    with pytest.raises(InputError, match="cannot be run"):
        training.recipe_of(recommend(CONSTANTS, 1e-3, first, alpha=0.1))


def test_a_plan_with_levels_is_not_run_as_one_without():
    with pytest.raises(InputError, match="plain inner batch"):
        training.recipe_of(recommend(CONSTANTS, 0.3, alpha=0.1, depth=0).with_(depth=3, rate=0.5))


@pytest.mark.parametrize("step", ["sampled", "self-scaled", "constant"])
def test_the_step_is_the_rules(step):
    model = curved()
    plan = recommend(replace(CONSTANTS, M=1.0), 0.5, alpha=0.1, step=step, depth=0)
    recipe = training.recipe_of(plan)
    slope = torch.tensor([3.0, 4.0], dtype=torch.float64)
    size = training._size(model, recipe, model.start, slope, np.random.default_rng(0))
    if step == "sampled":
        assert 0 < size <= recipe.step_factor / recipe.rule.smoothness
    else:
        u = 5.0 if step == "self-scaled" else 0.0
        assert size == pytest.approx(recipe.step_factor / (recipe.rule.smoothness + recipe.rule.slope * u))


def test_training_lowers_the_loss_and_the_gradient():
    model = tasks.digits()
    recipe = training.Recipe(
        next(iter(algorithms())), 0.4, 10, 10, 10, 10, 60, optimiser=lambda w: torch.optim.Adam(w, 3e-3)
    )
    table = training.train(model, recipe, looks=1)
    assert table.samples.tolist() == [0, 60 * 300]
    assert table.loss.iloc[-1] < table.loss.iloc[0]
    assert table.accuracy.iloc[-1] > table.accuracy.iloc[0] > 0.15
    assert (table.lower <= table.gradient).all()


def test_a_list_of_tasks_is_not_trained_on():
    with pytest.raises(InputError, match="by sampler"):
        training.drawn(own_model([0.0], lambda w, c: (w[0] - c) ** 2, [(np.ones(3),)]), None, 1, (1,))


# ---- real tasks -----------------------------------------------------------------------------------


def test_digits_are_five_classes_of_balanced_images():
    x, y = tasks.images(np.random.default_rng(0), 50)
    assert x.shape == (50, 64)
    assert np.bincount(y).tolist() == [10] * 5


def test_waves_have_the_amplitudes_of_the_classic_task():
    rng = np.random.default_rng(0)
    tops = [np.abs(tasks.waves(rng, 200)[1]).max() for _ in range(200)]
    assert 0.05 < min(tops) < 0.5
    assert 4.5 < max(tops) <= 5.0


@pytest.mark.parametrize(("factory", "size"), [(tasks.sinusoid, 1761), (tasks.digits, 2245)])
def test_real_tasks_are_the_same_at_every_call(factory, size):
    assert factory().dim == size
    assert torch.equal(factory().start, factory().start)


def test_without_scikit_learn_there_is_one_line(monkeypatch):
    tasks._digits.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(InputError, match=r"pip install \"fosp\[tasks\]\""):
        tasks.digits()
    tasks._digits.cache_clear()


def test_a_real_task_is_estimated():
    found = estimate(tasks.digits(), rounds=1, path=2, tasks=16)
    assert found.constants().L > 0.1
    assert not found.notes
