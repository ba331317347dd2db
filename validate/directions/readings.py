"""Which batch an algorithm reads where: its calls in order, with each name of a split replaced by another.

Independent batches of one size may be swapped freely: the law stays the same. One batch in two roles is reuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations, product
from typing import cast

from torch import Tensor

from empirics.oracle import SPLITS, Oracle
from validate.directions.asking import Block, Direction

Reading = tuple[str, ...]
BATCHES = {"in": "D_in", "out": "D_o", "hess": "D_h"}
MOST_PERMUTED = 5
"""Batches whose names are exchanged in every way; of more than these, two at a time."""


class ReadAs:
    """An oracle that takes the batch of every call from a list instead of from the caller."""

    def __init__(self, oracle: Oracle, reading: Reading) -> None:
        self.oracle = oracle
        self.problem, self.tasks = oracle.problem, oracle.tasks
        self._splits = iter(reading)

    def gradient(self, w: Tensor, split: str) -> Tensor:
        """Gradient over the next batch of the list."""
        return self.oracle.gradient(w, next(self._splits))

    def hessian_vector(self, w: Tensor, v: Tensor, split: str) -> Tensor:
        """Hessian over the next batch of the list, times a vector."""
        return self.oracle.hessian_vector(w, v, next(self._splits))


def answer(direction: Direction, block: Block, reading: Reading) -> Tensor:
    """Return a direction whose calls read the batches of ``reading``, in order."""
    oracle = cast(Oracle, ReadAs(block.unwatched(), reading))
    return direction(oracle, block.w.unsqueeze(-2), block.alpha)


def own_reading(direction: Direction, block: Block) -> Reading:
    """Return the splits that a direction reads, call by call."""
    oracle = block.oracle()
    oracle.looks = []
    direction(oracle, block.w.unsqueeze(-2), block.alpha)
    return tuple(look.split for look in oracle.looks)


def others(own: Reading) -> Iterator[Reading]:
    """Yield all other readings, those with the same law first; of several inner steps those that are likely."""
    found = product(SPLITS, repeat=len(own)) if set(own) <= set(SPLITS) else _likely(own)
    every = [reading for reading in dict.fromkeys(found) if reading != own]
    yield from sorted(every, key=lambda reading: not same_law(own, reading))


def _likely(own: Reading) -> Iterator[Reading]:
    """Yield readings of several inner steps: names exchanged, one batch for all steps, one name for another.

    All of them would be too many, seven to the power of seven for three steps.
    """
    names, short = tuple(dict.fromkeys(own)), [of_split(name) for name in own]
    if len(names) <= MOST_PERMUTED:
        yield from (_renaming(own, dict(zip(names, other, strict=True))) for other in permutations(names))
    yield from (_renaming(own, {a: b, b: a}) for a, b in permutations(names, 2))
    yield tuple(short)
    for split in SPLITS:
        yield tuple(split if of_split(name) == split else name for name in own)
    yield from (_renaming(own, {a: b}) for a, b in permutations(names, 2))
    yield from (_renaming(own, dict.fromkeys(names, b)) for b in names)
    for k, b in product(range(len(own)), names):
        yield (*own[:k], b, *own[k + 1 :])


def _renaming(own: Reading, names: Mapping[str, str]) -> Reading:
    return tuple(names.get(name, name) for name in own)


def of_split(name: str) -> str:
    """Return the split that a batch belongs to: that of an inner step, without the step's number."""
    return name.partition(".")[0]


def role(name: str) -> str:
    """Return what a batch is called in the theory, with its inner step where there are several."""
    split, _, number = name.partition(".")
    return f"{BATCHES[split]} of inner step {int(number) + 1}" if number else BATCHES[split]


def same_law(own: Reading, reading: Reading) -> bool:
    """Whether a reading only renames the batches: roles that share one still do, others still do not."""
    return len(set(zip(own, reading, strict=True))) == len(set(own)) == len(set(reading))


def renamed(own: Reading, reading: Reading) -> str:
    """Say which batches are read under other names; empty when none are."""
    pairs = {a: b for a, b in zip(own, reading, strict=True) if a != b}
    said = [f"batch {b!r} as {role(a)}" for a, b in pairs.items()]
    return f"it reads {', '.join(said)}, which is right where these batches have one size" if said else ""


def reused(own: Reading, readings: Sequence[Reading]) -> str:
    """Say which batches are used twice, or differ where one is needed."""
    said = dict.fromkeys(words for reading in readings for words in _misuses(own, reading))
    return "; ".join(said)


def _misuses(own: Reading, reading: Reading) -> Iterator[str]:
    roles = dict.fromkeys(zip(own, reading, strict=True))
    for split in dict.fromkeys(reading):
        names = [role(a) for a, b in roles if b == split]
        if len(names) > 1:
            yield f"one batch ({split!r}) is used as {' and as '.join(names)}, which must be independent"
    for split in dict.fromkeys(own):
        found = [repr(b) for a, b in roles if a == split]
        if len(found) > 1:
            yield f"{role(split)} is read from {' and '.join(found)}, where one batch must be used twice"
