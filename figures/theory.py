"""Plans for figures, and the theory's numbers at a plan: always from ``bounds``, never written down here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from bounds import Constants, Plan, catalogue
from bounds.bound import Statement
from bounds.theory.algorithms import algorithm


@lru_cache(maxsize=256)
def problem(spec: str) -> Any:
    """Return a problem, made once."""
    from empirics import problems

    return problems.from_spec(spec)


@lru_cache(maxsize=256)
def constants(spec: str, alpha: float) -> Constants:
    """Return the certified constants of a problem, computed once."""
    return problem(spec).constants(alpha)


def plan_of(row: Mapping[str, Any]) -> Plan:
    """Rebuild the plan of a row of ``experiments.json``."""
    from empirics.cells import plan_from_dict

    return plan_from_dict(row["plan"])


def probe(row: Mapping[str, Any]) -> float:
    """Return the length of the probe in a row; NaN for algorithms without one, and where there is none."""
    plan = plan_of(row)
    length = plan.probe_length if algorithm(plan.algorithm).probes else None
    return math.nan if length is None else length


def value(one: str | Statement, plan: Plan, **changes: float) -> float:
    """Return a statement at a plan; NaN where the plan is outside its domain."""
    return number(one, **(plan.values() | changes))


def at_problem(one: str | Statement, row: Mapping[str, Any], **changes: float) -> float:
    """Return a statement at a row's plan and its problem's own constants (a plan may use a larger L)."""
    own = constants(row["problem"], row["alpha"]).values()
    return value(one, plan_of(row), **(own | changes))


def related(plan: Plan, quantity: str) -> str:
    """Return the name of the statement on another quantity under the plan's step rule."""
    return catalogue.related(plan, quantity).name


def guarantee_after(plan: Plan, iterations: Iterable[int]) -> list[float]:
    """Return the guarantee of a plan if it were stopped after K iterations, for each K."""
    return [value(related(plan, "guarantee"), plan, K=int(K)) for K in iterations]


def fo_plateau(row: Mapping[str, Any]) -> float:
    """Return the gradient at FO-MAML's exact fixed point; NaN for a problem that does not know it."""
    known = row["predicted"].get("plateau")
    if known is None and hasattr(problem(row["problem"]), "fo_plateau"):
        known = problem(row["problem"]).fo_plateau(row["alpha"])
    return math.nan if known is None else float(known)


def number(one: str | Statement, **values: Any) -> float:
    """Return a statement at the given values; NaN outside its domain."""
    return catalogue.stated(one).at(values)[0]


def failing(one: str | Statement, plan: Plan) -> str:
    """Return the name of the first condition of a statement that a plan does not meet; empty where all hold."""
    conditions = catalogue.stated(one).explain(**plan.values())["conditions"]
    return next((condition["name"] for condition in conditions if not condition["holds"]), "")


def part(one: str | Statement, symbol: str, **values: Any) -> float:
    """Return a named part of a statement's formula at the given values."""
    return float(catalogue.stated(one).explain(**values)["parts"][symbol])
