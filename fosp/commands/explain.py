"""A statement of the theory: its formula, where it holds, its source, and its value at given numbers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from fosp import exits
from fosp.options import add_json, number

if TYPE_CHECKING:
    from bounds.bound import Statement


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp explain``."""
    parser.add_argument("statement", metavar="STATEMENT", nargs="?", help="its name; without it, the list")
    text = "the point to evaluate it at: L=1 alpha=1/6 ..."
    parser.add_argument("values", metavar="SYMBOL=VALUE", nargs="*", type=_assignment, help=text)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Explain one statement, or list them all."""
    from bounds import statement, statements
    from fosp import output

    if args.statement is None:
        everything = statements().values()
        if args.json:
            output.print_json({"statements": [_document(one) for one in everything]})
        else:
            rows = [[one.name, one.title, one.provenance] for one in everything]
            output.print_table("Statements", ["name", "says", "provenance"], rows, wrap=1)
        return exits.FINE
    chosen = statement(args.statement)
    explained = _explained(chosen, dict(args.values))
    if args.json:
        output.print_json({"statement": _document(chosen) | explained})
    else:
        _print(chosen, explained)
    return exits.FINE


def _assignment(text: str) -> tuple[str, float]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"= {text!r}: must be SYMBOL=VALUE, like alpha=1/6")
    return name.strip(), number(value)


def _explained(chosen: Statement, values: dict[str, float]) -> dict[str, Any]:
    from bounds.errors import InputError

    for name in values:
        if name not in chosen.symbols:
            raise InputError(
                name, values[name], f"must be a symbol of {chosen.name}: {', '.join(chosen.symbols)}"
            )
    return chosen.explain(**values) if values else {}


def _document(one: Statement) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "subject": one.subject,
        "relation": one.relation,
        "expression": str(one.expression),
        "where": {d.symbol.name: {"expression": str(d.expression), "meaning": d.meaning} for d in one.where},
        "domain": {condition.name: str(condition) for condition in one.domain},
        "unit": str(one.unit),
        "symbols": list(one.symbols),
        "source": one.source,
        "provenance": one.provenance,
        "errata": list(one.errata),
        "inhomogeneous": one.inhomogeneous,
        "note": one.note,
    }


def _print(one: Statement, explained: dict[str, Any]) -> None:
    from fosp.output import print_table, show

    print(f"{one.name}: {one.title}\n{one.provenance}; {one.source}; unit {one.unit}\n")
    print(f"  {one.subject} {one.relation} {_formula(one.expression)}\n")
    parts = explained.get("parts", {})
    rows = [
        [d.symbol.name, _formula(d.expression), d.meaning, show(parts[d.symbol.name]) if parts else ""]
        for d in one.where
    ]
    if rows:
        print_table("with", ["", "is", "that is", "here" if parts else ""], rows, wrap=1)
    _print_domain(one, explained)
    for remark in (*one.errata, one.inhomogeneous, one.note):
        if remark:
            print(remark)
    if not explained:
        print(f"To evaluate it: fosp explain {one.name} {' '.join(f'{name}=...' for name in one.symbols)}")
    elif explained["value"] is None:
        print("No value: the point is outside the domain.")
    else:
        print(
            f"value: {show(explained['value'], 6)} (unit {one.unit}); nearest to failing: {explained['binding']}"
        )


def _formula(expression: object) -> str:
    return str(expression).replace("**", "^")


def _print_domain(one: Statement, explained: dict[str, Any]) -> None:
    from fosp.output import print_table, show

    if explained:
        header = ["condition", "", "left", "right", "holds"]
        rows = [
            [c["name"], _formula(c["text"]), show(c["left"]), show(c["right"]), "yes" if c["holds"] else "NO"]
            for c in explained["conditions"]
        ]
    else:
        header = ["condition", ""]
        rows = [[condition.name, _formula(condition)] for condition in one.domain]
    if rows:
        print_table("holds when", header, rows, wrap=1)
