r"""One step: how much each step rule makes F fall, and bias and spread of an algorithm's direction.

With the weights m1, m1u, m2 of the step rule,
``E F(w_{k+1}) - F(w_k) <= -c/(2 Lambda) [m1 y^2 - m1u bias^2 - m2 variance/B]``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import sympy as sp

from bounds.bound import Condition, Statement
from bounds.derivation import axioms
from bounds.derivation.tools import Items, identity
from bounds.standing import SAMPLES, Case, Left
from bounds.stating import GRADIENT, OBJECTIVE, derived
from bounds.symbols import B, bias, c, error, variance, y
from bounds.theory import multilevel, on_average, step_rules
from bounds.theory.algorithm import Algorithm
from bounds.theory.directions import R0, R1, v0, v1
from bounds.theory.inner_steps.products import reach
from bounds.theory.matrices import RANGE
from bounds.theory.step_rules import Rule, a0, b0
from bounds.theory.weights import m1, m1u, m2

PLACE = 60


def statements(algorithm: Algorithm) -> tuple[Statement, ...]:
    """Return the bounds on bias and spread of an algorithm's direction, also with a multilevel inner batch."""
    ways = (False, True) if algorithm.has_levels else (False,)
    return tuple(make(algorithm, levels) for levels in ways for make in DIRECTION.values())


@cache
def bias_of(algorithm: Algorithm, levels: bool = False) -> Statement:
    """Return the bound on the bias of an algorithm's direction."""
    return _affine(
        algorithm,
        "bias",
        levels,
        "bias of the direction",
        r"\|E\,G-\nabla F(w)\|",
        R0 + R1 * y,
        "bias of the inner batch, then of the direction itself",
        lambda p: p.length(p.direction(algorithm.name).mean((1, 2)) - p.meta.mean(1)),
    )


@cache
def spread_of(algorithm: Algorithm, levels: bool = False) -> Statement:
    """Return the bound on the standard deviation of one task's direction."""
    return _affine(
        algorithm,
        "spread",
        levels,
        "standard deviation of one task's direction",
        r"\sqrt{E\|G_i-E\,G_i\|^2}",
        v0 + v1 * y,
        "uncorrelated noises; Minkowski",
        lambda p: p.spread(p.direction(algorithm.name).flatten(1, 2)),
    )


DIRECTION: Mapping[str, Callable[..., Statement]] = MappingProxyType({"bias": bias_of, "spread": spread_of})
"""What is said of a direction itself, by what it is about."""


def _affine(
    algorithm: Algorithm,
    quantity: str,
    levels: bool,
    title: str,
    subject: str,
    whole: sp.Expr,
    source: str,
    left: Callable[[Any], Any],
) -> Statement:
    case = Case(quantity, algorithm.typed, steps=algorithm.inner_steps, multilevel=levels)
    name, words = (".multilevel", ", multilevel inner batch") if levels else ("", "")
    return derived(
        f"{case.subject}.{quantity}{name}",
        f"{algorithm.said}: {title}{words}",
        subject,
        whole,
        GRADIENT,
        source,
        where=algorithm.deeper() if levels else algorithm.parts,
        domain=(algorithm.range, multilevel.CHANCE) if levels else (algorithm.range,),
        proof=lambda st: (identity("affine in y", st.expression, whole),),
        case=case,
        left=Left(left, of=SAMPLES) if algorithm.inner_steps == 1 and not levels else None,
    )


def descent_of(rule: Rule, steps: int = 1, among: Mapping[str, Rule] = step_rules.RULE) -> Statement:
    """Return how much one step makes F fall; F has so many inner steps, and ``among`` are the rules for it."""
    made = {step_rules.SELF_SCALED.name: _pathwise, step_rules.ON_AVERAGE.name: _averaged}
    return made.get(rule.name, _descent)(rule, steps, among)


def _said(rule: Rule, steps: int, title: str) -> tuple[str, str, dict[str, Any]]:
    """Return name, title and case."""
    case = {"case": Case("descent", rule=rule.name, steps=steps)}
    if steps == 1:
        return f"descent.{rule.name}", title, case
    return f"inner-steps.{steps}.descent.{rule.name}", f"{title}, with {steps} inner steps", case


def _domain(rule: Rule, steps: int, least: tuple[Condition, ...] = (RANGE,)) -> tuple[Condition, ...]:
    return (*(least if steps == 1 else (reach(steps),)), *rule.domain)


def _descent(rule: Rule, steps: int, among: Mapping[str, Rule]) -> Statement:
    curve = a0 if rule.kind == "constant" else rule.curve
    fall = m1 * y**2 - m1u * bias**2 - m2 * variance / B
    name, title, case = _said(rule, steps, f"one step: {rule.title}")

    def proof(st: Statement) -> Items:
        """Collect the one-step inequality in terms of bias and variance of the direction."""
        whole = identity("collect the three terms", -2 * st.expression * curve, c * fall)
        return (axioms.DESCENT, axioms.POLARISATION, whole)

    return derived(
        name,
        title,
        r"E[F(w_{k+1})\mid w_k]-F(w_k)",
        -c / (2 * curve) * fall,
        OBJECTIVE,
        "descent lemma, polarisation identity, moments of the step",
        where=rule.where,
        domain=_domain(rule, steps, ()),
        proof=proof,
        left=Left(lambda p: p.mean_fall(rule), of=SAMPLES) if steps == 1 else None,
        **case,
    )


def _pathwise(rule: Rule, steps: int, among: Mapping[str, Rule]) -> Statement:
    fall = -c / (2 * (a0 + b0 * y)) * (m1 * y**2 - m1u * error**2)
    name, title, case = _said(rule, steps, f"one step, for any direction G whatever: {rule.title}")
    return derived(
        name,
        title,
        r"F(w_{k+1})-F(w_k)",
        fall,
        OBJECTIVE,
        "descent lemma; a quadratic form in ||G|| and ||grad F||",
        where=rule.where,
        domain=_domain(rule, steps),
        proof=lambda st: (axioms.DESCENT, identity("collect the two terms", st.expression, fall)),
        left=Left(lambda p: p.fall(rule), of=SAMPLES) if steps == 1 else None,
        **case,
    )


def _averaged(rule: Rule, steps: int, among: Mapping[str, Rule]) -> Statement:
    fall = -c / (2 * (a0 + b0 * y)) * (m1 * y**2 - m1u * bias**2 - m2 * variance / B)
    pathwise = among[step_rules.SELF_SCALED.name]
    own = tuple(part for part in pathwise.where if part.symbol != m2)
    name, title, case = _said(rule, steps, f"one step: {rule.title}")
    return derived(
        name,
        title,
        r"E[F(w_{k+1})\mid w_k]-F(w_k)",
        fall,
        OBJECTIVE,
        "the pathwise inequality at the mean direction; concavity, and the drift of the step's mean",
        where=(*own, *on_average.AT_A_POINT),
        domain=_domain(pathwise, steps),
        proof=lambda st: (axioms.DESCENT, identity("collect the three terms", st.expression, fall)),
        **case,
    )


_RULES = (
    step_rules.PAPER,
    step_rules.SAMPLED,
    step_rules.CONSTANT,
    step_rules.SELF_SCALED,
    step_rules.ON_AVERAGE,
)
STATEMENTS = tuple(map(descent_of, _RULES))
DESCENT = MappingProxyType({st.case.rule: st for st in STATEMENTS if st.case is not None})
"""How much one step makes F fall, by the step rule."""
