"""What a step claims: one relation between two exact expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import sympy as sp

Relation = Literal["<=", "<", "="]


@dataclass(frozen=True)
class Claim:
    """``left relation right``, between exact expressions."""

    left: sp.Expr
    right: sp.Expr
    relation: Relation = "<="

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", sp.sympify(self.left))
        object.__setattr__(self, "right", sp.sympify(self.right))

    @property
    def symbols(self) -> frozenset[sp.Symbol]:
        """The free symbols of both sides."""
        return frozenset(self.left.free_symbols | self.right.free_symbols)

    def at(self, values: Mapping[sp.Symbol, sp.Expr]) -> bool:
        """Decide the claim at exact values, by comparing exact numbers."""
        gap = sp.nsimplify(self.right.subs(values) - self.left.subs(values))
        sign = sp.sign(sp.simplify(gap))
        if self.relation == "=":
            return bool(sign == 0)
        return bool(sign == 1) if self.relation == "<" else bool(sign in (0, 1))

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"


def le(left: object, right: object) -> Claim:
    """Claim ``left <= right``."""
    return Claim(left, right)


def lt(left: object, right: object) -> Claim:
    """Claim ``left < right``."""
    return Claim(left, right, "<")


def eq(left: object, right: object) -> Claim:
    """Claim ``left = right``."""
    return Claim(left, right, "=")
