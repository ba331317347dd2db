"""How a run is repeated: the command, and the suite as a file where none is shipped."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bounds.errors import InputError
from validate.claim import claims
from validate.schema import several
from validate.stored import suite_of
from validate.suite import Suite, for_problem, from_dict, load, shipped

FILE = "suite.toml"
_HEAD = ("title", "error", "replicates", "seed", "algorithms")


@dataclass(frozen=True)
class Repeat:
    """The command that repeats a run, and the suite's file; the file is empty where a suite is shipped."""

    command: str
    suite: str = ""


def repeat(config: Mapping[str, Any], out: str = "again") -> Repeat:
    """Return how the run of a configuration is repeated, in a directory of its own."""
    suite = suite_of(config)
    asked = [] if config["claims"] in ([], list(claims())) else list(config["claims"])
    named = next(_matching(suite, asked), None)
    claimed = ["--claims", ",".join(asked)] if asked else []
    words = [*(named or [FILE]), *claimed, "--out", out]
    return Repeat(f"fosp validate {shlex.join(words)}", "" if named else toml(config))


def _matching(suite: Suite, claims: Sequence[str]) -> Iterator[list[str]]:
    """Yield the arguments that name the suite: a shipped one, or one for problems."""
    for words, base in _known(suite, claims):
        changed = base.with_(seed=suite.seed, replicates=suite.replicates, algorithms=suite.algorithms)
        if changed.to_dict() == suite.to_dict():
            yield [*words, *_options(base, suite)]


def _known(suite: Suite, claims: Sequence[str]) -> Iterator[tuple[list[str], Suite]]:
    for name in shipped():
        yield [name], load(name)
    specs = tuple(dict.fromkeys(str(table["problem"]) for _, table in suite.tables if "problem" in table))
    targets = [several(table["epsilon"])[0] for _, table in suite.tables if table.get("epsilon")]
    for epsilon in (None, *targets[:1]):
        try:
            asked = from_dict(for_problem(specs, epsilon, claims)) if specs else None
        except InputError:
            continue
        words = [word for spec in specs for word in ("--problem", spec)]
        if asked is not None:
            yield [*words, *([] if epsilon is None else ["--epsilon", f"{epsilon!r}"])], asked


def _options(base: Suite, suite: Suite) -> list[str]:
    words = [] if suite.seed == base.seed else ["--seed", str(suite.seed)]
    words += [] if suite.replicates == base.replicates else ["--replicates", str(suite.replicates)]
    fewer = suite.algorithms != base.algorithms
    return words + [word for name in suite.algorithms if fewer for word in ("--algorithm", name)]


def toml(config: Mapping[str, Any]) -> str:
    """Return the suite of a configuration as TOML that ``fosp validate`` reads."""
    lines = [f"{key} = {_toml(config[key])}" for key in _HEAD]
    for kind, table in config["tables"]:
        lines += ["", f"[[{_key(kind)}]]", *(f"{_key(key)} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _key(text: str) -> str:
    return text if text.replace("_", "").replace("-", "").isascii() and text.isidentifier() else _toml(text)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_toml(item)}' for key, item in value.items())} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
