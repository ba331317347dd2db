"""How far the answers are from each algorithm: path by path on the same samples, and in the mean."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from validate.audit.fitting import Answers, Fit, Several
from validate.audit.known import KNOWN, right
from validate.audit.probes import LEAST, Probe, centred
from validate.audit.sheet import Sheet
from validate.audit.target import Target
from validate.tolerance import norm

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


def off(single: Answers, probe: Probe | None, target: Target) -> float:
    """Return how far the nearest algorithm is, its coefficients and its batches as they should be."""
    return min(deviations([(single, probe)], target.inner_steps, (), target.scale).values())


def bias(fit: Fit, sheet: Sheet, steps: int) -> dict[str, float | None]:
    """Return the relative distance of the means over many draws, the code's factor divided out; 0 within 4 errors.

    Both see the same samples, and the sheet has one point and one task. A direction that is 0 has no factor.
    """
    probe = _elsewhere(fit, sheet)
    found = {}
    own = fit.each(sheet, probe)[:, 0] / (fit.scale or 1.0)
    right = fit.probe.anywhere if fit.probe else Probe("nested", length=USUAL)
    for name in KNOWN:
        exact = algorithm(name, steps).each(sheet, right)[:, 0]
        found[name] = _mean(own - exact, exact)
    return found


def _mean(shift: Tensor, exact: Tensor) -> float | None:
    size = float(norm(exact.mean(0)).clamp(min=1e-200))
    error = float((shift.var(0, correction=1) / len(shift)).sum().sqrt())
    distance = float(norm(shift.mean(0)))
    return 0.0 if distance <= SURE * error else distance / size


def _elsewhere(fit: Fit, sheet: Sheet) -> Probe | None:
    """Return the code's own probe on another sheet: a one-sided one stays one-sided."""
    if fit.probe is None or fit.probe.kind != "one-sided":
        return fit.probe and fit.probe.anywhere
    probe = fit.probe.anywhere
    v = fit.form.terms(sheet, probe)[0]
    way = probe.length * v / norm(v).unsqueeze(-1).clamp(min=LEAST)
    return replace(fit.probe, plus=sheet.start + way, minus=sheet.start)


def least(deviation: dict[str, float]) -> str | None:
    """Return the algorithm that is nearest."""
    return min(deviation, key=lambda name: deviation[name], default=None)
