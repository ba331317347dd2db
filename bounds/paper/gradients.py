"""The paper's relation between ||grad f|| and ||grad F||, and its second moment of grad F_i."""

from __future__ import annotations

from sympy import Integer, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.stating import GRADIENT, GRADIENT_SQUARED, RECALL, recorded
from bounds.symbols import L, alpha, defined, sigma, y

x, C1, C2 = defined("x"), defined("C1_paper"), defined("C2_paper")
WHERE = (
    Definition(x, alpha * L, "inner step in units of 1/L"),
    Definition(C1, 1 / (1 - 2 * x - x**2), "recorded factor of ||grad F||", "C_1"),
    Definition(C2, (2 * x + x**2) / (1 - 2 * x - x**2), "recorded factor of sigma", "C_2"),
)
INNER_STEP = Condition("inner step", alpha * L, sqrt(2) - 1, strict=True)
PREFACTOR = Integer(2)
REPAIRED = Integer(4)


def second_moment(power: object) -> object:
    """Return the recorded second moment with the factor (1 + x)^power in front of both terms."""
    return (1 + x) ** power * (2 * C1**2 * y**2 + (2 * C2**2 + 1) * sigma**2)


def gradient_statements() -> tuple[Statement, ...]:
    """Return the recorded gradient relation and second moment."""
    return (
        recorded(
            "gradient-relation",
            "the gradient of f is controlled by that of F",
            r"\|\nabla f(w)\|",
            C1 * y + C2 * sigma,
            GRADIENT,
            "lemma on the gradients of f and F",
            marks=(RECALL,),
            where=WHERE,
            domain=(INNER_STEP,),
        ),
        recorded(
            "second-moment",
            "second moment of the tasks' meta-gradients",
            r"E_i\|\nabla F_i(w)\|^2",
            second_moment(PREFACTOR),
            GRADIENT_SQUARED,
            "lemma on the gradients of f and F",
            marks=(RECALL,),
            where=WHERE,
            domain=(INNER_STEP,),
            errata=("E1",),
        ),
    )
