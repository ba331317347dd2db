"""What becomes of several tasks: mean, sum, one of them only, or one task's leavings in the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from validate.audit.fitting import Answers, Fit, is_one
from validate.audit.forms import Form
from validate.audit.probes import Probe
from validate.audit.sheet import Sheet
from validate.audit.walking import walk

LEAKS = (1.0, 0.9, 0.5, 0.99, 0.95, 0.8)
"""Momentum that may leak from one task into the next."""
ZERO = 1e-4

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
    """

    name: str
    weights: tuple[tuple[float, ...], ...]
    scale: float
    ratio: float
    deviation: float
    detail: str = ""

    @property
    def fits(self) -> bool:
        """Whether nothing but round-off is left."""
        return self.ratio <= 1


def gather(answers: list[tuple[Answers, Probe | None]], fit: Fit, declared: float | str) -> Gathered:
    """Find out how answers on several tasks come from the directions of one."""
    found = [_judged("", answers, fit, _plainly, declared, "")]
    if not found[0].fits:
        for name, each, detail in _hypotheses():
            one = _judged(name, answers, fit, each, declared, detail)
            found.append(one)
            if one.fits:
                break
    return min(found, key=lambda one: one.ratio)


def _judged(
    name: str,
    answers: list[tuple[Answers, Probe | None]],
    fit: Fit,
    each: Each,
    declared: float | str,
    detail: str,
) -> Gathered:
    weights, ratio, deviation = [], 0.0, 0.0
    for one, probe in answers:
        size = one.size[:, None, None]
        parts = each(one.sheet, fit, probe) / size
        columns = parts.transpose(1, 2).reshape(-1, parts.shape[1])
        goal = (one.G / size[:, 0]).reshape(-1, 1)
        w = torch.linalg.lstsq(columns, goal, driver="gelsd").solution[:, 0]
        left = one.deviation((parts * w[:, None]).sum(1) * size[:, 0])
        weights.append(tuple(w.tolist()))
        ratio = max(ratio, float((left / one.allowed).max()))
        deviation = max(deviation, float(left.max()))
    label, scale = weighed(weights, declared)
    return Gathered(name or label, tuple(weights), scale, ratio, deviation, detail)


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
    start, found = sheet.start.clone(), []
    for i in range(sheet.B):
        found.append(fit.each(sheet, probe, start)[:, i])
        start = walk(sheet, fit.form.inner, start)[-1][:, i : i + 1].expand_as(start)
    return torch.stack(found, 1)


def _online(share: str) -> Each:
    def each(sheet: Sheet, fit: Fit, probe: Probe | None) -> Tensor:
        start, found = sheet.start.clone(), []
        for i in range(sheet.B):
            g = fit.each(sheet, probe, start)[:, i]
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
        return combined(sheet, fit, probe, points)

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
        return combined(sheet, fit, probe, [*points[:-1], change(points[-1])])

    return each


def combined(sheet: Sheet, fit: Fit, probe: Probe | None, points: list[Tensor]) -> Tensor:
    """Return the directions of a fit whose inner loop went another way."""
    form: Form = replace(fit.form, clips=())
    terms = form._terms(sheet, probe or fit.probe, points)
    whole = torch.zeros_like(terms[0])
    for c, t in zip(fit.coefficients, terms, strict=True):
        whole = whole + c * t
    return whole
