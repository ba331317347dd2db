"""How a statement stands, what it is a case of, and how what is seen of it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["derived", "recorded", "hypothesis", "order", "refuted"]
Chapter = Literal["recorded", "lemmas", "theorems"]
POINT, MATRICES, LOSSES, SAMPLES = "point", "matrices", "losses", "samples"
FREE, COSINE = "free", "cosine"


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
    """What a statement says, where it is said of algorithms, step rules, ways to sample, and inner steps."""

    quantity: str
    algorithm: str = ""
    rule: str = ""
    finite: bool = False
    steps: int = 1
    multilevel: bool = False

    @property
    def subject(self) -> str:
        """The algorithm, with its number of inner steps where that is not one."""
        return self.algorithm if self.steps == 1 else several(self.algorithm, self.steps)


def several(algorithm: str, steps: int) -> str:
    """Return the name of an algorithm with so many inner steps."""
    return f"{algorithm}.{steps}-steps"


def itself(point: Any) -> Any:
    """Return the point as it is."""
    return point


@dataclass(frozen=True)
class Left:
    """The left side of a statement at instances: points of problems, or anything else that can be varied.

    Parameters
    ----------
    at : callable
        Takes a batch of instances and returns an array, one number an instance; NaN inside the domain is refused.
    size : {"gradient", "square", "ratio"}
        Whether round-off enters it as it enters a gradient, the square of one, or a change of one over a distance.
    of : str
        What has such a left side: the tasks' gradients and Hessians at a point (``POINT``), if they can be chosen
        (``FREE``), their matrices ``I - alpha Hessian`` (``MATRICES``), their losses (``LOSSES``), losses and
        samples (``SAMPLES``), the family on which FO-MAML stops (``COSINE``), or what a search of one's own makes
        under another name, see :mod:`validate.instances`.
    among : callable
        Takes instances to those that the statement is about; by default all are.
    enough : bool
        Whether the statement gives a size that is enough: what is needed lies on the other side of it.
    """

    at: Callable[[Any], Any]
    size: Literal["gradient", "square", "ratio"] = "gradient"
    of: str = POINT
    among: Callable[[Any], Any] = itself
    enough: bool = False
