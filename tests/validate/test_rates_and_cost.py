from dataclasses import replace

import pytest
import torch

from bounds import statement
from bounds.errors import InputError
from bounds.theory.algorithms.maml import MAML
from empirics import problems
from validate.claims import cost, rates
from validate.counting import Work, count, one_direction
from validate.design import Setting
from validate.judge import judge
from validate.shots import stop
from validate.verdict import Status


@pytest.fixture(scope="module")
def experiment():
    return next(Setting(problems.from_spec("plateau"), 0.1).pointwise("rates"))


def others(rate):
    """Exponents half off, and 1/K or 1/sqrt(K), whichever is wrong, where batches of K samples are bounded."""
    swapped = [-0.5 if rate.exponent == -1 else -1] if "k-shot-" in rate.claim else []
    return {rate.exponent - 0.5, rate.exponent + 0.5, *swapped}


@pytest.mark.parametrize("rate", rates.RATES, ids=lambda r: f"{r.claim}-{r.statement.name}")
def test_every_exponent_is_what_the_theory_names_and_another_is_caught(rate, experiment):
    check = rates._check(experiment, rate)
    assert check.bound == rate.exponent
    assert judge(check, 0.01).status is Status.CONSISTENT
    for wrong in others(rate):
        assert judge(replace(check, bound=wrong), 0.01).status is Status.VIOLATED


@pytest.mark.parametrize("rate", rates.RATES, ids=lambda r: f"{r.claim}-{r.statement.name}")
def test_a_row_names_the_problem_that_it_was_measured_on(rate, experiment):
    given = []

    def value(point, problem):
        given.append(problem.spec)
        return float(point) ** rate.exponent

    named = rates._check(experiment, replace(rate, value=value)).problem
    on = experiment.problem.spec if named == rates.FORMULAS else problems.from_spec(named).spec
    assert set(given) == {on}


def test_exponents_of_formulas_alone_are_those_of_plans_and_of_floors():
    alone = {rate.claim for rate in rates.RATES if rate.on == rates.FORMULAS}
    assert alone == {"rate.samples", "rate.iterations", "rate.k-shot-floor"}


def test_floors_of_every_exponent_are_among_them():
    assert {rate.exponent for rate in rates.RATES if "k-shot-" in rate.claim} == {-1, -0.5, 0}


def test_the_derived_floor_is_above_where_maml_stops_and_nearly_met():
    problem = problems.from_spec(rates.SLOPE)
    values = problem.constants().to_dict() | {"alpha": 0.1, "y": 0.0}
    for K in rates.SHOTS:
        bias = statement("sharp.maml.bias")(**values, D_in=K)
        assert 0.8 * bias < stop(problem, 0.1, K) < bias


def test_a_stop_needs_a_line_and_a_minimiser():
    with pytest.raises(InputError, match="line"):
        stop(problems.from_spec("ripple:dim=2,n_tasks=4"), 0.1, 8)


def test_cost_in_d(experiment):
    verdicts = [judge(c, 0.01) for c in cost.checks(experiment, None, None)]
    assert {v.status for v in verdicts} == {Status.CONSISTENT}
    assert {v.bound for v in verdicts if v.algorithm == "maml-full-hessian"} == {2}
    assert {v.claim for v in verdicts} == {"cost", "cost.elements", "cost.memory"}
    assert cost.work("hf-maml", 16) > cost.work("maml", 16) > cost.work("fo-maml", 16)


@pytest.mark.parametrize("count", cost.COUNTS, ids=lambda count: count.claim)
def test_a_full_hessian_passed_off_as_a_product_is_caught_and_the_other_way_round(count, experiment):
    for direction, wrong in (("maml-full-hessian", 1.0), ("maml", 2.0), ("fo-maml", 2.0)):
        check = cost._check(experiment, count, direction, MAML, wrong)
        assert judge(check, 0.01).status is Status.VIOLATED


def test_counting_by_hand():
    a, b = torch.ones(2, 3), torch.ones(3, 5)
    assert count(lambda: a @ b) == Work(2 * 5 * 3, 2 * 5 * 4)
    assert count(lambda: (a + 1).sum()) == Work(6 + 1, 6 * 4 + 4)
    assert count(lambda: a.T.expand(4, 3, 2)) == Work(0, 0)
    assert count(lambda: a.clone().mul_(2)) == Work(2 * 6, 6 * 4)
    assert count(lambda: torch.stack([a * k for k in range(10)])).peak_bytes == 2 * 240


def test_what_is_made_once_is_no_part_of_the_work():
    """Memory that the first call keeps for the next ones is not counted, however often it was run before."""
    kept = []

    def call():
        if not kept:
            kept.append(torch.ones(1000))
        return torch.ones(10) + 1

    first, again = count(call), count(call)
    assert first == again
    assert first.peak_bytes < 1000
    fresh, used = (one_direction("maml-full-hessian", 16) for _ in range(2))
    used()
    assert count(fresh) == count(used) == count(used)
