r"""One step: bias and spread of each direction, and how much each step rule makes F fall.

With the weights m1, m1u, m2 of the step rule,
``E F(w_{k+1}) - F(w_k) <= -c/(2 Lambda) [m1 y^2 - m1u bias^2 - m2 variance/B]``.
"""

from __future__ import annotations

from bounds.bound import Statement
from bounds.sharp.curvature import smoothness_of
from bounds.sharp.directions import DIRECTIONS, R0, R1, v0, v1
from bounds.sharp.quantities import RANGE
from bounds.sharp.steps import CONSTANT, PAPER, SAMPLED, SELF_SCALED, Rule, a0, b0, m1, m1u, m2
from bounds.stating import GRADIENT, OBJECTIVE, derived
from bounds.symbols import B, bias, c, error, variance, y


def one_step_statements() -> tuple[Statement, ...]:
    """Return bias and spread for each algorithm, and the descent for each step rule."""
    directions = tuple(make(algorithm) for algorithm in DIRECTIONS for make in (_bias, _spread))
    return (*directions, *map(_descent, (PAPER, SAMPLED, CONSTANT)), _pathwise())


def _bias(algorithm: str) -> Statement:
    return derived(
        f"{algorithm}.bias",
        f"{algorithm}: bias of the direction",
        r"\|E\,G-\nabla F(w)\|",
        R0 + R1 * y,
        GRADIENT,
        "bias of the inner batch, then of the direction itself",
        where=DIRECTIONS[algorithm],
        domain=(RANGE,),
    )


def _spread(algorithm: str) -> Statement:
    return derived(
        f"{algorithm}.spread",
        f"{algorithm}: standard deviation of one task's direction",
        r"\sqrt{E\|G_i-E\,G_i\|^2}",
        v0 + v1 * y,
        GRADIENT,
        "uncorrelated noises; Minkowski",
        where=DIRECTIONS[algorithm],
        domain=(RANGE,),
    )


def _descent(rule: Rule) -> Statement:
    curve = a0 if rule is CONSTANT else smoothness_of(rule)
    fall = m1 * y**2 - m1u * bias**2 - m2 * variance / B
    return derived(
        f"descent.{rule.name}",
        f"one step: {rule.title}",
        r"E[F(w_{k+1})\mid w_k]-F(w_k)",
        -c / (2 * curve) * fall,
        OBJECTIVE,
        "descent lemma, polarisation identity, moments of the step",
        where=rule.where,
        domain=rule.domain,
    )


def _pathwise() -> Statement:
    rule = SELF_SCALED
    return derived(
        f"descent.{rule.name}",
        f"one step, for any direction G whatever: {rule.title}",
        r"F(w_{k+1})-F(w_k)",
        -c / (2 * (a0 + b0 * y)) * (m1 * y**2 - m1u * error**2),
        OBJECTIVE,
        "descent lemma; a quadratic form in ||G|| and ||grad F||",
        where=rule.where,
        domain=(RANGE, *rule.domain),
    )
