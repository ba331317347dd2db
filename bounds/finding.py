"""Statements by a word or a number that a reader remembers of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sympy as sp

from bounds import ledger
from bounds.bound import Statement
from bounds.catalogue import statements

_NUMBER = re.compile(r"\d+(?:/0*[1-9]\d*|\.\d+)?")


def find(word: str) -> list[str]:
    """Return the names of the statements that a word or a number is about, the closest first.

    Parameters
    ----------
    word : str
        A word, looked for in names, titles, what the parts mean and what the steps say; or a number, looked for in
        the formulas and where words have it: ``61``, ``911/1000``, ``0.911``.

    Returns
    -------
    list of str
    """
    rank = _by_number if _NUMBER.fullmatch(word) else _by_word
    ranked = ((rank(st, word), place, name) for place, (name, st) in enumerate(statements().items()))
    return [name for closeness, _, name in sorted(one for one in ranked if one[0])]


def _by_number(st: Statement, word: str) -> int:
    number = sp.Rational(word)
    written = "|".join(re.escape(one) for one in {word, str(number)})
    alone = re.compile(rf"(?<![\d/.])(?:{written})(?![\d/]|\.\d)")
    if alone.search(st.title):
        return 1
    if number in _numbers(st):
        return 2
    return 3 if any(alone.search(words) for words in _told(st)) else 0


def _numbers(st: Statement) -> set[sp.Rational]:
    whole = (st.expression, *(part.expression for part in st.where))
    return {number for one in whole for number in one.atoms(sp.Rational)}


def _by_word(st: Statement, word: str) -> int:
    places = (
        st.name,
        st.title,
        " ".join((st.source, *(part.meaning for part in st.where))),
        " ".join(_told(st)),
    )
    found = (place for place, words in enumerate(places, 1) if word.lower() in words.lower())
    return next(found, 0)


def _told(st: Statement) -> Iterator[str]:
    yield from (st.note, st.standing.reason)
    yield from ledger.kept_reasons(st.name)
