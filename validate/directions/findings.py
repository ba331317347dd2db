"""What is found about a direction on one problem: draw by draw, asked twice, exactly, call by call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from validate.directions.asking import Block, Direction, Look, ask, ask_in_calls
from validate.directions.cases import Case
from validate.directions.catalogue import alternatives
from validate.directions.comparing import Compared, compare
from validate.directions.pairs import lengths
from validate.directions.precision import relative, scale, unit_round_off
from validate.tolerance import direction_round_off, norm

HEIGHT = 2
"""Rows of one call, when calls are watched one by one."""

KNOWN = 1000.0
"""Units of round-off of a point that a probe must be longer than for its length to be known."""


@dataclass(frozen=True)
class Findings:
    """Everything that was compared.

    Attributes
    ----------
    draws, again, exact : Compared
        The draws, the same draws asked for a second time, and all tasks with exact derivatives.
    calls : Compared or None
        Many calls of a few rows each.
    shapes : mapping
        The comparison for each other number of rows and of tasks.
    point : Tensor of int, shape (rows,)
        At which point each draw was made.
    steady : bool
        Whether the second answer was the first.
    probe : (float, float) or None
        Shortest and longest probe that was seen.
    resembles : str
        Another algorithm that it is, draw by draw; empty when none.
    """

    draws: Compared
    again: Compared
    exact: Compared
    calls: Compared | None
    shapes: Mapping[tuple[int, int], Compared]
    point: Tensor
    steady: bool
    probe: tuple[float, float] | None
    resembles: str

    @property
    def right(self) -> bool:
        """Whether every row was right."""
        every = (self.draws, self.again, self.exact, self.calls, *self.shapes.values())
        return all(bool(found.right.all()) for found in every if found is not None)

    @property
    def lost(self) -> float:
        """Share of the draws that nothing can be said of: the probe is lost in the rounding of w."""
        return float(self.draws.lost.double().mean())

    @property
    def compared(self) -> tuple[Compared, ...]:
        """The comparisons in which batches are random."""
        calls = () if self.calls is None else (self.calls,)
        return (self.draws, self.again, *calls, *self.shapes.values())

    @property
    def mixed(self) -> tuple[int, int]:
        """Rows that are wrong at points where others are right, and all rows at these points.

        Rows that were right at first and wrong when asked again count, and so do single calls. A direction with
        numbers of its own may be right by chance, so of such a one half must be right.
        """
        wrong = total = 0
        for number in self.point.unique():
            at = self.point == number
            right = torch.cat([self.draws.right[at], self.again.right[at]])
            if right.any() and not right.all() and (self.steady or right.double().mean() >= 0.5):
                wrong, total = wrong + int((~right).sum()), total + len(right)
        if self.calls is not None and (self.steady or self.calls.right.double().mean() >= 0.5):
            wrong, total = wrong + self.wrong_calls, total + len(self.calls.right) // HEIGHT
        return wrong, total

    @property
    def wrong_calls(self) -> int:
        """Calls with a row that is wrong."""
        assert self.calls is not None
        return int((~self.calls.right.unflatten(0, (-1, HEIGHT))).any(-1).sum())

    @property
    def reused(self) -> int:
        """Rows in which one batch has two roles."""
        return sum(int(found.reused.sum()) for found in self.compared)


def find(case: Case, direction: Direction, stream: str) -> Findings:
    """Compare a direction with the algorithm that it says it is."""
    points = case.places.points
    point = torch.arange(case.draws) % len(points)
    block = case.drawn(points[point], stream)
    G, looks = ask(direction, block)
    second, seen = ask(direction, block)
    steady = bool(torch.equal(G, second))
    whole = case.exact(torch.cat([points, case.places.scattered]))
    certain = compare(case, whole, *ask(direction, whole), search=False)
    search = not steady or bool(certain.right.all())
    draws = compare(case, block, G, looks, search)
    return Findings(
        draws=draws,
        again=draws if steady else compare(case, block, second, seen, search),
        exact=certain,
        calls=_calls(case, direction, stream) if case.calls and bool(draws.right.all()) else None,
        shapes={shape: _shaped(case, direction, stream, *shape) for shape in case.shapes},
        point=point,
        steady=steady,
        probe=_probe(block, G, scale(block, G.double(), case.plan.constants), looks, draws),
        resembles="" if draws.right.any() else _resembles(case, block, G),
    )


def _shaped(case: Case, direction: Direction, stream: str, rows: int, B: int) -> Compared:
    block = case.drawn(case.places.turns(rows), f"{stream}/{rows}x{B}", B)
    return compare(case, block, *ask(direction, block))


def _calls(case: Case, direction: Direction, stream: str) -> Compared:
    block = case.drawn(case.places.turns(HEIGHT * case.calls), f"{stream}/calls")
    return compare(case, block, *ask_in_calls(direction, block, HEIGHT))


def _probe(
    block: Block, G: Tensor, size: Tensor, looks: list[Look], found: Compared
) -> tuple[float, float] | None:
    """Return the shortest and the longest probe, where rounding leaves its length and its direction known."""
    ways = [lengths(block, looks[number])[..., 0] for number in found.looks]
    known = KNOWN * unit_round_off(block, G, looks) * norm(block.w).unsqueeze(-1)
    matters = norm(G) > direction_round_off(size)
    each = [way[matters & (way > known)] for way in ways]
    clear = [way for way in each if len(way)]
    return (float(torch.cat(clear).min()), float(torch.cat(clear).max())) if clear else None


def _resembles(case: Case, block: Block, G: Tensor) -> str:
    """Name another algorithm that agrees on every draw."""
    size = scale(block, G.double(), case.plan.constants)
    for name, other in alternatives(case.plan).items():
        if bool((relative(G.double() - block.answer(other), size) <= direction_round_off(1.0)).all()):
            return name
    return ""
