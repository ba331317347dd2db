"""The ways to reach a target by their price: step rules, ways to draw tasks, plain and multilevel batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import NamedTuple

from bounds.plan import StepKind
from bounds.recommendation.model import Values
from bounds.recommendation.priced import Problem
from bounds.recommendation.problem import pose
from bounds.recommendation.request import DEEPEST, Request
from bounds.recommendation.search import COARSE, descend
from bounds.recommendation.starting import coarse, refined

LIKELY, CLOSE = 1.5, 1.1
"""How far above the cheapest a way may be for levels to be tried on it, and for it to be searched to the end.

The first is also how far above a plan with levels a plain one is still rounded to whole batches.
"""
HOPELESS = 4.0
"""How far above another rule of its kind a rule may seem to be, and still be searched."""
_FIRST = ((4.0, 16.0, 64.0, 1024.0, math.inf), (1.0, 4.0, 16.0), (0.1, 0.3, 1.0))
"""Where to look first: how many times smaller the inner batch is, how many more the tasks, and the rate."""


class Candidate(NamedTuple):
    """A way to reach the target, its price, and the cheapest real-valued batch sizes that were found."""

    price: float
    problem: Problem
    point: Values

    @property
    def kind(self) -> StepKind:
        """Its kind of step."""
        return self.problem.model.way.kind


def candidates(request: Request, target: float) -> list[Candidate]:
    """Return the ways that are within reach of the target, the cheapest first."""
    plain = list(_posed(request, target))
    least = min((one.price for _, one in plain), default=math.inf)
    deep: list[Candidate] = []
    if len(request.layered) > 1 and request.constants.sigma_tilde > 0:
        likely = [(way, one) for way, one in plain if one.price <= LIKELY * least]
        deep = [one for way, known in likely for one in _layered(way, known, target)]
    found = [*_ended([one for _, one in plain], CLOSE * least)]
    found += _ended(deep, CLOSE * min((one.price for one in (*found, *deep)), default=math.inf))
    return sorted(found, key=lambda one: one.price)


def step_costs(found: Iterable[Candidate]) -> dict[str, float]:
    """Return the price of the cheapest way of each kind of step, over that of the cheapest of all."""
    least: dict[str, float] = {}
    for one in found:
        least[one.kind] = min(one.price, least.get(one.kind, math.inf))
    lowest = min(least.values(), default=math.inf)
    return {kind: price / lowest for kind, price in least.items()} if lowest > 0 else {}


def _posed(request: Request, target: float) -> Iterator[tuple[Request, Candidate]]:
    for way, kind in product(request.drawings, request.steps):
        known: Candidate | None = None
        for rule in request.rules_of(kind):
            problem = pose(way, rule, target, request.layered[0])
            if known is not None and not _glance(problem, known.point) <= HOPELESS * known.price:
                continue
            point = coarse(problem)
            if point is not None:
                known = Candidate(problem.price(point), problem, point)
                yield way, known


def _glance(problem: Problem, point: Values) -> float:
    """Return the least price at another rule's sizes, with more and more tasks and its own step or the largest."""
    trials = (
        {**point, "B": problem.clip("B", point["B"] * 4.0**more), "fraction": fraction}
        if "B" in point
        else {**point, "fraction": fraction}
        for more in range(8)
        for fraction in (point.get("fraction", 1.0), 1.0)
    )
    return min(problem.price({name: trial[name] for name in problem.free}) for trial in trials)


def _ended(found: Iterable[Candidate], limit: float) -> Iterator[Candidate]:
    """Search those to the end that may still be the cheapest."""
    for one in found:
        point = refined(one.problem, one.point) if one.price <= limit else one.point
        yield Candidate(one.problem.price(point), one.problem, point)


def _layered(way: Request, plain: Candidate, target: float) -> Iterator[Candidate]:
    """Yield candidates with a whole depth; none where the plain batch is as cheap."""
    problem = pose(way, plain.problem.model.rule_name, target, levels=True)
    start = min(_each_once(_starts(problem, plain.point)), key=problem.price)
    best = descend(problem, start, tolerance=COARSE) if problem.price(start) < math.inf else start
    if not problem.price(best) < plain.price:
        return
    for depth in sorted({max(1, math.floor(best["depth"])), min(DEEPEST, math.ceil(best["depth"]))}):
        whole = replace(problem, fixed={**problem.fixed, "depth": float(depth)})
        near = {name: value for name, value in best.items() if name != "depth"}
        point = descend(whole, near, tolerance=COARSE, first=2 * COARSE)
        yield Candidate(whole.price(point), whole, point)


def _starts(problem: Problem, plain: Mapping[str, float]) -> Iterator[Values]:
    for smaller, tasks, rate in product(*_FIRST):
        inner = max(1.0, plain["D_in"] / smaller)
        depth = math.log2(max(2.0, plain["D_in"] / inner))
        own = {"D_in": inner, "B": tasks * plain.get("B", 1.0), "rate": rate, "depth": depth}
        point = {**plain, **own}
        yield {name: problem.clip(name, point[name]) for name in problem.free}


def _each_once(points: Iterable[Values]) -> Iterable[Values]:
    """Return different points: at the end of a range many are the same."""
    return {tuple(point.values()): point for point in points}.values()


def at_depth(known: Problem, problem: Problem) -> Problem:
    """Return a problem with the depth that a known one holds fixed."""
    if not known.model.levels:
        return problem
    return replace(problem, fixed={**problem.fixed, "depth": known.fixed["depth"]})
