"""The theorem against its independent evaluation: random plans over many decades, faces and limits included."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
import sympy as sp
from fewer import first

from bounds import Constants, DomainError, InputError, evaluation, recommend, statement, statements
from bounds.recommendation.model import BATCHES
from bounds.symbols import MAY_BE_ZERO, QUANTITIES
from tests.bounds import independent

CASES = list(product(independent.ALGORITHMS, independent.RULES))
NOISES = ("rho", "sigma", "sigma_tilde", "sigma_H", "Delta", "M")
FACE = 0.15
WELL_POSED = 1e-3
"""Least signal A at which a relative error of 1e-9 can be asked for: N'/A loses what A loses."""


def name_of(algorithm: str, rule: str, levels: bool = False) -> str:
    drawn = ".multilevel" if levels else ""
    return f"sharp.{algorithm}.guarantee{drawn}{'' if rule == 'sampled' else f'.{rule}'}"


def random_plans(rng: np.random.Generator, n: int, algorithm: str, rule: str) -> dict[str, np.ndarray]:
    """Constants over eight decades, each 0 now and then; batches 1, huge, and between; alpha L to 1/sqrt 2."""

    def decades(low, high, size=n):
        return 10 ** rng.uniform(low, high, size)

    v = {name: np.where(rng.random(n) < FACE, 0.0, decades(-4, 4)) for name in NOISES}
    v["L"] = decades(-4, 4)
    x = np.where(rng.random(n) < 0.1, rng.choice([0.5, 1e-12, 0.7071], n), np.minimum(decades(-5, 0), 0.707))
    v["alpha"], v["theta"], v["probe_length"] = x / v["L"], rng.uniform(0.01, 1, n), decades(-8, 8)
    for name in BATCHES:
        size = np.floor(decades(0, 9))
        v[name] = np.where(rng.random(n) < 0.2, rng.choice([1.0, 1e30], n), size)
    v["epsilon"] = decades(-2, 6) * (v["sigma"] + v["sigma_tilde"] + 1e-3)
    v["K"] = np.floor(decades(0, 9))
    v["damping"] = np.where(rng.random(n) < 0.3, 1.0, 1 + decades(-3, 1))
    v["c"] = np.ones(n)
    v["c"] = independent.step(v, rule)[-1] * rng.uniform(0.001, 0.999, n)
    return v


def raw(st, v) -> np.ndarray:
    return np.asarray(evaluation.number(st)(*(v[name] for name in st.symbols)))


def largest_difference(st, v, algorithm, rule) -> tuple[float, int]:
    """Return the largest relative difference over the plans inside the domain, and how many they are."""
    with np.errstate(all="ignore"):
        expected, signal = independent.guarantee(v, algorithm, rule)
        found = raw(st, v)
    kept = (signal > WELL_POSED) & np.isfinite(expected)
    gap = np.abs(found - expected)[kept] / np.where(expected == 0, 1, expected)[kept]
    return float(np.max(gap)) if np.isfinite(gap).all() else np.inf, int(kept.sum())


@pytest.mark.parametrize(("algorithm", "rule"), CASES)
def test_a_hundred_thousand_random_plans_agree_with_the_text_of_the_theorem(algorithm, rule):
    rng = np.random.default_rng([7, CASES.index((algorithm, rule))])
    v = random_plans(rng, 20_000, algorithm, rule)
    st = statement(name_of(algorithm, rule))
    gap, inside = largest_difference(st, v, algorithm, rule)
    assert inside > 4000
    assert gap <= 1e-9


def with_levels(rng: np.random.Generator, v: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same plans with 1 to 40 levels, drawn with a chance of up to 1."""
    depth = np.floor(rng.uniform(1, 41, len(v["L"])))
    return {**v, "depth": depth, "rate": rng.uniform(1e-3, 0.999, len(depth)) / (1 - 2.0**-depth)}


@pytest.mark.parametrize(("algorithm", "rule"), [case for case in CASES if case[1] != "paper-step"])
def test_plans_with_levels_agree_with_the_text_of_the_theorem(algorithm, rule):
    rng = np.random.default_rng([11, CASES.index((algorithm, rule))])
    v = with_levels(rng, random_plans(rng, 20_000, algorithm, rule))
    gap, inside = largest_difference(statement(name_of(algorithm, rule, True)), v, algorithm, rule)
    assert inside > 4000
    assert gap <= 1e-9


@pytest.mark.parametrize("part", ["b", "T", "S", "D_M"])
def test_a_part_of_the_levels_that_is_altered_is_noticed(part):
    st = statement(name_of("maml", "sampled", True))
    where = tuple(
        replace(d, expression=_lost(d.expression)) if d.symbol.name == part else d for d in st.where
    )
    rng = np.random.default_rng(5)
    v = with_levels(rng, random_plans(rng, 20_000, "maml", "sampled"))
    gap, _ = largest_difference(replace(st, where=where), v, "maml", "sampled")
    assert not gap <= 1e-9


@pytest.mark.parametrize("rule", independent.RULES)
@pytest.mark.parametrize("part", ["h2", "eta", "C1", "b", "T"])
def test_a_part_that_loses_a_branch_is_noticed(rule, part):
    st = statement(name_of("hf-maml", rule))
    where = tuple(
        replace(d, expression=_lost(d.expression)) if d.symbol.name == part else d for d in st.where
    )
    v = random_plans(np.random.default_rng(3), 20_000, "hf-maml", rule)
    gap, _ = largest_difference(replace(st, where=where), v, "hf-maml", rule)
    assert not gap <= 1e-9


def _lost(e: sp.Expr) -> sp.Expr:
    """Return the expression with a minimum or maximum replaced by its last branch, or else without a term."""
    for extremum in e.atoms(sp.Min, sp.Max):
        return e.xreplace({extremum: extremum.args[0]})
    return e / 2


@pytest.mark.parametrize(("algorithm", "rule"), CASES)
def test_limits_of_alpha_and_of_the_batches_are_the_values_at_the_end(algorithm, rule):
    v = {name: np.array([value]) for name, value in ORDINARY.items() if name not in ("depth", "rate")}
    st = statement(name_of(algorithm, rule))
    for name, near, end in (("alpha", 1e-13, 0.0), *((batch, 1e30, np.inf) for batch in BATCHES)):
        with np.errstate(all="ignore"):
            expected, _ = independent.guarantee({**v, name: np.array([end])}, algorithm, rule)
        assert raw(st, {**v, name: np.array([near])}) == pytest.approx(expected, rel=1e-9), name
    ends = [float(st(**{**ORDINARY, "alpha": x / 1.3, "B": 1e12, "epsilon": 30.0, "c": 0.01}))
            for x in (0.5 - 1e-13, 0.5, 0.5 + 1e-13)] if algorithm != "fo-maml" else [1.0]  # fmt: skip
    assert ends == pytest.approx([ends[0]] * len(ends), rel=1e-9)
    with pytest.raises(DomainError, match="inner step"):
        st(**{**ORDINARY, "alpha": 0.5**0.5 / 1.3 * (1 + 1e-9)})


ORDINARY = {
    "L": 1.3, "rho": 0.7, "sigma": 0.4, "sigma_tilde": 0.5, "sigma_H": 0.6, "Delta": 2.0, "M": 1.5, "alpha": 0.05,
    "epsilon": 2.0, "B": 400.0, "D_in": 300.0, "D_o": 20.0, "D_h": 30.0, "B_prime": 70.0, "D_beta": 9.0, "K": 1e5,
    "c": 0.3, "theta": 0.8, "probe_length": 0.06, "point_norm": 1.5, "R": 20.0, "m": 0.4, "mean_norm": 1.1,
    "gradient": 0.9, "y": 0.2, "outer_norm": 1.2, "probe_norm": 1.4, "delta": 0.02, "probe_gradient": 1.3,
    "rounding": 1e-3, "D_test": 12.0, "phi": 0.6, "d": 1.0, "D": 5.0, "bias": 0.1, "variance": 0.8, "error": 0.3,
    "n_tasks": 700.0, "beta": 0.1, "depth": 3.0, "rate": 0.5, "guarantee": 0.4, "chance": 0.3,
    "best": 0.2, "lapse": 0.1, "damping": 1.7,
}  # fmt: skip


def faces(st):
    zeros = [name for name in st.symbols if name in MAY_BE_ZERO]
    for size in {1, 2, len(zeros)} - {0}:
        yield from combinations(zeros, size)


@pytest.mark.parametrize("name", list(statements()))
def test_on_each_face_a_statement_has_its_limit_or_names_a_condition(name):
    """One constant, two, or all that may be 0 at 0: the value there is the limit, not a lost branch or a crash."""
    st = statement(name)
    for face in faces(st):
        try:
            at = float(st(**{**ORDINARY, **dict.fromkeys(face, 0.0)}))
        except DomainError:
            continue
        near = [float(st(**{**ORDINARY, **dict.fromkeys(face, size)})) for size in (1e-12, 1e-14)]
        assert np.isfinite(at), face
        assert abs(near[1] - at) <= 1e-5 * max(abs(at), 1e-6) or abs(near[1] - at) <= 0.2 * abs(
            near[0] - at
        ), face


def test_what_may_be_zero_is_not_declared_positive():
    for name, quantity in QUANTITIES.items():
        assert (quantity.symbol.is_positive is None) == (name in MAY_BE_ZERO)
        assert quantity.symbol.is_nonnegative
    allowed = {name for name in NOISES if _constants_allow_zero(name)}
    assert allowed <= MAY_BE_ZERO


def _constants_allow_zero(name: str) -> bool:
    try:
        Constants(**{**dict.fromkeys(("L", *NOISES), 1.0), name: 0.0})
    except InputError:
        return False
    return True


def compare_recommended(rng: random.Random) -> None:
    """A plan on some face of the constants: its guarantee is what the independent evaluation says."""
    constants = Constants(*(1.0, *(rng.choice([0.0, 10 ** rng.uniform(-2, 1)]) for _ in range(5))), M=None)
    algorithm, alpha = rng.choice(independent.ALGORITHMS), rng.choice([1e-4, 0.05, 0.16, 0.5, 0.6])
    plan = recommend(constants, 10 ** rng.uniform(-1, 0.5), algorithm, "sharp", alpha)
    if not plan.feasible:
        return
    rule = statement(plan.statement).case.rule
    v = {
        key: np.array([float(value)])
        for key, value in {"M": 0.0, "probe_length": 1.0, **plan.values()}.items()
    }
    v |= {key: np.maximum(v[key], 1.0) for key in ("D_h", "B_prime", "D_beta")}
    expected, signal = independent.guarantee(v, algorithm, rule)
    assert plan.guarantee == pytest.approx(float(expected[0]), rel=1e-12 / min(1.0, float(signal[0])) + 1e-9)
    if algorithm == "hf-maml":
        assert 0 < plan.probe_length < np.inf


@pytest.mark.parametrize("seed", first(5, range(20)))
def test_recommended_plans_agree(seed):
    rng = random.Random(f"faces {seed}")
    for _ in range(10):
        compare_recommended(rng)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_many_recommended_plans_agree(block):
    rng = random.Random(f"many faces {block}")
    for _ in range(500):
        compare_recommended(rng)


@pytest.mark.parametrize("alpha", [0.02, 0.48, 0.69, 0.9])
def test_the_trapezoid_is_exact_on_the_whole_range_of_alpha(alpha):
    """The fixed point of the map, found by a root finder, for alpha L from 0.02 to 0.9."""
    values, stop = independent.trapezoid(alpha, 6.5)
    assert statement("sharp.plateau.trapezoid")(**values) == pytest.approx(stop, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "changes", "condition"),
    [
        ("sharp.plateau.trapezoid", {"m": 1.5}, "curvature of the mean"),
        ("sharp.plateau.trapezoid", {"alpha": 1.0}, "inner step"),
        ("sharp.gradient-relation.line", {"d": 2.0}, "dimension"),
        ("sharp.matrix.product.line", {"d": 3.0}, "dimension"),
        ("sharp.hf-maml.rounding", {"rho": 0.0}, "curvature"),
        ("sharp.plateau.hf-maml.repair", {"sigma": 0.0}, "heterogeneity"),
    ],
)
def test_what_a_statement_needs_stands_in_its_domain(name, changes, condition):
    with pytest.raises(DomainError, match=condition):
        statement(name)(**{**ORDINARY, "L": 1.0, **changes})


@pytest.mark.parametrize("step", ["sampled", "self-scaled", "constant"])
def test_the_first_order_direction_has_a_plan_up_to_one_third_at_most(step):
    constants = Constants(1.0, 0.0, 0.0, 0.1, 0.0, 1.0, M=1.0)
    beyond = recommend(constants, 1.0, "fo-maml", alpha=1 / 3, step=step)
    assert not beyond.feasible
    assert "1/3" in beyond.reason
    if step == "constant":
        assert recommend(constants, 1.0, "fo-maml", alpha=0.33, step=step).feasible
