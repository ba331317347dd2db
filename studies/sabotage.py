"""Sabotage: alter every constant, exponent and sign in turn, and see that the checks notice.

A change that leaves the same function, or a statement that is still proved (on a narrower domain, say), is no
defect; it is counted apart, with the reason.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import sympy as sp

from bounds import evaluation
from bounds.bound import Condition, Statement
from bounds.derivation.deciding import decide
from bounds.derivation.step import Step
from bounds.deriving import derivation
from bounds.entry import arguments
from bounds.ledger import SETTLED
from bounds.parts import unreal
from bounds.units import UnitError

TIMEOUT_MS = 4000
UP, DOWN = sp.Rational(11, 10), sp.Rational(9, 10)


@dataclass(frozen=True)
class Mutant:
    """One altered statement: the fields that are others, where it was altered, and how."""

    original: Statement
    fields: Mapping[str, Any]
    place: str
    change: str

    @cached_property
    def altered(self) -> Statement:
        """The altered statement; raises UnitError when it mixes units, and cannot be stated."""
        return replace(self.original, **self.fields)


@dataclass(frozen=True)
class Finding:
    """What became of a mutant: ``caught`` names the check; ``harmless`` says why it is no defect."""

    mutant: Mutant
    caught: str = ""
    harmless: str = ""


def alterations(e: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """Yield altered copies of an expression: constants by ten per cent, exponents by one, signs, min and max.

    What is never real, as the root of a number whose sign is turned, cannot be stated, and is none.
    """
    seen: set[sp.Expr] = {e}
    for change, altered in _alter(sp.sympify(e)):
        if altered not in seen and not unreal(altered):
            seen.add(altered)
            yield change, altered


def _alter(e: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    if e.is_Rational:
        yield from ((f"{e} -> {e * k}", e * k) for k in (UP, DOWN) if e != 0)
        yield (f"{e} -> {-e}", -e) if e != 0 else ("0 -> 1", sp.S.One)
        return
    if e.is_Symbol:
        yield f"{e} -> {e}^2", e**2
        return
    if e.is_Pow and e.exp.is_Rational:
        yield from ((f"({e}) to the power {n}", e.base**n) for n in _powers(e.exp))
        yield from ((change, altered**e.exp) for change, altered in _alter(e.base))
        return
    if isinstance(e, sp.Min | sp.Max):
        other = sp.Max if isinstance(e, sp.Min) else sp.Min
        yield f"{e.func.__name__} -> {other.__name__}", other(*e.args, evaluate=False)
    yield from _inside(e)


def _powers(exponent: sp.Rational) -> tuple[sp.Rational, ...]:
    if exponent.q == 2:
        return (2 * exponent,)
    return tuple(n for n in (exponent + 1, exponent - 1, -exponent))


def _inside(e: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    keep = {"evaluate": False} if isinstance(e, sp.Min | sp.Max) else {}
    if isinstance(e, sp.Piecewise):
        for i, (value, condition) in enumerate(e.args):
            for change, altered in _alter(value):
                yield change, sp.Piecewise(*e.args[:i], (altered, condition), *e.args[i + 1 :])
        return
    for i, part in enumerate(e.args):
        if e.is_Add:
            yield f"{part} -> {-part}", e.func(*e.args[:i], -part, *e.args[i + 1 :])
        for change, altered in _alter(part):
            yield change, e.func(*e.args[:i], altered, *e.args[i + 1 :], **keep)


def mutants(st: Statement, skip: frozenset[object] = frozenset()) -> Iterator[Mutant]:
    """Yield every altered copy of a statement: right-hand side, named parts, domain; not the parts in ``skip``."""
    if (family(st), st.expression) not in skip:
        for change, altered in alterations(st.expression):
            yield Mutant(st, {"expression": altered}, "right-hand side", change)
    for i, definition in enumerate(st.where):
        if definition not in skip:
            for change, altered in alterations(definition.expression):
                where = (*st.where[:i], replace(definition, expression=altered), *st.where[i + 1 :])
                yield Mutant(st, {"where": where}, definition.symbol.name, change)
    for i, condition in enumerate(st.domain):
        if (family(st), condition) not in skip:
            for change, other in _conditions(condition):
                domain = (*st.domain[:i], other, *st.domain[i + 1 :])
                yield Mutant(st, {"domain": domain}, f"domain: {condition.name}", change)


def family(st: Statement) -> str:
    """Return the family of a statement: theorems on one quantity under several rules have the same last step."""
    case = st.case
    return case.quantity if case is not None and case.algorithm and case.rule else st.name


def pieces(st: Statement) -> set[object]:
    """Return what of a statement need not be altered again in a statement of the same family."""
    name = family(st)
    return {(name, st.expression), *st.where, *((name, condition) for condition in st.domain)}


def _conditions(condition: Condition) -> Iterator[tuple[str, Condition]]:
    yield from ((c, replace(condition, left=e)) for c, e in alterations(condition.left))
    yield from ((c, replace(condition, right=e)) for c, e in alterations(condition.right))


def by_units(mutant: Mutant) -> str:
    """Catch what mixes units, or has another unit than it should: it is refused when it is stated."""
    try:
        assert mutant.altered
    except (UnitError, KeyError) as error:
        return f"units: {error}"
    return ""


def by_derivation(mutant: Mutant) -> str:
    """Catch what no longer follows, or is looser than what follows."""
    try:
        steps = derivation(mutant.altered).steps
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, StopIteration) as error:
        return f"the derivation cannot be built: {error!r}"
    known = set(derivation(mutant.original).steps)
    for step in steps:
        if step not in known:
            status = _status(step)
            if status not in SETTLED:
                return f"derivation: {step.name}: {status}"
    return ""


@cache
def _status(step: Step) -> str:
    return decide(step, TIMEOUT_MS).status


DETECTORS: Sequence[Callable[[Mutant], str]] = (by_units, by_derivation)


def judge(mutant: Mutant, detectors: Sequence[Callable[[Mutant], str]] = DETECTORS) -> Finding:
    """Run the checks on one mutant; say why it is harmless when none of them objects and none should."""
    for detector in detectors:
        caught = detector(mutant)
        if caught:
            return Finding(mutant, caught=caught)
    return Finding(mutant, harmless=_harmless(mutant))


def _harmless(mutant: Mutant) -> str:
    if mutant.original.up_to_constant and not mutant.place.startswith("domain"):
        return "an order: the constant factor is open"
    if not mutant.place.startswith("domain"):
        return "the same function" if _same(mutant) else ""
    if derivation(mutant.altered).steps:
        return "still proved on the altered domain"
    return ""


def _same(mutant: Mutant, points: int = 12) -> bool:
    """Compare the two right-hand sides at random points; a formula that is the same there is the same function."""
    rng = random.Random(0)
    for _ in range(points):
        values = {name: rng.uniform(0.1, 0.9) for name in mutant.original.symbols}
        first, second = (_value(st, values) for st in (mutant.original, mutant.altered))
        if not (first == second or abs(first - second) <= 1e-9 * abs(first)):
            return False
    return True


def _value(st: Statement, values: dict[str, float]) -> complex:
    try:
        return complex(evaluation.number(st)(*(values[name] for name in st.symbols)))
    except (KeyError, ValueError, TypeError, ZeroDivisionError, OverflowError):
        return complex("nan")


def everything(statements: Sequence[Statement]) -> Iterator[Mutant]:
    """Yield the mutants of all statements; a part that several statements share is altered once."""
    done: set[object] = set()
    for st in statements:
        yield from mutants(st, frozenset(done))
        done |= pieces(st)


def report(findings: Sequence[Finding]) -> dict[str, object]:
    """Count what was caught, by which check, what is no defect and why, and what was missed."""
    from collections import Counter

    caught = [f for f in findings if f.caught]
    harmless = [f for f in findings if not f.caught and f.harmless]
    missed = [f for f in findings if not f.caught and not f.harmless]
    defects = len(caught) + len(missed)
    return {
        "altered": len(findings),
        "caught": len(caught),
        "fraction": len(caught) / defects if defects else 1.0,
        "by": dict(Counter(f.caught.partition(":")[0] for f in caught)),
        "no defect": dict(Counter(f.harmless for f in harmless)),
        "missed": [f"{f.mutant.original.name}: {f.mutant.place}: {f.mutant.change}" for f in missed],
    }


def main() -> None:
    """Alter everything that was derived here, and write the report as JSON on standard output."""
    import json
    import sys

    from bounds.catalogue import statements

    chosen = [st for st in statements().values() if st.chapter != "recorded"]
    sys.stdout.write(json.dumps(report([judge(m) for m in everything(chosen)]), indent=1) + "\n")


if __name__ == "__main__":
    arguments("studies.sabotage", __doc__, {})
    main()
