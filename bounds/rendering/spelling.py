"""Symbols spelled out, for terminals and files that lack them: alpha for α, sigma_tilde for σ with its tilde."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_RAISED = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u207f\u02b0-\u02b8\u1d2c-\u1d61]+")
_LOWERED = re.compile("[\u2080-\u209c\u1d62-\u1d6a]+")
_WORDS = {
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "‖": "||", "∇": "grad ", "∞": "inf", "√": "sqrt", "∑": "sum",
    "∈": "in", "→": "->", "−": "-", "–": "-", "—": "-", "‐": "-", "×": "x", "⋅": "*", "·": "*", "′": "'",
    "ℓ": "ell", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "½": "1/2", "¼": "1/4", "±": "+-",
    "ϕ": "phi", "ϵ": "epsilon", "ℝ": "R", "█": "#", "■": "#", "▏": "|", "╱": "/", "╲": "\\",
}  # fmt: skip
_ACCENTS = {"\u0303": "_tilde", "\u0304": "_bar", "\u0305": "_bar", "\u0302": "_hat", "\u0307": "_dot"}
_STROKES = {"─━═╌": "-", "│┃║┆⎜⎟⎢⎥⎪": "|", "⎛⎝": "(", "⎞⎠": ")", "⎡⎣": "[", "⎤⎦": "]", "⎧⎨⎩": "{", "⎫⎬⎭": "}"}


def spelled(text: str) -> str:
    """Return text in ASCII: symbols and Greek letters as words, what has no word as a question mark."""
    if text.isascii():
        return text
    level = _LOWERED.sub(_run("_"), _RAISED.sub(_run("^"), text))
    return "".join(map(_letter, unicodedata.normalize("NFD", level)))


def _run(sign: str) -> Callable[[re.Match[str]], str]:
    """Return what writes a stretch of raised or lowered letters on the line, behind one sign."""
    return lambda found: sign + unicodedata.normalize("NFKD", found[0])


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter
    known = _WORDS.get(letter) or _ACCENTS.get(letter)
    return known or _stroke(letter) or _named(letter)


def _stroke(letter: str) -> str:
    found = next((plain for strokes, plain in _STROKES.items() if letter in strokes), "")
    return found or ("+" if 0x2500 <= ord(letter) <= 0x257F else "")


def _named(letter: str) -> str:
    """Return a Greek letter's name, or what a letter is composed of."""
    name = unicodedata.name(letter, "").lower()
    if name.startswith("greek ") and " letter " in name:
        word = name.rpartition(" letter ")[2].partition(" with ")[0].replace("final ", "")
        return {"lamda": "lambda"}.get(word, word) if " small " in name else word.capitalize()
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or ("" if unicodedata.combining(letter) else "?")
