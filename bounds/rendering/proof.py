r"""The proof of a statement as a mathematician writes it: what is used, then each step as a claim with its reason.

It is read off the derivation that is decided: the steps, their hypotheses, and who decided them. Nothing is typed
for the reader alone but how the variables are written, see :mod:`bounds.rendering.proof_names`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from bounds import ledger
from bounds.bound import Statement
from bounds.catalogue import statements
from bounds.derivation.claim import Claim, eq
from bounds.derivation.step import Axiom, Step
from bounds.parts import Definition
from bounds.rendering import proof_names, prose
from bounds.rendering.findings import found_by
from bounds.rendering.names import default_name, latex_names

_OURS = "bounds."
"""What the names of the modules begin with whose proofs have their variables in the table."""


@dataclass(frozen=True)
class Line:
    """A step (its reason, hypotheses, claim, who decided it), a definition, or a fact that is not decided here.

    ``reason``, ``how`` and ``fact`` are words with formulas in plain letters, see :mod:`bounds.rendering.prose`.
    """

    kind: str
    reason: str
    how: str = ""
    fact: str = ""
    given: tuple[Claim, ...] = ()
    claim: Claim | None = None
    status: str = ""
    """What was found of a step or definition, see :class:`bounds.derivation.outcome.Outcome`."""


@dataclass(frozen=True)
class Part:
    """Why one part of a statement is what it is, or its conclusion where there is no ``formula``."""

    formula: Claim | None
    meaning: str
    idea: str
    lines: tuple[Line, ...]
    """Empty where the steps of the parts before show this one too."""
    elsewhere: str = ""
    """The statement under which the same is shown, where it is not repeated."""
    ours: bool = True
    """Whether the reason is one of this theory, in whose words a variable means what its table says."""


@dataclass(frozen=True)
class Proof:
    """The parts, how each symbol in them is written, and what was not defined before: LaTeX and meaning.

    ``status`` is that of the statement in the ledger: one word on all of it.
    """

    parts: tuple[Part, ...]
    names: Mapping[sp.Symbol, str]
    notation: tuple[tuple[str, str], ...]
    status: str

    @property
    def heading(self) -> str:
        """What the parts are: a proof only where they show the statement."""
        return "proof" if self.status in ledger.SHOWN else f"derivation, {self.status}"


def proof(st: Statement, brief: bool = False) -> Proof:
    """Return the proof of a statement; a ``brief`` one names the lemma where a part is shown already."""
    parts = tuple(_parts(st, brief))
    names = _names(st, _symbols(parts), _symbols(part for part in parts if part.ours))
    status = ledger.entry_of(st)["status"]
    return Proof(parts, names, tuple(_notation(st, parts, names)), status)


def _parts(st: Statement, brief: bool) -> Iterator[Part]:
    shown: set[Step | Axiom] = set()
    for definition, why, items in _groups(st):
        home = _homes().get(_key(definition), st.name) if brief and definition is not None else st.name
        fresh = [item for item in dict.fromkeys(items) if item not in shown]
        if home != st.name and items:
            yield _part(definition, why, (), home)
        elif items:
            shown |= set(fresh)
            yield _part(definition, why, tuple(map(_line, fresh)), "")


def _groups(
    st: Statement,
) -> Iterator[tuple[Definition | None, Callable[..., Any], tuple[Step | Axiom, ...]]]:
    """Yield the items of a derivation by the part of the statement that they are the reason of."""
    if st.standing.kind == "derived":
        for part in st.where:
            yield part, part.why, tuple(part.why(part.expression, st))
        yield None, st.proof, tuple(st.proof(st))
    else:
        yield None, st.proof, ledger.derivation(st).items


@cache
def _homes() -> Mapping[Any, str]:
    """Return where each part is shown: in the lemma with the fewest parts."""
    order = sorted(statements().values(), key=lambda st: (st.chapter == "theorems", len(st.where)))
    homes: dict[Any, str] = {}
    for st in order:
        if st.standing.kind == "derived":
            for part in st.where:
                homes.setdefault(_key(part), st.name)
    return homes


def _key(part: Definition) -> tuple[Any, ...]:
    return (part.symbol, part.expression, getattr(part.why, "__qualname__", ""))


def _idea(why: Callable[..., Any]) -> str:
    """Return what a reason says of itself in its first sentence, if it is one."""
    words = (why.__doc__ or "").strip().split("\n\n")[0]
    helper = getattr(why, "__name__", "") in ("<lambda>", "nothing") or words.startswith("Return")
    return "" if helper else re.sub(r"\s+", " ", words)


def _part(
    definition: Definition | None, why: Callable[..., Any], lines: tuple[Line, ...], elsewhere: str
) -> Part:
    idea, ours = _idea(why), getattr(why, "func", why).__module__.startswith(_OURS)
    if definition is None:
        return Part(None, "", idea, lines, ours=ours)
    formula = eq(definition.symbol, definition.expression)
    return Part(formula, definition.meaning, idea, lines, elsewhere, ours)


def _line(item: Step | Axiom) -> Line:
    if isinstance(item, Axiom):
        return Line("fact", item.name, item.reference, item.statement)
    found = ledger.stored_step(item)
    if found["status"] == "definition" and item.method == "identity":
        return Line("definition", item.name, status="definition")
    how = found_by(item, found)
    return Line("step", item.name, how, given=item.given, claim=item.claim, status=found["status"])


def _symbols(parts: Iterable[Part]) -> set[sp.Symbol]:
    return {symbol for claim in _claims(parts) for symbol in claim.symbols}


def _claims(parts: Iterable[Part]) -> Iterator[Claim]:
    for part in parts:
        yield from () if part.formula is None else (part.formula,)
        for line in part.lines:
            yield from line.given if line.claim is None else (line.claim, *line.given)


def _names(st: Statement, symbols: set[sp.Symbol], ours: set[sp.Symbol]) -> dict[sp.Symbol, str]:
    """Write the statement's symbols as it does, the others as the table says, with a prime where that is taken."""
    own = latex_names(st)
    taken = {own[symbol] for symbol in symbols & set(own)}
    others = {symbol: _written(symbol, st, ours)[0] for symbol in symbols - set(own)}
    return {s: own[s] for s in symbols & set(own)} | {
        s: f"{tex}'" if tex in taken and not tex.endswith(("}", "|")) else tex for s, tex in others.items()
    }


def _written(symbol: sp.Symbol, st: Statement, ours: set[sp.Symbol]) -> tuple[str, str]:
    """Return LaTeX and meaning of a symbol that the statement does not define.

    A variable of somebody else's proof may have the name of one of ours, and is another.
    """
    name = symbol.name
    if symbol in ours and name in proof_names.QUANTITIES:
        return proof_names.QUANTITIES[name]
    homes = _defined().get(name)
    if not homes:
        return _in_words(name), ""
    algorithm = st.case.algorithm if st.case is not None else ""
    home = homes.get(algorithm) or next(iter(homes.values()))
    part = next(part for part in home.where if part.symbol.name == name)
    if symbol not in ours and symbol != part.symbol:
        return _in_words(name), ""
    return part.latex or default_name(name), f"{part.meaning}, as in {home.name}"


def _in_words(name: str) -> str:
    """Return a name that no table has: its words, or a letter with an index."""
    return rf"\text{{{name.replace('_', ' ')}}}" if len(name.partition("_")[0]) > 1 else default_name(name)


@cache
def _defined() -> Mapping[str, Mapping[str, Statement]]:
    """Return the shortest statement that has a part, by the part's name and the algorithm."""
    found: dict[str, dict[str, Statement]] = {}
    for st in sorted(statements().values(), key=lambda one: len(one.where)):
        for part in st.where:
            homes = found.setdefault(part.symbol.name, {})
            homes.setdefault(st.case.algorithm if st.case is not None else "", st)
    return found


def _notation(
    st: Statement, parts: tuple[Part, ...], names: Mapping[sp.Symbol, str]
) -> Iterator[tuple[str, str]]:
    ours = tuple(part for part in parts if part.ours)
    yield from proof_names.needed(" ".join(prose.latex(words) for words in _words(ours)))
    told: set[str] = set()
    for symbol in sorted(set(names) - set(latex_names(st)), key=lambda s: s.name):
        meaning = _written(symbol, st, _symbols(ours))[1]
        if meaning and names[symbol] not in told:
            told.add(names[symbol])
            yield names[symbol], meaning


def _words(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        yield from (part.idea, part.meaning)
        for line in part.lines:
            yield from (line.reason, line.fact)


def told(
    found: Proof, claim: Callable[[Claim, Mapping[sp.Symbol, str]], Any], words: Callable[[str], str]
) -> dict[str, Any]:
    """Return a proof as plain data, its claims and its words written by two functions.

    Parameters
    ----------
    found : Proof
    claim : callable
        Takes a claim and the LaTeX of its symbols, see :mod:`bounds.rendering.claims`.
    words : callable
        Takes words with formulas in them, see :mod:`bounds.rendering.prose`.

    Returns
    -------
    dict
        ``status``, of the whole; ``heading``, "proof" where it is one; ``notation``, a list of ``symbol`` and
        ``meaning``; ``parts``, a list of ``formula``, ``meaning``,
        ``idea``, ``elsewhere`` (the name of the statement that shows it) and ``lines``, each with its ``status``.
    """

    def written(one: Claim | None) -> Any:
        return None if one is None else claim(one, found.names)

    def line(one: Line) -> dict[str, Any]:
        return {
            "kind": one.kind,
            "reason": words(one.reason),
            "how": words(one.how) if one.fact else one.how,
            "fact": words(one.fact),
            "given": [written(each) for each in one.given],
            "claim": written(one.claim),
            "status": one.status,
        }

    def part(one: Part) -> dict[str, Any]:
        return {
            "formula": written(one.formula),
            "meaning": words(one.meaning),
            "idea": words(one.idea),
            "elsewhere": one.elsewhere,
            "lines": [line(each) for each in one.lines],
        }

    notation = [{"symbol": words(f"${tex}$"), "meaning": words(meaning)} for tex, meaning in found.notation]
    whole = {"status": found.status, "heading": found.heading}
    return whole | {"notation": notation, "parts": [part(one) for one in found.parts]}
