from dataclasses import replace

import pytest

from empirics import problems
from validate.claims import cost, rates
from validate.design import Setting, pointwise
from validate.judge import judge
from validate.verdict import Status


@pytest.fixture(scope="module")
def experiment():
    return next(pointwise(Setting(problems.from_spec("plateau"), 0.1), "rates"))


@pytest.mark.parametrize("rate", rates.RATES, ids=lambda r: f"{r.claim}-{r.statement}")
def test_every_exponent_is_what_the_theory_names_and_one_half_off_is_caught(rate, experiment):
    assert judge(rates._check(experiment, rate), 0.01).status is Status.CONSISTENT
    for wrong in (rate.exponent - 0.5, rate.exponent + 0.5):
        assert judge(rates._check(experiment, replace(rate, exponent=wrong)), 0.01).status is Status.VIOLATED


def test_cost_in_d(experiment):
    verdicts = {c.algorithm: judge(c, 0.01) for c in cost.checks(experiment, None, None)}
    assert {v.status for v in verdicts.values()} == {Status.CONSISTENT}
    assert verdicts["maml-full-hessian"].bound == 2
    assert cost.work("hf-maml", 16) > cost.work("maml", 16) > cost.work("fo-maml", 16)


def test_a_full_hessian_passed_off_as_a_product_is_caught(experiment):
    check = cost._check(experiment, "maml-full-hessian", "paper.table.maml.cost", 1.0)
    assert judge(check, 0.01).status is Status.VIOLATED
