"""Constants: enclosures and found values bracket the truth; constants that are too small are caught."""

import time
from dataclasses import dataclass

import pandas as pd
import pytest
import torch
from random_settings import FAMILIES, random_setting

from empirics import problems
from empirics.problems.base import Certificate
from empirics.problems.intervals import outward
from empirics.problems.search import search

MANY_TASKS = ("ripple", "shared-hessian", "quadratic", "wells", "robust-regression", "sigmoid-classification")


def _certified(problem, evaluations):
    table = problems.certify(problem, evaluations=evaluations).set_index("constant")
    assert set(table.index) == {"L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta"}
    assert (table.status == "certified").all(), (problem.spec, table)
    assert (table.lower <= table.upper * (1 + 1e-15)).all()
    assert (table.found <= table.upper * (1 + 1e-9) + 1e-12).all()
    return table


@pytest.mark.parametrize("family", list(FAMILIES))
def test_constants_of_the_defaults(family):
    small = {"ramp-bowl": ":dim=3,n_tasks=4"} | dict.fromkeys(MANY_TASKS, ":dim=3,n_tasks=5")
    table = _certified(problems.from_spec(family + small.get(family, "")), 1_000)
    attained = table[table.attained]
    assert (abs(attained.found / attained.value - 1).fillna(0) <= 1e-3).all(), table
    width = (attained.upper - attained.lower).drop("Delta", errors="ignore")
    assert (width <= 1e-12 * attained.value.loc[width.index]).all()


@pytest.mark.parametrize("family", list(FAMILIES))
def test_constants_of_random_settings(family):
    _within(random_setting(family, 0), 400, reach=None)


def _within(problem, evaluations, reach):
    """No declared constant is exceeded, by a search or by its enclosure; attained ones are reached."""
    declared, found = problem.certificates(), search(problem, evaluations=evaluations)
    for name, hit in found.items():
        constant = declared[name]
        assert hit.value <= constant.value * (1 + 1e-9) + 1e-12, (problem.spec, name, hit.value, constant)
        _, upper = outward(problem.enclosures()[name])
        assert upper <= constant.value * (1 + 1e-12), (problem.spec, name, upper, constant)
        if reach is not None and constant.attained:
            assert hit.value >= constant.value * (1 - reach), (problem.spec, name, hit.value, constant)


@pytest.mark.slow
@pytest.mark.parametrize("family", list(FAMILIES))
def test_constants_of_fifty_settings(family):
    for seed in range(50):
        _within(random_setting(family, seed), 100_000, reach=1e-3)


@pytest.mark.parametrize("spec", ["ripple:dim=4", "plateau:dim=3,Delta=2", "trapezoid", "ramp"])
def test_delta_at_one_alpha_is_exact(spec):
    table = problems.certify(problems.from_spec(spec), alpha=0.1, evaluations=500).set_index("constant")
    delta = table.loc["Delta"]
    assert delta.attained
    assert delta.found == pytest.approx(delta.value, rel=1e-8)
    assert delta.found <= delta.value


@pytest.mark.slow
@pytest.mark.parametrize("family", list(FAMILIES))
def test_attained_constants_agree_to_a_millionth(family):
    table = _certified(problems.from_spec(family), 100_000)
    attained = table[table.attained]
    assert (abs(attained.found / attained.value - 1).fillna(0) <= 1e-6).all(), table


@dataclass(frozen=True, kw_only=True)
class Understated(problems.Ripple):
    """A ripple that declares one of its constants a little too small."""

    constant: str = "L"

    def certificates(self, alpha=None):
        known = super().certificates(alpha)
        true = known[self.constant]
        return known | {self.constant: Certificate(0.99 * true.value, true.formula, true.attained)}

    def enclosures(self):
        return {}


@pytest.mark.parametrize("constant", ["L", "rho", "sigma", "sigma_tilde", "sigma_H"])
def test_a_constant_one_percent_too_small_is_found(constant):
    problem = Understated(dim=3, n_tasks=5, constant=constant)
    table = problems.certify(problem, evaluations=1_000).set_index("constant")
    assert table.status[constant] == "too small"
    assert (table.status.drop(constant) == "declared").all()


def test_a_delta_too_small_is_found():
    problem = Understated(dim=2, n_tasks=5, constant="L")
    table = problems.certify(problem, evaluations=500).set_index("constant")
    gap = table.found["Delta"]

    @dataclass(frozen=True, kw_only=True)
    class Lower(problems.Ripple):
        def certificates(self, alpha=None):
            return super().certificates(alpha) | {"Delta": Certificate(0.9 * gap, "", False)}

    table = problems.certify(Lower(dim=2, n_tasks=5), evaluations=500).set_index("constant")
    assert table.status["Delta"] == "too small"


def test_a_constant_called_attained_that_is_not_is_found():
    @dataclass(frozen=True, kw_only=True)
    class Overstated(problems.Ripple):
        def certificates(self, alpha=None):
            return super().certificates(alpha) | {"L": Certificate(1.1 * self.L, "", True)}

    table = problems.certify(Overstated(dim=3, n_tasks=5), evaluations=1_000).set_index("constant")
    assert table.status["L"] == "not reached"


def test_an_enclosure_above_the_constant_is_found():
    @dataclass(frozen=True, kw_only=True)
    class Contradictory(problems.Wells):
        def certificates(self, alpha=None):
            return super().certificates(alpha) | {"sigma": Certificate(0.9 * self.sigma, "", False)}

    table = problems.certify(Contradictory(dim=2, n_tasks=3), evaluations=500).set_index("constant")
    assert table.found["sigma"] < 0.9 * 0.5
    assert table.status["sigma"] == "too small"


def test_a_budget_in_seconds_gives_a_first_answer_of_every_constant():
    problem = problems.from_spec("robust-regression:dim=3,n_tasks=4,points=6")
    begin, seen = time.monotonic(), []
    table = problems.certify(problem, evaluations=10**7, seconds=0.2, progress=seen.append)
    assert time.monotonic() - begin < 10
    assert [len(part) for part in seen] == [1, 2, 3, 4, 5, 6]
    assert (table.made < 1).all()
    assert (table.found > 0).all()
    assert (table.found <= table.value * (1 + 1e-9)).all()


def test_without_a_budget_the_evaluations_decide_the_table():
    problem = problems.from_spec("robust-regression:dim=3,n_tasks=4,points=6")
    first, again = (problems.certify(problem, evaluations=400) for _ in range(2))
    ample = problems.certify(problem, evaluations=400, seconds=1000)
    assert (first.made == 1).all()
    pd.testing.assert_frame_equal(first, again)
    pd.testing.assert_frame_equal(first, ample)


@pytest.mark.parametrize("evaluations", [1, 30, 300])
@pytest.mark.parametrize("family", ["ripple:dim=3,n_tasks=5", "trapezoid", "wells:dim=2,n_tasks=3"])
def test_few_evaluations_refute_no_right_constant(family, evaluations):
    problem = problems.from_spec(family)
    findings = problems.check_problem(problem, evaluations=evaluations)
    assert not (findings.verdict == "wrong").any(), findings
    late = findings[findings.verdict == "not reached"]
    assert (late.measured < late.allowed).all()


def test_threads_are_given_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        problems.certify(problems.from_spec("ramp"), evaluations=20)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
