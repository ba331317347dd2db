"""All statements, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType

from bounds.bound import Statement
from bounds.errors import InputError
from bounds.paper.assumptions import assumption_statements
from bounds.paper.conditions import condition_statements
from bounds.paper.estimators import estimator_statements as recorded_estimators
from bounds.paper.gradients import gradient_statements as recorded_gradients
from bounds.paper.step import step_statements
from bounds.paper.table import table_statements
from bounds.paper.theorems import RECORDED
from bounds.sharp.curvature import curvature_statements
from bounds.sharp.design import design_statements
from bounds.sharp.estimators import estimator_statements
from bounds.sharp.gradients import gradient_statements
from bounds.sharp.limits import limit_statements
from bounds.sharp.matrices import matrix_statements
from bounds.sharp.one_step import one_step_statements
from bounds.sharp.plateau import plateau_statements
from bounds.sharp.rounding import rounding_statements
from bounds.sharp.sampling import sampling_statements
from bounds.sharp.step_factor import step_factor_statements
from bounds.sharp.theorem import theorem_statements
from bounds.sharp.triples import triple_statements

_FAMILIES: tuple[Callable[[], Iterable[Statement]], ...] = (
    assumption_statements,
    recorded_gradients,
    step_statements,
    recorded_estimators,
    lambda: [s for r in RECORDED.values() for s in (r.accuracy(), r.iterations(), *condition_statements(r))],
    table_statements,
    matrix_statements,
    gradient_statements,
    curvature_statements,
    estimator_statements,
    rounding_statements,
    sampling_statements,
    one_step_statements,
    plateau_statements,
    limit_statements,
    theorem_statements,
    step_factor_statements,
    triple_statements,
    design_statements,
)


@cache
def statements() -> Mapping[str, Statement]:
    """Return every statement of the theory by its name, the paper's first."""
    everything = (statement for family in _FAMILIES for statement in family())
    return MappingProxyType({statement.name: statement for statement in everything})


def statement(name: str) -> Statement:
    """Return one statement.

    Raises
    ------
    InputError
        When there is no statement of this name; the message lists the nearest names.
    """
    from difflib import get_close_matches

    found = statements().get(name)
    if found is None:
        near = get_close_matches(str(name), statements(), n=3, cutoff=0.3) or list(statements())[:3]
        raise InputError("statement", name, f"must be a statement's name, for example {', '.join(near)}")
    return found
