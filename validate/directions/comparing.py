"""Draw by draw: which rows are the claimed algorithm, under which names of the batches, and which are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from validate.directions.amplifying import amplified
from validate.directions.asking import Block, Direction, Look
from validate.directions.cases import Case
from validate.directions.catalogue import Claimed
from validate.directions.pairs import lengths, lost, probing
from validate.directions.precision import allowed, gradients, relative, scale, unit_round_off
from validate.directions.readings import Reading, answer, others, own_reading, same_law
from validate.tolerance import DOUBLE, direction_round_off

TRIED = 24
"""Rows on which all readings are tried; those that fit one of them are then compared everywhere."""

FINE = 10.0
"""How many times the error of single precision a difference may be off and still pass for a Hessian product."""


@dataclass
class Compared:
    """Answers beside those of the claimed algorithm.

    Attributes
    ----------
    deviation, allowed : Tensor, shape (rows, B)
        Relative deviation from the nearest version of the algorithm, and what is forgiven.
    right, reused : Tensor of bool, shape (rows,)
        Rows that are the algorithm, and rows that are it with one batch in two roles.
    whole : bool
        Whether some rows are right in the mean over their tasks only.
    own : tuple of str
        The batches that the algorithm reads, in order.
    renamed, misread : list
        Other readings that fitted: with the same law, and with another.
    looks : set of int
        Which looks of the direction gave the length of a probe.
    lost : Tensor of bool, shape (rows,)
        Rows that nothing can be said of: the probe is lost in the rounding of w.
    """

    deviation: Tensor
    allowed: Tensor
    right: Tensor
    reused: Tensor
    own: Reading
    lost: Tensor
    whole: bool = False
    renamed: list[Reading] = field(default_factory=list)
    misread: list[Reading] = field(default_factory=list)
    looks: set[int] = field(default_factory=set)

    @property
    def worst(self) -> tuple[float, float]:
        """The largest deviation, in units of what is forgiven, and what is forgiven there."""
        ratio = torch.nan_to_num(self.deviation / self.allowed, nan=torch.inf)
        at = int(ratio.argmax())
        return float(self.deviation.flatten()[at]), float(self.allowed.flatten()[at])


def compare(case: Case, block: Block, G: Tensor, looks: Sequence[Look], search: bool = True) -> Compared:
    """Compare answers with the claimed algorithm of a case on the same tasks and samples.

    With ``search``, find out what the rows that differ have read.
    """
    claimed, constants = case.claimed, case.plan.constants
    size = scale(block, G.double(), constants)
    terms = gradients(block, G.double(), constants)
    u = unit_round_off(block, G, looks)
    forgiven = allowed(block, terms, looks, u)
    if not claimed.probes:
        forgiven = forgiven + _truncation(block, looks, constants.rho, u)
    none = torch.zeros(len(block.w), dtype=torch.bool)
    blurred = lost(block, looks, u) if claimed.probes and u > DOUBLE else none
    found = Compared(
        torch.full_like(size, torch.inf), forgiven, none, none, own_reading(claimed.plain, block), blurred
    )
    table = _Table(claimed, block, G.double(), looks, u, size, found)
    table.take(found.own)
    if u > DOUBLE and not found.right.all():
        table.forgive_rounding()
    if search and not found.right.all():
        table.take_others()
    _pass_over(found)
    return found


def _pass_over(found: Compared) -> None:
    """Leave out the rows that nothing can be said of."""
    found.deviation = torch.where((found.lost & ~found.right)[:, None], 0.0, found.deviation)
    found.right = found.right | found.lost
    found.reused = found.reused & ~found.lost


def _truncation(block: Block, looks: Sequence[Look], rho: float, u: float) -> Tensor:
    r"""Return the error of a Hessian product by a difference over l, :math:`\alpha\rho l/2`, shape (rows, B).

    It is forgiven up to ten times what single precision is: a longer probe is another algorithm, HF-MAML.
    """
    error = torch.zeros(block.tasks.shape, dtype=torch.float64)
    for number in probing(block, looks, u):
        way = lengths(block, looks[number])[..., 0].nan_to_num()
        error = torch.maximum(error, block.alpha * rho * way / 2)
    return error.clamp(max=FINE * direction_round_off(1.0))


@dataclass(frozen=True)
class _Rows:
    """Some of the rows: the questions, what was looked at, the answers and their scale."""

    part: slice | Tensor
    block: Block
    looks: Sequence[Look]
    G: Tensor
    size: Tensor


@dataclass
class _Table:
    """The comparison while it is made."""

    claimed: Claimed
    block: Block
    G: Tensor
    looks: Sequence[Look]
    u: float
    size: Tensor
    found: Compared

    def take(self, reading: Reading, versions: Iterable[int | None] | None = None) -> bool:
        """Compare all rows with one reading; return whether it explains some row that nothing did before."""
        found, every = self.found, self._rows(slice(None))
        before, lawful = found.right | found.reused, same_law(found.own, reading)
        for number in self._numbers if versions is None else versions:
            deviation, batch = self._deviations(reading, number, every)
            better = deviation < found.deviation
            if lawful:
                found.deviation = torch.where(better, deviation, found.deviation)
                self._note_probe(better & (deviation <= found.allowed), number)
            fits = ((found.deviation if lawful else deviation) <= found.allowed).all(-1)
            forgiven = found.allowed.amax(-1)
            means = batch <= forgiven
            found.whole = found.whole or bool((means & ~fits & lawful).any())
            if lawful:
                by_mean = (means & ~fits)[:, None]
                found.deviation = torch.where(by_mean, batch[:, None], found.deviation)
                found.allowed = torch.where(by_mean, forgiven[:, None], found.allowed)
                found.right = found.right | fits | means
            else:
                found.reused = (found.reused | fits | means) & ~found.right
        return bool(((found.right | found.reused) & ~before).any())

    def forgive_rounding(self) -> None:
        """Forgive what rounding alone leaves of the algorithm with each of its probes, and compare again."""
        for number in self._numbers:
            version = self.claimed.at(self.block, self.looks, number)
            if version is not None:
                more = amplified(version, self.block, self.size, self.u)
                self.found.allowed = torch.maximum(
                    self.found.allowed, torch.nan_to_num(more, nan=0.0, posinf=0.0)
                )
        self.take(self.found.own)

    def take_others(self) -> None:
        """Try every other reading on some of the rows that are unexplained, then the fitting ones on all rows."""
        for lawful in (True, False):
            wrong = (~self.found.right).nonzero().flatten()
            part = self._rows(wrong[:: max(1, len(wrong) // TRIED)])
            for reading in others(self.found.own):
                if same_law(self.found.own, reading) != lawful or not len(wrong):
                    continue
                versions = [k for k in self._numbers if self._fits_some(reading, k, part)]
                if versions and self.take(reading, versions):
                    (self.found.renamed if lawful else self.found.misread).append(reading)

    @cached_property
    def _numbers(self) -> list[int | None]:
        return [number for number, _ in self.claimed.versions(self.block, self.looks, self.u)]

    def _rows(self, part: slice | Tensor) -> _Rows:
        looks = [look.rows(part) for look in self.looks]
        return _Rows(part, self.block.rows(part), looks, self.G[part], self.size[part])

    def _fits_some(self, reading: Reading, number: int | None, rows: _Rows) -> bool:
        deviation, batch = self._deviations(reading, number, rows)
        forgiven = self.found.allowed[rows.part]
        return bool((deviation <= forgiven).any() or (batch <= forgiven.amax(-1)).any())

    def _deviations(self, reading: Reading, number: int | None, rows: _Rows) -> tuple[Tensor, Tensor]:
        version: Direction | None = self.claimed.at(rows.block, rows.looks, number)
        if version is None:
            return torch.full_like(rows.size, torch.inf), torch.full_like(rows.size[:, 0], torch.inf)
        difference = rows.G - answer(version, rows.block, reading)
        return relative(difference, rows.size), relative(difference.mean(-2), rows.size.mean(-1))

    def _note_probe(self, better: Tensor, number: int | None) -> None:
        if number is not None and bool(better.any()):
            self.found.looks.add(number)
