r"""Words with formulas in them, as the theory writes them in plain letters, set as formulas are.

``typeset("bias of E||grad f|| <= C1 y")`` finds the formula between the words and gives it in LaTeX. What is
written between two backticks is a formula as a whole, what is written between two dollars is LaTeX already.
"""

from __future__ import annotations

import re
from html import escape

from bounds.rendering import mathml
from bounds.rendering.formulas_in_words import typeset
from bounds.rendering.notation import parse, unicode


def markdown(text: str) -> str:
    """Return a text for a page, its formulas between dollars."""
    return "".join(
        f"${p.text}$" if p.formula else f"`{p.text}`" if p.name else _escaped(p.text) for p in typeset(text)
    )


def latex(text: str) -> str:
    """Return a text for LaTeX, its formulas between dollars."""
    return "".join(
        f"${p.text}$" if p.formula else rf"\texttt{{{_for_latex(p.text)}}}" if p.name else _for_latex(p.text)
        for p in typeset(text)
    )


def html(text: str) -> str:
    """Return a text for HTML, its formulas as MathML."""
    return "".join(
        mathml.wrapped(mathml.notation(parse(p.text)), inline=True)
        if p.formula
        else f"<code>{escape(p.text)}</code>"
        if p.name
        else escape(p.text)
        for p in typeset(text)
    )


def plain(text: str) -> str:
    """Return a text in one line of Unicode, for a heading or a terminal."""
    return "".join(_in_unicode(p.text) if p.formula else p.text for p in typeset(text))


def sentence(text: str) -> str:
    """Return a text with a capital letter at its start, unless a formula or an algorithm's name stands there."""
    first = typeset(text)[0]
    if first.formula or first.name or re.match(r"[A-Za-z]*-?maml", text):
        return text
    return text[0].upper() + text[1:]


def _in_unicode(formula: str) -> str:
    try:
        written = re.sub(r"\s*([=≤≥<>])\s*", r" \1 ", unicode(parse(formula)))
        return " ".join(written.split())
    except (ValueError, StopIteration):
        return formula


def _escaped(words: str) -> str:
    return re.sub(r"([\\*_`|$<\[\]])", r"\\\1", words)


def _for_latex(words: str) -> str:
    return re.sub(r"([#$%&_{}])", r"\\\1", words).replace("^", r"\^{}").replace("~", r"\textasciitilde{}")
