"""Steps, axioms and derivations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import sympy as sp

from bounds.derivation.claim import Claim, eq
from bounds.errors import InputError

TIGHTER = sp.Rational(1, 1000)
Method = Literal["smt", "identity", "sturm", "subdivision", "exact"]


@dataclass(frozen=True)
class Step:
    """A claim that follows from its hypotheses, decided exactly by one method.

    Parameters
    ----------
    name : str
        What the step says, in words.
    claim : Claim
        To be shown for all positive values of the symbols that meet the hypotheses.
    given : tuple of Claim
        The hypotheses.
    method : {"smt", "identity", "sturm", "subdivision", "exact"}
        Who decides.
    controls : tuple of Claim, optional
        Tightened claims, each of which must be refuted; by default the right side shrunk by one thousandth.
    points : tuple of mapping, optional
        Values of the parameters at which the bound must be tight: every control must be refuted at each of them.
    witness : mapping, optional
        Exact values at which the controls fail, where a solver would have to search.
    decide : callable, optional
        For the methods "subdivision" and "exact": a function that returns an outcome.
    """

    name: str
    claim: Claim
    given: tuple[Claim, ...] = ()
    method: Method = "smt"
    controls: tuple[Claim, ...] | None = None
    points: tuple[Mapping[sp.Symbol, sp.Expr], ...] = field(default=(), compare=False)
    witness: Mapping[sp.Symbol, sp.Expr] | None = field(default=None, compare=False)
    decide: Callable[..., Any] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for one in (self.claim, *self._claims("given"), *self._claims("controls")):
            if not isinstance(one, Claim):
                allowed = "must be made of claims"
                raise InputError(f"step {self.name!r}", one, allowed, "write le(a, b), lt(a, b) or eq(a, b)")
        if self.method not in get_args(Method):
            allowed = f"must be decided by one of {', '.join(get_args(Method))}"
            raise InputError(f"step {self.name!r}", self.method, allowed)

    def _claims(self, field: str) -> tuple[Claim, ...]:
        claims = getattr(self, field) or ()
        if not isinstance(claims, tuple):
            remedy = f"a comma makes it one: {field}=(...,)"
            raise InputError(f"{field} of step {self.name!r}", claims, "must be a tuple of claims", remedy)
        return claims

    @property
    def negative_controls(self) -> tuple[Claim, ...]:
        """The tightened claims."""
        return (tightened(self.claim),) if self.controls is None else self.controls


@dataclass(frozen=True)
class Axiom:
    """A fact of analysis that is not decided here: named, with a reference.

    Those of :mod:`bounds.derivation.axioms` are tried on instances by what measures the ledger.
    """

    name: str
    statement: str
    reference: str


@dataclass(frozen=True)
class Derivation:
    """How a statement follows: its steps and axioms in order, or why there is nothing to decide."""

    items: tuple[Step | Axiom, ...] = ()
    kind: Literal["derived", "recorded", "hypothesis", "order", "refuted"] = "derived"
    reason: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The decided steps."""
        return tuple(item for item in self.items if isinstance(item, Step))

    @property
    def axioms(self) -> tuple[Axiom, ...]:
        """The axioms that the steps rest on."""
        return tuple(item for item in self.items if isinstance(item, Axiom))


def tightened(claim: Claim) -> Claim:
    """Return the claim with its right side moved against it by one thousandth of its size."""
    if claim.relation == "=":
        return eq(claim.left, claim.right * (1 + TIGHTER) + (TIGHTER if claim.right == 0 else 0))
    size = claim.left if claim.left.is_nonnegative else sp.Abs(claim.left)
    return Claim(claim.left + TIGHTER * size, claim.right, claim.relation)


__all__ = ["TIGHTER", "Axiom", "Derivation", "Step", "tightened"]
