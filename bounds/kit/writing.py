"""The kit as text: what :mod:`bounds.kit.stored` reads, written from the theory's own objects.

A file for each number of inner steps, and one that says what they were made from. Every name, line and result of
a formula stands in its file once, in a table; a formula is a row of places in that table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, get_args

from bounds import evaluation
from bounds.arithmetic import Formula
from bounds.bound import Statement
from bounds.errors import InputError
from bounds.files import write_bytes, write_text
from bounds.kit import live, sources
from bounds.kit.facts import FACTS, Limit, Theorem
from bounds.members import sources as places
from bounds.plan import Theory
from bounds.reading import MOST_STEPS
from bounds.theory import algorithms, complexity, selection
from bounds.theory.algorithm import Algorithm
from bounds.theory.algorithms.maml import MAML

Row = dict[str, Any]


@dataclass
class _Table:
    """Texts, each once."""

    places: dict[str, int] = field(default_factory=dict)

    def put(self, text: str) -> int:
        return self.places.setdefault(text, len(self.places))

    def formula(self, one: Formula | None) -> list[int] | None:
        """Return the places of the names, of the result, and of each line."""
        if one is None:
            return None
        return [self.put(text) for text in (" ".join(one.names), one.result, *one.lines)]


def write() -> list[Path]:
    """Write all files of the kit and return them.

    Raises
    ------
    InputError
        When somebody else's theory is named or installed: its algorithms would be written too.
    """
    if others := places(__name__)[1:]:
        raise InputError("theory", ", ".join(others), "must not be there while the formulas are written")
    found = {steps: content(steps) for steps in counts()}
    files = [write_bytes(sources.file(steps), data) for steps, data in found.items()]
    return [*files, write_text(sources.made_from(), made_from(found))]


def made_from(found: Mapping[int, bytes]) -> str:
    """Return the hash of what all files follow from, and the checksum of each."""
    sums = {str(steps): sources.digest(data) for steps, data in found.items()}
    return json.dumps({sources.SOURCES: sources.fingerprint()} | sums, indent=2) + "\n"


def counts() -> Iterable[int]:
    """Return the numbers of inner steps of which there is a file."""
    return range(1, MOST_STEPS + 1)


def content(steps: int) -> bytes:
    """Return the file for one number of inner steps."""
    table = _Table()
    known = algorithms.with_steps(steps)
    own = {name: _subject(table, one) for name, one in known.items()}
    first = {"names": list(live.names()), "usual": MAML.name, "promised": _promised(table)}
    body = (first if steps == 1 else {}) | {"subjects": own, "texts": list(table.places)}
    return f"{_written(body, 4)}\n".encode()


def _written(value: Any, depth: int) -> str:
    """Return JSON, with a line for each text and each way, so that a change can be read."""
    if depth and isinstance(value, Mapping):
        rows = (f"{json.dumps(name)}: {_written(one, depth - 1)}" for name, one in value.items())
        return "{\n" + ",\n".join(rows) + "\n}"
    if depth and isinstance(value, list) and isinstance(value[0], str):
        return "[\n" + ",\n".join(map(json.dumps, value)) + "\n]"
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _subject(table: _Table, own: Algorithm) -> Row:
    known = live.subject_of(own)
    ways = {
        f"{way.rule.name} {way.finite:d}{way.levels:d}": _way(table, own, way) for way in complexity.ways(own)
    }
    chosen = selection.chosen(own)
    return {
        "facts": {name: getattr(known, name) for name in FACTS},
        "range": _limit(known.range),
        "obstacles": _obstacles(own),
        "recorded": known.recorded and _theorem(table, known.recorded),
        "choosing": {"parts": table.formula(known.choosing.parts), **_bound(table, chosen)},
        "ways": ways,
    }


def _obstacles(own: Algorithm) -> dict[str, str]:
    """Return what stands in the way by the theory, whether any epsilon is reachable, and whether sigma > 0."""
    cases = product(get_args(Theory), (True, False), (0.0, 1.0))
    return {f"{t} {r:d}{s > 0:d}": own.obstacle(t, r, s) for t, r, s in cases}


def _theorem(table: _Table, one: Theorem) -> Row:
    return {
        "numbers": {name: getattr(one, name) for name in ("step_factor", "largest_x", "difference_factor")},
        "inner": _limit(one.inner),
        "needs": dict(one.needs),
        "least": table.formula(one.least),
        "accuracy": table.formula(one.accuracy),
    }


def _way(table: _Table, own: Algorithm, way: complexity.Way) -> Row:
    known = live.subject_of(own).way(way.rule.name, way.finite, way.levels)
    whole, bound, floor = (
        complexity.theorem(name, own, *way) for name in ("iterations", "guarantee", "floor")
    )
    parts = tuple(definition.symbol for definition in whole.where)
    return {
        "kind": known.kind,
        **{name: table.formula(getattr(known, name)) for name in ("iterations", "limit", "curve", "still")},
        "signal": table.formula(evaluation.of_statement(whole, parts, "float")),
        "guarantee": _bound(table, bound),
        "others": [whole.name, floor.name],
    }


def _promised(table: _Table) -> Row:
    return {name: _bound(table, st) for name, st in live.promised().items() if isinstance(st, Statement)}


def _bound(table: _Table, st: Statement) -> Row:
    """Return a statement: its value, both sides of its conditions, and its value in intervals."""
    of = partial(evaluation.of_statement, st)
    if st.positive:
        raise ValueError(f"{st.name} has quantities of its own")
    return {
        "name": st.name,
        "strict": [condition.strict for condition in st.domain],
        "sides": table.formula(of(evaluation.sides_of(st), "float")),
        "value": table.formula(of(st.expression, "float")),
        "enclosed": table.formula(of(st.expression, "interval")),
    }


def _limit(one: Limit) -> list[Any]:
    return [one.text, one.most, one.strict]
