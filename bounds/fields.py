"""What the fields of a statement must be: each refusal in one line, when it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any, get_args

import sympy as sp

from bounds.errors import InputError, UnitError
from bounds.occurring import symbols_of
from bounds.parts import Condition, Definition
from bounds.rendering.names import default_name, unicode_name
from bounds.standing import Chapter
from bounds.symbols import QUANTITIES, Quantity

if TYPE_CHECKING:
    from bounds.bound import Statement

RELATIONS = (r"\le", r"\ge", "=")
_TUPLES = {"where": Definition, "domain": Condition, "quantities": Quantity}


def refuse_other_kinds(st: Statement) -> None:
    """Raise ``InputError`` for a field that is of another kind, or none of the words that it may be."""
    for field, kind in _TUPLES.items():
        _require_tuple(st.name, field, kind, getattr(st, field))
    for field, words in {"relation": RELATIONS, "chapter": get_args(Chapter)}.items():
        if getattr(st, field) not in words:
            allowed = f"must be one of {', '.join(words)}"
            raise InputError(f"{field} of {st.name}", getattr(st, field), allowed)


def _require_tuple(name: str, field: str, kind: type, given: Any) -> None:
    what = f"must be a tuple of bounds.{'symbols' if kind is Quantity else 'bound'}.{kind.__name__}"
    if isinstance(given, kind):
        raise InputError(f"{field} of {name}", given, what, f"a comma makes it one: {field}=(...,)")
    if not isinstance(given, tuple):
        raise InputError(f"{field} of {name}", given, what)
    for one in given:
        if not isinstance(one, kind):
            remedy = "give what quantity(...) returned, not its symbol" if kind is Quantity else ""
            raise InputError(f"{field} of {name}", one, what, remedy)


def refuse_sharpened(st: Statement, kind: type[Statement]) -> None:
    """Raise an error for what cannot be sharpened: no statement, or one of another unit."""
    other: Any = st.sharpens
    if other is None:
        return
    if not isinstance(other, kind):
        remedy = "take it from its module, as bounds.theory.smoothness.RECORDED_SMOOTHNESS"
        raise InputError(f"sharpens of {st.name}", other, "must be a statement, not its name", remedy)
    if other.unit != st.unit:
        raise UnitError(
            f"{st.name} has the unit {st.unit}, and {other.name}, which it sharpens, {other.unit}"
        )


def refuse_marks(st: Statement, known: Mapping[str, str]) -> None:
    """Raise ``InputError`` for a record that does not say where it is known from, and for others that do."""
    if (st.provenance == "recorded") != bool(st.marks) or not known.keys() >= set(st.marks):
        allowed = f"a recorded statement needs marks out of {', '.join(known)}, any other none"
        raise InputError(st.name, st.marks, allowed)


def refuse_unknown(name: str, expression: sp.Expr, known: Set[sp.Symbol]) -> None:
    """Raise ``InputError`` for a symbol that is none of those that are known."""
    strange = sorted(symbol.name for symbol in symbols_of(expression) - known)
    if strange:
        allowed = "must be a quantity of the theory or a part that the statement defines before it is used"
        remedy = "for a quantity of your own: quantities=(bounds.symbols.quantity(...),)"
        raise InputError(name, ", ".join(strange), allowed, remedy)


def refuse_taken_names(st: Statement, parts: Iterable[Definition]) -> None:
    """Raise ``InputError`` for a quantity of its own whose name another quantity or part has, used or not."""
    names = [*QUANTITIES, *(part.symbol.name for part in parts)]
    for own in st.quantities:
        if own.symbol.name in names:
            allowed = "is a quantity of the theory, or a part or another quantity of the statement"
            raise InputError(f"quantity of {st.name}", own.symbol.name, allowed, "choose another name")
        names.append(own.symbol.name)


def refuse_unused_or_alike(st: Statement) -> None:
    """Raise ``InputError`` for a quantity of its own that it does not use, or that is drawn as another one is."""
    for own in st.quantities:
        if own.symbol.name not in st.symbols:
            allowed = "occurs neither in the formula nor in the domain"
            raise InputError(f"quantity of {st.name}", own.symbol.name, allowed, "leave it out")
    drawn = {name: st.vocabulary[name].latex for name in st.symbols}
    drawn |= {d.symbol.name: d.latex or default_name(d.symbol.name) for d in st.where}
    for own in st.quantities:
        alike = [
            n for n in drawn if n != own.symbol.name and unicode_name(drawn[n]) == unicode_name(own.latex)
        ]
        if alike:
            allowed = f"is drawn as {alike[0]} is in the same statement"
            raise InputError(f"latex of {own.symbol.name}", own.latex, allowed, "choose another letter")
