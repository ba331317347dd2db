"""The verdicts of a run directory, read back: checked, and trusted with nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from bounds.errors import InputError, reason
from bounds.seal import read_json
from validate.report import SCHEMA, Report
from validate.rundir import identifier
from validate.stored import mistake, read_config
from validate.verdict import RELATIONS, Status, Verdict, slacks

FILE = "verdicts.json"
_NUMBER = {"type": ["number", "null"]}
_PAIR = {"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}
_OF_TYPE = {
    "str": {"type": "string"},
    "float": _NUMBER,
    "tuple[float, float]": _PAIR,
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "Status": {"enum": [status.value for status in Status]},
}
"""What JSON has for the types of a verdict's fields."""
_VERDICT = {
    "type": "object",
    "properties": {field.name: _OF_TYPE[str(field.type)] for field in fields(Verdict)},
    "required": [field.name for field in fields(Verdict) if field.name != "relation"],
}
_REPORT = {
    "type": "object",
    "properties": {
        "schema": {"const": SCHEMA},
        "run": {"type": "string"},
        "problem": {"type": "string"},
        "seed": {"type": "integer"},
        "error": {"type": "number"},
        "versions": {"type": "object", "additionalProperties": {"type": "string"}},
        "verdicts": {"type": "array", "items": _VERDICT},
    },
    "required": ["schema", "run", "problem", "seed", "error", "versions", "verdicts"],
}


def read_report(run: Path) -> tuple[Report, dict[str, Any]]:
    """Return the report of a finished run, and the configuration that it belongs to.

    Raises
    ------
    InputError
        When there is no run, it was not finished, or what it holds is not what was written.
    """
    config, file = read_config(run, "RUN"), run / FILE
    remedy = f"go on with the run: fosp validate --resume --out {run}"
    if not file.is_file():
        raise InputError("RUN", str(run), "is not finished: it has no verdicts", remedy)
    try:
        told = read_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("RUN", str(file), f"cannot be read ({reason(error)})", remedy) from error
    if wrong := mistake(told, _REPORT):
        raise InputError("RUN", str(file), f"is damaged: {wrong}", remedy)
    if told["run"] != identifier(config):
        raise InputError("RUN", str(file), "has the verdicts of another configuration", remedy)
    return _report(told), config


def _report(told: Mapping[str, Any]) -> Report:
    return Report(
        tuple(map(_verdict, told["verdicts"])),
        told["run"],
        tuple(told["problem"].split(";")),
        told["seed"],
        told["error"],
        told["versions"],
    )


def _verdict(row: Mapping[str, Any]) -> Verdict:
    values = {
        field.name: _READ.get(str(field.type), lambda told: told)(row[field.name])
        for field in fields(Verdict)
        if field.name in row
    }
    return _with_room(Verdict(**values))


def _with_room(v: Verdict) -> Verdict:
    """Return a verdict with its slack as it is meant today; one that does not know its relation keeps its own."""
    if v.relation not in RELATIONS.values():
        return v
    slack, ends = slacks(v.relation, v.statistic, v.interval, v.bound)
    return replace(v, slack=slack, slack_interval=ends)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _ends(pair: list[float | None]) -> tuple[float, float]:
    """Return an interval; JSON has no infinity, so that one open end is infinite, and two are no interval."""
    low, high = pair
    if low is None and high is None:
        return math.nan, math.nan
    return (-math.inf if low is None else float(low), math.inf if high is None else float(high))


_READ: Mapping[str, Callable[[Any], Any]] = {
    "float": _number,
    "tuple[float, float]": _ends,
    "Status": Status,
}
