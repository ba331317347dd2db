"""Configuration files against a JSON schema: the first thing that is wrong, said in one line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bounds.errors import InputError, nearest

if TYPE_CHECKING:
    from jsonschema import ValidationError

LARGEST = 10**12

COUNT = {"type": "integer", "minimum": 1, "maximum": LARGEST}
POSITIVE = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": LARGEST}
_SIGNS = {
    "minimum": ">=",
    "maximum": "<=",
    "exclusiveMinimum": ">",
    "exclusiveMaximum": "<",
    "minItems": "of length >=",
    "minLength": "of length >=",
}


def mapping(entries: Mapping[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """Return the schema of a table with these entries and no others."""
    return {
        "type": "object",
        "properties": dict(entries),
        "required": list(required),
        "additionalProperties": False,
    }


def several(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of one such value, or of a list of them that is not empty."""
    if "enum" in schema:
        return {"anyOf": [dict(schema), {"type": "array", "minItems": 1, "items": dict(schema)}]}
    return {**schema, "type": [schema["type"], "array"], "minItems": 1, "items": dict(schema)}


def require(
    data: Any, schema: Mapping[str, Any], argument: str, name: str, tables: Collection[str] = ()
) -> None:
    """Raise InputError for the first entry that is unknown, missing, of a wrong type or out of its range.

    Parameters
    ----------
    data : object
        What was read.
    schema : mapping
        What it may be.
    argument : str
        What the user named the file by.
    name : str
        The file, for the remedy.
    tables : collection of str
        Names that are written ``[[name]]``.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error: ValidationError | None = best_match(Draft202012Validator(schema).iter_errors(data))
    if error is None:
        return
    value, allowed = _told(error)
    raise InputError(argument, value, f"{_place(error, tables)}{allowed}", f"see {name}")


def _place(error: ValidationError, tables: Collection[str]) -> str:
    kind, *rest = [str(part) for part in error.absolute_path if isinstance(part, str)] or [""]
    place = ", ".join([f"[[{kind}]]" if kind in tables else kind, *rest])
    return f"at {place}: " if place else ""


def _among(name: Any, known: Iterable[Any], also: str = "") -> str:
    words = [str(one) for one in known]
    meant = nearest(name, words)
    return f"must be among {', '.join(words)}{also}{'; ' + meant if meant else ''}"


def _strange(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return the first entry that is not known, which may be a required one misspelt; empty without any."""
    known = schema.get("properties")
    return "" if known is None else next((name for name in instance if name not in known), "")


def _told(error: ValidationError) -> tuple[Any, str]:
    """Return what was wrong and what is allowed."""
    limit: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "required":
            if strange := _strange(instance, schema):
                return strange, _among(strange, schema["properties"])
            missing = ", ".join(name for name in limit if name not in instance)
            return sorted(instance), f"must have {missing}"
        case "additionalProperties":
            name = _strange(instance, schema)
            return name, _among(name, schema["properties"])
        case "type":
            return instance, f"must be of type {limit if isinstance(limit, str) else ' or '.join(limit)}"
        case "enum":
            return instance, _among(instance, limit)
        case "anyOf":
            return instance, _among(instance, limit[0].get("enum", ()), ", or a list of them")
        case "uniqueItems":
            return instance, "must name nothing twice"
    return instance, f"must be {_SIGNS[str(error.validator)]} {limit}"
