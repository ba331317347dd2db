"""Smoothness of F at a point, and the moments of the random step size that is built from it."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Condition, Statement
from bounds.sharp.quantities import RELATION, x
from bounds.sharp.steps import PAPER, SAMPLED, Rule, mu1, mu1u, mu2
from bounds.stating import HESSIAN, derived
from bounds.symbols import B_prime, D_beta, L, alpha, mean_norm, rho
from bounds.units import unit

_TWO_POINTS = "a quadratic above 1/z or 1/z^2 that touches it; attained by two values"


def smoothness_of(rule: Rule) -> sp.Expr:
    """Return Lambda(w) of a step rule: its constant part and its slope times E||g_i||."""
    return rule.smoothness + rule.slope * mean_norm


def curvature_statements() -> tuple[Statement, ...]:
    """Return the smoothness of F, its parabolas, and three moments for the paper's step and the sharp one."""
    curve = (1 + x) ** 2 * L + (1 + x) * rho * alpha * mean_norm
    smooth = derived(
        "smoothness",
        "smoothness of F at w",
        r"\|\nabla F(w)-\nabla F(u)\|/\|w-u\|",
        curve,
        HESSIAN,
        "difference of products, one factor at each point",
        where=RELATION,
    )
    parabolas = derived(
        "quadratic-bound",
        "F lies between two parabolas about w",
        r"|F(u)-F(w)-\langle\nabla F(w),u-w\rangle|/\|u-w\|^2",
        curve / 2,
        HESSIAN,
        "smoothness at w, integrated over the segment with the bound taken at its fixed end",
        where=RELATION,
    )
    return (smooth, parabolas, *_moments(SAMPLED, "step"), *_moments(PAPER, "step.paper"))


def _moments(rule: Rule, prefix: str) -> tuple[Statement, ...]:
    curve = smoothness_of(rule)
    rows = (
        ("mean", r"E\tilde\beta(w)", mu1 / curve, r"\ge", -1, "Jensen for 1/z"),
        ("mean.upper", r"E\tilde\beta(w)", mu1u / curve, r"\le", -1, _TWO_POINTS),
        ("square", r"E\tilde\beta(w)^2", mu2 / curve**2, r"\le", -2, _TWO_POINTS),
    )
    return tuple(
        derived(
            f"{prefix}.{what}",
            f"{subject_in_words(what)} of {rule.title}",
            subject,
            expression,
            unit(power, -2 * power),
            source,
            relation=relation,
            where=rule.where,
            domain=(Condition("tasks", 1, B_prime), Condition("samples", 1, D_beta)),
        )
        for what, subject, expression, relation, power, source in rows
    )


def subject_in_words(what: str) -> str:
    """Say which moment it is."""
    return {"mean": "least mean", "mean.upper": "largest mean", "square": "largest second moment"}[what]
