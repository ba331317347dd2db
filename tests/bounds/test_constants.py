from __future__ import annotations

import math
import pickle

import pytest

from bounds import Constants, InputError

GOOD = {"L": 1.0, "rho": 1.0, "sigma": 0.3, "sigma_tilde": 0.3, "sigma_H": 0.3, "Delta": 1.0}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, -math.inf, "1", None, True, [1.0]])
def test_a_bad_constant_is_refused_by_name(name, value):
    with pytest.raises(InputError) as caught:
        Constants(**{**GOOD, name: value})
    assert caught.value.argument == name
    assert "\n" not in str(caught.value)


def test_zero_is_allowed_except_for_the_smoothness():
    assert Constants(L=1, rho=0, sigma=0, sigma_tilde=0, sigma_H=0, Delta=0).rho == 0.0
    with pytest.raises(InputError, match="L = 0"):
        Constants(**{**GOOD, "L": 0})


def test_constants_are_frozen_and_plain():
    constants = Constants(**GOOD)
    with pytest.raises(AttributeError):
        constants.L = 2.0
    assert constants.to_dict() == {**GOOD, "M": None}


def test_an_input_error_survives_a_process_border():
    error = InputError("epsilon", -1.0, "must be > 0", "take 0.1")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
