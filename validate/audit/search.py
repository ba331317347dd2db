"""The search for what a step on one task computes: right code first, then one departure, then two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from validate.audit import seeing
from validate.audit.asking import Call
from validate.audit.changes import MOST_STEPS, OF_HESSIAN, Change, bases, combined, misuse, of_inner
from validate.audit.clipping import Clip
from validate.audit.fitting import Answers, Fit, fit, is_one
from validate.audit.forms import WAYS, Form
from validate.audit.probes import Probe, centred
from validate.audit.walking import Inner
from validate.tolerance import norm

PARALLEL = 0.05


@dataclass(frozen=True)
class Clues:
    """What was seen beside the answers: probes by where their middle is, and changes that the points suggest.

    ``places`` is at how many different points, or batches, one task's loss is taken.
    """

    probes: tuple[tuple[str, Probe], ...] = ()
    changes: tuple[Change, ...] = ()
    places: int = 0

    @classmethod
    def of(cls, answers: Answers, calls: Sequence[Call]) -> Clues:
        """Read the points that the code looked at."""
        sheet = answers.sheet
        found: list[Change] = []
        rate = seeing.rate(sheet, calls)
        if rate is not None and rate != (0.0, 1.0):
            found.append(of_inner("rate", rate_name(rate), rate=rate))
        decay = seeing.decay(sheet, calls)
        if abs(decay) > 1e-5:
            found.append(of_inner("decay", "inner-weight-decay", decay=decay))
        cut = seeing.longest_step(sheet, calls)
        if cut:
            found.append(of_inner("clip", "inner-gradient-clipped", clip=("norm", cut)))
        for end in (("norm", float(norm(answers.G).max())), ("value", float(answers.G.abs().max()))):
            name = "outer-gradient-clipped"
            found.append(Change("end", name, partial(_cut, end=end)))
        moved = seeing.moved(sheet, calls)
        if moved is not None:
            found.append(of_inner("mask", "tensors-not-adapted", moved=moved))
        places = max((len(seeing.places(call, 0)) for call in calls), default=0)
        return cls(tuple(seeing.probes(sheet, calls)), tuple(found), places)


def _cut(form: Form, end: Clip) -> Form:
    return replace(form, clips=(*form.clips, ("end", end)))


def rate_name(rate: tuple[float, float]) -> str:
    """Return what is wrong with an inner step of x + y alpha."""
    if abs(rate[0]) < 1e-4:
        return "inner-sign" if rate[1] < 0 else "inner-step-size"
    return "inner-without-alpha" if is_one(rate[0]) else "inner-step-fixed"


def search(answers: Answers, clues: Clues, steps: int, depth: int = 2, whole: bool = True) -> list[Fit]:
    """Return the fits with the fewest departures; empty where nothing fits.

    Parameters
    ----------
    steps : int
        Inner steps that are declared.
    depth : int
        Departures that are tried together.
    whole : bool
        Whether to try gradients that are cut as well.
    """
    found: list[Fit] = []
    for departures in range(depth + 1):
        for form in _forms(steps, departures, clues, whole):
            found += [one for one in _fits(answers, form, clues) if one.fits]
        best = [one for one in found if one.cost <= departures]
        if best:
            return _simplest(best)
    return _simplest(found)


def _forms(steps: int, departures: int, clues: Clues, whole: bool) -> Iterator[Form]:
    if departures == 0:
        yield from bases(steps)
        yield from reptiles()
    else:
        yield from combined(steps, departures, clues.changes, whole and departures == 1)


def reptiles() -> Iterator[Form]:
    """Yield Reptile with two steps or more."""
    for n in range(2, MOST_STEPS + 5):
        for split in ("in", "out"):
            yield from (Form(Inner(n, split), at=at) for at in WAYS)


def _simplest(found: list[Fit]) -> list[Fit]:
    least = min((one.cost for one in found), default=0)
    return [one for one in found if one.cost == least]


def _fits(answers: Answers, form: Form, clues: Clues) -> Iterator[Fit]:
    if form.hessian != "difference":
        one = fit(answers, form)
        if one is not None and not (form.hessian and abs(one.share) < 1e-5):
            yield one
        return
    for where, probe in clues.probes:
        for kind in (probe.kind, "per-tensor"):
            if kind == "per-tensor" and (len(answers.sheet.shapes) < 2 or where != "start"):
                continue
            taken = replace(probe, kind=kind)
            one = _recut(answers, fit(answers, replace(form, hess=probe.splits[0]), taken))
            if one is not None and abs(one.share) > 1e-5:
                form_ = replace(one.form, departs=_departs(answers, one, where))
                yield replace(one, form=form_, where=where)
    yield from _nested(answers, form, clues)


def _recut(answers: Answers, one: Fit | None) -> Fit | None:
    """Return a fit with clipped ends that share the Hessian term out wrongly with the cut that makes it whole."""
    cut = None if one is None else one.form.cut("probe")
    if one is None or cut is None or not one.fits or is_one(one.share) or not one.share > 0:
        return one
    clips = tuple((place, c) for place, c in one.form.clips if place != "probe")
    whole = replace(one.form, clips=(*clips, ("probe", (cut[0], cut[1] * one.share))))
    again = fit(answers, whole, one.probe)
    return again if again is not None and again.fits and is_one(again.share) else one


def _nested(answers: Answers, form: Form, clues: Clues) -> Iterator[Fit]:
    """Try a difference at every inner step, with the length or the factor that was seen about w."""
    if form.inner.steps < 2 or clues.places < 2 * form.inner.steps + 1:
        return
    for probe in (probe for where, probe in clues.probes if where == "start"):
        for rule in (probe.anywhere, Probe("nested", delta=_delta(answers, form, probe))):
            one = fit(answers, form, rule)
            if one is not None and abs(one.share) > 1e-5:
                yield one


def _delta(answers: Answers, form: Form, probe: Probe) -> float:
    v = form.terms(answers.sheet, Probe("nested", length=1.0))[0]
    return float((probe.lengths / norm(v).clamp(min=1e-200)).median())


def _departs(answers: Answers, one: Fit, where: str) -> tuple[str, ...]:
    """Say what is wrong with a probe, beside what is wrong with the rest of the form."""
    assert one.probe is not None
    names = list(one.form.departs)
    reading = (one.form.inner.split, one.form.outer, one.form.hess)
    wrong = misuse(reading)
    names = [name for name in names if name not in OF_HESSIAN or name == wrong]
    if wrong and wrong not in names and wrong != "inner-batch-as-hessian":
        names.append(wrong)
    if one.probe.splits[0] != one.probe.splits[1]:
        names.append("probe-two-batches")
    if one.probe.kind == "per-tensor":
        names.append("probe-per-tensor")
    elif _aside(answers, one) > PARALLEL:
        names.append("probe-direction")
    if where in ("elsewhere", "nowhere", "one-sided-elsewhere"):
        names.append("probe-shifted")
    elif where == "one-sided" and not _as_central(answers, one):
        names.append("probe-shifted" if abs(one.share - 0.5) < 1e-3 else "probe-one-sided")
    return tuple(dict.fromkeys(names))


def _aside(answers: Answers, one: Fit) -> float:
    """Return how far the probe points away from the vector, as a sine; the median over the rows."""
    assert one.probe is not None
    assert one.probe.plus is not None
    assert one.probe.minus is not None
    v = one.form.terms(answers.sheet, one.probe)[0]
    e = one.probe.plus - one.probe.minus
    along = (e * v).sum(-1, keepdim=True) / v.square().sum(-1, keepdim=True).clamp(min=1e-200) * v
    return float((norm(e - along) / norm(e).clamp(min=1e-200)).median())


def _as_central(answers: Answers, one: Fit) -> bool:
    """Whether the central difference of the same length explains the answers too, to round-off."""
    assert one.probe is not None
    central = fit(answers, one.form, centred(answers.sheet, one.probe))
    return central is not None and central.fits
