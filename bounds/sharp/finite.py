r"""B different tasks out of n: what drawing without replacement leaves of the spread between tasks.

With :math:`m_i = E[G_i\mid i]` the direction of one task splits into :math:`m_i` and a noise that is independent
from task to task. In a draw of B out of n without replacement two different tasks have the covariance
:math:`-\mathrm{Var}_i(m_i)/(n-1)`, so that

.. math:: E\|\bar G - E\bar G\|^2 = \frac1B\Big[\frac{n-B}{n-1}\,\mathrm{Var}_i(m_i)
          + E\|G_i - m_i\|^2\Big].

The spread of :math:`m_i`, the mean of the inner batch's bias included, is :math:`A_0 + A_1 y` for MAML and
HF-MAML; FO-MAML's variance is that spread squared and the noise T of the outer gradient. HF-MAML's error of the
difference depends on the noise as well and keeps its whole weight: the factor is at most 1.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from sympy import Integer, sqrt

from bounds.bound import Condition, Definition
from bounds.sharp.directions import DIRECTIONS, v0, v1
from bounds.sharp.quantities import A0, A1, T
from bounds.stating import larger
from bounds.symbols import B, defined, n_tasks

between = defined("between")
BETWEEN = Definition(
    between,
    larger(Integer(0), n_tasks - B) / larger(Integer(1), n_tasks - 1),
    "what drawing without replacement leaves of the variance between tasks",
    r"\varphi",
)
AT_MOST_ALL = Condition("different tasks", B, n_tasks)


def _lessened(part: Definition, algorithm: str) -> Definition:
    """Return a part of the spread with the variance between tasks multiplied by the factor."""
    whole = part.expression
    if algorithm == "fo-maml":
        own = {v0: sqrt(between * (whole**2 - T) + T), v1: sqrt(between) * whole}
    else:
        own = {A0: sqrt(between) * whole, A1: sqrt(between) * whole}
    return replace(part, expression=own.get(part.symbol, whole))


FINITE = MappingProxyType(
    {
        algorithm: (BETWEEN, *(_lessened(part, algorithm) for part in definitions))
        for algorithm, definitions in DIRECTIONS.items()
    }
)
