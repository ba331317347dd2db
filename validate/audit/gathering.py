"""What becomes of several tasks: mean, sum, one of them only, or one task's leavings in the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from validate.audit.clipping import clip
from validate.audit.fitting import Answers, Fit, Several, is_one, rounding
from validate.audit.probes import Probe
from validate.audit.sheet import Sheet
from validate.audit.walking import walk
from validate.tolerance import DIRECTION_ROUNDINGS

LEAKS = (1.0, 0.9, 0.5, 0.99, 0.95, 0.8)
"""Momentum that may leak from one task into the next."""
ZERO = 1e-4
APART = ("weights-not-restored", "inner-state-leaks", "adapted-to-another-task")
"""What goes wrong in the inner loops, so that the weights of the tasks are another matter."""

Each = Callable[[Sheet, Fit, "Probe | None"], Tensor]


@dataclass(frozen=True)
class Gathered:
    """How the directions of the tasks are put together.

    Attributes
    ----------
    name : str
        What is wrong with it; "" for their mean.
    weights : tuple of tuple of float
        The weight of each task, for each number of tasks.
    scale : float
        How many times the mean it is, where the weights are equal.
    ratio, deviation : float
        The largest deviation, in units of round-off and relatively.
    detail : str
        What it is, in words.
    also : str
        What is wrong with the weights besides.
    """

    name: str
    weights: tuple[tuple[float, ...], ...]
    scale: float
    ratio: float
    deviation: float
    detail: str = ""
    also: str = ""

    @property
    def fits(self) -> bool:
        """Whether nothing but round-off is left."""
        return self.ratio <= 1

    @property
    def mixes(self) -> bool:
        """Whether a task counts for the direction of another, so that weights do not say it all."""
        return bool(self.detail)

    def of_tasks(self, count: int) -> tuple[float, ...] | None:
        """Return the weights of so many tasks; None where there was no such question."""
        return next((w for w in self.weights if len(w) == count), None)


def gather(answers: Several, fit: Fit, declared: float | str) -> Gathered:
    """Find out how answers on several tasks come from the directions of one."""
    if fit.short:
        fit = replace(fit, form=replace(fit.form, hessian="hessian"))
    first = _plainly if fit.form.cut("end") is None else _after
    found = [_judged("", answers, fit, first, declared, "")]
    if not found[0].fits:
        for name, each, detail in _hypotheses():
            one = _judged(name, answers, fit, each, declared, detail)
            found.append(one)
            if one.fits:
                break
    return min(found, key=lambda one: one.ratio)


def _judged(
    name: str,
    answers: Several,
    fit: Fit,
    each: Each,
    declared: float | str,
    detail: str,
) -> Gathered:
    weights, ratio, deviation = [], 0.0, 0.0
    for one, probe in answers:
        parts = each(one.sheet, fit, probe) * one.mask
        allowed = one.allowed + _rounding(one, fit, probe)
        w, left = _weighted(one, parts, declared, allowed)
        weights.append(w)
        ratio = max(ratio, float((left / allowed).max()))
        deviation = max(deviation, float(left.max()))
    label, scale = weighed(weights, declared)
    also = label if name in APART else ""
    return Gathered(name or label, tuple(weights), scale, ratio, deviation, detail, also)


def _weighted(
    one: Answers, parts: Tensor, declared: float | str, allowed: Tensor
) -> tuple[tuple[float, ...], Tensor]:
    """Return the weights of the tasks, those that are right where they explain the answers, and what is left."""
    B = parts.shape[1]
    right = (1.0 if declared == "sum" else 1.0 / B,) * B
    tried = [(w, one.deviation(_sum(parts, w))) for w in [right, *_candidates(one, parts, B)]]
    if bool((tried[0][1] <= allowed).all()):
        return tried[0]
    return min(tried, key=lambda pair: float((pair[1] / allowed).max()))


def _sum(parts: Tensor, weights: tuple[float, ...]) -> Tensor:
    return (parts * torch.tensor(weights, dtype=parts.dtype)[:, None]).sum(1)


def _candidates(one: Answers, parts: Tensor, B: int) -> Iterator[tuple[float, ...]]:
    if not one.linear:
        yield from [(1.0,) * B, (1.0 / B**2,) * B, (0.0,) * (B - 1) + (1.0,), (1.0,) + (0.0,) * (B - 1)]
        return
    size = one.size[:, None, None]
    columns = (parts / size).transpose(1, 2).reshape(-1, B)
    goal = (one.G / size[:, 0]).reshape(-1, 1)
    yield tuple(torch.linalg.lstsq(columns, goal, driver="gelsd").solution[:, 0].tolist())


def _rounding(answers: Answers, fit: Fit, probe: Probe | None) -> Tensor:
    """Return the round-off of a difference over a short probe, (Q,)."""
    if not fit.short or probe is None or probe.plus is None:
        return torch.zeros(len(answers.G), dtype=torch.float64)
    return DIRECTION_ROUNDINGS * rounding(answers, probe)


def _after(sheet: Sheet, fit: Fit, probe: Probe | None) -> Tensor:
    """Return the mean over the tasks, cut after it, as the direction of each."""
    mean = fit.uncut.each(sheet, probe).mean(1, keepdim=True)
    return clip(mean, fit.form.cut("end")).expand_as(sheet.start)


def weighed(weights: list[tuple[float, ...]], declared: float | str) -> tuple[str, float]:
    """Return what is wrong with the weights of the tasks, and how many times their mean the direction is."""
    equal = all(max(w) - min(w) <= ZERO * max(map(abs, w)) for w in weights)
    sums = [sum(w) for w in weights]
    if equal:
        wanted = [float(len(w)) if declared == "sum" else 1.0 for w in weights]
        ratios = [s / x for s, x in zip(sums, wanted, strict=True)]
        if all(is_one(r) for r in ratios):
            return "", 1.0
        if all(is_one(r / len(w)) for r, w in zip(ratios, weights, strict=True)):
            return "sum-over-tasks", ratios[0]
        if all(is_one(r * len(w)) for r, w in zip(ratios, weights, strict=True)):
            return "mean-taken-twice", ratios[0]
        return "outer-scale", ratios[0]
    if all(_only(w, -1) for w in weights):
        return "last-task-only", sums[0]
    if all(_only(w, 0) for w in weights):
        return "first-task-only", sums[0]
    return "unequal-tasks", sums[0]


def _only(weights: tuple[float, ...], place: int) -> bool:
    rest = [abs(w) for k, w in enumerate(weights) if k != place % len(weights)]
    return max(rest) <= ZERO * abs(weights[place])


def _plainly(sheet: Sheet, fit: Fit, probe: Probe | None) -> Tensor:
    return fit.each(sheet, probe)


def _hypotheses() -> Iterator[tuple[str, Each, str]]:
    yield "", _plainly, ""
    yield "weights-not-restored", _chained, "each task starts where the one before it has adapted to"
    for share in ("B", "1"):
        words = "the weights are stepped after each task, not after all"
        yield "stepped-task-by-task", _online(share), words
    for mu in LEAKS:
        words = f"a task's inner step has {mu:g} times that of the task before it in it"
        yield "inner-state-leaks", _leaking(mu), words
    for name, mixed in MIXED.items():
        yield "adapted-to-another-task", _mixed(mixed), f"the outer gradients are taken at {name}"


def _chained(sheet: Sheet, fit: Fit, probe: Probe | None) -> Tensor:
    start, found = sheet.start, []
    for i in range(sheet.B):
        path = walk(sheet, fit.form.inner, start)
        found.append(fit.each(sheet, probe, path)[:, i])
        start = path[-1][:, i : i + 1].expand_as(start)
    return torch.stack(found, 1)


def _online(share: str) -> Each:
    def each(sheet: Sheet, fit: Fit, probe: Probe | None) -> Tensor:
        start, found = sheet.start, []
        for i in range(sheet.B):
            g = fit.each(sheet, probe, walk(sheet, fit.form.inner, start))[:, i]
            found.append(g)
            start = start - (g / sheet.B if share == "B" else g)[:, None]
        return torch.stack(found, 1)

    return each


def _leaking(mu: float) -> Each:
    def each(sheet: Sheet, fit: Fit, probe: Probe | None) -> Tensor:
        inner = fit.form.inner
        memory = torch.zeros_like(sheet.w)
        points = [sheet.start.clone() for _ in range(inner.steps + 1)]
        for i in range(sheet.B):
            for n in range(inner.steps):
                memory = sheet.gradient(points[n], inner.split)[:, i] + mu * memory
                points[n + 1][:, i] = points[n][:, i] - inner.step(sheet.alpha[:, None]) * memory
        return fit.uncut.each(sheet, probe, points)

    return each


MIXED: dict[str, Callable[[Tensor], Tensor]] = {
    "the last task's adapted weights": lambda u: u[:, -1:].expand_as(u),
    "the first task's adapted weights": lambda u: u[:, :1].expand_as(u),
    "the adapted weights of the task before": lambda u: u.roll(1, 1),
    "the adapted weights of the next task": lambda u: u.roll(-1, 1),
    "the mean of the adapted weights": lambda u: u.mean(1, keepdim=True).expand_as(u),
}


def _mixed(change: Callable[[Tensor], Tensor]) -> Each:
    def each(sheet: Sheet, fit: Fit, probe: Probe | None) -> Tensor:
        points = walk(sheet, fit.form.inner)
        return fit.uncut.each(sheet, probe, [*points[:-1], change(points[-1])])

    return each
