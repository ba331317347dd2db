"""The verdicts of a run directory, read back: checked, and trusted with nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
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
_TEXTS = ("claim", "statement", "algorithm", "problem", "detail", "setting", "provided", "method", "relation")
_VERDICT = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in _TEXTS},
        **dict.fromkeys(("statistic", "level", "bound", "slack"), _NUMBER),
        **dict.fromkeys(("interval", "slack_interval"), _PAIR),
        **{name: {"type": "integer"} for name in ("n", "seed")},
        "status": {"enum": [status.value for status in Status]},
        "sure": {"type": "boolean"},
    },
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
    values = {field.name: row[field.name] for field in fields(Verdict) if field.name in row}
    numbers = {name: _number(values[name]) for name in ("statistic", "level", "bound", "slack")}
    pairs = {name: _ends(values[name]) for name in ("interval", "slack_interval")}
    return _with_room(Verdict(**(values | numbers | pairs | {"status": Status(row["status"])})))


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
