"""A statement of the theory: formula, domain, errata, checked derivation, and its value at given numbers."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from fosp import completion, exits
from fosp.command import Command
from fosp.options import number
from fosp.proofs import indented

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLACE = 7


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp explain``."""
    text = "its name, or a word or number of it; without, the list"
    name = parser.add_argument("statement", metavar="STATEMENT", nargs="?", help=text)
    completion.by(name, completion.statements)
    text = "the point to evaluate it at: L=1 alpha=1/6 ..."
    parser.add_argument("values", metavar="SYMBOL=VALUE", nargs="*", type=_assignment, help=text)
    parser.add_argument("--at", metavar="L=1,...", type=_assignments, help="the same in one word")
    parser.add_argument("--all", action="store_true", help="every statement in full")
    parser.add_argument("--proof", action="store_true", help="each step of the proof, as it is decided")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--latex", action="store_true", help="print LaTeX")
    form.add_argument("--html", action="store_true", help="print one self-contained HTML page")
    form.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def run(args: argparse.Namespace) -> int:
    """Explain one statement or all of them, or list them."""
    from bounds import explain, statement, statements
    from bounds.errors import InputError
    from fosp import output

    if "=" in (args.statement or ""):
        allowed = "must be the name of a statement, before any SYMBOL=VALUE"
        raise InputError("STATEMENT", args.statement, allowed, "fosp explain lists them")
    if args.statement is None and not (args.all or args.latex or args.html):
        return _list(args)
    names = list(statements()) if args.statement is None else _meant(args.statement)
    if len(names) > 1 and args.statement is not None:
        return _choice(args, names)
    values = _once([*args.values, *(args.at or ())])
    told = [explain(name, values) for name in names]
    if args.latex and args.proof:
        from bounds.rendering import paper

        print(paper.document([statement(name) for name in names], values))
    elif args.json:
        flat = [_document(one) | _proof(one["name"], args, "latex") for one in told]
        output.print_json({"statement": flat[0]} if args.statement else {"statements": flat})
    elif args.latex:
        print(r"% \usepackage{amsmath,amssymb}", *map(_latex, told), sep="\n")
    elif args.html:
        from bounds.pages import page

        print(page(told))
    else:
        print("\n".join(_text(one) + _proof_text(one["name"], args) for one in told))
    return exits.FINE


def _meant(word: str) -> list[str]:
    """Return the statement of this name, or those that the word or number is about."""
    from bounds.catalogue import statement, statements
    from bounds.errors import InputError
    from bounds.finding import find

    if word in statements():
        return [word]
    try:
        return [statement(word).name]
    except InputError as refused:
        found = find(word)
        if not found:
            allowed = f"was looked for in names, words and numbers of {len(statements())} statements, in vain"
            raise InputError("STATEMENT", word, allowed, _elsewhere(word) or refused.remedy) from refused
        return found


def _elsewhere(word: str) -> str:
    """Return where a name is known that no statement has: falsify searches against hopes as well."""
    if "." not in word or word.replace(".", "").isdigit():
        return ""
    from validate.instances.search import targets

    hope = targets().get(word)
    return f"fosp falsify {word} searches against it ({hope.title})" if hope is not None else ""


def _choice(args: argparse.Namespace, names: Sequence[str]) -> int:
    """List the statements that a word is about; of their values only one's can be asked."""
    from bounds import statements
    from bounds.errors import InputError
    from fosp import output
    from fosp.tables import print_table

    if args.values or args.at:
        allowed = f"is a word of {len(names)} statements; values belong to one, such as {names[0]}"
        raise InputError("STATEMENT", args.statement, allowed, f"fosp explain {args.statement} lists them")
    found = [(name, statements()[name].title) for name in names]
    if args.json:
        output.print_json({"statements": [{"name": name, "title": title} for name, title in found]})
        return exits.FINE
    print_table(f"Statements on {args.statement}", ["name", "says"], [list(row) for row in found], wrap=1)
    print(f"One of them: fosp explain {names[0]}")
    return exits.FINE


def _proof(name: str, args: argparse.Namespace, form: str) -> dict[str, Any]:
    """Return the proof, where it was asked for, with its claims in LaTeX or drawn in Unicode."""
    from bounds import statement
    from bounds.rendering import claims, prose
    from bounds.rendering.proof import proof, told

    if not args.proof:
        return {}
    words = prose.latex if form == "latex" else prose.plain
    return {"proof": told(proof(statement(name)), getattr(claims, form), words)}


def _proof_text(name: str, args: argparse.Namespace) -> str:
    from fosp import proofs

    found = _proof(name, args, "unicode")
    return f"\n{proofs.text(found['proof'])}" if found else ""


def _once(pairs: Sequence[tuple[str, float]]) -> dict[str, float]:
    from bounds.errors import InputError

    for name, value in pairs:
        if [other for other, _ in pairs].count(name) > 1:
            raise InputError(name, value, "must be given once")
    return dict(pairs)


def _list(args: argparse.Namespace) -> int:
    from bounds import ledger, statements
    from fosp import output
    from fosp.tables import print_table

    everything = list(statements().values())
    status = [ledger.entry(one.name)["status"] for one in everything]
    if args.json:
        rows = [
            {name: getattr(one, name) for name in ("name", "title", "provenance", "marks")} | {"status": said}
            for one, said in zip(everything, status, strict=True)
        ]
        output.print_json({"statements": rows})
        return exits.FINE
    table = [[one.name, one.title, said] for one, said in zip(everything, status, strict=True)]
    print_table("Statements", ["name", "says", "status"], table, wrap=1)
    return exits.FINE


def _assignment(text: str) -> tuple[str, float]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"= {text!r}: must be SYMBOL=VALUE, like alpha=1/6")
    try:
        return name.strip(), number(value)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{name.strip()} {error}") from None


def _assignments(text: str) -> list[tuple[str, float]]:
    return [_assignment(part) for part in text.split(",") if part.strip()]


def _document(told: dict[str, Any]) -> dict[str, Any]:
    """Put the values at the given point beside the statement's own fields."""
    return told | {k: v for k, v in told.get("at", {}).items() if k != "name"}


def _latex(told: dict[str, Any]) -> str:
    """Return the statement, its parts and its domain as displays, each with what it is in a comment."""
    lines = _display(f"{told['name']}: {told['title']}", told["formula"]["latex"])
    for part in told["where"]:
        lines += _display(f"where: {part['meaning']}", part["latex"])
    for condition in told["domain"]:
        lines += _display(f"holds when: {condition['name']}", condition["latex"])
    lines.append(f"% {' '.join(_status(told['ledger']).split())}")
    return "\n".join(lines)


def _display(comment: str, formula: str) -> list[str]:
    return [f"% {' '.join(comment.split())}", r"\begin{equation*}", f"  {formula}", r"\end{equation*}"]


def _text(told: dict[str, Any]) -> str:
    ledger = told["ledger"]
    parts = [
        f"{told['name']}: {told['title']}",
        f"{_known(told)}; {told['source']}; unit {told['unit']}",
        "",
        indented(_drawn(told["formula"]), 2),
        *_section("where", [_with_meaning(_drawn(part), part["meaning"]) for part in told["where"]]),
        *_section("holds when", [f"{_drawn(c)}   ({c['name']})" for c in told["domain"]]),
        *_section(
            "symbols",
            [f"{s['unicode']} ({s['name']}): {s['meaning']}, unit {s['unit']}" for s in told["symbols"]],
        ),
        *_section("remarks", _remarks(told)),
        *_section("derivation", _derivation(ledger)),
        _status(ledger),
        *_value(told),
    ]
    return "\n".join(parts) + "\n"


def _drawn(form: Mapping[str, str]) -> str:
    """Return a formula as it is drawn; in one line where the terminal lacks the strokes or the letters."""
    from fosp.spelling import fits

    return form["unicode"] if fits(form["unicode"]) else form["plain"]


def _known(told: dict[str, Any]) -> str:
    sources = ", ".join(told["known_from"])
    return f"{told['provenance']}, known from: {sources}" if sources else str(told["provenance"])


def _section(title: str, rows: Sequence[str]) -> list[str]:
    return ["", title, *(indented(row, 2) for row in rows)] if rows else []


def _with_meaning(drawn: str, meaning: str) -> str:
    if not meaning:
        return drawn
    return f"{drawn}   ({meaning})" if "\n" not in drawn else f"{drawn}\n    ({meaning})"


def _remarks(told: dict[str, Any]) -> list[str]:
    errata = [f"{e['identifier']} ({e['role']}): {e['title']}. {e['survives']}." for e in told["errata"]]
    compared = told["dominance"]
    rows = [_against(compared)] if compared else []
    return [*errata, *rows, *(told[key] for key in ("inhomogeneous", "note") if told[key])]


def _against(compared: dict[str, Any]) -> str:
    undecided = compared["finding"] == "undecided"
    why = _because(compared["where"]) if undecided else ""
    return f"{compared['derived']} against {compared['recorded']}: {compared['finding']}{why}"


def _derivation(ledger: dict[str, Any]) -> list[str]:
    axioms = [f"axiom: {axiom['name']} ({axiom['reference']}){_tried(axiom)}" for axiom in ledger["axioms"]]
    return [*axioms, *(f"{step['verdict']}: {step['name']}" for step in ledger["steps"])]


def _tried(axiom: dict[str, Any]) -> str:
    ratio = axiom["worst_ratio"]
    return "" if ratio is None else f"; worst ratio seen {ratio:.4g}"


def _status(ledger: dict[str, Any]) -> str:
    return f"status: {ledger['status']}{_because(ledger['reason'])}{_worst(ledger)}"


def _because(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _worst(ledger: dict[str, Any]) -> str:
    ratio = ledger["worst_ratio"]
    return "" if ratio is None else f"; worst ratio left/right {ratio:.4g} in {ledger['instances']} instances"


_HOLDS = {True: "holds", False: "DOES NOT HOLD"}


def _value(told: dict[str, Any]) -> list[str]:
    from fosp.output import show

    found = told.get("at")
    if found is None:
        names = " ".join(f"{symbol['name']}=..." for symbol in told["symbols"])
        return [f"To evaluate it: fosp explain {told['name']} {names}"] if names else []
    rows = [f"{name} = {show(value, 6)}" for name, value in found["parts"].items()]
    rows += [
        f"{c['name']}: {show(c['left'], 6)} against {show(c['right'], 6)}, {_HOLDS[c['holds']]}"
        for c in found["conditions"]
    ]
    if found["value"] is None:
        return [*_section("here", rows), f"No value: {found['why']}."]
    nearest = f"; nearest to failing: {found['binding']}" if found["binding"] else ""
    last = f"value: {show(found['value'], 6)} (unit {told['unit']}){nearest}"
    return [*_section("here", rows), last]


COMMAND = Command("explain", __doc__, add_arguments, run)
