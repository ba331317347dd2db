"""Tolerances: what round-off may excuse, and what it may not."""

import math

import numpy as np
import pytest

from bounds.errors import InputError
from empirics import problems
from validate import check
from validate.directions import cases
from validate.judge import Check
from validate.statistics import exact_interval
from validate.tolerance import direction_round_off, gradient_scale, round_off, square_round_off


def single(x):
    return x.float().double()


def maml_in_single_precision(oracle, w, alpha):
    w = single(w)
    adapted = single(w - alpha * single(oracle.gradient(w, "in")))
    v = single(oracle.gradient(adapted, "out"))
    return v - alpha * single(oracle.hessian_vector(w, v, "hess"))


def off_by_a_hundred_thousandth(oracle, w, alpha):
    return maml_in_single_precision(oracle, w, alpha) + 1e-5 * (1 + w.norm(dim=-1, keepdim=True))


def judged(direction, spec, name="maml", epsilon=0.3, **more):
    directions = {} if direction is None else {name: direction}
    return check(spec, epsilon, directions=directions, algorithms=[name], claims=["direction"], **more)


@pytest.mark.parametrize("noise", [1.0, 3e-3, 1e-6])
def test_single_precision_is_no_violation_however_small_the_noise(noise, monkeypatch):
    monkeypatch.setattr(cases, "CALLS", 300)
    spec = f"ripple:dim=3,n_tasks=8,sigma={noise},sigma_tilde={noise}"
    assert judged(maml_in_single_precision, spec).ok


def test_an_error_larger_than_single_precision_is_still_seen():
    spec = "ripple:dim=3,n_tasks=8,sigma=0.003,sigma_tilde=0.003"
    assert "direction.exact" in {v.claim for v in judged(off_by_a_hundred_thousandth, spec).refuted}


@pytest.mark.parametrize("algorithm", ["maml", "fo-maml", "hf-maml"])
def test_equal_numbers_are_equal_where_nothing_is_random(algorithm, monkeypatch):
    """With few batches: all of them are the same."""
    monkeypatch.setattr("validate.claims.direction.BATCHES", 1000)
    assert judged(None, "ramp", algorithm, 0.1).ok


@pytest.mark.parametrize("spec", ["plateau", pytest.param("hf-counterexample", marks=pytest.mark.slow)])
@pytest.mark.parametrize("reach", [1e-6, pytest.param(1e-3, marks=pytest.mark.slow)])
def test_small_inner_steps_raise_no_alarm(spec, reach):
    alpha = reach / problems.from_spec(spec).constants().L
    assert check(spec, 0.1, alpha=alpha, claims=["plateau"]).ok


def test_a_negative_margin_is_refused_and_nan_decides_nothing():
    def make(margin):
        return Check("c", "s", "maml", "p", 1.0, lambda error: exact_interval(1.0), "==", margin)

    with pytest.raises(InputError, match="must not be negative"):
        make(-1e-300)
    assert make(0.0).margin == 0.0
    assert math.isnan(make(math.nan).margin)


def test_tolerances_scale_with_what_is_computed():
    for made in (round_off, direction_round_off):
        assert made(-3.0) == made(3.0) > 0
        assert made(3e20) == pytest.approx(1e20 * made(3.0))
        assert math.isnan(made(math.nan))
    assert square_round_off(-1e-17, 1e-3) == 1e-6
    assert square_round_off(4.0, 1e-3) == pytest.approx((2 + 1e-3) ** 2 - 4)


def test_round_off_of_a_gradient_covers_the_rounding_of_the_point():
    rng = np.random.default_rng(0)
    for size in (1.0, 1e6, 1e12):
        w = size * rng.standard_normal(1000)
        centre = np.nextafter(w, 0) * rng.choice([1, 1 - 2**-30], 1000)
        exact = np.array([float(a) - float(b) for a, b in zip(w, centre, strict=True)])
        computed = (w * (1 + 2**-53) - centre).astype(float)
        assert (np.abs(computed - exact) <= round_off(gradient_scale(np.abs(exact), 1.0, np.abs(w)))).all()
