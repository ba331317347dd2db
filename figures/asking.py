"""What figures are drawn from where there is no run: their own experiments, or as somebody asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bounds import arguments
from bounds.errors import InputError
from bounds.reading import counted
from figures.figure import Figure

if TYPE_CHECKING:
    from empirics.problems.base import Problem
    from validate.experiment import Experiment

LEAST = 2
"""Replicates below which no interval can be drawn."""
TARGET = 0.5
"""Target of a plan on a problem of somebody's, over the gradient at its start."""


@dataclass(frozen=True)
class Asked:
    """How the experiments of figures differ from their own; None where they do not.

    Attributes
    ----------
    seed, replicates : int, optional
        Of every experiment in which something is random.
    problem : str, optional
        Specification of the problem that is drawn, by the figures that can be drawn of any.
    """

    seed: int | None = None
    replicates: int | None = None
    problem: str | None = None

    def __post_init__(self) -> None:
        if self.seed is not None:
            arguments.count("seed", self.seed, 0)
        if self.problem is not None:
            arguments.text("problem", self.problem, "must be the specification of a problem", "problem.spec")
        if self.replicates is not None and counted(self.replicates, LEAST) is None:
            raise InputError("replicates", self.replicates, f"must be a whole number >= {LEAST}")

    @property
    def anything(self) -> bool:
        """Whether anything is asked for."""
        return (self.seed, self.replicates, self.problem) != (None, None, None)

    @cached_property
    def _made(self) -> Problem | None:
        from empirics import problems

        if self.problem is None:
            return None
        made = problems.from_spec(self.problem)
        problems.require_same(self.problem)
        return made

    def lacks(self, figure: Figure) -> str:
        """Return why a figure cannot be drawn like this; empty when it can."""
        own = self.problem is not None and figure.on is None
        return "is about problems of its own, not about one that is named" if own else ""

    def experiments(self, figure: Figure) -> list[Experiment]:
        """Return what is to be run for a figure."""
        problem = self._made
        if problem is None:
            made: Sequence[Experiment] = figure.needed
        else:
            made = [] if figure.on is None else figure.on(problem)
        return [one if one.exact else self._changed(one) for one in made]

    def _changed(self, one: Experiment) -> Experiment:
        given: dict[str, Any] = {"seed": self.seed, "replicates": self.replicates}
        return replace(one, **{name: value for name, value in given.items() if value is not None})


def target(problem: Problem, alpha: float) -> float:
    """Return a target that a problem's start does not reach yet: half its gradient.

    Raises
    ------
    InputError
        When the start is a stationary point.
    """
    size = float(problem.meta_gradient(problem.start, alpha).norm())
    if not size > 0:
        raise InputError(
            "problem", problem.spec, "starts where the gradient of F is 0: there is nothing to draw"
        )
    return TARGET * size
