"""``fosp recommend --algorithm NAME`` for an algorithm that another package plans."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

READ = {"--algorithm", "--epsilon", "--problem", "--json", "--out"}


def own_plans(args: argparse.Namespace) -> tuple[dict[str, Any], Callable[[], None]]:
    """Return the plans for every target as JSON-ready data, and the way to print them."""
    from bounds.recommendation.planner import planners

    planner = planners()[args.algorithm]
    constants = _constants(args, planner.needs)
    plans = [
        {"algorithm": planner.algorithm, "epsilon": epsilon} | dict(planner.plan(constants, epsilon))
        for epsilon in _targets(args)
    ]
    return {"plans": plans}, lambda: _print(plans)


def _targets(args: argparse.Namespace) -> tuple[float, ...]:
    from bounds.errors import InputError

    if not args.epsilon:
        raise InputError("epsilon", None, "is needed", "see fosp recommend --help")
    for epsilon in args.epsilon:
        if not 0 < epsilon < float("inf"):
            raise InputError("epsilon", epsilon, "must be a finite number > 0")
    return tuple(args.epsilon)


def _constants(args: argparse.Namespace, needs: tuple[str, ...]) -> Any:
    """Return the problem's constants, or those that were typed; what the planner does not read may be left out."""
    from bounds import Constants
    from bounds.constants import NAMES
    from bounds.errors import InputError

    typed = {name for name in NAMES if getattr(args, name) is not None}
    names = typed if args.problem is None else set()
    for option in sorted(args.typed - READ - {"--" + name.replace("_", "-") for name in names}):
        name = option.removeprefix("--").replace("-", "_")
        value = getattr(args, name)
        raise InputError(name, value, f"is not read for {args.algorithm}", "leave it out")
    if args.problem is None:
        values = {name: getattr(args, name) for name in NAMES}
        unread = {name: 0.0 for name in NAMES[:-1] if name not in needs and values[name] is None}
        given: Any = values | unread
        return Constants(**given)
    from empirics import problems

    problems.require_same(args.problem)
    return problems.confronted(problems.from_spec(args.problem))


def _print(plans: list[dict[str, Any]]) -> None:
    from fosp.output import show
    from fosp.tables import print_table

    rows = [[name, *(show(plan[name]) for plan in plans)] for name in plans[0] if name != "algorithm"]
    print_table("", ["", *(plans[0]["algorithm"] for _ in plans)], rows)
