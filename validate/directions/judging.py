"""From what was found about a direction to checks, on every problem that it was put to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any

from torch import Tensor

from bounds import Plan, statement
from empirics import algorithms
from validate.claims.exact import always
from validate.directions.asking import Block, BrokenError, Direction, Look, NotFiniteError, ask
from validate.directions.cases import Case, benches, shapes
from validate.directions.comparing import Compared
from validate.directions.findings import Findings, find
from validate.directions.law import MEAN_MARGIN, VARIANCE_MARGIN, Law, Laws
from validate.directions.precision import scale
from validate.directions.readings import renamed, reused
from validate.judge import Check, Measure, compare
from validate.statistics import Interval, exact_interval, proportion_interval
from validate.tolerance import DOUBLE, direction_round_off, square_round_off
from validate.verdict import Status

RARE = 1 / 400
"""A probability of a wrong call that must not be left open."""
SURE = 1e-3
MORE = 1.1
"""Iterations that another probe than the plan's may cost, as a factor."""
LAWS = 1
"""Points at which a law is compared: where the draws deviate most."""
LOST = (
    "its probe lies within the rounding of w in the precision that it computes in, so that its difference is "
    "round-off: a longer probe, or double precision"
)
UNSTEADY = (
    "asked twice with the same oracle at the same point it gave two answers: it keeps state between calls "
    "(momentum, a schedule) or draws numbers of its own, and the theory speaks of functions of oracle, w and alpha"
)


def judged(plan: Plan, problem: Any, direction: str | Direction, seed: int, goal: Plan | None) -> list[Check]:
    """Return the checks of a direction that says it is the algorithm of ``plan``.

    Parameters
    ----------
    plan : Plan
        Its algorithm, alpha and constants; batches of any size are asked for.
    problem : Problem
        The user's.
    direction : str or callable
    seed : int
    goal : Plan, optional
        The plan that the direction is to be run at: it says how long a probe may be.
    """
    mine = Case(problem, plan, seed, shapes=shapes(goal or plan))
    try:
        rows = list(_case(mine, direction, goal))
    except BrokenError as error:
        return [mine.unmeasured(failure=str(error))]
    for bench in benches(plan, seed):
        try:
            rows += _case(bench, direction, None)
        except NotFiniteError as error:
            rows.append(bench.unmeasured(failure=str(error)))
        except BrokenError as error:
            words = f"on a problem of ours, {error}: judged on its own problem alone"
            rows.append(bench.unmeasured(undecided=words))
    return rows


def _case(case: Case, direction: str | Direction, goal: Plan | None) -> Iterator[Check]:
    made = algorithms.by_name(direction, case.plan) if isinstance(direction, str) else direction
    found = find(case, made, f"directions/{case.problem.spec}")
    if found.lost == 1:
        yield case.unmeasured(undecided=LOST)
    elif found.right:
        yield from _right(case, found)
    else:
        yield from _wrong(case, made, found)
    if goal is not None and found.probe is not None:
        yield from _probe(case, goal, *found.probe)


# ---- right draw by draw -------------------------------------------------------------------------------


def _right(case: Case, found: Findings) -> Iterator[Check]:
    names, unlike = case.places.coincide, ""
    if names:
        unlike = (
            f"it cannot be told apart from {' nor from '.join(names)} on this problem, where they coincide"
        )
    notes = [
        *_notes(found.draws),
        *([f"{found.lost:.0%} of the draws are left out: {LOST}"] if found.lost else []),
        f"{case.draws:,} batches at {len(case.places.points)} points, near and far",
        f"B = {', '.join(str(B) for B in sorted({case.B, *(B for _, B in found.shapes)}))}",
    ]
    for claim, one in (("direction.draws", found.draws), ("direction.exact", found.exact)):
        deviation, bound = one.worst
        words = "draw by draw" if claim == "direction.draws" else "all tasks, exact derivatives"
        note = "; ".join(
            [f"largest relative deviation from the algorithm as the paper has it, {words}", *notes]
        )
        yield case.check(claim, bound, _exactly(deviation), detail=note, undecided=unlike)
    if found.calls is not None:
        n = case.calls
        left = 1 - SURE ** (1 / n)
        seen = f"a defect in more than 1 call of {int(1 / left):,} would have been seen"
        note = f"none of {n:,} calls deviates; {seen}"
        yield case.check("direction.rare", RARE, _share(0, n), detail=note, n=n)


def _notes(found: Compared) -> list[str]:
    said = [words for reading in found.renamed if (words := renamed(found.own, reading))]
    if found.whole:
        said.append("its rows are not one task each, their mean over the batch is right")
    return said


# ---- not right draw by draw ---------------------------------------------------------------------------


def _wrong(case: Case, direction: Direction, found: Findings) -> Iterator[Check]:
    rows = list(_accusations(case, found))
    if rows:
        yield from rows
        return
    deviation, bound = found.draws.worst
    why = _said(found, "it deviates draw by draw, which right code may: the law of its draws decides")
    yield case.check("direction.draws", bound, _exactly(deviation), undecided=why)
    for number in _worst_points(found):
        yield from _law_rows(case, direction, found, number)


def _accusations(case: Case, found: Findings) -> Iterator[Check]:
    def row(claim: str, bound: float, measure: Measure, words: str, **n: Any) -> Check:
        return case.check(claim, bound, measure, detail=_said(found, words), **n)

    if found.reused:
        n = sum(len(one.reused) for one in found.compared)
        one = next(one for one in found.compared if one.misread)
        yield row("direction.batches", 0.0, _share(found.reused, n), reused(one.own, one.misread), n=n)
    if found.steady and not found.exact.right.all():
        deviation, bound = found.exact.worst
        words = "with all tasks and exact derivatives it differs from the algorithm as the paper has it"
        yield row("direction.exact", bound, _exactly(deviation), words)
    for (rows, B), one in found.shapes.items():
        if found.draws.right.all() and not one.right.all():
            deviation, bound = one.worst
            words = f"asked for {rows} rows of B = {B} tasks it is not the algorithm, which it is for others"
            yield row("direction.shape", bound, _exactly(deviation), words, n=rows)
    wrong, total = found.mixed
    if wrong:
        most = max(one.worst[0] for one in found.compared)
        words = f"{wrong:,} of {total:,} are not the algorithm, by up to {most:.3g}, where the others are"
        yield row("direction.rare", 0.0, _share(wrong, total), words, n=total)


def _said(found: Findings, words: str) -> str:
    also = f"it is {found.resembles}" if found.resembles else ""
    return "; ".join(part for part in (words, also, "" if found.steady else UNSTEADY) if part)


def _worst_points(found: Findings) -> list[int]:
    ratio = (found.draws.deviation / found.draws.allowed).amax(-1)
    numbers = found.point.unique().tolist()
    sizes = {number: float(ratio[found.point == number].median()) for number in numbers}
    return sorted(numbers, key=lambda number: -sizes[number])[:LAWS]


def _law_rows(case: Case, direction: Direction, found: Findings, number: int) -> Iterator[Check]:
    w = case.places.points[number]
    laws = Laws(case, direction, partial(_nearest, case), w, f"{case.problem.spec}/law/{number}")
    floor = direction_round_off(_scale(case, w))
    fresh = cache(laws.fresh)
    for make in (_mean_row, _variance_row):
        row = make(case, found, laws, floor)
        yield replace(row, again=partial(_afresh, make, case, found, fresh, floor))


def _afresh(make: Any, case: Case, found: Findings, fresh: Any, floor: float) -> Check:
    try:
        return make(case, found, fresh(), floor)
    except BrokenError as error:
        return case.unmeasured(failure=str(error))


def _mean_row(case: Case, found: Findings, laws: Laws, floor: float) -> Check:
    bound = MEAN_MARGIN * math.sqrt(laws.few.variance) + floor
    row = case.check("direction.mean", bound, exact_interval, n=case.law)
    note = "distance of its mean from that of the algorithm"
    return replace(row, measure=partial(laws.measure, Law.mean, _decided_by(row)), detail=_said(found, note))


def _variance_row(case: Case, found: Findings, laws: Laws, floor: float) -> Check:
    variance = laws.few.variance
    margin = VARIANCE_MARGIN * variance + square_round_off(variance, floor)
    row = case.check(
        "direction.variance", variance, exact_interval, "spread", side="==", margin=margin, n=case.law
    )
    note = "variance of its mean over a batch of tasks against that of the algorithm"

    def interval(law: Law, error: float) -> Interval:
        return law.spread(variance, error)

    return replace(row, measure=partial(laws.measure, interval, _decided_by(row)), detail=_said(found, note))


def _decided_by(row: Check) -> Any:
    return lambda interval: compare(interval, row) is not Status.INCONCLUSIVE


def _nearest(case: Case, block: Block, looks: list[Look]) -> Direction:
    """Return the algorithm with the length of probe that is looked over last; the plan's where there is none."""
    return case.claimed.versions(block, looks, DOUBLE)[0][1]


def _scale(case: Case, w: Tensor) -> float:
    block = case.drawn(w.expand(64, -1), "scale")
    G, _ = ask(case.claimed.plain, block)
    return float(scale(block, G, case.plan.constants).mean())


# ---- the probe ----------------------------------------------------------------------------------------


def _probe(case: Case, goal: Plan, shortest: float, longest: float) -> Iterator[Check]:
    make = partial(case.check, "direction.probe", goal.epsilon)
    words = f"its probe is {shortest:.3g} long"
    if longest > 1.001 * shortest:
        words = (
            f"its probe is not of one length but {shortest:.3g} to {longest:.3g} long (delta v has that of v)"
        )
    if not goal.feasible:
        yield make(exact_interval, condition=f"{words}; there is no plan for this target: {goal.reason}")
    else:
        value = max(_guaranteed(goal, length) for length in (shortest, longest))
        plan = f"the recommended plan ({goal.probe_length:.3g} long) and a tenth more iterations"
        told = f"{words}: what is guaranteed with it by {plan}"
        if not value <= goal.epsilon:
            told += f"; divide the probe by |v| and make it at most {goal.probe_length:.3g} long"
        yield make(_exactly(value), detail=told)


def _guaranteed(plan: Plan, length: float) -> float:
    """Return what the plan guarantees with a probe of another length and a tenth more iterations.

    That is at most the target for every admissible probe: the plan's own, shorter ones, and those a little longer
    that cost no more than this. Infinity where nothing is guaranteed.
    """
    longer = plan.with_(iterations=math.ceil(MORE * (plan.iterations or 0)))
    bound, outside = statement(plan.statement).at(longer.values() | {"probe_length": length})
    return math.inf if outside else bound


def _exactly(value: float) -> Measure:
    return always(exact_interval(value))


def _share(count: int, n: int) -> Measure:
    return partial(proportion_interval, count, n)
