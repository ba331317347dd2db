"""What the explorer computes with, as JavaScript: written from the objects that Python computes with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from sympy import Integer

from bounds import Constants
from bounds.bound import Condition, Definition, Statement
from bounds.kit.live import conditions
from bounds.levels import inner_samples, outer_samples
from bounds.plan import Theory
from bounds.recommendation.budget import DIFFERENCE, SOURCES
from bounds.recommendation.candidates import CLOSE, HOPELESS, LIKELY
from bounds.recommendation.model import Model
from bounds.recommendation.planning import NEAR
from bounds.recommendation.request import DEEPEST, RULES_OF
from bounds.rendering import enclosing
from bounds.rendering.javascript import arrow
from bounds.symbols import D_in, D_o, depth, rate
from bounds.theory import multilevel, plateau
from bounds.theory.algorithms import algorithms
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.complexity import A, N, psi, theorem
from bounds.theory.difference import eta
from bounds.theory.recorded import accuracy
from bounds.theory.step_rules import PAPER, ell

PLATEAUS = {
    FO_MAML.name: (plateau.FO_STALLS, plateau.FO_STOP),
    HF_MAML.name: (plateau.HF_STOP,),
}
"""Where an algorithm stops, as the figures show it against the inner step."""
_ANY = Constants(1.0, 0.0, 1.0, 1.0, 1.0, 1.0)
"""Constants of a model whose formulas are wanted, and no number."""


def formulas() -> str:
    """Return ``const FORMULAS = {...}``: for each algorithm its rules, record and obstacles; costs and limits."""
    rows = {name: _algorithm(name) for name in algorithms()}
    samples = arrow((), (inner_samples(D_in, depth, rate), outer_samples(D_o, depth, rate)))
    texts = {
        "FORMULAS": _object(rows),
        "COST": f"{{samples: {samples}}}",
        "SEARCHED": json.dumps(_searched()),
    }
    return "\n".join(f"const {name} = {text};" for name, text in texts.items())


def _searched() -> dict[str, Any]:
    """Return which step rules are searched for a kind of step, and how far."""
    return {
        "rulesOf": {kind: list(rules) for kind, rules in RULES_OF.items()},
        "LIKELY": LIKELY,
        "CLOSE": CLOSE,
        "HOPELESS": HOPELESS,
        "NEAR": NEAR,
        "DEEPEST": DEEPEST,
    }


@cache
def model(algorithm: str, rule: str, levels: bool = False, finite: bool = False) -> Model:
    """Return an algorithm under a step rule, at no point in particular; ``finite``: it draws different tasks."""
    steps, tasks = algorithms()[algorithm].inner_steps, 2 if finite else None
    return Model(algorithm, rule, _ANY, 0.1, 1.0, tasks, inner_steps=steps, levels=levels)


def stated(one: Model, quantity: str) -> Statement:
    """Return ``guarantee``, ``floor`` or ``iterations`` of a model."""
    own, finite = algorithms()[one.algorithm], one.n_tasks is not None
    return theorem(quantity, own, own.rules[one.rule_name], finite, one.levels)


def _algorithm(name: str) -> dict[str, Any]:
    own = algorithms()[name]
    rules = {rule: _rules(name, rule) for rule in own.rules}
    plateaus = {st.name: _statement(st) for st in PLATEAUS.get(name, ())}
    return {
        "title": json.dumps(own.title),
        "innerSteps": str(own.inner_steps),
        "layered": json.dumps(bool(own.layered)),
        "inner": _inner(own.range),
        "usual": "null" if own.largest_x is None else repr(float(own.largest_x)),
        "rules": rules,
        "recorded": _recorded(name),
        "plateaus": plateaus,
        "obstacles": json.dumps(_obstacles(name)),
    }


def _rules(name: str, rule: str) -> dict[str, Any]:
    """Return the theorems: with a plain inner batch and a multilevel one, with tasks out of all and out of n."""
    return {
        label: _rule(model(name, rule, levels, finite)) if there else "null"
        for label, levels, finite, there in (
            ("plain", False, False, True),
            ("levels", True, False, has_levels(name, rule)),
            ("finite", False, True, rule != PAPER.name),
            ("finiteLevels", True, True, has_levels(name, rule)),
        )
    }


def has_levels(name: str, rule: str) -> bool:
    """Whether there is a theorem with a multilevel inner batch; the paper's inner batch is plain."""
    return rule != PAPER.name and multilevel.applies(algorithms()[name].parts)


def _rule(one: Model) -> dict[str, Any]:
    """Return the formulas of one theorem, each a function of an object of numbers."""
    iterations, guarantee, floor = (stated(one, name) for name in ("iterations", "guarantee", "floor"))
    rule = algorithms()[one.algorithm].rules[one.rule_name]
    limit = next(c for c in rule.domain if c.name == "step factor")
    still = tuple(Definition(d.symbol, Integer(0)) if d.symbol == eta else d for d in iterations.where)
    return {
        "statement": json.dumps(guarantee.name),
        "kind": json.dumps(rule.kind),
        "batches": json.dumps(one.batches),
        "knobs": json.dumps(one.knobs),
        "sources": json.dumps([[n, label] for n, label in SOURCES.items() if n in iterations.symbols]),
        "difference": json.dumps(DIFFERENCE if "probe_length" in one.knobs else ""),
        "strict": json.dumps([c.strict for c in iterations.domain]),
        "iterations": arrow(iterations.where, (iterations.expression, *_sides(iterations))),
        "limit": arrow(rule.where, (limit.left, limit.right)),
        "curve": arrow(rule.where, (rule.smoothness, rule.slope)),
        "parts": arrow(iterations.where, (A, psi, N, ell)),
        "still": arrow(still, (N,)),
        "guarantee": _statement(guarantee),
        "floor": _statement(floor),
    }


def _statement(st: Statement) -> dict[str, Any]:
    """Return a statement: its value, its value as an interval, and both sides of its conditions."""
    return {
        "value": arrow(st.where, (st.expression,)),
        "enclosed": arrow(st.where, (st.expression,), enclosing.code, "exactly"),
        "sides": arrow(st.where, _sides(st)),
        "strict": json.dumps([c.strict for c in st.domain]),
        "names": json.dumps([c.name for c in st.domain]),
    }


def _sides(st: Statement) -> tuple[Any, ...]:
    return tuple(side for c in st.domain for side in (c.left, c.right))


def _recorded(name: str) -> dict[str, Any]:
    """Return the paper's own conditions, and its accuracy; nothing where there is no record."""
    found = algorithms()[name].recorded
    if found is None:
        return {}
    needs = conditions(found)
    bound = accuracy(algorithms()[name])
    inner = next(c for c in found.domain if c.name == "inner step")
    factor = found.difference_factor
    return {
        "accuracy": arrow(bound.where, (bound.expression,)),
        "least": arrow((), tuple(c.left for c in needs.values())),
        "leastOf": json.dumps(list(needs)),
        "stepFactor": repr(float(found.step_factor)),
        "differenceFactor": "null" if factor is None else repr(float(factor)),
        "inner": _inner(inner),
    }


def _inner(condition: Condition) -> str:
    return json.dumps(
        {"most": float(condition.right), "text": str(condition.right), "strict": condition.strict}
    )


def _obstacles(name: str) -> dict[str, str]:
    """Return what stands in the way of a small epsilon, by theory, whether any is reachable, and sigma > 0."""
    find = algorithms()[name].obstacle
    cases = [(t, r, s) for t in get_args(Theory) for r in (True, False) for s in (0.0, 1.0)]
    return {f"{t} {int(r)} {int(s > 0)}": find(t, r, s) for t, r, s in cases}


def _object(value: Any) -> str:
    """Return nested mappings of JavaScript text as an object."""
    if isinstance(value, Mapping):
        return "{" + ",\n".join(f"{json.dumps(key)}: {_object(item)}" for key, item in value.items()) + "}"
    return str(value)
