"""What a suite's configuration may hold: types, ranges, required entries. Checked before anything is run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bounds.errors import InputError
from bounds.plan import ALGORITHMS

if TYPE_CHECKING:
    from jsonschema import ValidationError

LEAST_REPLICATES = 8
"""Fewer runs allow no interval for a mean."""
LARGEST = 10**12

_COUNT = {"type": "integer", "minimum": 1, "maximum": LARGEST}
_REPLICATES = _COUNT | {"minimum": LEAST_REPLICATES}
_POSITIVE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": LARGEST}
_SEVERAL = {**_POSITIVE, "type": ["number", "array"], "minItems": 1, "items": _POSITIVE}
_SIZE_NAMES = ("B", "D_in", "D_o", "D_h")


def _mapping(entries: Mapping[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(entries),
        "required": list(required),
        "additionalProperties": False,
    }


_SIZES = _mapping(dict.fromkeys(_SIZE_NAMES, _COUNT))
_SHARED = {"problem": {"type": "string", "minLength": 1}, "alpha_L": _SEVERAL, "replicates": _REPLICATES}
_RUN = {"epsilon": _SEVERAL, "theory": {"enum": ["sharp", "paper"]}}
_SWEEP = {
    "algorithm": {"enum": list(ALGORITHMS)},
    "iterations": _COUNT,
    "base": _SIZES,
    "sizes": _mapping({name: {"type": "array", "minItems": 1, "items": _COUNT} for name in _SIZE_NAMES}),
}
ENTRIES: Mapping[str, Mapping[str, Any]] = {
    "convergence": _RUN,
    "iterations": _RUN,
    "plateau": {"iterations": _COUNT, "batches": _SIZES},
    "recorded_delta": {"iterations": _COUNT},
    "batches": _SWEEP,
    "direction": {"draws": _COUNT | {"minimum": 100}, "batches": _SIZES},
    "descent": {"draws": _COUNT | {"minimum": 100}, "exact": {"type": "boolean"}},
    "falsify": {"rounds": _COUNT},
    **{kind: {} for kind in ("lemmas", "errata", "rates", "cost", "estimators", "matrices")},
}
"""Entries of each kind of table, besides those that all of them share."""


_SIGNS = {
    "minimum": ">=",
    "maximum": "<=",
    "exclusiveMinimum": ">",
    "exclusiveMaximum": "<",
    "minItems": "of length >=",
    "minLength": "of length >=",
}


def _tables(kind: str) -> dict[str, Any]:
    required = ("problem", *(_SWEEP if kind == "batches" else ()))
    return {"type": "array", "items": _mapping({**_SHARED, **ENTRIES[kind]}, required)}


SCHEMA = _mapping(
    {
        "title": {"type": "string"},
        "error": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "replicates": _REPLICATES,
        "seed": {"type": "integer", "minimum": 0},
        "algorithms": {"type": "array", "minItems": 1, "items": {"enum": list(ALGORITHMS)}},
        **{kind: _tables(kind) for kind in ENTRIES},
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

    error: ValidationError | None = best_match(Draft202012Validator(SCHEMA).iter_errors(data))
    if error is None:
        return
    value, allowed = _told(error)
    raise InputError("CONFIG", value, f"{_place(error)}{allowed}", f"see {name}")


def _place(error: ValidationError) -> str:
    kind, *rest = [str(part) for part in error.absolute_path if isinstance(part, str)] or [""]
    place = ", ".join([f"[[{kind}]]" if kind in ENTRIES else kind, *rest])
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
