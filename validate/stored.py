"""What a run directory says about itself, read as data: checked, and trusted with nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bounds.errors import InputError, reason
from bounds.files import write_text
from bounds.seal import damaged, read_json, seal, unseal
from validate.report import plain
from validate.suite import Suite, from_dict

CONFIG = "config.json"
_STRINGS = {"type": "array", "items": {"type": "string"}}
SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "error": {"type": "number"},
        "replicates": {"type": "integer"},
        "seed": {"type": "integer"},
        "algorithms": _STRINGS,
        "tables": {
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [{"type": "string"}, {"type": "object"}],
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "claims": _STRINGS,
        "versions": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["title", "error", "replicates", "seed", "algorithms", "tables", "claims", "versions"],
    "additionalProperties": False,
}
"""What ``config.json`` holds; the tables are those of a suite, and checked as such."""


def write_json(path: Path, data: Any) -> None:
    """Write JSON whole or not at all; what is not finite becomes null."""
    write_text(path, json.dumps(plain(data), indent=1, ensure_ascii=False, allow_nan=False))


def write_config(out: Path, config: Mapping[str, Any]) -> None:
    """Write ``config.json`` with its checksum."""
    write_json(out / CONFIG, seal(plain(config)))


def mistake(data: Any, schema: Mapping[str, Any]) -> str:
    """Say what is wrong with data that a schema describes; empty when nothing is."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    wrong = best_match(Draft202012Validator(schema).iter_errors(data))
    return "" if wrong is None else wrong.message[:200]


def read_config(out: Path, argument: str = "resume") -> dict[str, Any]:
    """Read ``config.json``.

    Raises
    ------
    InputError
        When there is none, it is damaged, or it does not hold what it must.
    """
    remedy = "start the run again: what is finished is kept"
    try:
        read = read_json((out / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = f"make one: fosp validate --out {out}" if not out.exists() else reason(error)
        raise InputError(argument, str(out), f"must be a run directory with {CONFIG}", remedy) from error
    config = unseal(read)
    if config is None:
        raise damaged(argument, str(out / CONFIG), remedy)
    if wrong := mistake(config, SCHEMA):
        raise InputError(argument, str(out / CONFIG), f"is no configuration: {wrong}", remedy)
    return config


def suite_of(config: Mapping[str, Any]) -> Suite:
    """Rebuild the suite of a run from its configuration."""
    plain_keys = ("title", "error", "replicates", "seed", "algorithms")
    data: dict[str, Any] = {key: config[key] for key in plain_keys}
    for kind, table in config["tables"]:
        data.setdefault(kind, []).append(table)
    return from_dict(data, CONFIG)


def require_trust(argument: str, suite: Suite, named: Iterable[str] = ()) -> None:
    """Refuse a suite that names code to import which the user has not named; nothing is imported here.

    What lies in this project's own packages is no stranger's code: the suites that are shipped name some.

    Parameters
    ----------
    argument : str
        What the user named the suite by.
    suite : Suite
        Read from a file or a directory.
    named : iterable of str
        The problems that the user has named.

    Raises
    ------
    InputError
        The first problem of the suite that is code and not named.
    """
    from empirics.importing import foreign

    specs = dict.fromkeys(str(table["problem"]).strip() for _, table in suite.tables)
    for name in specs:
        if foreign(name) and name not in set(named):
            remedy = f"confirm it with --problem {name}, or everything with --trust"
            if argument != "resume":
                remedy = "confirm with --trust"
            raise InputError(argument, name, "is code that only the file names; it would be imported", remedy)
    for name in named:
        if name not in specs:
            raise InputError("problem", name, f"must be one of this run: {', '.join(specs)}")
