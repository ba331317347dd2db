"""A handful of evaluations refute wrong constants of an own problem, never right ones."""

import numpy as np
import pytest

from bounds import recommend
from empirics import problems

FAMILY = problems.from_spec("robust-regression:dim=3,n_tasks=4,points=6,loss_name=cauchy")
NAMES = ("L", "rho", "sigma", "sigma_tilde", "sigma_H")


def loss(w, x, y):
    import torch

    return FAMILY.tau**2 * torch.log1p(((x @ w - y) / FAMILY.tau) ** 2) / 2


def own(wrong=(), factor=1e-3, declare=problems.estimated):
    values = {name: getattr(FAMILY.constants(), name) for name in NAMES}
    values |= {name: factor * values[name] for name in wrong}
    constants = {name: declare(value) for name, value in values.items()}
    tasks = [(FAMILY.features[i], FAMILY.labels[i]) for i in range(4)]
    return problems.own_problem(loss, tasks, np.full(3, 2.0), constants, infimum=0.0)


def test_right_constants_are_not_refuted_and_stay_estimates():
    found = problems.confronted(own())
    assert found.refutation() == ""
    assert recommend(found, 0.5).condition == (
        "if the declared Delta and the estimated L, rho, sigma, sigma_tilde, sigma_H hold"
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_constant_is_refuted_alone(name):
    found = problems.confronted(own([name]))
    assert [n for n, standing in found.standing.items() if standing == "refuted"] == [name]
    assert found.observed[name] > getattr(found, name)
    assert found.observed[name] <= getattr(FAMILY.constants(), name) * (1 + 1e-9)


def test_a_wrong_delta_is_refuted():
    problem = own()
    declared = dict(problem.declared) | {"Delta": problems.certified(1e-6)}
    problem = problems.own_problem(problem.loss_of_sample, [(FAMILY.features[0], FAMILY.labels[0])],
                                   np.full(3, 2.0), declared)  # fmt: skip
    assert "Delta refuted" in problems.confronted(problem).refutation()


@pytest.mark.parametrize("spec", [family.name for family in problems.families()])
def test_no_family_is_refuted_when_its_constants_are_taken_for_estimates(spec):
    problem = problems.from_spec(spec)
    alpha = getattr(problem, "tuned", None)
    given = problem.constants(alpha)
    assert set(given.standing.values()) == {"certified"}
    assert problems.confronted(problem, alpha=alpha) is not None
    assert problems.confronted(problem, given.known_as("estimated"), alpha).refutation() == ""


def test_it_says_the_same_twice():
    assert problems.confronted(own(NAMES)).observed == problems.confronted(own(NAMES)).observed


def _on_a_half(w, x, y):
    import torch

    return loss(w, x, y) + 0.01 * torch.sqrt(w[0])


def test_a_loss_that_is_no_number_near_the_start_refutes_what_must_hold_everywhere():
    values = {name: getattr(FAMILY.constants(), name) for name in NAMES}
    constants = {name: problems.estimated(2 * value) for name, value in values.items()}
    tasks = [(FAMILY.features[i], FAMILY.labels[i]) for i in range(4)]
    found = problems.confronted(
        problems.own_problem(_on_a_half, tasks, np.full(3, 2.0), constants, infimum=0.0)
    )
    assert "L refuted: a loss or a gradient near the start is infinite or no number" in found.refutation()
    plan = recommend(found, 0.5)
    assert not plan.feasible
    assert plan.guarantee is None
