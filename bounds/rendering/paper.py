r"""A statement and its proof as a piece of a LaTeX document; ``PREAMBLE`` names the packages that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bounds import ledger
from bounds.bound import Statement
from bounds.plainly import at_numbers, sentence
from bounds.rendering import claims, latex, prose
from bounds.rendering.proof import proof, told

_NOWHERE: Mapping[str, float] = MappingProxyType({})
_NEXT = " \\\\ "
_NO_SIGN = r"\renewcommand{\qedsymbol}{}"
"""Said inside of what is no proof: the sign of its end is left out."""
PREAMBLE = r"\usepackage{amsmath,amssymb,amsthm}"


def document(statements: Sequence[Statement], values: Mapping[str, float] = _NOWHERE) -> str:
    r"""Return statements with their proofs, for the body of a paper; with values also what they say there."""
    return "\n".join([f"% needs {PREAMBLE}", *(line for st in statements for line in piece(st, values))])


def piece(st: Statement, values: Mapping[str, float] = _NOWHERE) -> Iterator[str]:
    """Yield the lines of one statement and its proof, with its value where values are given.

    Raises
    ------
    DomainError
        When the values are outside the statement's domain.
    """
    name = rf"\texttt{{{st.name.replace('_', chr(92) + '_')}}}"
    yield rf"\subsubsection*{{{prose.latex(prose.sentence(st.title))} ({name})}}"
    here = f" {at_numbers(st, values, float(st(**values)))}" if values else ""
    yield prose.latex(f"{sentence(st)}{here}")
    yield rf"\[ {latex.latex(st)} \]"
    yield from _listed(
        "Holds when", [f"${latex.condition(st, c)}$ ({prose.latex(c.name)})" for c in st.domain]
    )
    parts = zip(st.where, latex.definitions(st), strict=True)
    yield from _listed("Here", [f"${tex}${_meaning(prose.latex(d.meaning))}" for d, tex in parts])
    yield f"Status: {prose.latex(standing(ledger.entry_of(st)))}."
    yield from _proof(told(proof(st), claims.lines, prose.latex), bool(st.where))


def standing(entry: Mapping[str, Any]) -> str:
    """Return the status of a ledger's entry with its reason, in words."""
    return entry["status"] + (f" ({entry['reason']})" if entry["reason"] else "")


def _listed(words: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield words
        yield r"\begin{itemize}"
        yield from (rf"\item {row}" for row in rows)
        yield r"\end{itemize}"


def _meaning(words: str) -> str:
    return f": {words}" if words else ""


def _proof(found: Mapping[str, Any], several: bool) -> Iterator[str]:
    if not found["parts"]:
        return
    whole = found["heading"] == "proof"
    yield r"\begin{proof}" if whole else rf"\begin{{proof}}[{found['heading'].capitalize()}]"
    rows = [f"{one['symbol']}: {one['meaning']}" for one in found["notation"]]
    yield from _listed("Beside what is defined above,", rows)
    for place, part in enumerate(found["parts"], 1):
        yield from _part(part, f"({place}) " if several else "")
    yield r"\end{proof}" if whole else rf"{_NO_SIGN} \end{{proof}}"


def _part(part: Mapping[str, Any], number: str) -> Iterator[str]:
    meaning = f" ({part['meaning']})" if part["meaning"] else ""
    what = f"${' '.join(part['formula'])}${meaning}." if part["formula"] else "The statement."
    same = "" if part["lines"] else " The same steps show it."
    yield rf"\par\smallskip\noindent\textbf{{{number}}}{what} {part['idea']}{same}"
    for line in part["lines"]:
        yield from _LINES[line["kind"]](line)


def _fact(line: Mapping[str, Any]) -> Iterator[str]:
    yield rf"\begin{{quote}}\emph{{{line['reason']}:}} {line['fact']} ({line['how']}).\end{{quote}}"


def _definition(line: Mapping[str, Any]) -> Iterator[str]:
    yield rf"Written out as it stands, with nothing to decide (\emph{{{line['reason']}}})."


def _step(line: Mapping[str, Any]) -> Iterator[str]:
    given = ", ".join(f"${' '.join(one)}$" for one in line["given"])
    yield f"If {given}, then" if given else "It holds that"
    yield rf"\begin{{gather*}} {_NEXT.join(line['claim'])} \end{{gather*}}"
    yield rf"\emph{{{line['reason']}}} ({line['how']})."


_LINES = {"fact": _fact, "definition": _definition, "step": _step}
