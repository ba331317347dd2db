r"""The complexity theorem with explicit constants, for every algorithm and step rule.

Derived here ("one-step inequality, telescoped; Jensen for the convex psi").  With the bias R0 + R1 y and the
spread v0 + v1 y of the direction, the weights m1, m1u, m2 of the step and its curve ell <= Lambda <= a0 + b0 y,
Young's inequality balanced at y = epsilon gives the signal A y^2 and the noise N, and

    psi(E||grad F(w_R)||) <= t,   psi(y) = y^2/(a0 + b0 y),   t = (2 Delta/(c K) + N/ell) / A,

for R uniform on 0..K-1, and for the best iterate with the same right-hand side.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from types import MappingProxyType

import sympy as sp
from sympy import Integer, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.sharp.directions import DIRECTIONS, R0, R1, v0, v1
from bounds.sharp.finite import AT_MOST_ALL, FINITE
from bounds.sharp.quantities import RANGE
from bounds.sharp.steps import PAPER, RULE, Rule, a0, b0, ell, m1, m1u, m2
from bounds.symbols import B, Delta, K, c, defined, epsilon
from bounds.units import PURE, unit

A, N, t, psi, t_inf = map(defined, ("A", "N", "t", "psi", "t_inf"))
GRADIENT = unit(1, -1)

BALANCE = (
    Definition(
        A,
        m1 - m1u * (R1**2 + R0 * R1 / epsilon) - m2 * (v1**2 + v0 * v1 / epsilon) / B,
        "signal that is left, per y^2",
    ),
    Definition(
        N,
        m1u * (R0**2 + R0 * R1 * epsilon) + m2 * (v0**2 + v0 * v1 * epsilon) / B,
        "noise: squared bias and variance",
    ),
)


def inverse_psi(level: sp.Expr) -> sp.Expr:
    """Return Y(t) = psi^{-1}(t) for psi(y) = y^2 / (a0 + b0 y)."""
    return (b0 * level + sqrt(b0**2 * level**2 + 4 * a0 * level)) / 2


def parts(algorithm: str, rule: Rule, finite: bool = False) -> tuple[Definition, ...]:
    """Return the definitions of one algorithm under one step rule, each once, in order."""
    directions = FINITE if finite else DIRECTIONS
    chosen = dict.fromkeys(directions[algorithm] + rule.where)
    return (*chosen, *BALANCE)


def domain(rule: Rule, finite: bool = False) -> tuple[Condition, ...]:
    """Return where the theorem holds: inner step, step factor, at least one task, some signal left.

    Without replacement there are at most as many tasks as there are.
    """
    return (
        RANGE,
        *rule.domain,
        Condition("tasks", Integer(1), B),
        *((AT_MOST_ALL,) if finite else ()),
        Condition("signal", Integer(0), A, strict=True),
    )


def statement_name(algorithm: str, quantity: str, rule: Rule, finite: bool = False) -> str:
    """Return the name of one theorem on an algorithm under a step rule."""
    suffix = "" if rule.name == "sampled" else f".{rule.name}"
    return f"sharp.{algorithm}.{quantity}{'.finite' if finite else ''}{suffix}"


def _title(rule: Rule, finite: bool) -> str:
    return f"{rule.title}{', B different tasks out of n' if finite else ''}"


def guarantee(algorithm: str, rule: Rule, finite: bool = False) -> Statement:
    """Bound on E||grad F(w_R)|| and on min_k E||grad F(w_k)|| after K iterations."""
    level = Definition(t, (2 * Delta / (c * K) + N / ell) / A, "bound on E psi(||grad F(w_R)||)")
    return Statement(
        name=statement_name(algorithm, "guarantee", rule, finite),
        title=f"{algorithm}: accuracy after K iterations, {_title(rule, finite)}",
        subject=r"\min_{k<K}E\|\nabla F(w_k)\|,\ E\|\nabla F(w_R)\|",
        expression=inverse_psi(t),
        unit=GRADIENT,
        where=(*parts(algorithm, rule, finite), level),
        domain=(*domain(rule, finite), Condition("iterations", Integer(1), K)),
        source="derived here: one-step inequality, telescoped",
        provenance="derived",
    )


def floor(algorithm: str, rule: Rule, finite: bool = False) -> Statement:
    """Limit of the guarantee for K -> infinity: the noise floor."""
    level = Definition(t_inf, N / (ell * A), "limit of t for K -> infinity", r"t_\infty")
    return Statement(
        name=statement_name(algorithm, "floor", rule, finite),
        title=f"{algorithm}: noise floor, {_title(rule, finite)}",
        subject=r"\lim_{K\to\infty}\min_{k<K}E\|\nabla F(w_k)\|",
        expression=inverse_psi(t_inf),
        unit=GRADIENT,
        where=(*parts(algorithm, rule, finite), level),
        domain=domain(rule, finite),
        source="derived here: one-step inequality, telescoped",
        provenance="derived",
    )


def iterations(algorithm: str, rule: Rule, finite: bool = False) -> Statement:
    """K(epsilon): bounds the iterations that the guarantee needs, and the expected time to reach epsilon."""
    signal = Definition(psi, epsilon**2 / (a0 + b0 * epsilon), "psi(epsilon)", r"\psi")
    return Statement(
        name=statement_name(algorithm, "iterations", rule, finite),
        title=f"{algorithm}: iterations to an epsilon-FOSP, {_title(rule, finite)}",
        subject=r"E\min\{k:\|\nabla F(w_k)\|\le\varepsilon\}",
        expression=2 * Delta / (c * (A * psi - N / ell)),
        unit=PURE,
        where=(*parts(algorithm, rule, finite), signal),
        domain=(*domain(rule, finite), Condition("epsilon above the floor", N / ell, A * psi, strict=True)),
        source="derived here: one-step inequality, stopped at the first epsilon-FOSP",
        provenance="derived",
    )


_QUANTITIES = MappingProxyType({"guarantee": guarantee, "floor": floor, "iterations": iterations})


@cache
def theorem(quantity: str, algorithm: str, rule_name: str, finite: bool = False) -> Statement:
    """Return the theorem on ``guarantee``, ``floor`` or ``iterations``; each is built once.

    With ``finite`` the B tasks of a step are different ones of n (see :mod:`bounds.sharp.finite`), those of a
    sampled step size are drawn with replacement as ever.
    """
    return _QUANTITIES[quantity](algorithm, RULE[rule_name], finite)


def theorem_statements() -> tuple[Statement, ...]:
    """Return guarantee, floor and iterations for every algorithm and step rule, then without replacement.

    The paper's theory draws its tasks independently.
    """
    rows = [(*row, False) for row in product(DIRECTIONS, RULE, _QUANTITIES)]
    rows += [(*row, True) for row in product(DIRECTIONS, RULE, _QUANTITIES) if RULE[row[1]] is not PAPER]
    return tuple(theorem(quantity, algorithm, rule, finite) for algorithm, rule, quantity, finite in rows)
