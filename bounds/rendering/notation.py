r"""The little LaTeX of symbols and left-hand sides, parsed once, written as Unicode or MathML.

Understood: letters, numbers, primes, Greek commands, ``_`` and ``^`` with or without braces, ``\frac``, ``\sqrt``,
``\text``, and what ``LETTERS``, ``SIGNS``, ``WORDS``, ``ACCENTS``, ``UPRIGHT``, ``STYLES`` and ``SIZES`` name.
A style but ``\mathbb``, and a size, changes nothing but LaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from types import MappingProxyType

GREEK = MappingProxyType(
    {
        "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε", "eta": "η", "theta": "θ",
        "lambda": "λ", "mu": "μ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ", "omega": "ω",
        "Delta": "Δ", "ell": "ℓ", "varphi": "ϕ", "kappa": "κ", "nu": "ν", "xi": "ξ", "zeta": "ζ", "chi": "χ",
        "pi": "π", "Gamma": "Γ", "Lambda": "Λ", "Theta": "Θ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
        "jmath": "ȷ",
    }
)  # fmt: skip
SIGNS = MappingProxyType(
    {
        "nabla": "∇", "|": "‖", "langle": "⟨", "rangle": "⟩", "le": "≤", "ge": "≥", "to": "→", "infty": "∞",
        "mid": "|", "{": "{", "}": "}", " ": " ", ",": "\u2009", "cdot": "⋅", "int": "∫", "sum": "∑", "dots": "…",
        "quad": "\u2003", "qquad": "\u2003\u2003", ";": "\u2009", ":": "\u2009", "!": "", "leq": "≤", "geq": "≥",
        "neq": "≠", "approx": "≈", "sim": "∼", "in": "∈", "times": "×", "pm": "±", "circ": "∘", "prod": "∏",
        "ldots": "…", "cdots": "⋯", "lVert": "‖", "rVert": "‖", "Vert": "‖", "lvert": "|", "rvert": "|",
        "vert": "|",
        "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "lbrace": "{", "rbrace": "}", "top": "⊤",
        "ast": "∗",
        "star": "⋆", "dagger": "†", "colon": ":", "rightarrow": "→", "forall": "∀",
    }
)  # fmt: skip
LETTERS = MappingProxyType({"epsilon": "ϵ", "partial": "∂", "vartheta": "ϑ", "hbar": "ℏ", "imath": "ı"})
WORDS = frozenset(
    {"min", "max", "inf", "lim", "sup", "log", "ln", "exp", "sin", "cos", "arcsin", "det", "Pr"}
)
ACCENTS = MappingProxyType(
    {
        "tilde": ("\u0303", "~"), "hat": ("\u0302", "^"), "bar": ("\u0304", "¯"), "dot": ("\u0307", "˙"),
        "widetilde": ("\u0303", "~"), "widehat": ("\u0302", "^"), "overline": ("\u0304", "¯"),
        "vec": ("\u20d7", "→"),
    }
)  # fmt: skip
UPRIGHT = frozenset({"mathrm", "operatorname", "mathsf"})
STYLES = frozenset({"mathbb", "mathbf", "mathcal", "mathit", "boldsymbol", "bm"})
SIZES = frozenset({"left", "right", "middle"}).union(
    f"{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")
)
_DOUBLE = str.maketrans("CENPQRZ", "ℂ𝔼ℕℙℚℝℤ") | {ord("V"): "𝕍", ord("1"): "𝟙"}
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+|\s+|.")
_LOWER = str.maketrans("0123456789+-()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_UPPER = str.maketrans("0123456789+-()inT*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁱⁿᵀ*")


@dataclass(frozen=True)
class Node:
    """A piece of notation: its kind, its text, and the pieces inside it."""

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()


@cache
def parse(source: str) -> Node:
    """Read a formula.

    Raises
    ------
    ValueError
        When a command is not known, one lacks what it is about, or brackets do not close.
    """
    tokens = iter(_TOKEN.findall(source))
    try:
        return Node("row", parts=tuple(_row(tokens, until=None)))
    except StopIteration:
        raise ValueError("the formula ends where something has to follow") from None


def known() -> str:
    """Return the commands that are understood, but for the Greek letters, in one line."""
    names = {"frac", "sqrt", "text", "left", "right", "big"}.union(
        LETTERS, SIGNS, WORDS, ACCENTS, UPRIGHT, STYLES
    )
    return " ".join(f"\\{name}" for name in sorted(names, key=str.lower) if name.strip())


def _row(tokens: Iterator[str], until: str | None) -> list[Node]:
    row: list[Node] = []
    for token in tokens:
        if token == until:
            return row
        if token.isspace():
            continue
        if token == "}":
            raise ValueError("a } closes nothing")
        if token in "_^":
            base = row.pop() if row else Node("row")
            row.append(Node("sub" if token == "_" else "sup", parts=(base, _argument(tokens))))
        else:
            row.append(_piece(token, tokens))
    if until is not None:
        raise ValueError("a { is not closed")
    return row


def _argument(tokens: Iterator[str]) -> Node:
    token = _next(tokens)
    if token in "[}_^":
        raise ValueError(f"{token} stands where something in braces has to")
    return _piece(token, tokens)


def _next(tokens: Iterator[str]) -> str:
    token = next(tokens)
    while token.isspace():
        token = next(tokens)
    return token


def _piece(token: str, tokens: Iterator[str]) -> Node:
    if token == "{":
        return Node("row", parts=tuple(_row(tokens, until="}")))
    if not token.startswith("\\"):
        kinds = "number" if token.isdigit() else "letter" if token.isalpha() else "sign"
        return Node("prime" if token == "'" else kinds, token)
    name = token[1:]
    if name in GREEK or name in LETTERS:
        return Node("letter", GREEK.get(name) or LETTERS[name])
    if name in SIGNS:
        return Node("sign", SIGNS[name])
    if name in WORDS:
        return Node("word", name)
    if name in ACCENTS:
        return Node("accent", name, (_argument(tokens),))
    return _command(name, tokens)


def _command(name: str, tokens: Iterator[str]) -> Node:
    """Read a command with what it is about."""
    if name in UPRIGHT:
        return Node("word", _plain(_argument(tokens)))
    if name == "text":
        return Node("word", _words(tokens))
    if name == "sqrt":
        return Node("root", parts=(_argument(tokens),))
    if name == "frac":
        return Node("fraction", parts=(_argument(tokens), _argument(tokens)))
    if name == "mathbb":
        return Node("letter", _plain(_argument(tokens)).translate(_DOUBLE))
    if name in STYLES:
        return _argument(tokens)
    if name in SIZES:
        return _delimiter(_next(tokens), tokens)
    raise ValueError(f"the notation \\{name} is not known")


def _delimiter(token: str, tokens: Iterator[str]) -> Node:
    """Read what a size is said of; a dot stands for none."""
    return Node("row") if token == "." else _piece(token, tokens)


def _words(tokens: Iterator[str]) -> str:
    """Read words up to the bracket that closes, their spaces kept."""
    if _next(tokens) != "{":
        raise ValueError("\\text needs words in braces")
    return "".join(iter(lambda: next(tokens), "}"))


def _plain(node: Node) -> str:
    return node.text or "".join(map(_plain, node.parts))


def unicode(node: Node) -> str:
    """Write a piece of notation in one line of Unicode."""
    return _UNICODE[node.kind](node)


def _script(node: Node) -> str:
    base, inside = unicode(node.parts[0]).rstrip(), unicode(node.parts[1]).strip()
    space = " " if node.parts[0].kind == "word" else ""
    table, mark = (_LOWER, "_") if node.kind == "sub" else (_UPPER, "^")
    if all(ord(letter) in table for letter in inside):
        return base + inside.translate(table) + space
    short = len(inside) == 1 or inside.isalpha()
    return f"{base}{mark}{inside if short else f'({inside})'}{space}"


def _fraction(node: Node) -> str:
    return "/".join(inside if _alone(inside) else f"({inside})" for inside in map(unicode, node.parts))


def _alone(inside: str) -> bool:
    return inside.isalnum()


_UNICODE: Mapping[str, Callable[[Node], str]] = MappingProxyType(
    {
        "row": lambda n: "".join(map(unicode, n.parts)),
        "letter": lambda n: n.text,
        "number": lambda n: n.text,
        "sign": lambda n: {"-": "−", "≤": " ≤ ", "≥": " ≥ ", "→": "→"}.get(n.text, n.text),
        "word": lambda n: n.text if len(n.text) == 1 else n.text + (" " if n.text in WORDS else ""),
        "prime": lambda n: "′",
        "accent": lambda n: unicode(n.parts[0]) + ACCENTS[n.text][0],
        "root": lambda n: f"√({unicode(n.parts[0])})",
        "fraction": _fraction,
        "sub": _script,
        "sup": _script,
    }
)


def mathml(node: Node) -> str:
    """Write a piece of notation as presentation MathML."""
    return _MATHML[node.kind](node)


def _accent(node: Node) -> str:
    return f'<mover accent="true">{mathml(node.parts[0])}<mo>{escape(ACCENTS[node.text][1])}</mo></mover>'


def _pair(tag: str) -> Callable[[Node], str]:
    return lambda node: f"<{tag}>{mathml(node.parts[0])}{mathml(node.parts[1])}</{tag}>"


def _sign(node: Node) -> str:
    text = {"-": "−"}.get(node.text, node.text)
    return f"<mo>{escape(text)}</mo>" if text.strip() else '<mspace width="0.4em"/>' if text else ""


_MATHML: Mapping[str, Callable[[Node], str]] = MappingProxyType(
    {
        "row": lambda n: "<mrow>" + "".join(map(mathml, n.parts)) + "</mrow>",
        "letter": lambda n: f"<mi>{escape(n.text)}</mi>",
        "number": lambda n: f"<mn>{n.text}</mn>",
        "sign": _sign,
        "word": lambda n: f'<mi mathvariant="normal">{escape(n.text)}</mi>',
        "prime": lambda n: "<mo>′</mo>",
        "accent": _accent,
        "root": lambda n: f"<msqrt>{mathml(n.parts[0])}</msqrt>",
        "fraction": _pair("mfrac"),
        "sub": _pair("msub"),
        "sup": _pair("msup"),
    }
)
