"""Plans with several inner steps and a multilevel batch: decided, safe, never dearer, of a better order."""

import math

import pytest
from sympy import Rational

from bounds import Constants, InputError, recommend, statement
from bounds.derivation.deciding import decide
from bounds.deriving import derivation
from bounds.theory import one_step
from bounds.theory.algorithms import algorithm
from bounds.theory.inner_steps.layers import _recursion, k_c, spreads

NOISY = Constants(L=1.0, rho=1.0, sigma=1.0, sigma_tilde=30.0, sigma_H=1.0, Delta=1.0)


@pytest.mark.parametrize("N", [2, 3])
@pytest.mark.parametrize("name", ["maml", "fo-maml"])
@pytest.mark.parametrize("what", ["bias", "spread"])
def test_every_step_is_decided(name, N, what):
    steps = derivation(one_step.DIRECTION[what](algorithm(name, N), True)).steps
    coupled = {"the distance of two coupled paths", "noise of two coupled halves"}
    assert (coupled <= {step.name for step in steps}) == (what == "spread")
    assert all(decide(step).status in ("decided", "definition") for step in steps)


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_the_recursion_of_the_distance_in_closed_form(n):
    assert (spreads(n) - _recursion(n)).expand() == 0
    assert spreads(n).subs(k_c, 1) == 1 + Rational(3, 2) * (n - 1)


@pytest.mark.parametrize("epsilon", [0.1, 0.01, 0.001])
def test_levels_are_safe_and_never_dearer(epsilon):
    plain, best = (recommend(NOISY, epsilon, alpha=0.05, inner_steps=2, depth=depth) for depth in (0, None))
    assert best.total_samples <= 1.001 * plain.total_samples
    bound = statement(best.statement)
    known = best.values()
    assert bound.enclose(**{name: known[name] for name in bound.symbols})[1] <= epsilon
    assert best.inner_steps == 2


def test_levels_mend_the_order_of_two_steps():
    """A plain batch costs epsilon^-6 from two steps on; with levels it is epsilon^-4 times a squared logarithm."""
    targets = (1e-4, 1e-5)
    costs = [
        [recommend(NOISY, e, alpha=0.05, inner_steps=2, depth=d).total_samples for e in targets]
        for d in (0, None)
    ]
    plain, deep = (math.log10(high / low) for low, high in costs)
    assert 5.7 < plain < 6.1
    assert 3.9 < deep < 4.6


def test_a_probe_has_no_levels_yet_and_says_so():
    assert recommend(NOISY, 0.01, "hf-maml", alpha=0.05, inner_steps=2).depth == 0
    with pytest.raises(InputError, match="hf-maml with 2 inner steps has no multilevel inner batch"):
        recommend(NOISY, 0.01, "hf-maml", alpha=0.05, inner_steps=2, depth=3)


@pytest.mark.parametrize("name", ["maml", "fo-maml"])
def test_faces_of_the_domain(name):
    for zero in ("rho", "sigma", "sigma_tilde", "sigma_H"):
        constants = Constants(**{**NOISY.values(), "sigma_tilde": 3.0, zero: 0.0})
        plan = recommend(constants, 1.0, name, alpha=0.02, inner_steps=2, depth=3)
        assert plan.feasible
        assert plan.guarantee <= 1.0
