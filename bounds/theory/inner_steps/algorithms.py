"""The algorithms with N inner steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sympy import Rational

from bounds.bound import Definition
from bounds.standing import several
from bounds.theory import directions
from bounds.theory.algorithm import Algorithm
from bounds.theory.inner_steps import curves, layers, products
from bounds.theory.inner_steps import directions as own

if TYPE_CHECKING:
    from bounds.plan import Theory


PLACE = 80
USUAL = 8
"""The second paper takes alpha = 1/(8 N L)."""
Parts = Callable[[int, str], tuple[Definition, ...]]
_PARTS: dict[str, Parts] = {"product": own.maml, "none": own.fo_maml, "difference": own.hf_maml}


@cache
def after(algorithm: Algorithm, N: int) -> Algorithm:
    """Return an algorithm with N inner steps, by what it does about the Hessians; it has no recorded theorem."""
    name = several(algorithm.name, N)
    parts = _PARTS[algorithm.curvature](N, name)
    deeper = layers.PARTS.get(algorithm.curvature)
    deep = deeper(N, name) if deeper and algorithm.layered_several else ()
    change, change_deep = (
        own.lessened(one) if algorithm.curvature == "none" and one else None for one in (parts, deep)
    )
    return replace(
        algorithm,
        name=name,
        title=f"{algorithm.written} with {N} inner steps",
        parts=parts,
        different=directions.different(parts, change),
        deep=deep,
        deep_different=directions.different(deep, change_deep) if deep else (),
        recorded=None,
        more={},
        inner_steps=N,
        single=algorithm.name,
        range=products.reach(N),
        rules=curves.rules(N),
        usual=Rational(1, USUAL * N),
        after=None,
        obstacle=_first_order if algorithm.curvature == "none" else algorithm.obstacle,
    )


def _first_order(theory: Theory, reachable: bool, sigma: float) -> str:
    if not reachable:
        return (
            "at this alpha the first-order bias, which grows with the inner steps and with ||grad F|| itself, is "
            "too large, whatever the batch sizes"
        )
    words = "the first-order direction has a bias of order N alpha L sigma, whatever the batch sizes"
    return words if sigma else ""
