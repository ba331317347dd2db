"""Which form fits: least squares of the answers on a form's terms, relative to round-off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from validate.audit.asking import Call
from validate.audit.clipping import clip
from validate.audit.forms import Form, Path
from validate.audit.probes import Probe
from validate.audit.sheet import Sheet
from validate.tolerance import DIRECTION_ROUNDINGS, SINGLE, norm

EXACT = 1e-4
"""How near to 1 a coefficient must be to be 1."""
SHORT = 1e-3
"""Round-off in a difference, relative to the Hessian term, above which the probe is too short."""
FEW = 0.25
"""Share of the questions on which that must be so."""


@dataclass(frozen=True)
class Answers:
    """Directions G (Q, d) on a sheet, with the unit round-off in which they came.

    ``mask`` is 0 for the numbers of the weights that are never stepped; ``linear`` says whether coefficients can
    be found by least squares.
    """

    linear: ClassVar[bool] = True
    sheet: Sheet
    G: Tensor
    unit: float
    mask: Tensor | float = 1.0

    @cached_property
    def size(self) -> Tensor:
        """The scale of each row's deviation, (Q,): the answer's or the gradient's at the start, the larger."""
        return torch.maximum(self.sheet.slope, norm(self.G)).clamp(min=1e-12)

    @cached_property
    def allowed(self) -> Tensor:
        """The relative deviation that is round-off, (Q,)."""
        terms = norm(self.sheet.w) + self.sheet.magnitude
        return DIRECTION_ROUNDINGS * max(self.unit, SINGLE) * (1 + terms / self.size)

    def deviation(self, predicted: Tensor) -> Tensor:
        """Return the relative deviation of each row, (Q,)."""
        return norm(self.G - predicted) / self.size


Several = list[tuple[Answers, "Probe | None"]]
"""Answers on sheets, each with the probe that was seen there."""


@dataclass(frozen=True)
class Sequenced(Answers):
    """Answers behind an optimiser with a state: the calls in order, each with its row.

    Attributes
    ----------
    calls : tuple of Call
    outer : callable
        From the directions of the calls in order to how far each moves.
    scale : float
        How many times the mean over the tasks the optimiser is declared to get.
    """

    linear: ClassVar[bool] = False
    calls: tuple[Call, ...] = ()
    outer: Callable[[Sequence[Call], Tensor], Tensor] = field(default=lambda calls, g: g)
    scale: float = 1.0

    @cached_property
    def moved(self) -> Tensor:
        """How far each call moved, (calls, d)."""
        return torch.stack([call.moved for call in self.calls])

    @cached_property
    def allowed(self) -> Tensor:
        """The relative deviation that is round-off, for each call."""
        w = torch.stack([norm(call.sheet.w[call.row]) for call in self.calls])
        return 4 * DIRECTION_ROUNDINGS * max(self.unit, SINGLE) * (1 + w / norm(self.moved))

    def deviation(self, predicted: Tensor) -> Tensor:
        """Return the relative deviation of each call."""
        ways = self.outer(self.calls, predicted[[call.row for call in self.calls]])
        return norm(self.moved - ways) / norm(self.moved).clamp(min=1e-12)


@dataclass(frozen=True)
class Scaled(Answers):
    """Answers of which the directions count, each times a positive number of its own."""

    linear: ClassVar[bool] = False

    @cached_property
    def size(self) -> Tensor:
        """The scale of a direction, (Q,): that of the gradient, whatever the numbers are."""
        return self.sheet.slope.clamp(min=1e-12)

    @cached_property
    def allowed(self) -> Tensor:
        """The relative deviation that is round-off, (Q,); of the step itself too where it is short."""
        terms = (norm(self.sheet.w) + self.sheet.magnitude) / self.size
        short = self.unit * norm(self.sheet.w) / norm(self.G).clamp(min=1e-200)
        return DIRECTION_ROUNDINGS * (max(self.unit, SINGLE) * (1 + terms) + short)

    def factors(self, predicted: Tensor) -> Tensor:
        """Return how many times the predicted direction each answer is, (Q,); 0 where it points away from it."""
        along = (self.G * predicted).sum(-1) / predicted.square().sum(-1).clamp(min=1e-200)
        return along.clamp(min=0.0)

    def deviation(self, predicted: Tensor) -> Tensor:
        """Return the relative deviation of each row, its number divided out, (Q,)."""
        left = norm(self.G - self.factors(predicted)[:, None] * predicted)
        return left / norm(self.G).clamp(min=1e-200)


@dataclass(frozen=True)
class Fit:
    """A form with its coefficients.

    Attributes
    ----------
    form : Form
    coefficients : tuple of float
        Of the terms; the first is the scale, the second that times the Hessian term's.
    deviation : float
        The largest relative deviation.
    ratio : float
        The largest deviation in units of what is round-off; fits when at most 1.
    probe : Probe, optional
    short : bool
        Whether round-off rules its difference.
    where : str
        Where the middle of its probe is.
    """

    form: Form
    coefficients: tuple[float, ...]
    deviation: float
    ratio: float
    probe: Probe | None = None
    short: bool = False
    where: str = ""

    @property
    def fits(self) -> bool:
        """Whether nothing but round-off is left."""
        return self.ratio <= 1

    @property
    def scale(self) -> float:
        """How many times too long the direction is."""
        return self.coefficients[0]

    @property
    def share(self) -> float:
        """How much of the Hessian term there is; 1 where the form has none."""
        return self.coefficients[1] / self.scale if self.form.hessian and self.scale else 1.0

    @property
    def cost(self) -> int:
        """How many departures from right code it has."""
        return len(self.form.departs) + (not is_one(self.scale)) + (not is_one(self.share)) + self.short

    @property
    def uncut(self) -> Fit:
        """The same with nothing cut."""
        return replace(self, form=replace(self.form, clips=()))

    def each(self, sheet: Sheet, probe: Probe | None = None, path: Path | None = None) -> Tensor:
        """Return its directions on any sheet, one for each task, (Q, B, d); where the inner loop went a path."""
        terms = self.form.terms(sheet, self.probe if probe is None else probe, path)
        whole = sum(
            (c * t for c, t in zip(self.coefficients, terms, strict=True)), torch.zeros_like(terms[0])
        )
        return clip(whole, self.form.cut("end"))


def is_one(value: float) -> bool:
    """Whether a coefficient is 1, up to what a fit can tell."""
    return abs(value - 1) <= EXACT


def fit(answers: Answers, form: Form, probe: Probe | None = None) -> Fit | None:
    """Fit a form's coefficients to answers on single tasks.

    Returns
    -------
    Fit or None
        None where the form needs a probe and there is none, or the answers do not determine the coefficients.
    """
    if form.hessian == "difference" and probe is None:
        return None
    terms = [t.mean(1) * answers.mask for t in form.terms(answers.sheet, probe)]
    if not answers.linear:
        return _by_shares(answers, form, terms, probe)
    if form.cut("end") is not None:
        predicted = clip(torch.stack(terms).sum(0), form.cut("end"))
        return _judged(answers, form, (1.0,) * len(terms), predicted, probe)
    ones = (1.0,) * len(terms)
    if form.hessian == "difference" and probe is not None and probe.plus is not None:
        noise = rounding(answers, probe)
        exact = replace(form, hessian="hessian").terms(answers.sheet)[1].mean(1) * answers.mask
        if bool((noise * answers.size > SHORT * norm(exact)).double().mean() > FEW):
            predicted = _sum(ones, [terms[0], exact, *terms[2:]])
            return replace(_judged(answers, form, ones, predicted, probe), short=True)
    right = _judged(answers, form, ones, _sum(ones, terms), probe)
    if right.fits and not form.extra:
        return right
    size = answers.size[:, None]
    columns = torch.stack([(t / size).reshape(-1) for t in terms], -1)
    if not bool(torch.isfinite(columns).all()):
        return None
    solved = torch.linalg.lstsq(columns, (answers.G / size).reshape(-1, 1), driver="gelsd").solution[:, 0]
    return _judged(answers, form, tuple(solved.tolist()), _sum(solved.tolist(), terms), probe)


SHARES = (1.0, 0.5, 2.0, -1.0)
"""Parts of the Hessian term that are told apart where least squares cannot be used."""


def _by_shares(answers: Answers, form: Form, terms: list[Tensor], probe: Probe | None) -> Fit:
    shares = SHARES if form.hessian else (1.0,)
    each, scale = [], answers.scale if isinstance(answers, Sequenced) else 1.0
    for share in shares:
        c = (scale, scale * share, scale)[: len(terms)] if form.hessian else (scale,) * len(terms)
        each.append(_judged(answers, form, c, clip(_sum(c, terms), form.cut("end")), probe))
    return min(each, key=lambda one: one.ratio)


def _sum(coefficients: Sequence[float], terms: Sequence[Tensor]) -> Tensor:
    return torch.stack([c * t for c, t in zip(coefficients, terms, strict=True)]).sum(0)


def _judged(
    answers: Answers, form: Form, coefficients: tuple[float, ...], predicted: Tensor, probe: Probe | None
) -> Fit:
    deviation, allowed = answers.deviation(predicted), answers.allowed
    plain = form.hessian == "difference" and not isinstance(answers, Sequenced)
    if plain and probe is not None and probe.plus is not None:
        allowed = allowed + DIRECTION_ROUNDINGS * rounding(answers, probe)
    return Fit(form, coefficients, float(deviation.max()), float((deviation / allowed).max()), probe)


def rounding(answers: Answers, probe: Probe) -> Tensor:
    r"""Return the round-off of a difference relative to the scale, (Q,): :math:`\alpha u (G + \|w\|)\|v\|/l`."""
    sheet = answers.sheet
    g = sheet.slope
    length = probe.lengths.amin(-1).clamp(min=1e-200)
    return sheet.alpha * answers.unit * (g + norm(sheet.w)) * g / length / answers.size
