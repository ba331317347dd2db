"""Decide polynomial and algebraic claims over the reals with z3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp

from bounds.derivation import generic
from bounds.derivation.claim import Claim
from bounds.derivation.outcome import Answer, Outcome
from bounds.derivation.restating import restates
from bounds.derivation.step import Step

TIMEOUT_MS = 20_000
GENERIC: Mapping[str, tuple[sp.Rational, ...]] = MappingProxyType(
    {"x": (sp.Rational(1, 3), sp.Rational(3, 5), sp.Rational(1, 7))}
)
"""Values at which a bound must be tight, by the name of the parameter; the first that the hypotheses allow."""


class Encoder:
    """Translate exact expressions for z3; roots and quotients become variables with their equations.

    Symbols that are declared positive are > 0, those that a statement defines (declared real) are >= 0,
    symbols without an assumption are free.
    """

    def __init__(self) -> None:
        import z3

        self.z3 = z3
        self.side: list[Any] = []
        self._known: dict[sp.Expr, Any] = {}

    def expression(self, e: sp.Expr) -> Any:
        """Return the z3 term of an expression."""
        if e not in self._known:
            self._known[e] = self._translate(e)
        return self._known[e]

    def claim(self, claim: Claim) -> Any:
        """Return the z3 formula of a claim."""
        left, right = self.expression(claim.left), self.expression(claim.right)
        return {"<=": left <= right, "<": left < right, "=": left == right}[claim.relation]

    def _translate(self, e: sp.Expr) -> Any:
        if e.is_Symbol:
            return self._symbol(e)
        if e.is_Rational:
            return self.z3.RealVal(f"{e.p}/{e.q}")
        if e.is_Add or e.is_Mul:
            terms = [self.expression(part) for part in e.args]
            return self.z3.Sum(terms) if e.is_Add else self.z3.Product(terms)
        if e.is_Pow and e.exp.is_Rational:
            return self._power(e.base, e.exp)
        if isinstance(e, sp.Abs):
            inner = self.expression(e.args[0])
            return self.z3.If(inner >= 0, inner, -inner)
        if isinstance(e, sp.Min | sp.Max):
            return self._extremum(e)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e)
        raise TypeError(f"no translation of {e!r} into real arithmetic")

    def _symbol(self, s: sp.Symbol) -> Any:
        variable = self.z3.Real(s.name)
        if s.is_positive:
            self.side.append(variable > 0)
        elif s.is_real:
            self.side.append(variable >= 0)
        return variable

    def _power(self, base: sp.Expr, exponent: sp.Rational) -> Any:
        term = self.expression(base)
        if exponent.q == 2:
            root = self.z3.FreshReal("root")
            self.side += [root >= 0, root * root == term]
            term = root
        elif exponent.q != 1:
            raise TypeError(f"no translation of the power {exponent}")
        power = self.z3.Product([term] * abs(exponent.p)) if abs(exponent.p) > 1 else term
        if exponent.p > 0:
            return power
        inverse = self.z3.FreshReal("inverse")
        self.side.append(inverse * power == 1)
        return inverse

    def _extremum(self, e: sp.Expr) -> Any:
        terms = [self.expression(part) for part in e.args]
        best = terms[0]
        for term in terms[1:]:
            first = best <= term if isinstance(e, sp.Min) else best >= term
            best = self.z3.If(first, best, term)
        return best

    def _piecewise(self, e: sp.Piecewise) -> Any:
        value = None
        for part, condition in reversed(e.args):
            term = self.expression(part)
            value = term if value is None else self.z3.If(self._boolean(condition), term, value)
        return value

    def _boolean(self, condition: sp.Basic) -> Any:
        if condition in (sp.true, sp.false):
            return self.z3.BoolVal(bool(condition))
        if isinstance(condition, sp.Eq):
            return self.expression(condition.lhs) == self.expression(condition.rhs)
        raise TypeError(f"no translation of the condition {condition!r}")


def decide(step: Step, timeout_ms: int = TIMEOUT_MS) -> Outcome:
    """Prove the claim, find a point that meets the hypotheses, and refute every control."""
    answer, point = prove(step.claim, step.given, timeout_ms)
    if answer != "proved":
        return Outcome(answer, True, (), {"counterexample": point})
    if step.witness is not None:
        return _with_witness(step)
    satisfiable = _check(step.given, None, timeout_ms, step.claim)[0] == "sat"
    places = _places(step, timeout_ms)
    controls = tuple(
        prove(control, (*step.given, *pins), timeout_ms)[0]
        for pins in places
        for control in step.negative_controls
    )
    loose = "proved" in controls and not step.points
    tried = ", ".join(f"{pin.left} = {pin.right}" for pin in places[0])
    detail = {"loose at": tried} if loose else {}
    return Outcome("proved", satisfiable, controls, detail, definition=restates(step))


def _places(step: Step, timeout_ms: int) -> list[tuple[Claim, ...]]:
    """Return where the bound must be tight: at the step's own points, else at generic values of its parameters.

    Where the step says itself what has to be refuted, a generic x is enough, or any place.
    """
    if step.points:
        return [tuple(Claim(symbol, value, "=") for symbol, value in point.items()) for point in step.points]
    chosen = _generic(step, timeout_ms) if step.controls is None else ()
    if chosen:
        return [chosen]
    present = step.claim.symbols.union(*(claim.symbols for claim in step.given))
    for symbol in present:
        for value in GENERIC.get(symbol.name, ()):
            pin = (Claim(symbol, value, "="),)
            if _check((*step.given, *pin), None, timeout_ms, step.claim)[0] == "sat":
                return [pin]
    return [()]


def _generic(step: Step, timeout_ms: int) -> tuple[Claim, ...]:
    """Return generic values of the bound's parameters, one after the other, as long as the hypotheses can be met.

    What the bound does not depend on stays free, to be as bad as the hypotheses allow.
    """
    chosen: tuple[Claim, ...] = ()
    for symbol in sorted(filter(generic.is_parameter, step.claim.right.free_symbols), key=lambda s: s.name):
        chosen += _pinned(step, symbol, chosen, timeout_ms)
    return chosen


def _pinned(step: Step, symbol: sp.Symbol, chosen: tuple[Claim, ...], timeout_ms: int) -> tuple[Claim, ...]:
    """Return the first of a parameter's generic values at which the hypotheses can be met, or nothing."""
    for value in generic.values(symbol):
        pin = Claim(symbol, value, "=")
        if _check((*step.given, *chosen, pin), None, timeout_ms, step.claim)[0] == "sat":
            return (pin,)
    return ()


def _with_witness(step: Step) -> Outcome:
    values = step.witness or {}
    fits = all(hypothesis.at(values) for hypothesis in step.given)
    controls: tuple[Answer, ...] = tuple(
        "proved" if control.at(values) else "refuted" for control in step.negative_controls
    )
    return Outcome("proved", fits, controls, definition=restates(step))


def prove(claim: Claim, given: Iterable[Claim], timeout_ms: int = TIMEOUT_MS) -> tuple[Answer, str]:
    """Decide whether the claim follows; also return a counterexample in words when there is one."""
    answer, point = _check(given, claim, timeout_ms)
    answers: dict[str, Answer] = {"unsat": "proved", "sat": "refuted"}
    return answers.get(answer, "unknown"), point


def _check(
    given: Iterable[Claim], refute: Claim | None, timeout_ms: int, mention: Claim | None = None
) -> tuple[str, str]:
    encoder = Encoder()
    z3 = encoder.z3
    formulas = [encoder.claim(hypothesis) for hypothesis in given]
    if refute is not None:
        formulas.append(z3.Not(encoder.claim(refute)))
    if mention is not None:
        encoder.claim(mention)
    solver = z3.Solver()
    solver.set("timeout", timeout_ms)
    solver.add(formulas + encoder.side)
    answer = str(solver.check())
    return answer, str(solver.model()) if answer == "sat" else ""
