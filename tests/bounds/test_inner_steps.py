"""N inner steps: at N = 1 as ever; random matrices; directions that are enumerated; every step decided."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from bounds import Constants, InputError, recommend, statement, statements
from bounds.derivation.deciding import decide
from bounds.deriving import derivation
from bounds.ledger import SETTLED
from bounds.theory import complexity, one_step
from bounds.theory.algorithms import algorithm, algorithms
from bounds.theory.algorithms import statements as said_of
from bounds.theory.inner_steps import MOST, lemmas, products
from bounds.theory.matrices import x as x_symbol

NAMES = ("maml", "fo-maml", "hf-maml")
QUANTITIES = ("guarantee", "floor", "iterations")


def drawn(rng, reach):
    names = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta", "M", "epsilon", "y")
    v = {name: 10 ** rng.uniform(-1, 0.7) for name in names}
    v |= {name: 10 ** rng.uniform(0, 4) for name in ("B", "D_in", "D_o", "D_h", "B_prime", "D_beta")}
    v |= {"K": 10 ** rng.uniform(2, 6), "c": 10 ** rng.uniform(-3, -0.3), "theta": rng.uniform(0.1, 1)}
    return v | {
        "probe_length": 10 ** rng.uniform(-3, 0),
        "n_tasks": 1e5,
        "alpha": rng.uniform(1e-4, reach) / v["L"],
    }


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_said_of_three_steps_is_found_by_its_name(name):
    for st in said_of(algorithm(name, 3)):
        assert statement(st.name) == st


@pytest.mark.parametrize("name", NAMES)
def test_with_one_step_everything_is_as_it_was(name):
    rng, one = random.Random(name), algorithm(name)
    again = one.after(one, 1)
    pairs = [(make(one), make(again)) for make in one_step.DIRECTION.values()]
    for what, rule, finite in itertools.product(QUANTITIES, again.rules, (False, True)):
        both = ((a, a.rules[rule]) for a in (one, again))
        pairs.append(tuple(complexity.theorem(what, a, r, finite) for a, r in both))
    for old, new in pairs:
        values = [drawn(rng, 0.4999) for _ in range(60)]
        seen = [(old.at(v)[0], new.at(v)[0]) for v in values]
        finite = [(a, b) for a, b in seen if not math.isnan(a)]
        assert [math.isnan(a) for a, _ in seen] == [math.isnan(b) for _, b in seen]
        assert len(finite) > 3
        assert all(abs(a - b) <= 1e-12 * abs(a) for a, b in finite), old.name


def test_the_lemmas_with_one_step_are_the_usual_ones():
    names = (
        "gradient-relation",
        "root-mean-square",
        "spread.meta-gradient",
        "spread.adapted",
        "smoothness",
        "inner.bias",
    )
    usual = [statement(f"sharp.{name}") for name in names] + [statement("sharp.plateau.upper")]
    rng = random.Random(2)
    for old, new in zip(usual, (*lemmas.lemmas(1), lemmas.plateau(1)), strict=True):
        for _ in range(50):
            v = drawn(rng, 0.4999) | {"gradient": rng.random(), "mean_norm": rng.random()}
            assert new(**v) == pytest.approx(old(**v), rel=1e-12), old.name


def symmetric(rng, d, x):
    U = np.linalg.qr(rng.standard_normal((d, d)))[0]
    ends = rng.choice([-x, x], d) if rng.random() < 0.7 else rng.uniform(-x, x, d)
    return np.eye(d) - U @ np.diag(ends) @ U.T


@pytest.mark.parametrize("m", range(1, 9))
def test_products_of_factors(m):
    """Distance from a number, least value, and that of the inverse: never exceeded, and nearly met."""
    rng, x = np.random.default_rng(m), 1 / max(m, 2)
    number = (1 + x * x) ** (m // 2)
    most = float(products.away(m).subs(x_symbol, x))
    far, least, back = 0.0, math.inf, math.inf
    for _ in range(600):
        d = rng.integers(1, 4)
        one = symmetric(rng, d, x)
        M = np.linalg.multi_dot(
            [np.eye(d), *(one if rng.random() < 0.3 else symmetric(rng, d, x) for _ in range(m))]
        )
        far = max(far, np.linalg.norm(M - number * np.eye(d), 2))
        least = min(least, np.linalg.eigvalsh((M + M.T) / 2)[0])
        K = np.linalg.inv(M)
        back = min(back, np.linalg.eigvalsh((K + K.T) / 2)[0])
    assert far <= most * (1 + 1e-12)
    assert least >= (1 - x) ** m * (1 - 1e-12)
    assert back >= (1 + x) ** -m * (1 - 1e-12)
    assert far > 0.6 * most
    assert least < 1.3 * (1 - x) ** m


class Line:
    """Two cosine tasks on a line; the noise of a gradient or a Hessian has two values."""

    def __init__(self, rng):
        self.m, self.k, self.sigma = rng.uniform(0.05, 0.3), rng.uniform(0.5, 2), 1.0
        self.s, self.h = rng.choice([0.0, 0.4, 2.0]), rng.choice([0.0, 0.5])
        self.L, self.rho = self.m + self.sigma * self.k, self.sigma * self.k**2

    def g(self, i, w):
        return self.m * w + (1, -1)[i] * self.sigma * math.cos(self.k * w)

    def H(self, i, w):
        return self.m - (1, -1)[i] * self.sigma * self.k * math.sin(self.k * w)

    def F(self, w, alpha, N):
        total = []
        for i in (0, 1):
            product, p = 1.0, w
            for _ in range(N):
                product, p = product * (1 - alpha * self.H(i, p)), p - alpha * self.g(i, p)
            total.append(product * self.g(i, p))
        return total

    def directions(self, w, alpha, N, kind, probe=0.1):
        """Every value of a task's direction, all equally likely."""
        for i in (0, 1):
            for signs in itertools.product((-1, 1), repeat=2 * N + 1):
                inner, outer, hess = signs[:N], signs[N], signs[N + 1 :]
                points = [w]
                for e in inner:
                    points.append(points[-1] - alpha * (self.g(i, points[-1]) + self.s * e))
                v = self.g(i, points[-1]) + self.s * outer
                for n in reversed(range(N) if kind != "fo-maml" else ()):
                    p = points[n]
                    H = (
                        self.H(i, p)
                        if kind == "maml"
                        else (self.g(i, p + probe) - self.g(i, p - probe)) / (2 * probe)
                    )
                    v = v - alpha * (H + (self.h * hess[n] if kind == "maml" else 0)) * v
                yield v


@pytest.mark.parametrize("N", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_bias_and_spread_of_directions_that_are_enumerated(name, N):
    rng = np.random.default_rng(N)
    bias, spread = (make(algorithm(name, N)) for make in one_step.DIRECTION.values())
    seen = []
    for _ in range(60):
        line = Line(rng)
        alpha, w = rng.uniform(0.01, 0.5 / N) / line.L, rng.uniform(-4, 4)
        exact = line.F(w, alpha, N)
        G = np.array(list(line.directions(w, alpha, N, name)))
        v = {
            "L": line.L,
            "rho": line.rho,
            "sigma": line.sigma,
            "sigma_tilde": line.s,
            "sigma_H": line.h,
            "alpha": alpha,
        }
        v |= dict.fromkeys(("D_in", "D_o", "D_h"), 1) | {"y": abs(sum(exact)) / 2, "probe_length": 0.1}
        off = max(0.0, abs(G.mean() - sum(exact) / 2) - 1e-14)
        seen.append((off / bias(**v) if off else 0.0, G.std() / spread(**v)))
    largest = np.nanmax(seen, axis=0)
    assert (largest <= 1 + 1e-9).all()
    assert (largest > (0.02, 0.5)).all()


@pytest.mark.parametrize(
    "N", [2, pytest.param(5, marks=pytest.mark.slow), pytest.param(MOST, marks=pytest.mark.slow)]
)
def test_every_step_of_every_derivation_is_decided(N):
    several = [algorithm(name, N) for name in NAMES]
    told = [*lemmas.lemmas(N), lemmas.plateau(N)]
    told += [st for one in several for st in one_step.statements(one)]
    told += [
        complexity.theorem("guarantee", one, one.rules["sampled"], f)
        for one in several
        for f in (False, True)
    ]
    steps = dict.fromkeys(step for st in told for step in derivation(st).steps)
    assert [step.name for step in steps if decide(step).status not in SETTLED] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_statement_with_any_number_of_steps_is_found_by_its_name(name):
    for N, rule in ((3, "self-scaled"), (10, "constant")):
        found = statement(f"sharp.{name}.{N}-steps.guarantee.{rule}")
        assert found is complexity.theorem("guarantee", algorithm(name, N), algorithm(name, N).rules[rule])
    assert f"sharp.{name}.2-steps.guarantee" in statements()
    with pytest.raises(InputError):
        statement(f"sharp.{name}.11-steps.guarantee")


@pytest.mark.parametrize("seed", range(6))
def test_a_plan_keeps_its_promise_at_its_own_integers(seed):
    rng = random.Random(seed)
    c = Constants(*(10 ** rng.uniform(-1, 0.5) for _ in range(6)))
    N, name = rng.randint(1, MOST), rng.choice(NAMES)
    plan = recommend(
        c, 10 ** rng.uniform(-0.5, 0.5), name, alpha=rng.uniform(0.05, 0.5) / N**2 / c.L, inner_steps=N
    )
    assert plan.inner_steps == plan.to_dict()["inner_steps"] == N
    if plan.feasible:
        assert statement(plan.statement).enclose(**plan.values())[1] <= plan.epsilon
        assert plan.samples_per_iteration >= N * plan.B * plan.D_in


def test_from_two_steps_on_the_bias_goes_like_the_root_of_the_batch():
    v = drawn(random.Random(0), 0.2) | {"rho": 1.0, "sigma_tilde": 0.5, "y": 0.1}
    exponents = []
    for N in (1, 2):
        st = one_step.bias_of(algorithm("maml", N))
        exponents.append(math.log10(st(**v | {"D_in": 1e8}) / st(**v | {"D_in": 1e9})))
    assert exponents == pytest.approx([1.0, 0.5], abs=1e-3)


def test_fo_mamls_floor_grows_with_the_steps():
    v = {"L": 1.0, "sigma": 1.0, "alpha": 1e-4}
    floors = [lemmas.plateau(N)(**v) for N in (1, 2, 5)]
    assert [floor / floors[0] for floor in floors] == pytest.approx([1, 2, 5], rel=1e-3)


def test_strangers_algorithms_are_known_with_one_step():
    from dataclasses import replace

    alone = replace(algorithms()["maml"], after=None)
    with pytest.raises(InputError, match="is known with 1 only"):
        alone.with_steps(2)
