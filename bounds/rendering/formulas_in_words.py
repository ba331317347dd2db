"""Where the formulas are in words: runs of signs, numbers and names of quantities between English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from bounds.rendering.plain_formula import CLOSE, ENGLISH, OPEN, Token, formula, name_of, setting, tokens_of

_TOUCHING = frozenset({"^", "/", "||", "(", "~"})
_BINARY = frozenset({"+", "-", "*", "/", "=", "<", ">", "<=", ">=", "->", "^", "_"})


class Piece(NamedTuple):
    """A run of words, a formula in LaTeX, or the name of a statement."""

    text: str
    formula: bool
    name: bool = False


@cache
def typeset(text: str) -> tuple[Piece, ...]:
    """Return a text as runs of words and formulas, in order."""
    return tuple(_joined(_pieces(tokens_of(text))))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    words = ""
    for piece in pieces:
        if not (piece.formula or piece.name):
            words += piece.text
            continue
        if words:
            yield Piece(words, False)
        words = ""
        yield piece
    if words:
        yield Piece(words, False)


def _pieces(tokens: Sequence[Token]) -> Iterator[Piece]:
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.kind == "tex":
            yield Piece(token.text.strip("$"), True)
        elif token.kind == "code":
            yield Piece(formula(token.text.strip("`")), True)
        elif token.kind == "name":
            yield Piece(token.text, False, True)
        elif token.kind == "algorithm":
            yield Piece(token.text.upper(), False)
        elif (end := _run(tokens, place)) > place:
            yield Piece(setting(tokens[place:end]), True)
            place = end
            continue
        else:
            yield Piece(token.text, False)
        place += 1


def _run(tokens: Sequence[Token], start: int) -> int:
    """Return where the formula that starts here ends; ``start`` itself where none does."""
    if not _may_start(tokens, start):
        return start
    end = place = start
    inside = _Brackets([], False)
    while place < len(tokens) and _goes_on(tokens, place, inside):
        inside = inside.past(tokens[place])
        place += 1
        if not inside and tokens[place - 1].kind != "space" and tokens[place - 1].text not in _BINARY:
            end = place
    end = _with_hat(tokens, end)
    return end if _worthwhile(tokens[start:end]) else start


class _Brackets(NamedTuple):
    """The brackets that are open, and whether a norm is."""

    closing: list[str]
    norm: bool

    def __bool__(self) -> bool:
        return bool(self.closing or self.norm)

    def past(self, token: Token) -> _Brackets:
        """Return what is open behind a token."""
        if token.text == "||":
            return _Brackets(self.closing, not self.norm)
        if token.kind != "sign" or token.text not in {*OPEN, *CLOSE}:
            return self
        opens = token.text in OPEN
        return _Brackets([*self.closing, OPEN[token.text]] if opens else self.closing[:-1], self.norm)


def _goes_on(tokens: Sequence[Token], place: int, inside: _Brackets) -> bool:
    """Whether a token belongs to the formula before it."""
    token = tokens[place]
    if token.kind == "sign" and token.text in CLOSE:
        return inside.closing[-1:] == [token.text]
    if token.text == ",":
        return bool(inside.closing)
    return token.kind == "space" or _mathematical(tokens, place, bool(inside))


def _with_hat(tokens: Sequence[Token], end: int) -> int:
    """Return the end past the hat of ``F^``."""
    hat = 0 < end < len(tokens) and tokens[end].text == "^" and tokens[end - 1].text == "F"
    return end + hat


def _may_start(tokens: Sequence[Token], place: int) -> bool:
    token = tokens[place]
    before = tokens[place - 1] if place else Token("space", " ")
    if before.kind in ("word", "number") or (
        before.text == "-" and place > 1 and tokens[place - 2].kind == "word"
    ):
        return False
    if token.kind == "number":
        return True
    if token.kind == "sign":
        return token.text in ("||", "|", "⟨", "[", "(", "-") and _mathematical_beside(tokens, place)
    return token.kind in ("word", "barred") and _mathematical(tokens, place, inside=False)


def _mathematical_beside(tokens: Sequence[Token], place: int) -> bool:
    if place + 1 >= len(tokens):
        return False
    after = tokens[place + 1]
    return after.kind in ("word", "barred", "number", "sign") and (
        after.kind != "word" or _mathematical(tokens, place + 1, inside=True)
    )


def _mathematical(tokens: Sequence[Token], place: int, inside: bool) -> bool:
    token = tokens[place]
    if token.kind in ("number", "sign"):
        return not _hyphen(tokens, place)
    if token.kind == "barred":
        return True
    if token.kind != "word" or _compound(tokens, place):
        return False
    if token.text in ENGLISH or token.text in ("mean", "var", "square"):
        return _touched(tokens, place)
    if token.text == "a" or (token.text == "A" and place == 0):
        return inside or _beside_a_sign(tokens, place)
    return name_of(token.text) is not None


def _touched(tokens: Sequence[Token], place: int) -> bool:
    near = [tokens[p] for p in (place - 1, place + 1) if 0 <= p < len(tokens)]
    return any(t.kind == "sign" and t.text in _TOUCHING for t in near) and not (
        place and tokens[place - 1].text == "("
    )


def _hyphen(tokens: Sequence[Token], place: int) -> bool:
    """Whether a minus stands in a word, as in K-shot."""
    if tokens[place].text != "-" or not 0 < place < len(tokens) - 1:
        return False
    near = (tokens[place - 1], tokens[place + 1])
    return all(t.kind == "word" for t in near) and any(name_of(t.text) is None for t in near)


def _compound(tokens: Sequence[Token], place: int) -> bool:
    """Whether a word is the second half of one with a hyphen."""
    return place > 1 and _hyphen(tokens, place - 1)


def _beside_a_sign(tokens: Sequence[Token], place: int) -> bool:
    """Whether an English one-letter word stands in a formula: a sign of one is its next neighbour."""
    near = [t for t in tokens[place + 1 : place + 3] if t.kind != "space"][:1]
    near += [t for t in tokens[max(0, place - 2) : place] if t.kind != "space"][-1:]
    return any(t.text in _BINARY or t.text in ("||", "E") for t in near)


def _worthwhile(run: Sequence[Token]) -> bool:
    """Whether a run is a formula: a number alone is a word."""
    words = [t for t in run if t.kind in ("word", "barred")]
    return bool(words) or len([t for t in run if t.kind != "space"]) > 1
