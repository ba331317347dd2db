"""Search for instances at which the left side of a statement is largest beside its right side.

A :class:`Search` makes instances out of unconstrained numbers and compares both sides at them. Those of the
modules here are found, and those of other people's (see :mod:`bounds.members`). What a statement needs it carries
itself: its left side, and what has one (:class:`bounds.standing.Left`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import numpy as np

from bounds import evaluation, statements
from bounds.bound import Statement
from bounds.errors import InputError, said
from bounds.given import NEUTRAL
from bounds.members import members, sources
from bounds.standing import Case
from bounds.symbols import L, alpha, defined

FOLDER = "validate.instances"
ZERO = 1e-12
REACH = 0.99
EQUAL = 1e-9
LOOKS, ROUNDING = 32, 2e-15
"""At how many instances that differ by rounding one is looked at again, and by how much they differ."""
OPPOSITE = MappingProxyType({r"\le": r"\ge", r"\ge": r"\le"})

Both = tuple[np.ndarray, np.ndarray]
"""Left and right side, one number an instance; NaN on the right outside the domain, or where there is no instance.

NaN on the left alone is a mistake in the left side, and refused: nobody knows that the statement holds there.
"""


def rounded(point: np.ndarray, seed: int) -> np.ndarray:
    """Return the numbers of an instance, and others that differ from them by some roundings, ``(LOOKS, size)``."""
    moved = np.random.default_rng(seed).standard_normal((LOOKS, len(point)))
    moved[0] = 0.0
    return point + ROUNDING * (1 + abs(point)) * moved


def nothing_shown(st: Statement, point: np.ndarray) -> dict[str, Any]:
    """Say nothing of an instance."""
    return {}


@dataclass(frozen=True)
class Search:
    """A kind of instances that can be searched.

    Attributes
    ----------
    about : callable
        Whether these are instances of a statement.
    size : int
        How many unconstrained numbers an instance is made of; with 0 there is one instance and nothing to climb.
    sides : callable
        From a statement, numbers ``(n, size)`` and a seed to both sides at the n instances.
    shown : callable
        From a statement and the numbers of one instance to what a reader is told of it; by default nothing.
    again : callable, optional
        From a statement, the numbers of one instance and a fresh seed to both sides at a second, independent look;
        by default the same is computed anew at instances that differ by rounding, and the smallest ratio counts.
    slow : int
        How many times fewer climbs and steps are made than of a search that is evaluated in bulk.
    instances : int
        As how many instances one evaluation counts.
    ledger : bool
        Whether the ledger has it measured too.
    relation : str
        LaTeX of the relation that holds between the two sides, where it is not that of the statement.
    """

    about: Callable[[Statement], bool]
    size: int
    sides: Callable[[Statement, np.ndarray, int], Both]
    shown: Callable[[Statement, np.ndarray], dict[str, Any]] = nothing_shown
    again: Callable[[Statement, np.ndarray, int], Both] | None = None
    slow: int = 1
    instances: int = 1
    ledger: bool = True
    relation: str = ""

    def ratios(self, st: Statement, points: np.ndarray, seed: int) -> np.ndarray:
        """Return how much of its right side the left side uses: at most 1 where the statement holds.

        Raises
        ------
        LeftError
            When the left side is NaN at an instance inside the domain.
        """
        return self._used(st, self.sides(st, points, seed))

    def ratio_again(self, st: Statement, point: np.ndarray, seed: int) -> float:
        """Return the same of one instance at the second look; NaN where rounding decides whether there is one."""
        if self.again:
            return float(self._used(st, self.again(st, point, seed))[0])
        return float(self.ratios(st, rounded(point, seed), seed).min())

    def _used(self, st: Statement, both: Both) -> np.ndarray:
        return oriented(*numbers(st, both), self.relation or relation(st))


def left_of(*kinds: str) -> Callable[[Statement], bool]:
    """Return whether a statement's left side is taken at instances of one of these kinds."""
    return lambda st: st.left is not None and st.left.of in kinds


def says(*quantities: str) -> Callable[[Statement], bool]:
    """Return whether a statement says one of these quantities of algorithms."""
    return lambda st: case_of(st).quantity in quantities


def case_of(st: Statement) -> Case:
    """Return what a statement says of algorithms: no quantity where it says nothing of them."""
    return st.case or Case("")


def one_by_one(
    kind: str,
    size: int,
    made: Callable[[Statement, np.ndarray], Any],
    shown: Callable[[Any], Mapping[str, Any]] = attrgetter("known"),
    **more: Any,
) -> Search:
    """Return the search over instances of a kind that are made and looked at one by one.

    Parameters
    ----------
    kind : str
        What has the left sides, see :class:`bounds.standing.Left`.
    size : int
        How many numbers an instance is made of.
    made : callable
        From a statement and the numbers of one instance to the instance.
    shown : callable
        From an instance to what a reader is told of it; by default all that statements may ask.
    **more
        As for :class:`Search`.
    """

    def both(st: Statement, points: np.ndarray, seed: int) -> Both:
        return joined([sides(st, made(st, point)) for point in points])

    def told(st: Statement, point: np.ndarray) -> dict[str, Any]:
        return dict(shown(made(st, point)))

    return Search(left_of(kind), size, both, told, **more)


def searches() -> tuple[Search, ...]:
    """Return every search, those of other packages last."""
    return _searches(sources(FOLDER))


@cache
def _searches(places: tuple[str, ...]) -> tuple[Search, ...]:
    return members(places, Search)


def about(st: Statement) -> tuple[Search, ...]:
    """Return the searches for instances of a statement."""
    return tuple(one for one in searches() if one.about(st))


@cache
def _targets(places: tuple[str, ...], known: tuple[Statement, ...]) -> Mapping[str, Statement]:
    more = (st for st in members(places, Statement) if st not in known)
    return MappingProxyType({st.name: st for st in (*known, *more)})


def targets() -> Mapping[str, Statement]:
    """Return what can be searched against by name: the statements, and hopes that are known to be false."""
    return _targets(sources(FOLDER), tuple(statements().values()))


def falsifiable() -> tuple[str, ...]:
    """Return the names of what can be searched against; an order has no constant that could be broken."""
    return tuple(
        st.name
        for st in targets().values()
        if st.standing.kind != "order" and any(one.size for one in about(st))
    )


def sides(st: Statement, batch: Any) -> Both:
    """Return both sides at a batch of instances that know their left sides and what statements ask."""
    with np.errstate(all="ignore"):
        chosen, left = seen(st, batch)
        refuse_ungiven(st, chosen.known)
        known = {name: chosen.known[name] for name in st.symbols if name in chosen.known}
        right = np.where(getattr(chosen, "missing", False), np.nan, evaluation.inside(st, known))
        return beside(st, left, right)


def refuse_ungiven(st: Statement, known: Container[str]) -> None:
    """Raise ``InputError`` where no instance has a value of what the right side of a statement needs."""
    missing = [name for name in st.symbols if name not in known and name not in NEUTRAL]
    if missing:
        allowed = f"no instance of the left side of {st.name} gives a value of it"
        remedy = "a search that does: over(statement, numbers, seen) from validate.instances.sampled"
        raise InputError(", ".join(missing), None, allowed, remedy)


class LeftError(InputError):
    """A left side that cannot be taken at instances: no verdict on its statement, but a mistake in it."""


def seen(st: Statement, batch: Any) -> tuple[Any, np.ndarray]:
    """Return the instances that a statement is about, and its left side there.

    Raises
    ------
    LeftError
        When the left side cannot be taken: it is the statement's author who has to know, and what there is.
    """
    left = st.left
    if left is None:
        raise ValueError(f"{st.name} has no left side at instances")
    chosen = batch
    try:
        chosen = left.among(batch)
        return chosen, np.ravel(np.asarray(left.at(chosen), float))
    except InputError:
        raise
    except Exception as error:
        raise LeftError(f"left side of {st.name}", said(error), _has(chosen)) from error


def _has(batch: Any) -> str:
    """Say what a left side can be made of."""
    names = ", ".join(name for name in dir(batch) if not name.startswith("_"))
    return f"must be made of what its point has: {names}"


def beside(st: Statement, left: np.ndarray, right: Any) -> Both:
    """Return both sides; raise LeftError when the left side is not one number an instance."""
    right = np.asarray(right, float)
    if right.size > 1 and right.shape != left.shape:
        allowed = f"must be one number an instance, {right.size} here"
        raise LeftError(f"left side of {st.name}", f"{left.size} numbers", allowed)
    return left, np.broadcast_to(right, left.shape)


def numbers(st: Statement, both: Both) -> Both:
    """Return both sides; raise LeftError where the left side is NaN inside the domain: nobody knows it holds."""
    left, right = both
    strange = np.isnan(left) & ~np.isnan(right)
    if strange.any():
        told = f"NaN at {int(strange.sum())} of {strange.size} instances"
        allowed = "must be a number wherever the statement's domain has the instance"
        raise LeftError(f"left side of {st.name}", told, allowed)
    return both


def of_formulas(left: np.ndarray, right: Any) -> Both:
    """Return both sides where the left one is a formula too: outside of its domain there is no instance."""
    return left, np.where(np.isnan(left), np.nan, right)


def joined(rows: Sequence[Both]) -> Both:
    """Return both sides of instances that were looked at one by one."""
    left, right = (np.concatenate(side) for side in zip(*rows, strict=True))
    return left, right


def reach(st: Statement) -> float:
    """Return how far alpha L goes in a search: inside the domain of a statement, and below 1."""
    limits = [float(c.right) for c in st.domain if c.left in (L * alpha, defined("x")) and c.right.is_number]
    return REACH * min([1.0, *limits])


def relation(st: Statement) -> str:
    """Return the relation of what is seen to a statement: what is needed lies beyond a size that is enough."""
    enough = st.left is not None and st.left.enough
    return OPPOSITE[st.relation] if enough else st.relation


def oriented(left: Any, right: Any, relation: str) -> np.ndarray:
    """Return how much of its right side the left side uses, for <=, >= and =; NaN where either is unknown."""
    left, right = np.atleast_1d(np.asarray(left, float)), np.atleast_1d(np.asarray(right, float))
    with np.errstate(all="ignore"):
        if relation == "=":
            scale = np.maximum(np.maximum(abs(left), abs(right)), 1e3 * ZERO)
            ratio = np.where(abs(left - right) <= EQUAL * scale, 1.0, np.inf)
            ratio = np.where((right == 0) & (abs(left) <= ZERO), 0.0, ratio)
        else:
            left, right = (-left, -right) if relation == r"\ge" else (left, right)
            below = np.where(left < 0, right / left, np.inf)
            ratio = np.where(right > 0, np.maximum(left, 0.0) / right, below)
            ratio = np.where(right == 0, np.where(left <= ZERO, 0.0, np.inf), ratio)
    return np.where(np.isnan(left) | np.isnan(right), np.nan, ratio)
