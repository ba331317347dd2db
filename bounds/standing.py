"""How a statement stands, what it is a case of, and how what is seen of it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["derived", "recorded", "hypothesis", "order", "refuted"]
Chapter = Literal["recorded", "lemmas", "theorems"]


@dataclass(frozen=True)
class Standing:
    """How a statement stands, and the reason where there is more to say than that it is derived.

    Only what is ``derived`` rests on the reasons of its own parts; a record stands on its proof alone.
    """

    kind: Kind
    reason: str = ""


DERIVED = Standing("derived")
HYPOTHESIS = Standing("hypothesis", "an assumption, or a condition of a theorem: there is nothing to decide")
OPEN = Standing(
    "order", "an order statement: its constant factor is not recorded, so no number can refute or prove it"
)
ORDER = Standing(
    "order", "an order for small epsilon: follows from the iterations statement, constants left out"
)


@dataclass(frozen=True)
class Case:
    """What a statement says, where the same is said of several algorithms, step rules, and ways to sample."""

    quantity: str
    algorithm: str = ""
    rule: str = ""
    finite: bool = False
    multilevel: bool = False


@dataclass(frozen=True)
class Left:
    """The left side of a statement at points: of a problem, or of free gradients and Hessians.

    Parameters
    ----------
    at : callable
        Takes a point and returns an array, one number a point.
    size : {"gradient", "square", "ratio"}
        Whether round-off enters it as it enters a gradient, the square of one, or a change of one over a distance.
    local : bool
        Whether it is seen from the tasks' gradients and Hessians at the point alone.
    """

    at: Callable[[Any], Any]
    size: Literal["gradient", "square", "ratio"] = "gradient"
    local: bool = True
