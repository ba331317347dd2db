"""Interval proofs: every enclosure holds the truth, which is computed in another way."""

import math

import numpy as np
import pytest
import sympy as sp

from empirics.problems.intervals import (
    IV,
    covariance,
    exact,
    extreme,
    outward,
    root,
    sine_pair,
    top_eigenvalue,
)
from empirics.problems.robust_regression import CRITICAL, LOSSES


def test_ends_are_rounded_outwards():
    low, high = outward(root(IV.mpf(2)))
    assert low < high <= math.nextafter(low, 2)
    assert sp.Rational(low) ** 2 < 2 < sp.Rational(high) ** 2
    assert outward(exact(0.1)) == (0.1, 0.1)


def test_covariance_encloses_the_rational_value():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 9))
    a, b = [sp.Rational(float(v)) for v in x], [sp.Rational(float(v)) for v in y]
    truth = sum(p * q for p, q in zip(a, b, strict=True)) / 9 - sum(a) * sum(b) / 81
    low, high = outward(covariance(x, y))
    assert sp.Rational(low) <= truth <= sp.Rational(high)
    assert high - low < 1e-15


def test_variance_over_tasks_is_bounded_for_every_angle():
    rng = np.random.default_rng(1)
    for _ in range(20):
        x, c, s = rng.standard_normal((3, 5)) * rng.uniform(0, 2, (3, 1))
        t = np.linspace(0, 2 * np.pi, 4001)[:, None]
        seen = (x + c * np.sin(t) + s * np.cos(t)).var(1).max()
        assert seen <= outward(sine_pair(x, c, s))[1]
    flat = outward(sine_pair(0 * x, c, s))[1]
    assert (c * np.sin(t) + s * np.cos(t)).var(1).max() == pytest.approx(flat, rel=1e-5)


def test_top_eigenvalue_is_enclosed():
    rng = np.random.default_rng(2)
    for shape in ((1, 1), (4, 7), (30, 5)):
        x = rng.standard_normal(shape)
        low, high = outward(top_eigenvalue(x, shape[0]))
        truth = np.linalg.norm(x, 2) ** 2 / shape[0]
        assert low * (1 - 1e-14) <= truth <= high * (1 + 1e-14)
        assert high - low <= 1e-12 * high


U = sp.Symbol("u", real=True)
PSI = {
    "welsch": 1 - sp.exp(-(U**2) / 2),
    "cauchy": sp.log(1 + U**2) / 2,
    "geman-mcclure": U**2 / (2 * (1 + U**2)),
}


@pytest.mark.parametrize("name", list(LOSSES))
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_critical_points_are_all_and_the_bounds_follow(name, order):
    derivative = sp.simplify(sp.diff(PSI[name], U, order))
    function, squares = CRITICAL[name][order - 1]
    at = sp.Rational(3, 7)
    low, high = outward(abs(function(exact(float(at)))))
    assert low * (1 - 1e-12) <= abs(float(derivative.subs(U, float(at)))) <= high * (1 + 1e-12)
    numerator = sp.numer(
        sp.together(sp.simplify(sp.diff(derivative, U) * sp.exp(U**2 / 2 if name == "welsch" else 0)))
    )
    roots = sorted(
        {
            round(float(r) ** 2, 12)
            for r in sp.Poly(sp.expand(numerator), U).nroots(n=30)
            if abs(sp.im(r)) < 1e-20
        }
    )
    given = sorted(round(float(IV.mpf(s).mid), 12) for s in squares)
    assert roots == pytest.approx(given, abs=1e-9)
    low, high = outward(extreme(function, squares))
    assert LOSSES[name][order - 1] == pytest.approx(high, rel=1e-14)
    grid = np.linspace(-12, 12, 100_001)
    seen = np.abs(sp.lambdify(U, derivative, "numpy")(grid)).max()
    assert high * (1 - 1e-6) <= seen <= high * (1 + 1e-12)
