"""The kit from the theory's own objects, whoever's they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, SupportsFloat

from sympy import Integer

from bounds import evaluation
from bounds.bound import Condition, Definition, Statement
from bounds.codegen import code
from bounds.holding import ROUNDING, STRICT
from bounds.kit.facts import FACTS, Bound, Choosing, Limit, Subject, Theorem, Values, Way
from bounds.symbols import B_prime, D_beta, D_h
from bounds.theory import algorithms, complexity, confidence, selection
from bounds.theory.algorithm import ENOUGH_TASKS, Algorithm, Recorded
from bounds.theory.difference import eta
from bounds.theory.directions import R0, R1, v0, v1
from bounds.theory.recorded import accuracy
from bounds.theory.step_rules import OF_STEP, SAMPLES, TASKS, UNIT_STEP, Rule

if TYPE_CHECKING:
    from bounds.arithmetic import Formula
    from bounds.plan import Theory

_NAMES = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "alpha")
_STEP = (Condition("step-size tasks", TASKS, B_prime), Condition("step-size samples", SAMPLES, D_beta))


def names() -> tuple[str, ...]:
    """Return the names of the algorithms, in order."""
    return algorithms.names()


def subject(name: str, inner_steps: int = 1) -> Subject:
    """Return an algorithm with so many inner steps.

    Raises
    ------
    InputError
        When there is none of this name, or it is not known with so many steps.
    """
    return subject_of(algorithms.algorithm(name, inner_steps))


def promised() -> Mapping[str, Bound]:
    """Return what holds for one random iterate: under any step, and under the constant one."""
    return {"any": confidence.ANY_STEP, "constant": confidence.CONSTANT_STEP}


@cache
def subject_of(own: Algorithm) -> Subject:
    """Return what the search knows of an algorithm."""
    plain = {name: getattr(own, name) for name in FACTS}
    plain |= {"after": own.after is not None, "largest_x": _float(own.largest_x)}
    return Subject(**plain, range=_limit(own.range), finder=_Found(own))


def conditions(theorem: Recorded | None) -> dict[str, Condition]:
    """Return the recorded conditions on batch sizes, by the batch size that each asks something of."""
    hessian = None if theorem is None else theorem.hessian_batch
    more = () if hessian is None else (Condition("Hessian batch", hessian, D_h),)
    return {str(condition.right): condition for condition in (ENOUGH_TASKS, *_STEP, *more)}


@dataclass(frozen=True)
class _Found:
    own: Algorithm

    def obstacle(self, theory: Theory, reachable: bool, sigma: float) -> str:
        return self.own.obstacle(theory, reachable, sigma)

    def theorem(self) -> Theorem | None:
        return None if self.own.recorded is None else _theorem(self.own, self.own.recorded)

    def way(self, rule: str, finite: bool, levels: bool) -> Way:
        return _way(self.own, self.own.rules[rule], finite, levels)

    def choosing(self) -> Choosing:
        bound = selection.chosen(self.own)
        return Choosing(bound, evaluation.of_names(self.own.parts, bound.symbols, (R0, R1, v0, v1), "float"))

    def rule_of(self, statement: str) -> str | None:
        known = complexity.found(statement, self.own)
        return None if known is None else known[1].rule.name


def _theorem(own: Algorithm, recorded: Recorded) -> Theorem:
    asked, bound = conditions(recorded), accuracy(own)
    inner = next(c for c in recorded.domain if c.name == "inner step")
    return Theorem(
        step_factor=float(recorded.step_factor),
        largest_x=float(recorded.largest_x),
        difference_factor=_float(recorded.difference_factor),
        inner=_limit(inner),
        needs={name: str(condition.left) for name, condition in asked.items()},
        least=evaluation.of_names((), _NAMES, tuple(c.left for c in asked.values()), "float"),
        accuracy=evaluation.of_names(bound.where, bound.symbols, (bound.expression,), "float"),
    )


@cache
def _way(own: Algorithm, rule: Rule, finite: bool, levels: bool) -> Way:
    whole, bound = (
        complexity.theorem(quantity, own, rule, finite, levels) for quantity in ("iterations", "guarantee")
    )
    names = whole.symbols
    return Way(
        rule=rule.name,
        kind=rule.kind,
        iterations=_inside(whole),
        limit=_step_limit(rule, names),
        curve=evaluation.of_names(rule.where, OF_STEP, (rule.smoothness, rule.slope), "float"),
        signal=lambda values: _signal(whole, values),
        still=_still(whole) if "probe_length" in names else None,
        guarantee=bound,
    )


def _inside(whole: Statement) -> Formula:
    """Return a value where the conditions hold, up to rounding and well inside strict ones; inf elsewhere."""
    every = evaluation.of_names(
        whole.where, whole.symbols, (whole.expression, *evaluation.sides_of(whole)), "float"
    )
    held = " and ".join(map(_held, whole.domain))
    return replace(every, result=f"{code(whole.expression, 'float')} if {held} else inf")


def _held(condition: Condition) -> str:
    leeway = 1 - STRICT if condition.strict else 1 + ROUNDING
    return f"({code(condition.left, 'float')}) <= ({code(condition.right, 'float')}) * {leeway!r}"


def _step_limit(rule: Rule, names: tuple[str, ...]) -> Formula | None:
    if UNIT_STEP in rule.domain:
        return None
    condition = next(one for one in rule.domain if one.name == "step factor")
    return evaluation.of_names(rule.where, names, (condition.left, condition.right), "float")


def _signal(whole: Statement, values: Values) -> Mapping[str, float]:
    return evaluation.parts(whole, {name: float(values[name]) for name in whole.symbols})


def _still(whole: Statement) -> Formula:
    where = tuple(Definition(d.symbol, Integer(0)) if d.symbol == eta else d for d in whole.where)
    return evaluation.of_names(where, whole.symbols, (complexity.N,), "float")


def _limit(condition: Condition) -> Limit:
    return Limit(str(condition.right), float(condition.right), condition.strict)


def _float(value: SupportsFloat | None) -> float | None:
    return None if value is None else float(value)
