"""From the fits that are left to one, and to the algorithm that it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bounds.theory.algorithms.fo_maml import FO_MAML
from validate.audit.asking import Call
from validate.audit.changes import D_IN, misuse
from validate.audit.fitting import Fit
from validate.audit.forms import CORRECTIONS
from validate.audit.known import name_of
from validate.audit.seeing import is_away
from validate.audit.target import Target

KEEPS = frozenset(
    (
        *("not-as-claimed", "extra-inner-step", "missing-inner-step", "sum-over-tasks", "mean-taken-twice"),
        *("outer-scale", "outer-momentum", "outer-optimiser", "outer-state-lost", "step-size-schedule"),
        *("random-loss", "stateful-buffers", "kinks", "beta-ignored", "beta-power"),
    )
)
"""Defects outside the direction: with them it still is the algorithm."""

ABOUT_START = ("start", "five-point")
"""Where the middle of a right difference is."""


@dataclass(frozen=True)
class Named:
    """One fit, the algorithm that is nearest to it, and what is to be said of it.

    Attributes
    ----------
    fit : Fit or None
    algorithm : str or None
    defects : tuple of (name, evidence)
        Those that the points say, not the answers.
    notes : tuple of str
    """

    fit: Fit | None
    algorithm: str | None
    defects: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def named(fits: Sequence[Fit], calls: Sequence[Call], target: Target, claimed: str | None) -> Named:
    """Choose among fits that explain everything, and name the algorithm."""
    if not fits:
        return Named(None, None)
    fit = min(fits, key=lambda one: _order(one, fits, claimed))
    name = name_of(fit.form)
    defects, notes = [], []
    if fit.form.hessian and fit.form.reading[-1] == fit.form.reading[0] and not misuse(fit.form.reading[:2]):
        looked = _looked(calls, fit.form.hess)
        words = (
            "its Hessian is taken on D_in, as when one differentiates through the inner step: the theory of "
            "three batches does not cover it, that of one batch for both does (fosp explain sharp.test-adaptation)"
        )
        plain = fit.form.inner.rate == "alpha"
        read = looked >= 2 and not _through(calls, fit.form.outer)
        chosen = plain and "hess" in target.splits and (read or fit.form.hessian == "difference")
        listed = D_IN in fit.form.departs
        if chosen and not listed:
            told = f"on the same samples, the Hessian is that of D_in ({fit.form.hess!r}), read again for it"
            defects.append((D_IN, told))
        elif not chosen:
            notes.append(words)
    if name == FO_MAML.name and _probes_at_start(calls, fit):
        told = "it takes gradients at both ends of a probe that has the length 0 after rounding"
        defects.append(("probe-too-short", told))
    swapped = fit.form.reading[:2] != ("in", "out") and misuse(fit.form.reading) in ("", D_IN)
    if swapped and not defects and not fit.form.goes:
        roles = ", ".join(
            f"{s!r} as {r}" for s, r in zip(fit.form.reading, ("D_in", "D_o", "D_h"), strict=False)
        )
        notes.append(f"it reads {roles}, which is right where these batches have one size")
    if fit.probe is not None and fit.probe.kind == "five-point":
        notes.append("its differences are over five points: their error is of fourth order in the length")
    return Named(fit, name, tuple(defects), tuple(notes))


def _order(fit: Fit, fits: Sequence[Fit], claimed: str | None) -> tuple[object, ...]:
    """Prefer right code under its own names, then what is claimed, then the difference that was seen."""
    form, name = fit.form, name_of(fit.form)
    seen = fit.form.hessian == "difference" and fit.where in ABOUT_START
    exact = fit.ratio
    finest = min(one.ratio for one in fits)
    return (
        len(form.departs),
        name != claimed if claimed in {name_of(one.form) for one in fits} else False,
        not seen,
        fit.where not in ("", *ABOUT_START),
        form.hessian in CORRECTIONS,
        exact > 1e3 * finest + 1e-6,
        form.reading != ("in", "out", "hess")[: len(form.reading)],
        form.inner.steps,
        exact,
    )


def _looked(calls: Sequence[Call], split: str) -> int:
    """Return how often the first task's loss was taken at w on a batch, at least in most calls."""
    counts = []
    for call in calls:
        at = [k for k in call.looks if k.task == 0 and k.split == split]
        counts.append(sum(not is_away(call, k.point) for k in at))
    return sorted(counts)[len(counts) // 2] if counts else 0


def differences(calls: Sequence[Call], split: str) -> bool:
    """Whether most calls look at a batch in two places and more on both sides of w, as a difference does."""
    return sum(_about(call, split) for call in calls) > len(calls) / 2


def _about(call: Call, split: str) -> bool:
    w = call.sheet.w[call.row]
    ways = [
        k.point.double() - w
        for k in call.looks
        if k.split == split and k.task == 0 and is_away(call, k.point)
    ]
    return any(float(a @ b) < -0.5 * float(a.norm() * b.norm()) for a in ways for b in ways)


def _through(calls: Sequence[Call], split: str) -> bool:
    """Whether in most calls every loss of a batch away from w is taken inside the graph of the inner step."""
    return sum(_inside(call, split) for call in calls) > len(calls) / 2


def _inside(call: Call, split: str) -> bool:
    linked = [look.linked for look in call.looks if look.split == split and is_away(call, look.point)]
    return bool(linked) and all(linked)


def _probes_at_start(calls: Sequence[Call], fit: Fit) -> bool:
    """Whether a batch that plays no other role is read at w twice, by code in which it has no effect."""
    others = {look.split for call in calls for look in call.looks} - set(fit.form.reading[:2])
    return any(_looked(calls, split) >= 2 for split in others)
