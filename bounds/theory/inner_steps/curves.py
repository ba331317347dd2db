"""Smoothness of F with N inner steps: ``t^(2N) L + t^(2N-1) (t^N-1)/x rho alpha E||g_i||``, and step rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import sympy as sp
from sympy import Integer

from bounds.bound import Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.tools import Items, identity
from bounds.symbols import defined
from bounds.theory.inner_steps.products import geometric, relation, up
from bounds.theory.matrices import UPPER
from bounds.theory.step_rules import Curve, Rule, sharp

PLACE = 78

bend = defined("bend")


def bending(N: int) -> Definition:
    """Return how the change of the Hessians along N steps counts: the factor of rho alpha E||g_i||."""

    def why(e: sp.Expr, st: Statement) -> Items:
        terms = (UPPER**n * UPPER**n * UPPER ** (N - 1 - n) * UPPER**N for n in range(N))
        name = "one factor after the other changes, at points that move apart by t a step"
        return (axioms.NORMS, identity(name, e, sum(terms, Integer(0))))

    value = UPPER ** (2 * N - 1) * geometric(UPPER, N)
    return Definition(
        bend, value, "how the change of the Hessians along the inner steps counts", r"\kappa", why=why
    )


@cache
def curve(N: int) -> Curve:
    """Return the smoothness of F with N inner steps."""
    return Curve(up**2, bend, ("t^(2N)", "t^(2N-1) (t^N-1)/x"), (*relation(N), bending(N)))


@cache
def rules(N: int) -> Mapping[str, Rule]:
    """Return the step rules by their names; the paper's is about one inner step."""
    return MappingProxyType({rule.name: rule for rule in sharp(curve(N))})
