"""How far the answers are from each algorithm: path by path on the same samples, and in the mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from validate.audit.changes import D_IN, misuse
from validate.audit.fitting import Answers, Fit, Several
from validate.audit.known import KNOWN, right
from validate.audit.probes import LEAST, Probe, centred
from validate.audit.sheet import Sheet
from validate.audit.target import Target
from validate.tolerance import norm, round_off

SURE = 4.0
FINE = 1e-4
"""Deviation from MAML within which differences of gradients are Hessian products."""
USUAL = 1e-3
"""Length of HF-MAML's probe where the code shows none of its own."""


def algorithm(name: str, steps: int, reading: tuple[str, ...] = ()) -> Fit:
    """Return the exact fit of an algorithm, under the names that the code gives to its batches."""
    form = right(name, steps, reading)
    return Fit(form, (1.0, 1.0) if form.hessian else (1.0,), 0.0, 0.0)


def deviations(
    answers: Several, steps: int, reading: tuple[str, ...], scale: float | str
) -> dict[str, float]:
    """Return the largest relative deviation from each algorithm, path by path.

    That from HF-MAML is with a central difference of the length that the code's own has.
    """
    found = {}
    for name in KNOWN:
        exact, worst = algorithm(name, steps, reading), 0.0
        for one, probe in answers:
            seen = probe if probe is not None and probe.plus is not None else None
            usual = Probe("nested", length=USUAL) if seen is None else centred(one.sheet, seen)
            factor = float(one.sheet.B) if scale == "sum" else float(scale)
            predicted = factor * exact.each(one.sheet, usual).mean(1)
            worst = max(worst, float(one.deviation(predicted).max()))
        found[name] = worst
    return found


def reading(fit: Fit | None, defects: Sequence[str]) -> tuple[str, ...]:
    """Return the names that the code gives to its batches, where right code could; () for the usual."""
    if fit is None or misuse(fit.form.reading) not in ("", D_IN) or D_IN in defects:
        return ()
    return fit.form.reading


def off(single: Answers, fit: Fit, defects: Sequence[str], target: Target) -> float:
    """Return how far the nearest algorithm is on one task, its coefficients and its batches as they should be."""
    own = reading(fit, defects)
    return min(deviations([(single, fit.probe)], target.inner_steps, own, target.scale).values())


@dataclass(frozen=True)
class Mean:
    """How far a mean over many draws is from another, relative to it.

    Attributes
    ----------
    off : float or None
        The distance; 0 where every draw is the same up to rounding, None where the noise hides it.
    below : float or None
        Where the noise hides it: the distance that was seen and four standard errors, and so what it is below.
    """

    off: float | None
    below: float | None = None


def bias(fit: Fit, sheet: Sheet, steps: int) -> dict[str, Mean]:
    """Return how far the code's mean over many draws is from each algorithm's, its factor divided out.

    Both see the same samples, and the sheet has one point and one task. A direction that is 0 has no factor.
    """
    probe = _elsewhere(fit, sheet)
    found: dict[str, Mean] = {}
    own = fit.each(sheet, probe)[:, 0] / (fit.scale or 1.0)
    usual = fit.probe.anywhere if fit.probe else Probe("nested", length=USUAL)
    right = probe if probe is not None and probe.kind == "five-point" else usual
    for name in KNOWN:
        exact = algorithm(name, steps).each(sheet, right)[:, 0]
        found[name] = _mean(own - exact, exact, sheet)
    return found


def _mean(shift: Tensor, exact: Tensor, sheet: Sheet) -> Mean:
    scale = norm(exact) + norm(sheet.w) + sheet.magnitude
    if bool((norm(shift) <= round_off(scale)).all()):
        return Mean(0.0)
    size = float(norm(exact.mean(0)).clamp(min=1e-200))
    error = float((shift.var(0, correction=1) / len(shift)).sum().sqrt())
    distance = float(norm(shift.mean(0)))
    if not distance > SURE * error:
        return Mean(None, (distance + SURE * error) / size)
    return Mean(distance / size)


def _elsewhere(fit: Fit, sheet: Sheet) -> Probe | None:
    """Return the code's own probe on another sheet: one-sided and five-point ones stay that."""
    if fit.probe is None or fit.probe.kind not in ("one-sided", "five-point"):
        return fit.probe and fit.probe.anywhere
    probe = fit.probe.anywhere
    v = fit.form.terms(sheet, probe)[0]
    way = probe.length * v / norm(v).unsqueeze(-1).clamp(min=LEAST)
    back = way if fit.probe.kind == "five-point" else 0.0
    return replace(fit.probe, plus=sheet.start + way, minus=sheet.start - back)


def least(deviation: dict[str, float]) -> str | None:
    """Return the algorithm that is nearest."""
    return min(deviation, key=lambda name: deviation[name], default=None)
