"""Different tasks out of n: the factor, against an evaluation that shares nothing, and never a dearer plan."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from functools import cache

import pytest
from fewer import first

from bounds import Constants, InputError, recommend, statement
from bounds.recommendation import best_for_batches, best_for_samples, halved, pareto
from bounds.theory.algorithms import names

CASE = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)
SILENT = {"sigma_tilde": 0.0, "sigma_H": 0.0}
STEPS = ("sampled", "self-scaled", "constant")


def by_hand(algorithm: str, step: str, v: dict[str, float]) -> float:
    """Evaluate the guarantee in plain floats, from the text of the theorem."""
    L, rho, sigma, st, a = v["L"], v["rho"], v["sigma"], v["sigma_tilde"], v["alpha"]
    B, n, c, theta, eps = v["B"], v["n_tasks"], v["c"], v["theta"], v["epsilon"]
    x = a * L
    om, C1 = 2 * x * math.sqrt(1 + x * x), 1 / (1 - x) ** 2
    C2 = om * C1
    q = math.sqrt(1 + C2 * C2)
    b = min(x * st / math.sqrt(v["D_in"]), rho * a * a * st * st / (2 * v["D_in"]))
    T = st * st * (1 / v["D_o"] + x * x / v["D_in"])
    if v.get("depth"):
        most = v["D_in"] * 2 ** v["depth"]
        b = min(x * st / math.sqrt(most), rho * a * a * st * st / (2 * most))
        T += v["depth"] / v["rate"] * (x * st) ** 2 / v["D_in"] * (1 + (v["sigma_H"] / L) ** 2 / v["D_o"])
    left = 0.0 if n == 1 else (n - B) / (n - 1)
    size0, size1 = (1 + x) * q * sigma + b, (1 + x) * C1
    between0, between1 = (1 + x) ** 2 * sigma + om * C2 * sigma + (1 + x) * b, om * C1
    if algorithm == "fo-maml":
        R0, R1 = x * (1 + x) * q * sigma + b, x * (1 + x) * C1
        whole0, whole1 = left * ((1 + x) * sigma + x * C2 * sigma + b) ** 2 + T, left * (x * C1) ** 2
    else:
        hessian, eta = (a * v["sigma_H"]) ** 2, 0.0
        if algorithm == "hf-maml":
            hessian = min(hessian, (a * st / v["probe_length"]) ** 2)
            eta = min(rho * a * v["probe_length"] / 2, 2 * x)
        h2, root = hessian / v["D_h"], math.sqrt(size0**2 + T)
        R0, R1 = (1 + x) * b + eta * root, eta * size1
        first = math.sqrt(left * between0**2 + (1 + x) ** 2 * T) + eta * root
        whole0 = first**2 + h2 * (size0**2 + T)
        whole1 = (math.sqrt(left) * between1 + eta * size1) ** 2 + h2 * size1**2
    v0, v1 = math.sqrt(whole0), math.sqrt(whole1)
    l0, l1 = (1 + x) ** 2 * L, (1 + x) * rho * a
    if step == "sampled":
        r = l1 * math.sqrt((sigma**2 + st**2 / v["D_beta"]) / v["B_prime"]) / l0
        low, high = 1 / (1 + l1 * st / (l0 * math.sqrt(v["D_beta"]))), (1 + r) ** 2 / (1 + 2 * r)
        m2 = c * (1 + (r * r + r * math.sqrt(r * r + 4)) / 2)
        ell, a0, b0 = l0, l0 + l1 * sigma * q, l1 * C1
    elif step == "constant":
        low = high = 1.0
        m2, ell, b0 = c, l0 + l1 * v["M"], 0.0
        a0 = ell
    else:
        ell = a0 = v.get("damping", 1.0) * (l0 + l1 * q * sigma)
        b0 = l1 * C1
    if step.startswith("self-scaled"):
        m1 = 1 + (1 - theta) * (1 - c)
        m1u = m2 = m1 + max(2 + c, (1 - c) * (1 - theta) ** 2 / theta)
    else:
        spare = low - m2
        m1, m1u = low + (1 - theta) * spare, high + (1 / theta - 1) * spare
    drift0 = drift1 = 0.0
    if step == "self-scaled-mean":
        a = b0 / ell
        lam = max(1 + a * R0 / (1 - R1), 1 / (1 - R1))
        m2 = c * lam * lam
        drift0 = 3 * lam * a * v0 * v0 / B
        drift1 = lam * (6 * a * v0 * v1 + 5 * lam * v1 * v1) / B
    A = m1 - m1u * (R1 * R1 + R0 * R1 / eps) - m2 * (v1 * v1 + v0 * v1 / eps) / B
    N = m1u * (R0 * R0 + R0 * R1 * eps) + m2 * (v0 * v0 + v0 * v1 * eps) / B
    A, N = A - drift0 / (2 * eps) - drift1, N + drift0 * eps / 2
    t = (2 * v["Delta"] / (c * v["K"]) + N / ell) / A
    return (b0 * t + math.sqrt(b0 * b0 * t * t + 4 * a0 * t)) / 2


def random_case(rng: random.Random):
    def draw(zero: float = 0.2) -> float:
        return 0.0 if rng.random() < zero else 10 ** rng.uniform(-2, 2)

    constants = Constants(draw(0), draw(), draw(), draw(), draw(), draw(), M=draw(0))
    algorithm, step = rng.choice(names()), rng.choice(STEPS)
    n = rng.choice([1, 2, 3, 4, 7, 20, 100])
    return constants, draw(0), algorithm, 0.3 * rng.uniform(0.01, 1) / constants.L, step, n


@pytest.mark.parametrize("seed", first(32, range(150)))
def test_a_plan_agrees_with_an_independent_evaluation_and_is_never_dearer(seed):
    constants, epsilon, algorithm, alpha, step, n = random_case(random.Random(seed))
    usual = recommend(constants, epsilon, algorithm, alpha=alpha, step=step)
    plan = recommend(constants, epsilon, algorithm, alpha=alpha, step=step, n_tasks=n)
    assert plan.feasible >= usual.feasible
    if not plan.feasible:
        return
    assert plan.guarantee <= epsilon
    if usual.feasible:
        assert plan.total_samples <= usual.total_samples
    if n < plan.B:
        assert plan == usual.with_(n_tasks=n)
        return
    values = plan.values()
    assert values["n_tasks"] == n
    assert by_hand(
        algorithm, statement(plan.statement).case.rule, values | {"M": constants.M}
    ) == pytest.approx(plan.guarantee, rel=1e-9)


@pytest.mark.parametrize("cases", first(1, [20, 60]))
def test_more_than_all_tasks_are_drawn_only_where_rounding_makes_it_cheaper(cases):
    more = [
        recommend(constants, epsilon, algorithm, alpha=alpha, step=step, n_tasks=n)
        for constants, epsilon, algorithm, alpha, step, n in map(
            random_case, map(random.Random, range(cases))
        )
    ]
    assert sum((plan.B or 0) > plan.n_tasks for plan in more) <= max(1, cases // 30)


@cache
def usual_plan(algorithm, step):
    return recommend(replace(CASE, M=1.0), 0.5, algorithm, alpha=0.01, step=step)


@pytest.mark.parametrize("step", [*STEPS, "self-scaled-mean"])
@pytest.mark.parametrize("algorithm", names())
@pytest.mark.parametrize(("n", "B"), [(1, 1), (2, 1), (2, 2), (9, 1), (9, 5), (9, 9)])
def test_the_statement_on_its_faces(algorithm, step, n, B):
    """One task, one of many (nothing is gained), all of them (nothing between tasks is left); no noise at all."""
    start = usual_plan(algorithm, step.removesuffix("-mean"))
    start = start.with_(theta=1.0) if step == "self-scaled" else start
    infix = "" if step == "sampled" else f".{step}"
    finite, usual = (statement(f"sharp.{algorithm}.guarantee{middle}{infix}") for middle in (".finite", ""))
    for zero in (
        {},
        {"sigma": 0.0},
        {"sigma_tilde": 0.0},
        {"sigma_H": 0.0},
        {"rho": 0.0},
        {"sigma_tilde": 0.0, "sigma_H": 0.0},
    ):
        values = start.values() | {"M": 1.0, "B": B, "n_tasks": n, "c": 1e-3} | zero
        got = finite(**values)
        assert got == pytest.approx(by_hand(algorithm, step, values), rel=1e-12)
        assert finite.enclose(**values)[1] >= got * (1 - 1e-12)
        if n > 1 and B == 1:
            assert got == pytest.approx(usual(**values), rel=1e-12)
        else:
            assert got <= usual(**values)
    if n == B and algorithm == "maml":
        quiet = values | SILENT | {"K": 10**12}
        assert finite(**quiet) < 1e-3 < usual(**quiet)


def test_more_tasks_than_there_are_is_outside_the_domain():
    plan = recommend(CASE, 0.1, n_tasks=4)
    with pytest.raises(InputError, match="B <= n_tasks"):
        statement(plan.statement)(**(plan.values() | {"B": 5}))


def test_without_a_number_of_tasks_nothing_changes():
    plan = recommend(CASE, 0.1)
    assert (plan.n_tasks, plan.tasks, plan.statement) == (None, "with replacement", "sharp.maml.guarantee")
    assert "n_tasks" not in plan.values()


def test_how_tasks_are_drawn_is_part_of_the_plan():
    drawn = {n: recommend(CASE, 0.1, n_tasks=n).to_dict() for n in (1, 4, 1000)}
    assert [plan["tasks"] for plan in drawn.values()] == ["all", "all", "without replacement"]
    assert [plan["n_tasks"] for plan in drawn.values()] == [1, 4, 1000]
    assert recommend(CASE, 0.2, theory="paper", n_tasks=4).tasks == "with replacement"


def test_a_given_b_above_the_number_of_tasks_is_drawn_with_replacement():
    plan = recommend(CASE, 0.1, fixed={"B": 9}, n_tasks=4)
    assert (plan.B, plan.tasks, plan.statement) == (9, "with replacement", "sharp.maml.guarantee")
    assert plan == recommend(CASE, 0.1, fixed={"B": 9}).with_(n_tasks=4)


def test_what_only_many_tasks_reach_is_still_reached():
    """One sample of each kind and a short run: four tasks do not suffice, so more are drawn, with replacement."""
    asked = {"fixed": {"D_in": 1, "D_o": 1, "D_h": 1}, "max_iterations": 60}
    few = replace(CASE, sigma_tilde=2.0, rho=0.1)
    plan = recommend(few, 0.4, alpha=0.05, n_tasks=4, **asked)
    assert plan.feasible
    assert plan.tasks == "with replacement"
    assert plan.B > 4
    assert plan.total_samples <= recommend(few, 0.4, alpha=0.05, **asked).total_samples


@pytest.mark.parametrize("n", [0, -1, 2.0, True, "4"])
def test_a_number_of_tasks_is_a_whole_number(n):
    with pytest.raises(InputError) as caught:
        recommend(CASE, 0.1, n_tasks=n)
    assert caught.value.argument == "n_tasks"


def test_the_questions_around_a_plan_know_the_number_of_tasks():
    assert all(plan.B <= 4 for plan in pareto(CASE, 0.1, rows=3, n_tasks=4))
    assert best_for_samples(CASE, 50_000, n_tasks=4).epsilon < best_for_samples(CASE, 50_000).epsilon
    assert best_for_batches(CASE, {"D_in": 5}, "fo-maml", n_tasks=4) <= best_for_batches(
        CASE, {"D_in": 5}, "fo-maml"
    )
    worth = halved(recommend(CASE, 0.05, n_tasks=4))
    assert worth["sigma"] > halved(recommend(CASE, 0.05))["sigma"]
    assert all(value <= 1 for value in worth.values())
