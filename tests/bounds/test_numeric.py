"""No instance exceeds a statement; instances are bad enough to show it when one is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bounds import statement, statements
from bounds.numeric.book import measured
from bounds.numeric.laws import _TESTS, axiom

FAST = [
    "sharp.matrix.product",
    "sharp.gradient-relation",
    "sharp.spread.meta-gradient",
    "sharp.smoothness",
    "sharp.step.square",
    "sharp.inner.bias",
    "sharp.difference.noise",
    "sharp.maml.spread",
    "sharp.hf-maml.bias",
    "sharp.descent.self-scaled",
    "sharp.descent.constant",
    "sharp.plateau.upper",
    "sharp.plateau.trapezoid",
    "sharp.maml.guarantee",
    "sharp.hf-maml.iterations.constant",
    "sharp.fo-maml.floor.self-scaled",
    "sharp.quadratic-bound",
    "sharp.tasks.without-replacement",
    "sharp.matrix.mean",
    "sharp.quadratic.stationary",
    "sharp.quadratic.stationary.fo-maml",
    "sharp.plateau.k-shot",
    "sharp.plateau.k-shot.samples",
    "sharp.hf-maml.step-factor",
]
TIGHT = [
    "sharp.matrix.product",
    "sharp.spread.meta-gradient",
    "sharp.step.square",
    "sharp.inner.bias",
    "sharp.quadratic-bound",
    "sharp.tasks.without-replacement",
    "sharp.quadratic.stationary",
    "sharp.plateau.k-shot",
]


@pytest.mark.parametrize("name", FAST)
def test_no_instance_exceeds_the_bound(name):
    assert measured(statement(name)).ratio <= 1 + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [n for n in statements() if n != "paper.second-moment" and "design" not in n]
)
def test_no_instance_exceeds_any_bound(name):
    worst = measured(statement(name), seed=1)
    assert worst is None or worst.ratio <= 1 + 1e-9


@pytest.mark.parametrize("name", TIGHT)
def test_a_bound_that_is_a_tenth_too_small_is_exceeded(name):
    st = statement(name)
    from sympy import Rational

    assert measured(replace(st, expression=st.expression * Rational(9, 10))).ratio > 1.05


def test_the_search_finds_that_the_recorded_second_moment_is_false():
    assert measured(statement("paper.second-moment")).ratio > 1.05


@pytest.mark.parametrize("test", _TESTS)
def test_no_instance_contradicts_an_axiom(test):
    assert axiom(test).ratio <= 1 + 1e-9


@pytest.mark.parametrize(
    "what",
    ["iterations", "tasks", "inner-batch", "total", "total.noise-free", "total.recorded", "total.multilevel"],
)
def test_the_exponents_of_the_optimised_design(what):
    assert measured(statement(f"sharp.design.{what}")).ratio == pytest.approx(1, abs=0.04)
