"""What a suite's configuration may hold: types, ranges, required entries. Checked before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from bounds.errors import InputError
from bounds.plan import StepKind
from bounds.reading import counted
from bounds.schema import COUNT, POSITIVE, mapping, require
from bounds.schema import several as schema_of_several
from bounds.theory.algorithms import runnable
from bounds.theory.inner_steps import MOST
from validate.claim import Kind, kinds

LEAST_REPLICATES = 8
"""Fewer runs allow no interval for a mean."""
DRAWS = COUNT | {"minimum": 100}
_REPLICATES = COUNT | {"minimum": LEAST_REPLICATES}
SEVERAL = schema_of_several(POSITIVE)
"""A positive number, or a list of them."""
STEPS = {"type": "integer", "minimum": 1, "maximum": MOST}
"""Number of inner steps."""
_SIZE_NAMES = ("B", "D_in", "D_o", "D_h")


SIZES = mapping(dict.fromkeys(_SIZE_NAMES, COUNT))
LISTS = mapping({name: {"type": "array", "minItems": 1, "items": COUNT} for name in _SIZE_NAMES})
"""Batch sizes, and a list of them for each."""
RUN = {
    "epsilon": SEVERAL,
    "theory": {"enum": ["sharp", "paper"]},
    "depth": {"type": "integer", "minimum": 0},
    "step": {"enum": list(get_args(StepKind))},
    "batches": SIZES,
}
"""Entries of runs at recommended plans; a step rule and batch sizes that are given make one curve of several."""
_SHARED = {"problem": {"type": "string", "minLength": 1}, "alpha_L": SEVERAL, "replicates": _REPLICATES}


USUAL_REACH = 0.1


def usual_reach(inner_steps: int = 1) -> float:
    """Return the inner step alpha L where none is given, which all theorems allow: 0.1, or 0.2/N with N steps."""
    return USUAL_REACH * min(1.0, 2 / inner_steps)


def require_steps(inner_steps: Any) -> None:
    """Raise InputError for a number of inner steps that nothing is stated for."""
    if counted(inner_steps) is None or inner_steps > MOST:
        raise InputError("inner_steps", inner_steps, f"must be a whole number from 1 to {MOST}")


def several(value: Any) -> list[Any]:
    """Return the values of an entry that is one value or a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _tables(kind: Kind) -> dict[str, Any]:
    several = {"inner_steps": STEPS} if kind.several else {}
    entries = {**_SHARED, **several, **kind.entries}
    return {"type": "array", "items": mapping(entries, ("problem", *kind.required))}


def schema() -> dict[str, Any]:
    """Return the schema of a suite with the kinds of experiments that there are."""
    return mapping(
        {
            "title": {"type": "string"},
            "error": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "replicates": _REPLICATES,
            "seed": {"type": "integer", "minimum": 0},
            "algorithms": {"type": "array", "minItems": 1, "items": {"enum": list(runnable())}},
            **{name: _tables(kind) for name, kind in kinds().items()},
        }
    )


def require_replicates(replicates: int) -> None:
    """Raise InputError for fewer runs than an interval needs."""
    if not (isinstance(replicates, int) and replicates >= LEAST_REPLICATES):
        raise InputError("replicates", replicates, f"must be an integer >= {LEAST_REPLICATES}")


def check_suite(data: Mapping[str, Any], name: str) -> None:
    """Raise InputError for the first entry that is unknown, missing, of a wrong type or out of its range."""
    require(data, schema(), "CONFIG", name, kinds())
