"""Names that a quantity of one's own cannot have: what formulas call in Python and in JavaScript."""

from __future__ import annotations

import re
from functools import cache
from keyword import iskeyword
from unicodedata import normalize

from bounds.codegen import called
from bounds.errors import InputError
from bounds.rendering.enclosing import RUNTIME

_LETTERS = frozenset({"gamma"})
"""Functions that have a Greek letter's name, and are in no formula here."""
_ARGUMENTS = frozenset({"self", "values"})
_SCRIPT = frozenset(
    {
        "arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default",
        "delete", "do", "else", "enum", "eval", "export", "extends", "false", "finally", "for", "function",
        "if", "implements", "import", "in", "instanceof", "interface", "let", "new", "null", "package",
        "private", "protected", "public", "return", "static", "super", "switch", "this", "throw", "true",
        "try", "typeof", "undefined", "var", "void", "while", "with", "yield", "Infinity", "Math", "NaN",
        "STATEMENTS", "globalThis",
    }
)  # fmt: skip


def refuse_taken(name: object) -> None:
    """Raise ``InputError`` for what cannot name a quantity of one's own."""
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        raise InputError("quantity", name, "must be a Python name, for example mu")
    if name != normalize("NFKC", name):
        raise InputError(
            "quantity", name, f"is another name to Python, {normalize('NFKC', name)!r}; write that"
        )
    if name in _ARGUMENTS | _SCRIPT | _intervals() | called() - _LETTERS:
        allowed = "is a word of Python or JavaScript, or what formulas call in one of them"
        raise InputError("quantity", name, allowed, f"choose another name, such as {name}_")


@cache
def _intervals() -> frozenset[str]:
    """Return what formulas on intervals call in JavaScript."""
    found = re.findall(r"^const (.*);$", RUNTIME.read_text("utf-8"), re.MULTILINE)
    declared = (re.findall(r"(?:^|, )(\w+) = ", line) for line in found)
    functions = re.findall(r"^const (\w+) =", RUNTIME.read_text("utf-8"), re.MULTILINE)
    return frozenset(functions).union(*declared)
