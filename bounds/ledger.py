"""The ledger: for every statement, what is decided, what rests on axioms, and the worst ratio seen. Generated.

``python -m validate.instances`` measures and decides everything anew and writes ``ledger.json`` beside this
module; an entry there counts only while its fingerprint is that of the statement as it stands. ``python -m
bounds.ledger`` decides anew and keeps what was measured. Nothing is measured here: the ratios come from above.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import sympy as sp

from bounds.bound import Statement
from bounds.catalogue import statement, statements
from bounds.derivation.step import Axiom, Derivation, Step
from bounds.entry import arguments

FILE = Path(__file__).with_name("ledger.json")
DIGITS = 6
TOLERANCE = 1e-9
SETTLED = ("decided", "definition")
"""What a step of a derivation that holds is said to be."""
SHOWN = ("decided", "decided given axioms", "definition")
"""What a statement is said to be whose derivation shows it."""
FAILED = {
    "refuted": "a step does not follow",
    "vacuous": "nothing meets what is given",
    "unknown": "not decided",
    "loose": "a tighter bound follows too",
}
"""What a step may be found to be that is not settled, the worst first, and what is said of it."""
_WORDS = {"hypothesis": "hypothesis", "order": "order", "refuted": "refuted as recorded"}


class Worst(NamedTuple):
    """The worst ratio of left to right side that was seen, at most 1 where it holds; over how many instances."""

    ratio: float
    instances: int


class Measures(Hashable, Protocol):
    """Where worst ratios come from; None stands for what is not measured."""

    def of_statement(self, st: Statement) -> Worst | None:
        """Return the worst ratio of a statement."""

    def of_axiom(self, axiom: Axiom) -> Worst | None:
        """Return the worst ratio of an axiom."""


class Kept:
    """The ratios in the file, as long as the statement is the one that was measured."""

    def of_statement(self, st: Statement) -> Worst | None:
        """Return the stored ratio of a statement."""
        row = _stored().get("statements", {}).get(st.name)
        return _worst(row) if row is not None and row["fingerprint"] == fingerprint(st) else None

    def of_axiom(self, axiom: Axiom) -> Worst | None:
        """Return the stored ratio of an axiom."""
        row = _stored().get("axioms", {}).get(axiom.name)
        return _worst(row) if row is not None and row["statement"] == axiom.statement else None


def _worst(row: Mapping[str, Any]) -> Worst | None:
    return None if row["worst_ratio"] is None else Worst(row["worst_ratio"], row["instances"])


KEPT = Kept()


def entry(name: str) -> dict[str, Any]:
    """Return the entry of one statement: from the file when it is up to date, else decided now.

    Of a statement that is decided now, the steps that the file has, hypotheses and all, are not decided again.
    """
    return entry_of(statement(name))


def entry_of(st: Statement) -> dict[str, Any]:
    """Return the entry of a statement as it is given, which may be an altered one."""
    stored = _stored()
    kept = stored.get("statements", {}).get(st.name)
    if kept is not None and kept["fingerprint"] == fingerprint(st):
        return _with_steps(kept, stored["steps"], stored["axioms"])
    fresh = decide(st, known=stored.get("steps", {}))
    return _with_steps(fresh["entry"], fresh["steps"], fresh["axioms"])


def _with_steps(
    kept: Mapping[str, Any], steps: Mapping[str, Any], axioms: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        **kept,
        "steps": [{**steps[key], "verdict": _verdict(steps[key])} for key in kept["steps"]],
        "axioms": [{"name": name, **axioms[name]} for name in kept["axioms"]],
    }


def _verdict(step: Mapping[str, Any]) -> str:
    """Say who decided a step; a definition is not decided by anyone."""
    return str(step["status"]) if step["status"] == "definition" else f"{step['status']} by {step['method']}"


@cache
def _stored() -> dict[str, Any]:
    if not FILE.exists():
        return {}
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def derivation(st: Statement) -> Derivation:
    """Return the derivation of a statement as it stands."""
    from bounds.deriving import derivation as build

    return build(st)


@cache
def fingerprint(st: Statement) -> str:
    """Return a hash of everything that the entry depends on: what the equality of statements compares."""
    parts = [st.name, st.relation, sp.srepr(st.expression), str(st.inhomogeneous), str(st.errata)]
    parts += [f"{sp.srepr(d.symbol)}={sp.srepr(d.expression)}" for d in st.where]
    parts += [f"{c.name}:{sp.srepr(c.left)}:{sp.srepr(c.right)}:{c.strict}" for c in st.domain]
    return _digest("\n".join(parts))


@cache
def step_key(step: Step) -> str:
    """Return a hash of a step's claim, hypotheses and method."""
    return _digest("\n".join(map(str, (step.name, step.method, step.claim, *step.given))))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def decide(
    st: Statement, measures: Measures = KEPT, known: Mapping[str, dict[str, Any]] = MappingProxyType({})
) -> dict[str, Any]:
    """Decide one statement now: its steps, but those in ``known``; its axioms' worst ratios, and its own."""
    found = derivation(st)
    keys = {step_key(step): step for step in found.steps}
    steps = {key: known[key] if key in known else judged(step) for key, step in keys.items()}
    axioms = {axiom.name: _axiom(axiom, measures) for axiom in found.axioms}
    worst = _row(measures.of_statement(st))
    status, reason = _status(st, found, list(steps.values()), axioms, worst)
    own = {
        "fingerprint": fingerprint(st),
        "status": status,
        "reason": reason,
        "steps": list(steps),
        "axioms": list(axioms),
        **worst,
        "units": st.inhomogeneous or "homogeneous",
    }
    return {"entry": own, "steps": steps, "axioms": axioms}


def kept_reasons(name: str) -> list[str]:
    """Return what the steps of a statement say, as the file has it: nothing for a statement that is not in it."""
    whole = _stored()
    row = whole.get("statements", {}).get(name, {"steps": ()})
    return [whole["steps"][key]["name"] for key in row["steps"]]


def stored_step(step: Step) -> dict[str, Any]:
    """Return the verdict on one step: from the file where it is there, decided now otherwise."""
    kept = _stored().get("steps", {}).get(step_key(step))
    return dict(kept) if kept is not None else judged(step)


@cache
def judged(step: Step) -> dict[str, Any]:
    """Return the verdict on one step as JSON-ready data."""
    from bounds.derivation.deciding import decide as decider

    outcome = decider(step)
    return {
        "name": step.name,
        "method": step.method,
        "claim": str(step.claim),
        "given": [str(claim) for claim in step.given],
        "status": outcome.status,
        "controls": list(outcome.controls),
        "detail": {k: _rounded(v) for k, v in outcome.detail.items() if k != "counterexample"},
    }


def _rounded(value: Any) -> Any:
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


@cache
def _axiom(axiom: Axiom, measures: Measures) -> dict[str, Any]:
    told = {"statement": axiom.statement, "reference": axiom.reference}
    return told | _row(measures.of_axiom(axiom))


def _row(worst: Worst | None) -> dict[str, Any]:
    if worst is None or not math.isfinite(worst.ratio):
        return {"worst_ratio": None, "instances": 0}
    return {"worst_ratio": _rounded(worst.ratio), "instances": worst.instances}


def _unproved(st: Statement, found: Derivation) -> str:
    from bounds.concluding import unproved

    return unproved(st, found)


def _status(
    st: Statement,
    found: Derivation,
    steps: list[dict[str, Any]],
    axioms: Mapping[str, Mapping[str, Any]],
    worst: Mapping[str, Any],
) -> tuple[str, str]:
    if found.kind in _WORDS:
        return _WORDS[found.kind], found.reason
    failed = _failed(steps)
    if failed:
        return failed
    missing = _unproved(st, found)
    if missing:
        return "unproved", missing
    doubtful = [name for name, row in axioms.items() if _exceeds(row)]
    if doubtful:
        return "unknown", f"an instance exceeds an axiom: {', '.join(doubtful)}"
    if _exceeds(worst):
        return "unknown", f"an instance exceeds the bound by the factor {worst['worst_ratio']}"
    if not found.axioms and {step["status"] for step in steps} == {"definition"}:
        return "definition", found.reason
    words = "decided given axioms" if found.axioms else "decided"
    return words, found.reason


def _failed(steps: list[dict[str, Any]]) -> tuple[str, str] | None:
    """Return the worst that was found of a step, and of which; None where every step is settled.

    A refuted step leaves its statement without this proof; whether the statement is false is another question.
    """
    for status, words in FAILED.items():
        names = dict.fromkeys(_failure(step) for step in steps if step["status"] == status)
        if names:
            return status, f"{words}: {', '.join(names)}"
    return None


def _failure(step: Mapping[str, Any]) -> str:
    """Name a step that is not decided; of a loose one also say where, for its author to name better points."""
    loose = step["detail"].get("loose at")
    return f"{step['name']} (loose at {loose}; say in points where it is tight)" if loose else step["name"]


def _exceeds(row: Mapping[str, Any]) -> bool:
    return row["worst_ratio"] is not None and not row["worst_ratio"] <= 1 + TOLERANCE


def build(
    measures: Measures = KEPT, names: Callable[[], Mapping[str, Statement]] = statements
) -> dict[str, Any]:
    """Decide every statement."""
    whole: dict[str, Any] = {"statements": {}, "steps": {}, "axioms": {}}
    for name, st in names().items():
        one = decide(st, measures)
        whole["statements"][name] = one["entry"]
        whole["steps"] |= one["steps"]
        whole["axioms"] |= one["axioms"]
    return whole


def write(measures: Measures = KEPT) -> None:
    """Write the ledger."""
    text = json.dumps(build(measures), indent=1, sort_keys=True, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    arguments("bounds.ledger", __doc__, {})
    write()
