"""What the page computes is what Python computes: formulas at random points, plans, prices of the constants."""

from __future__ import annotations

import json
import math
import random

import pytest

from bounds import Constants, recommend, statement
from bounds.recommendation import halved
from bounds.recommendation.model import BATCHES
from bounds.theory.algorithms import algorithms
from bounds.theory.step_rules import PAPER
from figures.explorer.formulas import has_levels, model, stated
from figures.explorer.page import core

CLOSE = 1e-10
QUANTITIES = ("guarantee", "floor")
IN_PAGE = """([points, core]) => {
  const F = core ? new Function(core + "; return FORMULAS;")() : FORMULAS;
  const inside = planning.inside;
  return points.map(([algorithm, rule, levels, finite, v]) => {
    const ways = finite ? ["finite", "finiteLevels"] : ["plain", "levels"], found = {};
    const one = F[algorithm].rules[rule][ways[Number(levels)]];
    for (const name of ["guarantee", "floor"]) {
      if (!inside(one[name], v)) { found[name] = null; continue; }
      found[name] = [one[name].value(v)[0], ...one[name].enclosed(v)[0]];
    }
    return found;
  });
}"""


def log(rng, low, high):
    return 10 ** rng.uniform(low, high)


def drawn(rng, name):
    """Return constants, one of six zero, and an inner step."""
    values = {n: log(rng, -1, 1) for n in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")}
    zero = rng.choice([None] * 4 + ["rho", "sigma_H"])
    return values | ({zero: 0.0} if zero else {}) | {"alpha": rng.uniform(0.01, 0.12) / values["L"]}


def points(seed, number):
    rng = random.Random(seed)
    names = [(name, rule, False, False) for name, one in algorithms().items() for rule in one.rules]
    names += [(name, rule, True, False) for name, rule, *_ in names if has_levels(name, rule)]
    names += [(name, rule, levels, True) for name, rule, levels, _ in names if rule != PAPER.name]
    for i in range(number):
        algorithm, rule, levels, finite = names[i % len(names)]
        sizes = {name: float(math.ceil(log(rng, 1, 5))) for name in BATCHES}
        more = {
            "epsilon": log(rng, -1, 1),
            "probe_length": log(rng, -3, -1),
            "K": float(math.ceil(log(rng, 0, 6))),
        }
        more |= {"c": log(rng, -2, -1), "theta": rng.uniform(0.3, 1), "M": log(rng, -1, 1)}
        more["damping"] = 1 + log(rng, -2, 1)
        more |= {"depth": float(rng.randint(1, 9)), "rate": rng.uniform(0.1, 1)}
        more["n_tasks"] = sizes["B"] + rng.randint(0, 9)
        yield algorithm, rule, levels, finite, drawn(rng, algorithm) | sizes | more


def compared(seen, number, text=""):
    """Return how many numbers were compared, and those that differ or lie outside their interval."""
    cases = list(points(1, number))
    answers = seen.page.evaluate(IN_PAGE, [cases, text])
    count, wrong = 0, []
    for (algorithm, rule, levels, finite, values), found in zip(cases, answers, strict=True):
        for quantity in QUANTITIES:
            st = stated(model(algorithm, rule, levels, finite), quantity)
            expected, _ = st.at(values)
            if found[quantity] is None or math.isnan(expected):
                wrong += [(st.name, expected)] if (found[quantity] is None) != math.isnan(expected) else []
                continue
            value, low, high = found[quantity]
            certain = st.enclose(**values)
            fits = low <= certain[0] and certain[1] <= high and math.isclose(low, high, rel_tol=1e-7)
            count += 1
            if not (abs(value - expected) <= CLOSE * abs(expected) and fits):
                wrong.append((st.name, value, expected, low, high))
    return count, wrong


@pytest.mark.parametrize("number", [160, pytest.param(1000, marks=pytest.mark.slow)])
def test_formulas_give_the_numbers_of_python(seen, number):
    count, wrong = compared(seen, number)
    assert count > number
    assert wrong == []


def test_a_wrong_formula_would_be_noticed(seen):
    text = core()
    assert "(1/2)*rho" in text
    assert len(compared(seen, 120, text.replace("(1/2)*rho", "(51/100)*rho"))[1]) > 10
    half = "div(exactly(1), exactly(2))"
    assert half in text
    assert len(compared(seen, 120, text.replace(half, "div(exactly(51), exactly(100))"))[1]) > 10


def requests(seed, number):
    rng = random.Random(seed)
    for _ in range(number):
        algorithm, theory = (
            rng.choice(["maml", "fo-maml", "hf-maml"]),
            rng.choice(["sharp", "sharp", "paper"]),
        )
        constants = {n: log(rng, -1, 1) for n in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")}
        constants |= {n: 0.0 for n in constants if n != "L" and rng.random() < 0.12}
        constants |= {"M": log(rng, -1, 1)} if rng.random() < 0.3 else {}
        reach = (0.0999 if algorithm == "fo-maml" else 0.1666) * log(rng, -1.5, 0)
        yield {
            "constants": constants, "epsilon": log(rng, -2.5, 0.3), "algorithm": algorithm, "theory": theory,
            "alpha": reach * (1 if theory == "paper" else 2) / constants["L"],
            "n_tasks": round(log(rng, 0, 4)) if rng.random() < 0.4 else None,
        }  # fmt: skip


def planned(asked):
    own = {key: asked[key] for key in ("epsilon", "algorithm", "theory", "alpha", "n_tasks")}
    return recommend(Constants(**asked["constants"]), **own)


def in_page(seen, asked):
    return seen.page.evaluate("asked => asked.map(one => planning.plan(one))", asked)


def is_safe(plan, found):
    """Whether the guarantee, enclosed by Python at the page's own numbers, is at most epsilon."""
    values = plan.values() | {
        name: found[name] for name in (*BATCHES, "K", "c", "theta", "damping", "L", "depth")
    }
    values |= {
        "n_tasks": found["tasks"] or 0.0,
        "probe_length": found["probe_length"] or 0.0,
        "rate": found["rate"] or 0.0,
    }
    st = statement(found["statement"])
    return st.enclose(**{name: values.get(name, 0.0) for name in st.symbols})[1] <= plan.epsilon


@pytest.mark.parametrize("number", [24, pytest.param(100, marks=pytest.mark.slow)])
def test_plans_have_the_same_integers_or_are_no_worse_and_never_unsafe(seen, number):
    asked = list(requests(2, number))
    feasible = same = deep = finite = 0
    rules = set()
    for one, found in zip(asked, in_page(seen, asked), strict=True):
        plan = planned(one)
        assert found["feasible"] == plan.feasible, one
        if not plan.feasible:
            assert found["binding"] == plan.binding
            assert (found["smallest"] is None) == (plan.smallest_epsilon is None)
            assert found["smallest"] is None or found["smallest"] == pytest.approx(
                plan.smallest_epsilon, rel=1e-5
            )
            continue
        feasible += 1
        assert is_safe(plan, found), one
        assert found["samples"] <= plan.total_samples * (1 + 1e-12), one
        integers = [getattr(plan, name) for name in (*BATCHES, "depth")] + [plan.iterations]
        same += integers == [found[name] for name in (*BATCHES, "depth")] + [found["K"]]
        deep += plan.depth > 0
        assert (found["tasks"] is None) == (plan.n_tasks is None or plan.tasks == "with replacement"), one
        finite += found["tasks"] is not None
        rules |= {found["rule"]} if found["statement"] == plan.statement else set()
        assert found["binding"] == plan.binding
    assert feasible > number / 3
    assert deep > 0
    assert finite > 5
    assert rules >= {"paper-step", "sampled", "self-scaled", "self-scaled-mean"}
    assert same > 0.9 * feasible


def test_an_unsafe_plan_would_be_noticed(seen):
    asked = next(one for one in requests(2, 10) if planned(one).feasible)
    plan, (found,) = planned(asked), in_page(seen, [asked])
    assert is_safe(plan, found)
    assert not is_safe(plan, found | {"K": found["K"] - 1})


def test_prices_of_the_constants_are_those_of_python(seen):
    asked = [one for one in requests(3, 8) if planned(one).feasible]
    prices = seen.page.evaluate("asked => asked.map(one => halving.halved(planning.plan(one)))", asked)
    for one, told in zip(asked, prices, strict=True):
        expected = halved(planned(one))
        assert [name for name, _ in told] == list(expected)
        for name, share in told:
            inf = math.inf if share is None else share
            assert inf == pytest.approx(expected[name], rel=1e-3), (one, name)


def test_what_is_refused_is_refused_in_the_page(seen):
    base = {"constants": dict.fromkeys(("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta"), 1.0)}
    base |= {"epsilon": 0.1, "algorithm": "fo-maml", "theory": "paper", "alpha": 0.1}
    changes = [{}, {"alpha": 0.11}, {"theory": "sharp", "alpha": 0.8}, {"epsilon": 0.0}, {"epsilon": 1e61}]
    found = in_page(seen, [base | change for change in changes])
    assert ["refused" in one for one in found] == [False, True, True, True, True]
    assert "alpha L <= 1/10" in found[1]["reason"]
    assert json.dumps(found[2]["reason"]).isascii()
