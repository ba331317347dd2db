"""A statement of the theory as one object: formula, domain, units, source, and everything read off them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import sympy as sp

from bounds import evaluation, fields, given, parts
from bounds.errors import DomainError, InputError
from bounds.holding import ROUNDING
from bounds.occurring import symbols_of
from bounds.parts import Condition, Definition, nothing
from bounds.standing import DERIVED, Case, Chapter, Left, Standing
from bounds.symbols import QUANTITIES, Quantity
from bounds.units import Unit, UnitError, infer

__all__ = [
    "MARKS",
    "OBSERVED",
    "ROUNDING",
    "Condition",
    "Definition",
    "Provenance",
    "Statement",
    "nothing",
]

Provenance = Literal["recorded", "cross-checked", "derived"]
MARKS = MappingProxyType(
    {
        "abstract": "the paper's abstract",
        "notes": "published reading notes of the paper",
        "implementation": "also seen in an independent implementation",
        "recall": "recall only, unconfirmed",
        "memory": "recorded from memory: not checked against the paper",
    }
)
"""Where a recorded statement is known from; the paper's full text was not at hand."""
OBSERVED = frozenset(
    {"y", "gradient", "mean_norm", "outer_norm", "probe_norm", "probe_gradient", "bias", "variance", "error"}
    | {"phi", "delta"}
)
"""What is seen in a run, or chosen by what is seen, and may overflow; all else is chosen or known before."""


@dataclass(frozen=True)
class Statement:
    """An inequality ``subject <= expression`` (or an equality) of the theory.

    Parameters
    ----------
    name : str
        Dotted name, ``source.topic[.algorithm]``.
    title : str
        One line in words.
    subject : str
        The left-hand side, in LaTeX.
    expression : sympy.Expr
        The right-hand side, exact: floats are refused.
    where : tuple of Definition
        The named parts of the expression, in order; each may use the earlier ones.
    domain : tuple of Condition
        Where the statement holds.
    unit : Unit
        The unit that the right-hand side must have; checked at construction unless ``inhomogeneous``.
    source : str
        Theorem, lemma or section, or "derived here" with the name of the proof.
    provenance : {"recorded", "cross-checked", "derived"}
    marks : tuple of {"abstract", "notes", "implementation", "recall"}
        Where a recorded statement is known from, see ``MARKS``: at least one when it is recorded, else none.
    relation : str
        LaTeX of the relation between the two sides.
    up_to_constant : bool
        Whether the source leaves a constant factor open (the O of an order statement).
    errata : tuple of str
        Identifiers of the errata that concern the statement.
    inhomogeneous : str
        Why the recorded formula is not homogeneous in units; empty when it is.
    note : str
        What else a reader should know.
    chapter : {"recorded", "lemmas", "theorems"}
        Where a reader finds it.
    standing : Standing
        Whether it is derived, or recorded, and how the record stands.
    proof : callable
        Takes the statement as it stands and returns the steps and facts from which it follows, given its parts.
    sharpens : Statement, optional
        The recorded statement on the same quantity that this one improves on.
    case : Case, optional
        What it says, where the same is said of several algorithms or step rules.
    left : Left, optional
        Its left side at points.
    unmeasured : str
        Why no run or point is compared with it; empty when one is, or should be.
    quantities : tuple of Quantity
        Quantities that it has beside those of the theory, see :func:`bounds.symbols.quantity`.

    Raises
    ------
    UnitError
        When quantities of different units are added or compared, the right-hand side has another unit, or what it
        sharpens has.
    InputError
        When the name is none, a symbol is neither one of the theory nor a part defined before, a formula has a
        float or is not finite and real, the LaTeX of the left side cannot be read, a field is of another kind,
        a recorded statement does not say where it is known from, or a quantity of its own is not used, or has a
        name or LaTeX that is taken.
    """

    name: str
    title: str
    subject: str
    expression: sp.Expr
    unit: Unit
    source: str
    provenance: Provenance
    where: tuple[Definition, ...] = ()
    domain: tuple[Condition, ...] = ()
    relation: str = r"\le"
    up_to_constant: bool = False
    errata: tuple[str, ...] = ()
    inhomogeneous: str = ""
    note: str = field(default="", compare=False)
    marks: tuple[str, ...] = field(default=(), compare=False)
    chapter: Chapter = field(default="lemmas", compare=False)
    standing: Standing = field(default=DERIVED, compare=False)
    proof: Callable[[Statement], tuple[Any, ...]] = field(default=nothing, compare=False, repr=False)
    sharpens: Statement | None = field(default=None, compare=False, repr=False)
    case: Case | None = field(default=None, compare=False)
    left: Left | None = field(default=None, compare=False, repr=False)
    unmeasured: str = field(default="", compare=False)
    quantities: tuple[Quantity, ...] = ()

    def __post_init__(self) -> None:
        parts.refuse_unnamed(self.name)
        object.__setattr__(self, "expression", sp.sympify(self.expression))
        parts.refuse_floats(self.name, self.expression)
        parts.refuse_unread(f"left side of {self.name}", self.subject)
        fields.refuse_other_kinds(self)
        fields.refuse_sharpened(self, Statement)
        fields.refuse_taken_names(self, self.where)
        object.__setattr__(self, "where", self._used_definitions())
        fields.refuse_marks(self, MARKS)
        self._check_symbols()
        fields.refuse_unused_or_alike(self)
        if not self.inhomogeneous:
            self.check_units()

    @cached_property
    def vocabulary(self) -> Mapping[str, Quantity]:
        """The quantities that may occur in it by name: those of the theory, then its own."""
        return {**QUANTITIES, **{own.symbol.name: own for own in self.quantities}}

    @cached_property
    def positive(self) -> frozenset[str]:
        """The quantities of its own that may not be 0."""
        return frozenset(own.symbol.name for own in self.quantities if own.symbol.is_positive)

    def _check_symbols(self) -> None:
        known = {one.symbol for one in self.vocabulary.values()}
        for definition in self.where:
            fields.refuse_unknown(self.name, definition.expression, known)
            known.add(definition.symbol)
        for side in (self.expression, *(s for c in self.domain for s in (c.left, c.right))):
            fields.refuse_unknown(self.name, side, known)

    def _used_definitions(self) -> tuple[Definition, ...]:
        sides = [side for condition in self.domain for side in (condition.left, condition.right)]
        return evaluation.needed_definitions(self.where, (self.expression, *sides))

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Names of the quantities that a value of the statement needs."""
        used = set(symbols_of(self.expression))
        for condition in self.domain:
            used |= symbols_of(condition.left) | symbols_of(condition.right)
        for definition in self.where:
            used |= symbols_of(definition.expression)
        own = {definition.symbol for definition in self.where}
        return tuple(name for name, q in self.vocabulary.items() if q.symbol in used - own)

    def check_units(self) -> Unit | None:
        """Infer the unit of the right-hand side and of every condition; done at construction.

        Raises
        ------
        UnitError
            When two quantities of different units are added or compared, or the result has the wrong unit.
        """
        units: dict[sp.Symbol, Unit | None] = {q.symbol: q.unit for q in self.vocabulary.values()}
        for definition in self.where:
            units[definition.symbol] = infer(definition.expression, units)
        for condition in self.domain:
            sides = {infer(side, units) for side in (condition.left, condition.right)} - {None}
            if len(sides) > 1:
                told = ", ".join(sorted(map(str, sides)))
                raise UnitError(f"{self.name}: condition {condition.name!r} compares the units {told}")
        found = infer(self.expression, units)
        if found is not None and found != self.unit:
            raise UnitError(f"{self.name} has the unit {found}, not {self.unit}")
        return found

    def __call__(self, **values: float) -> Any:
        """Return the right-hand side in floats (or arrays); raise ``DomainError`` outside the domain.

        Lists are arrays. Values that it does not need are passed over, so that it takes those of a whole plan or
        of all constants: a misspelt name shows as one that is missing. What is no number is refused by its name.
        An observed quantity that is not finite is carried into the value, which then is no bound.
        """
        chosen = self._checked(values, OBSERVED)
        self.require(chosen)
        return evaluation.value(self, chosen)

    def at(self, values: Mapping[str, Any]) -> tuple[float, str]:
        """Return the right-hand side at a point and ``""``; or NaN and why there is none there."""
        try:
            return float(self(**given.singles(self.name, self.symbols, values))), ""
        except InputError as error:
            return math.nan, str(error)

    def enclose(self, **values: float) -> tuple[float, float]:
        """Return an outward-rounded enclosure of the right-hand side at exactly these floats."""
        chosen = self._checked(given.singles(self.name, self.symbols, values))
        self.require(chosen)
        return evaluation.enclosure(self, chosen)

    def margins(self, values: Mapping[str, float]) -> list[tuple[Condition, float, float, bool]]:
        """Return every condition with its two sides and whether it holds at the values."""
        sides = evaluation.conditions(self)(*given.chosen(self.name, self.symbols, values).values())
        pairs = zip(sides[::2], sides[1::2], strict=True)
        return [(cond, a, b, cond.holds(a, b)) for cond, (a, b) in zip(self.domain, pairs, strict=True)]

    def require(self, values: Mapping[str, float]) -> None:
        """Raise ``DomainError`` naming the first inequality that fails, with both its sides."""
        if any(getattr(value, "ndim", 0) for value in values.values()):
            evaluation.require_everywhere(self, values)
            return
        for condition, left, right, holds in self.margins(values):
            if not holds:
                raise DomainError(
                    condition.name,
                    left,
                    f"{self.name} needs {condition}, here {left:.6g} against {right:.6g}",
                )

    def explain(self, **values: float) -> dict[str, Any]:
        """Return value, parts and conditions; ``binding`` is the condition nearest to failing.

        Outside the domain, and where the formula has no real or finite value, there is none, no part has one, and
        ``why`` says so.
        """
        chosen = self._checked(given.singles(self.name, self.symbols, values))
        margins: list[tuple[Condition, float, float, bool]] = []
        value, found, why = None, {}, ""
        try:
            margins = self.margins(chosen)
            if all(row[3] for row in margins):
                value, found = evaluation.value(self, chosen), evaluation.parts(self, chosen)
            else:
                why = "the point is outside the domain"
        except DomainError as error:
            why = error.allowed
        return {
            "name": self.name,
            "value": None if why else value,
            "why": why,
            "parts": found,
            "conditions": [
                {"name": c.name, "left": a, "right": b, "holds": ok, "text": str(c)}
                for c, a, b, ok in margins
            ],
            "binding": min(margins, key=_room)[0].name if margins else None,
        }

    def _checked(
        self, values: Mapping[str, float], observed: frozenset[str] = frozenset()
    ) -> dict[str, float]:
        """Choose the values: finite and >= 0, or > 0 if ``positive``, those of ``observed`` not below 0."""
        chosen = given.chosen(self.name, self.symbols, values)
        for name, value in chosen.items():
            good: Any = (value >= 0) & (value < math.inf)
            if name in observed:
                good = (value >= 0) | (value != value)
            elif name in self.positive:
                good = good & (value > 0)
            if not (good if good is True or good is False else good.all()):
                least = "> 0" if name in self.positive else ">= 0"
                raise DomainError(name, value, f"{self.name} needs a finite number {least}")
        return chosen


def _room(row: tuple[Condition, float, float, bool]) -> float:
    _, left, right, _ = row
    scale = abs(left) + abs(right)
    return (right - left) / scale if scale > 0 else 0.0
