"""A claim of a proof, written: LaTeX in lines that fit a column, MathML, and Unicode."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import sympy as sp

from bounds.derivation.claim import Claim
from bounds.rendering import latex as as_latex
from bounds.rendering import mathml as as_mathml
from bounds.rendering import text as as_text

WIDE = 60
"""Letters beyond which a claim is broken over lines."""
_UNSEEN = re.compile(
    r"\\(?:left|right|frac|sqrt|mathrm|tilde|bar|text|operatorname|,|quad)(?![a-zA-Z])|[{}^_ ]"
)
_COMMAND = re.compile(r"\\[a-zA-Z|]+")
_LATEX = {"<=": r"\le", "<": "<", "=": "="}
_SIGN = {"<=": "≤", "<": "<", "=": "="}
Names = Mapping[sp.Symbol, str]


def latex(claim: Claim, names: Names) -> str:
    """Return a claim in one line of LaTeX."""
    return f"{_tex(claim.left, names)} {_LATEX[claim.relation]} {_tex(claim.right, names)}"


def lines(claim: Claim, names: Names) -> list[str]:
    """Return a claim as the lines of one display: its left side, then its right side, broken between terms."""
    whole = latex(claim, names)
    if _width(whole) <= WIDE:
        return [whole]
    relation = _LATEX[claim.relation]
    return [*_broken(claim.left, names, ""), *_broken(claim.right, names, f"{relation} ")]


def _width(tex: str) -> int:
    """Return about how many letters wide LaTeX is drawn; a fraction counts with both its halves."""
    return len(_COMMAND.sub("x", _UNSEEN.sub("", tex)))


def _broken(e: sp.Expr, names: Names, before: str) -> Iterator[str]:
    line = before
    for place, term in enumerate(_tex(term, names) for term in e.as_ordered_terms()):
        if place and _width(line + term) > WIDE:
            yield line.strip()
            line = r"\quad "
        line += term if not place or term.startswith("-") else f"+ {term}"
        line += " "
    yield line.strip()


def mathml(claim: Claim, names: Names, inline: bool = False) -> str:
    """Return a claim as MathML."""
    left, right = (as_mathml.written(side, _own(side, names)) for side in (claim.left, claim.right))
    sign = {"<": "&lt;"}.get(claim.relation, _SIGN[claim.relation])
    return as_mathml.wrapped(f"{left}<mo>{sign}</mo>{right}", inline)


def unicode(claim: Claim, names: Names) -> str:
    """Return a claim for a terminal, over several lines where it has fractions or roots."""
    left, right = (as_text.drawn(side, _own(side, names)) for side in (claim.left, claim.right))
    return as_text.beside(left, f" {_SIGN[claim.relation]} ", right)


def _tex(e: sp.Expr, names: Names) -> str:
    return as_latex.written(e, _own(e, names))


def _own(e: sp.Expr, names: Names) -> frozenset[tuple[sp.Symbol, str]]:
    return frozenset((symbol, names[symbol]) for symbol in e.free_symbols)
