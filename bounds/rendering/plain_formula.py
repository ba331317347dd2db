"""The formula letters of plain text: tokens, what each is called in LaTeX, and a formula set from its tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from bounds.rendering.notation import GREEK
from bounds.symbols import QUANTITIES

_TOKEN = re.compile(
    r"(?P<tex>\$[^$]+\$)|(?P<code>``[^`]+``|`[^`]+`)"
    r"|(?P<name>\b(?:sharp|paper|multi-step)(?:\.[A-Za-z0-9-]+)+)"
    r"|(?P<algorithm>\b(?:(?:fo|hf)-)?maml\b)"
    r"|(?P<english>[A-Za-z]+'s\b|\bE[1-9]\b|\b\d+x\d+\b)"
    r"|(?P<barred>\|\|(?:[a-z]+ ){2}[A-Za-z ]*\|\|)"
    r"|(?P<word>\|\|\.\|\||[A-Za-z]+(?:\d+[A-Za-z]*)?(?:_[A-Za-z0-9]+)*)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<sign><=|>=|->|\.\.+|\|\||''|[-+*/=<>^~'|()\[\]{},_⟨⟩])"
    r"|(?P<space>\s+)|(?P<other>.)"
)
_WORDS: Mapping[str, str] = {
    "grad": r"\nabla", "arcsin": r"\arcsin", "Re": r"\operatorname{Re}", "Hess": r"\nabla^2",
    "Hbar": r"\bar H", "inf": r"\inf", "log": r"\log", "min": r"\min",
    "max": r"\max", "int": r"\int", "E": "E", "P": "P", "std": r"\operatorname{std}", "Var": r"\operatorname{Var}",
    "cov": r"\operatorname{cov}", "sqrt": "", "infinity": r"\infty", "binomial": r"\operatorname{binom}",
    "sum_j": r"\sum_j", "dt": r"\,dt",
    "||.||": r"\|\cdot\|", "mean": r"\,\operatorname{mean}", "var": r"\operatorname{Var}",
}  # fmt: skip
_NAMES: Mapping[str, str] = {
    "mu1": r"\mu_1", "mu1u": r"\bar\mu_1", "mu2": r"\mu_2", "om": r"\omega", "ell": r"\ell", "l0": r"\ell_0",
    "l1": r"\ell_1", "m1u": r"\bar m_1", "gp": "g^+", "gp_i": "g_i^+", "z2": "z_2", "lam": r"\lambda",
    "PQ": "PQ", "XY": "XY", "aH": "aH", "rho_alpha_l": r"\rho\alpha l", "log_d": r"\ell_d", "h2": "h^2",
    "Pv": "Pv", "Qv": "Qv", "Mv": "Mv", "xU": "xU", "xV": "xV", "C1_paper": "C_1", "C2_paper": "C_2",
    "form_pp": "a_{pp}", "form_pn": "a_{pn}", "form_nn": "a_{nn}", "form_oo": "a_{oo}",
    "batch_share": "s_B", "fixed_share": r"s_\alpha",
}  # fmt: skip
_SIGNS = {
    "<=": r"\le ",
    ">=": r"\ge ",
    "->": r"\to ",
    "..": r"\dots ",
    "...": r"\dots ",
    "||": r"\|",
    "''": "''",
}
_SIGNS |= {"*": r"\,", "{": r"\{", "}": r"\}", "⟨": r"\langle ", "⟩": r"\rangle "}
ENGLISH = frozenset(n for n in QUANTITIES if len(n) > 3 and n.isalpha() and n not in {*GREEK, "epsilon"})
"""Quantities whose names are English words: formulas only where a sign of one touches them."""
_ANGLE = re.compile(r"<(?=[^<>=]*,[^<>=]*>)([^<>=]*)>")
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}", "⟨": "⟩"}, {")", "]", "}", "⟩"}


class Token(NamedTuple):
    """A piece of text: what it is, and its letters."""

    kind: str
    text: str


def formula(text: str) -> str:
    """Return a text that is a formula as a whole, in LaTeX."""
    return setting(tokens_of(text))


def tokens_of(text: str) -> list[Token]:
    """Return a text in its pieces."""
    return [Token(str(m.lastgroup), m.group()) for m in _TOKEN.finditer(_ANGLE.sub(r"⟨\1⟩", text))]


@cache
def name_of(word: str) -> str | None:
    """Return the LaTeX of a name, or nothing where the word is English."""
    if word in _WORDS:
        return _WORDS[word]
    if word in ENGLISH:
        return rf"\text{{{word}}}"
    if word in QUANTITIES:
        return QUANTITIES[word].latex
    if word in _NAMES:
        return _NAMES[word]
    stem, _, index = word.partition("_")
    if index and (base := name_of(stem)) is not None:
        return f"{base}_{{{_index(index)}}}"
    if word in GREEK or word == "epsilon":
        return r"\varepsilon" if word == "epsilon" else f"\\{word}"
    if re.fullmatch(r"[A-Za-z]\d+", word):
        return f"{word[0]}_{{{word[1:]}}}" if len(word) > 2 else f"{word[0]}_{word[1]}"
    return word if len(word) == 1 else None


def _index(index: str) -> str:
    if index in GREEK:
        return f"\\{index}"
    return index if len(index) <= 2 else rf"\mathrm{{{index.replace('_', ' ')}}}"


def setting(tokens: Sequence[Token]) -> str:
    """Write the tokens of a formula in LaTeX."""
    out: list[str] = []
    place = 0
    while place < len(tokens):
        written, place = _term(tokens, place)
        out.append(written)
    return re.sub(r"\s+", " ", "".join(out)).strip()


def _term(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    token = tokens[place]
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if token.text == "sqrt" and after is not None and after.text == "(":
        inside, end = _group(tokens, place + 1)
        return rf"\sqrt{{{inside}}}", end
    if token.text in "^_" and after is not None:
        return _script(tokens, place)
    if token.kind == "word":
        return _word(tokens, place)
    if token.kind == "barred":
        return rf"\|\text{{{token.text.strip('|')}}}\|", place + 1
    return _SIGNS.get(token.text, token.text), place + 1


def _script(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    mark, first = tokens[place].text, tokens[place + 1]
    if first.text in ("(", "{"):
        inside, end = _group(tokens, place + 1)
        return f"{mark}{{{inside}}}", end
    if first.text == "-" and place + 2 < len(tokens):
        inside, end = _term(tokens, place + 2)
        return f"{mark}{{-{inside}}}", end
    if first.text in ("*", "+"):
        return f"{mark}{first.text}", place + 2
    inside, end = _term(tokens, place + 1)
    return f"{mark}{{{inside}}}", end


def _group(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """Return what is inside the bracket that opens here, and where it is past."""
    depth, end = 0, place
    while end < len(tokens):
        depth += (tokens[end].text in OPEN) - (tokens[end].text in CLOSE)
        end += 1
        if not depth:
            break
    return setting(tokens[place + 1 : end - 1]), end


def _word(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """Write a name, with the accents and primes behind it: ``g~_i``, ``w*``, ``F^``."""
    text, end = tokens[place].text, place + 1
    subscript = ""
    name = name_of(text)
    written = rf"\text{{{text}}}" if name is None else name
    if end < len(tokens) and tokens[end].text == "~":
        stem, _, index = text.partition("_")
        written = r"a\tilde H" if stem == "aH" else rf"\tilde {name_of(stem) or stem}"
        end += 1
        subscript = f"_{{{_index(index)}}}" if index else ""
    if end < len(tokens) and tokens[end].text == "*" and text == "w":
        written, end = "w^*", end + 1
    elif (
        end < len(tokens)
        and tokens[end].text == "^"
        and (end + 1 == len(tokens) or tokens[end + 1].kind == "space")
    ):
        written, end = rf"\hat {written}", end + 1
    space = " " if written.startswith("\\") or name is None else ""
    return written + subscript + space, end
