r"""What is said of the runs at hand, with a probability: Markov's inequality, and runs that are independent.

A plan bounds a mean, :math:`E\|\nabla F(w_R)\| \le g`. A run in which R is drawn misses g/p with probability at
most p; m independent runs all miss it with probability at most :math:`p^m`. So with probability at least
:math:`1-\delta` the best of m random iterates has :math:`\|\nabla F\| \le g\,\delta^{-1/m}`. Under the constant
step the plan bounds :math:`E\|\nabla F(w_R)\|^2 \le g^2`, and the square root of the factor is enough.
"""

from __future__ import annotations

from sympy import sqrt

from bounds.bound import Condition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, var
from bounds.stating import GRADIENT, derived
from bounds.symbols import chance, guarantee

PLACE = 70

miss, other, mean, square = var("miss"), var("miss_of_another"), var("mean_size"), var("mean_square")
level, curve = var("level"), var("Lambda")
_SUBJECT = r"\min_{j\le m}\|\nabla F(w_{R_j})\|"
_DOMAIN = (Condition("chance", chance, 1),)
_NOTE = (
    "R_j is uniform on 0..K-1 and independent of its run; m = log(1/delta)/log(1/p) runs make it 1 - delta. The "
    "best iterate of all runs is at least as good. Which one it is must be measured, see sharp.maml.chosen"
)


def _all_miss() -> Items:
    """Two runs; by induction any number."""
    given = (le(miss, chance), le(other, chance))
    return (axioms.INDEPENDENT_EVENTS, Step("both of two runs", le(miss * other, chance**2), given))


def _by_the_mean(st: Statement) -> Items:
    """``P(y > u) u <= E y <= g`` at u = g/p."""
    given = (le(miss * st.expression, mean), le(mean, guarantee), lt(0, chance), lt(0, guarantee))
    return (axioms.MARKOV, Step("one run", le(miss, chance), given), *_all_miss())


def _by_the_square(st: Statement) -> Items:
    """``P(y > u) u^2 <= E y^2 <= g^2``: the constant step's Lambda is a number, and psi(y) = y^2/Lambda."""
    given = (le(miss * st.expression**2, square), le(square, guarantee**2), lt(0, chance), lt(0, guarantee))
    bounded = (le(square / curve, level), eq(guarantee**2, curve * level), lt(0, curve))
    return (
        axioms.MARKOV,
        Step("the guarantee is one of the mean square", le(square, guarantee**2), bounded),
        Step("one run", le(miss, chance), given),
        *_all_miss(),
    )


ANY_STEP = derived(
    "confidence",
    "best of m random iterates of independent runs, with probability 1 - p^m at least",
    _SUBJECT,
    guarantee / chance,
    GRADIENT,
    "Markov's inequality, and independent runs",
    domain=_DOMAIN,
    note=_NOTE,
    proof=_by_the_mean,
    chapter="theorems",
)
CONSTANT_STEP = derived(
    "confidence.constant",
    "best of m random iterates of independent runs, with probability 1 - p^m at least, constant step",
    _SUBJECT,
    guarantee / sqrt(chance),
    GRADIENT,
    "Markov's inequality for the square, and independent runs",
    domain=_DOMAIN,
    note=_NOTE,
    proof=_by_the_square,
    chapter="theorems",
)
STATEMENTS = (ANY_STEP, CONSTANT_STEP)
