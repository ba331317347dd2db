"""Explain a statement: everything a reader may ask of it, as JSON-ready data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bounds import arguments, ledger
from bounds.bound import MARKS, Statement
from bounds.catalogue import statement
from bounds.errata import Erratum, concerning
from bounds.errors import InputError
from bounds.rendering import javascript, latex, mathml, text
from bounds.rendering.names import unicode_name
from bounds.symbols import Quantity


def explain(name: str, values: Mapping[str, float] | None = None) -> dict[str, Any]:
    """Return a statement's formula, symbols, domain, source, errata, derivation and ledger entry.

    Parameters
    ----------
    name : str
        The statement's name.
    values : mapping of str to float, optional
        Values of its symbols: adds ``at`` with the value, its parts, and the conditions with the binding one.

    Returns
    -------
    dict
        JSON-ready data; the text of each formula comes as Unicode, LaTeX, MathML and JavaScript.

    Raises
    ------
    InputError
        When there is no such statement, a value is missing, or a value is not of a symbol of the statement.
    """
    st = statement(name)
    told = describe(st)
    if values is not None and arguments.mapping("values", values, "symbols to numbers", 'such as {"L": 1.0}'):
        told["at"] = evaluated(st, values)
    return told


def describe(st: Statement) -> dict[str, Any]:
    """Return everything about a statement that does not depend on values."""
    return {
        "name": st.name,
        "title": st.title,
        "formula": _formula(st),
        "where": _where(st),
        "symbols": [_symbol(st.vocabulary[name]) for name in st.symbols],
        "domain": _domain(st),
        "unit": str(st.unit),
        "source": st.source,
        "chapter": st.chapter,
        "provenance": st.provenance,
        "known_from": [MARKS[mark] for mark in st.marks],
        "up_to_constant": st.up_to_constant,
        "inhomogeneous": st.inhomogeneous,
        "note": st.note,
        "errata": [_erratum(e, st.name) for e in concerning(st.name)],
        "ledger": ledger.entry(st.name),
        "dominance": _dominance(st.name),
    }


def evaluated(st: Statement, values: Mapping[str, float]) -> dict[str, Any]:
    """Evaluate the statement: value, parts, conditions, and the binding condition."""
    for name, value in values.items():
        if name not in st.symbols:
            raise InputError(name, value, f"must be a symbol of {st.name}: {', '.join(st.symbols)}")
    return st.explain(**values)


def _formula(st: Statement) -> dict[str, str]:
    return {
        "unicode": text.unicode(st),
        "plain": text.plain(st),
        "latex": latex.latex(st),
        "mathml": mathml.mathml(st),
        "javascript": javascript.javascript(st),
    }


def _where(st: Statement) -> list[dict[str, str]]:
    rows = zip(st.where, text.definitions(st), latex.definitions(st), mathml.definitions(st), strict=True)
    return [
        {"name": d.symbol.name, "meaning": d.meaning, "unicode": drawn, "latex": tex, "mathml": markup}
        | {"plain": f"{d.symbol.name} = {text.spelt(d.expression)}"}
        for d, drawn, tex, markup in rows
    ]


def _symbol(quantity: Quantity) -> dict[str, str]:
    return {
        "name": quantity.symbol.name,
        "unicode": unicode_name(quantity.latex),
        "latex": quantity.latex,
        "unit": str(quantity.unit),
        "meaning": quantity.meaning,
    }


def _domain(st: Statement) -> list[dict[str, str]]:
    return [
        {
            "name": condition.name,
            "text": str(condition),
            "plain": f"{condition.left} {'<' if condition.strict else '<='} {condition.right}",
            "unicode": text.condition(st, condition),
            "latex": latex.condition(st, condition),
            "mathml": mathml.condition(st, condition),
        }
        for condition in st.domain
    ]


def _erratum(erratum: Erratum, name: str) -> dict[str, Any]:
    wrong = name in (st.name for st in erratum.statements)
    role = "wrong or loose as recorded" if wrong else "holds instead"
    return {
        "identifier": erratum.identifier,
        "title": erratum.title,
        "role": role,
        "recorded": erratum.recorded,
        "true": erratum.true,
        "survives": erratum.survives,
    }


def _dominance(name: str) -> dict[str, str] | None:
    from bounds import dominance

    recorded = next((r for r, d in dominance.pairs().items() if name in (r, d.name)), None)
    if recorded is None:
        return None
    found = dominance.compare(recorded)
    return {
        "recorded": found.recorded,
        "derived": found.derived,
        "finding": found.finding,
        "where": found.where,
        "recorded_range": found.recorded_range,
        "derived_range": found.derived_range,
    }
