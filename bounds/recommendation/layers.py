"""A plan with a multilevel inner batch, found from the plan with a plain one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from bounds.recommendation.model import Values
from bounds.recommendation.problem import pose
from bounds.recommendation.request import DEEPEST, Request
from bounds.recommendation.search import Problem, descend

SMALL = 2.0
"""Below this inner batch of the plain plan there is nothing that levels could save."""
COARSE = 0.02
_FIRST = ((4.0, 16.0, 64.0, 1024.0, math.inf), (1.0, 4.0, 16.0), (0.1, 0.3, 1.0))
"""Where to look first: how many times smaller the inner batch is, how many more the tasks, and the rate."""


def layered(
    request: Request, plain: Problem, point: Values, target: float
) -> Iterator[tuple[Problem, Values]]:
    """Yield problems with a whole depth, each with its cheapest point; none where the plain batch is as cheap."""
    if not point["D_in"] >= SMALL:
        return
    problem = pose(request, plain.model.rule_name, target, levels=True)
    start = min(_starts(problem, point), key=problem.price)
    best = descend(problem, start, tolerance=COARSE) if problem.price(start) < math.inf else start
    if not problem.price(best) < plain.price(point):
        return
    for depth in sorted({max(1, math.floor(best["depth"])), min(DEEPEST, math.ceil(best["depth"]))}):
        whole = replace(problem, fixed={**problem.fixed, "depth": float(depth)})
        near = {name: value for name, value in best.items() if name != "depth"}
        yield whole, descend(whole, near, first=COARSE)


def _starts(problem: Problem, plain: Values) -> Iterator[Values]:
    for smaller, tasks, rate in product(*_FIRST):
        inner = max(1.0, plain["D_in"] / smaller)
        depth = math.log2(max(2.0, plain["D_in"] / inner))
        own = {"D_in": inner, "B": tasks * plain.get("B", 1.0), "rate": rate, "depth": depth}
        point = {**plain, **own}
        yield {name: problem.clip(name, point[name]) for name in problem.free}


def at_depth(known: Problem, problem: Problem) -> Problem:
    """Return a problem with the depth that a known one holds fixed."""
    if not known.model.levels:
        return problem
    return replace(problem, fixed={**problem.fixed, "depth": known.fixed["depth"]})
