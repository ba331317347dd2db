"""What a statement is made of: named parts of its formula, and the named inequalities of its domain."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sympy as sp

from bounds import holding
from bounds.errors import InputError
from bounds.rendering import notation

if TYPE_CHECKING:
    from bounds.bound import Statement

_NAME = re.compile(r"[\w-]+(\.[\w-]+)*")


def nothing(*_: Any) -> tuple[Any, ...]:
    """Give no reason: there is nothing to show."""
    return ()


@dataclass(frozen=True)
class Definition:
    """``symbol = expression``, a named part of a formula.

    ``why(expression, statement)`` returns the steps and facts that make it what it is, for the expression as it
    stands.
    """

    symbol: sp.Symbol
    expression: sp.Expr
    meaning: str = ""
    latex: str = ""
    why: Callable[[sp.Expr, Statement], tuple[Any, ...]] = field(default=nothing, compare=False, repr=False)

    def __post_init__(self) -> None:
        refuse_floats(self.symbol.name, self.expression)
        refuse_unread(f"latex of {self.symbol.name}", self.latex)


@dataclass(frozen=True)
class Condition:
    """``left <= right`` (or ``left < right`` when strict), a named part of a domain."""

    name: str
    left: sp.Expr
    right: sp.Expr
    strict: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", sp.sympify(self.left))
        object.__setattr__(self, "right", sp.sympify(self.right))
        refuse_floats(self.name, self.left)
        refuse_floats(self.name, self.right)

    def holds(self, left: Any, right: Any) -> Any:
        """Decide the inequality in floats or arrays; equality up to rounding counts unless strict; NaN fails."""
        return holding.holds(left, right, self.strict)

    def __str__(self) -> str:
        return f"{self.left} {'<' if self.strict else '<='} {self.right}"


def refuse_unnamed(name: str) -> None:
    """Raise ``InputError`` for what cannot name a statement: it is an address and a file's name too."""
    if not _NAME.fullmatch(name):
        allowed = "must be words with dots between them, each of letters, digits, - and _"
        raise InputError("name of a statement", name, allowed)


def refuse_floats(name: str, expression: sp.Expr) -> None:
    """Raise ``InputError`` for a formula with a float, an infinite number or one that is not real: it is exact."""
    expression = sp.sympify(expression)
    if expression.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
        raise InputError(name, str(expression), "a formula must be finite")
    if unreal(expression):
        remedy = "write it without I and roots of negatives"
        raise InputError(name, str(expression), "a formula must be real", remedy)
    floats = expression.atoms(sp.Float)
    if floats:
        raise InputError(
            name, sorted(map(str, floats)), "a formula must be exact", "write Rational(1, 12), not 1/12"
        )


def unreal(expression: sp.Expr) -> bool:
    """Return whether an imaginary number, or the root or logarithm of what is always negative, is in a formula."""
    return expression.has(sp.I) or any(map(_of_a_negative, expression.atoms(sp.Pow, sp.log)))


def _of_a_negative(one: sp.Expr) -> bool:
    if isinstance(one, sp.Pow):
        return bool(one.base.is_negative and one.exp.is_number and not one.exp.is_integer)
    return bool(one.args[0].is_negative)


def refuse_unread(name: str, latex: Any, *, drawn: bool = False) -> None:
    """Raise ``InputError`` for LaTeX that cannot be drawn in a terminal and on a page, or for none of it."""
    if not isinstance(latex, str) or (drawn and not latex.strip()):
        raise InputError(name, latex, "must be LaTeX in a string", r"such as r'\mu'")
    strange = sorted(set(latex) & set("$&%#~<>" if drawn else "$&%#~"))
    if strange:
        remedy = "write what stands between the dollars" if "$" in strange else ""
        raise InputError(name, latex, f"must be LaTeX of a formula, without {' '.join(strange)}", remedy)
    try:
        notation.parse(latex)
    except ValueError as error:
        remedy = f"beside Greek letters these are read: {notation.known()}"
        raise InputError(name, latex, str(error), remedy) from error
