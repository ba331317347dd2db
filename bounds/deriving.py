"""How a statement follows, read off the statement itself: an altered statement gets an altered derivation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bounds.bound import Statement
from bounds.derivation.claim import Claim
from bounds.derivation.step import Axiom, Derivation, Step
from bounds.dominance import claim, common, sharper_than
from bounds.errors import InputError, said

_WANTED = "must return steps and facts for the statement"


def derivation(st: Statement) -> Derivation:
    """Return the derivation of a statement as it stands.

    What is derived here rests on why each of its parts is what it is, and on its own proof. What is recorded rests
    on its own proof alone, or on the derived statement that is sharper, if there is one.
    """
    standing = st.standing
    if standing.kind == "derived":
        return Derivation(tuple(dict.fromkeys(_items(st))))
    sharper = sharper_than(st) if standing.kind == "hypothesis" else None
    if sharper is not None:
        return _implied(st, sharper)
    return Derivation(tuple(dict.fromkeys(_asked(st, st.proof, st))), standing.kind, standing.reason)


def _items(st: Statement) -> list[Step | Axiom]:
    """Ask the parts for their reasons and the statement for its proof."""
    reasons = [_asked(st, part.why, part.expression, st) for part in st.where]
    return [item for items in (*reasons, _asked(st, st.proof, st)) for item in items]


def _asked(st: Statement, why: Callable[..., Any], *given: Any) -> tuple[Step | Axiom, ...]:
    """Return what a reason says.

    Raises
    ------
    InputError
        When it raises, or returns something else: it is the statement's author who has to know.
    """
    try:
        returned = why(*given)
        items = tuple(returned) if isinstance(returned, Iterable) else (returned,)
    except InputError as error:
        raise InputError(f"proof of {st.name}", error.value, error.allowed, error.remedy) from error
    except Exception as error:
        raise InputError(f"proof of {st.name}", said(error), _WANTED) from error
    for item in items:
        if not isinstance(item, Step | Axiom):
            raise InputError(f"proof of {st.name}", item, f"{_WANTED}, and nothing else")
    return items


def _implied(st: Statement, sharper: Statement) -> Derivation:
    """Allow a recorded bound to be loose, but refute a thousandth of it."""
    words, whole = f"implied by {sharper.name}", claim(st, sharper)
    loose = (Claim(whole.left * 1000, whole.right),)
    return Derivation((Step(words, whole, common(st, sharper), controls=loose),), "recorded", words)
