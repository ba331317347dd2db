"""What a suite's configuration may hold: types, ranges, required entries. Checked before anything is run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bounds.errors import InputError
from bounds.theory.algorithms import runnable
from bounds.theory.inner_steps import MOST
from validate.claim import Kind, kinds

if TYPE_CHECKING:
    from jsonschema import ValidationError

LEAST_REPLICATES = 8
"""Fewer runs allow no interval for a mean."""
LARGEST = 10**12

COUNT = {"type": "integer", "minimum": 1, "maximum": LARGEST}
DRAWS = COUNT | {"minimum": 100}
_REPLICATES = COUNT | {"minimum": LEAST_REPLICATES}
_POSITIVE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": LARGEST}
SEVERAL = {**_POSITIVE, "type": ["number", "array"], "minItems": 1, "items": _POSITIVE}
"""A positive number, or a list of them."""
STEPS = {"type": "integer", "minimum": 1, "maximum": MOST}
"""Number of inner steps."""
_SIZE_NAMES = ("B", "D_in", "D_o", "D_h")


def mapping(entries: Mapping[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """Return the schema of a table with these entries and no others."""
    return {
        "type": "object",
        "properties": dict(entries),
        "required": list(required),
        "additionalProperties": False,
    }


SIZES = mapping(dict.fromkeys(_SIZE_NAMES, COUNT))
LISTS = mapping({name: {"type": "array", "minItems": 1, "items": COUNT} for name in _SIZE_NAMES})
"""Batch sizes, and a list of them for each."""
RUN = {"epsilon": SEVERAL, "theory": {"enum": ["sharp", "paper"]}, "depth": {"type": "integer", "minimum": 0}}
"""Entries of runs at recommended plans."""
_SHARED = {"problem": {"type": "string", "minLength": 1}, "alpha_L": SEVERAL, "replicates": _REPLICATES}


def several(value: Any) -> list[Any]:
    """Return the values of an entry that is one value or a list."""
    return list(value) if isinstance(value, list | tuple) else [value]


_SIGNS = {
    "minimum": ">=",
    "maximum": "<=",
    "exclusiveMinimum": ">",
    "exclusiveMaximum": "<",
    "minItems": "of length >=",
    "minLength": "of length >=",
}


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
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error: ValidationError | None = best_match(Draft202012Validator(schema()).iter_errors(data))
    if error is None:
        return
    value, allowed = _told(error)
    raise InputError("CONFIG", value, f"{_place(error)}{allowed}", f"see {name}")


def _place(error: ValidationError) -> str:
    kind, *rest = [str(part) for part in error.absolute_path if isinstance(part, str)] or [""]
    place = ", ".join([f"[[{kind}]]" if kind in kinds() else kind, *rest])
    return f"at {place}: " if place else ""


def _told(error: ValidationError) -> tuple[Any, str]:
    """Return what was wrong and what is allowed."""
    limit: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "required":
            missing = ", ".join(name for name in limit if name not in instance)
            return sorted(instance), f"must have {missing}"
        case "additionalProperties":
            known = schema["properties"]
            return next(n for n in instance if n not in known), f"must be among {', '.join(known)}"
        case "type":
            return (
                error.instance,
                f"must be of type {limit if isinstance(limit, str) else ' or '.join(limit)}",
            )
        case "enum":
            return instance, f"must be among {', '.join(limit)}"
    return instance, f"must be {_SIGNS[str(error.validator)]} {limit}"
