from dataclasses import replace

import pytest

from bounds import statement
from bounds.errors import InputError
from empirics import problems
from validate.claims import cost, rates
from validate.design import Setting, pointwise
from validate.judge import judge
from validate.shots import stop
from validate.verdict import Status


@pytest.fixture(scope="module")
def experiment():
    return next(pointwise(Setting(problems.from_spec("plateau"), 0.1), "rates"))


@pytest.mark.parametrize("rate", rates.RATES, ids=lambda r: f"{r.claim}-{r.statement}")
def test_every_exponent_is_what_the_theory_names_and_one_half_off_is_caught(rate, experiment):
    assert judge(rates._check(experiment, rate), 0.01).status is Status.CONSISTENT
    for wrong in (rate.exponent - 0.5, rate.exponent + 0.5):
        assert judge(rates._check(experiment, replace(rate, exponent=wrong)), 0.01).status is Status.VIOLATED


def test_one_over_root_k_in_place_of_one_over_k_is_caught(experiment):
    floors = [rate for rate in rates.RATES if "k-shot-" in rate.claim]
    assert {rate.exponent for rate in floors} == {-1, -0.5, 0}
    for rate in floors:
        wrong = -0.5 if rate.exponent == -1 else -1
        assert judge(rates._check(experiment, replace(rate, exponent=wrong)), 0.01).status is Status.VIOLATED


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
    verdicts = {c.algorithm: judge(c, 0.01) for c in cost.checks(experiment, None, None)}
    assert {v.status for v in verdicts.values()} == {Status.CONSISTENT}
    assert verdicts["maml-full-hessian"].bound == 2
    assert cost.work("hf-maml", 16) > cost.work("maml", 16) > cost.work("fo-maml", 16)


def test_a_full_hessian_passed_off_as_a_product_is_caught(experiment):
    check = cost._check(experiment, "maml-full-hessian", "paper.table.maml.cost", 1.0)
    assert judge(check, 0.01).status is Status.VIOLATED
