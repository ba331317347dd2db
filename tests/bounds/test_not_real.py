"""Where a formula has no real value: nobody gets a number, and everybody hears why."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import I, Max, Min, Rational, log, root, sqrt

from bounds import InputError
from bounds.bound import Condition, Definition
from bounds.errors import DomainError
from bounds.evaluation import inside, parts
from bounds.stating import PURE, derived
from bounds.symbols import K, beta, defined, quantity
from bounds.units import unit

MU = quantity("mu", unit(1, -2), r"\mu", "constant of the Polyak-Lojasiewicz inequality")
gap = 1 - MU.symbol * beta
PART = Definition(defined("part"), gap**K)
UNREAL = {
    "power": gap**K,
    "root": sqrt(gap),
    "third": root(gap, 3),
    "logarithm": log(gap),
    "smaller": Min(gap**K, 1),
    "larger": Max(1, gap**K),
    "inside": 2 + 3 * gap**K,
    "part": 1 + PART.symbol,
}
POINT = {"mu": 2.5, "beta": 1.0, "K": 2.5}


def stated(expression, **more):
    where = (PART,)
    return derived(
        "unreal", "a rate", "r", expression, PURE, "nothing", quantities=(MU,), where=where, **more
    )


@pytest.fixture(params=UNREAL)
def st(request):
    return stated(UNREAL[request.param])


def test_no_number_comes_out_of_it(st):
    for ask in (st, st.enclose):
        with pytest.raises(DomainError, match=r"no real value at .*mu = 2\.5"):
            ask(**POINT)


def test_at_and_explain_say_why(st):
    value, why = st.at(POINT)
    assert math.isnan(value)
    assert "no real value" in why
    told = st.explain(**POINT)
    assert told["value"] is None
    assert told["parts"] == {}
    assert "no real value" in told["why"]


def test_of_arrays_that_one_is_named_and_outside(st):
    values = POINT | {"mu": np.array([0.5, 2.5])}
    with pytest.raises(DomainError, match=r"no real value at .*mu = 2\.5"):
        st(**values)
    assert np.isnan(inside(st, values)).tolist() == [False, True]
    assert st(**POINT | {"mu": np.array([0.25, 0.5])}).shape == (2,)


def test_where_it_is_real_there_is_a_number(st):
    low, high = st.enclose(**POINT | {"mu": 0.5})
    assert low <= st(**POINT | {"mu": 0.5}) <= high or high - low < 1e-15
    assert st.explain(**POINT | {"mu": 0.5})["why"] == ""


def test_whole_powers_of_what_is_negative_are_real():
    assert stated(gap**K)(**POINT | {"K": 2}) == 2.25
    assert stated(gap**K).enclose(**POINT | {"K": 2}) == (2.25, 2.25)


def test_a_condition_that_is_not_real_does_not_hold():
    st = stated(gap, domain=(Condition("rate", gap**K, 1),))
    with pytest.raises(DomainError, match="no real value"):
        st(**POINT)
    assert "no real value" in st.explain(**POINT)["why"]
    assert np.isnan(inside(st, POINT)).all()


def test_nor_has_a_part():
    with pytest.raises(DomainError, match="no real value"):
        parts(stated(1 + PART.symbol), {"K": 2.5, "beta": 1.0, "mu": 2.5})


@pytest.mark.parametrize("expression", [I * gap, root(-beta * MU.symbol, 3), log(-beta * MU.symbol)])
def test_a_formula_that_is_never_real_is_refused(expression):
    with pytest.raises(InputError, match="must be real"):
        stated(expression)


def test_an_infinite_value_without_a_zero_is_named_by_its_point():
    st = stated(1 / gap)
    with pytest.raises(DomainError, match="no finite value at beta = 1, mu = 1"):
        st(mu=1.0, beta=1.0)
    assert "no finite value at beta = 1" in st.explain(mu=1.0, beta=1.0)["why"]


def test_nan_that_was_observed_is_carried():
    from bounds.symbols import y

    st = derived("seen", "t", "r", y * Rational(1, 2), unit(1, -1), "nothing")
    assert math.isnan(st(y=math.nan))
    assert np.isnan(st(y=np.array([math.nan, 1.0]))).tolist() == [True, False]
