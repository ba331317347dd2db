"""All statements, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from bounds.bound import Statement
from bounds.errors import InputError
from bounds.paper.fo_maml import FO_MAML
from bounds.paper.hf_maml import HF_MAML
from bounds.paper.maml import MAML
from bounds.paper.step import step_statements
from bounds.paper.theorem import Recorded
from bounds.sharp.plateau import plateau_statements
from bounds.sharp.theorem import theorem_statements

RECORDED: Mapping[str, Recorded] = MappingProxyType({r.algorithm: r for r in (MAML, FO_MAML, HF_MAML)})


@cache
def statements() -> Mapping[str, Statement]:
    """Return every statement of the theory by its name, the paper's first."""
    recorded = [make() for r in RECORDED.values() for make in (r.accuracy, r.iterations)]
    everything = (*step_statements(), *recorded, *plateau_statements(), *theorem_statements())
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
