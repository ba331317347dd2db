"""What the options of ``fosp recommend`` ask for: whether they go together, and the plans."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bounds import Constants
    from bounds.plan import Algorithm, Plan, Theory

ALL = "all"
THEORIES: tuple[Theory, ...] = ("paper", "sharp")
NOT_ALONE = {
    "theory": "sharp",
    "step": None,
    "max_iterations": None,
    "depth": None,
    "pareto": False,
    "hessian_cost": None,
    "confidence": None,
}


def check_target(args: argparse.Namespace) -> None:
    """Refuse targets and options that do not go together."""
    from bounds.errors import InputError

    targets = (args.epsilon is not None) + (args.samples is not None)
    if not (targets == 1 or (targets == 0 and args.fix)):
        needed = "is needed, or --samples, or --fix alone; not two of them"
        raise InputError("epsilon", args.epsilon, needed, "see fosp recommend --help")
    if args.pareto and len(args.epsilon or ()) > 1:
        raise InputError("epsilon", args.epsilon, "must be one target with --pareto")
    if args.pareto and args.samples is not None:
        raise InputError("samples", args.samples, "must not be given with --pareto", "give --epsilon instead")
    if args.confidence is not None and (args.pareto or args.samples is not None):
        raise InputError("confidence", args.confidence, "must come with --epsilon, without --pareto")
    if targets == 0:
        _check_alone(args)


def _check_alone(args: argparse.Namespace) -> None:
    """Refuse the options that the best epsilon for given batch sizes does not depend on."""
    from bounds.errors import InputError

    for name, default in NOT_ALONE.items():
        value = getattr(args, name)
        if value != default:
            allowed = "must not be given with --fix alone"
            raise InputError(name, value, allowed, "leave it out, or add --epsilon")


def sizes(args: argparse.Namespace) -> dict[str, int]:
    """Return the batch sizes that are given."""
    from bounds.errors import InputError
    from bounds.recommendation.model import BATCHES

    fixed: dict[str, int] = {}
    for name, size in args.fix:
        if name not in BATCHES:
            raise InputError("fix", f"{name}={size}", f"must be one of {', '.join(BATCHES)}, with its size")
        if name in fixed:
            raise InputError("fix", f"{name}={size}", f"{name} is given twice", "give each size once")
        fixed[name] = size
    return fixed


def algorithms(args: argparse.Namespace) -> tuple[Algorithm, ...]:
    """Return the algorithms asked for."""
    if args.algorithm != ALL:
        return (args.algorithm,)
    from bounds.kit import with_steps

    found = with_steps(args.inner_steps)
    return tuple(name for name, one in found.items() if not (args.alpha is None and one.largest_x is None))


def plans(args: argparse.Namespace, constants: Constants) -> list[Plan]:
    """Return the plans, of each algorithm by each theory."""
    from bounds.recommendation import best_for_samples, pareto, recommend

    made: list[Plan] = []
    pairs = [(algorithm, theory) for algorithm in algorithms(args) for theory in theories(args, algorithm)]
    for algorithm, theory in pairs:
        given = options(args) | {"theory": theory}
        if theory == "paper" and args.theory == "both":
            given["depth"] = None
        if args.samples is not None:
            made.append(best_for_samples(constants, args.samples, algorithm, **given))
        elif args.pareto:
            made += pareto(constants, args.epsilon[0], algorithm, **given)
        else:
            sure = {"confidence": args.confidence}
            made += [recommend(constants, epsilon, algorithm, **given, **sure) for epsilon in args.epsilon]
            made += _plain(args, constants, made[-len(args.epsilon) :])
    return made


def _plain(args: argparse.Namespace, constants: Constants, made: list[Plan]) -> list[Plan]:
    """Return the plans with a plain inner batch as well, where theories are compared and levels were chosen."""
    from bounds.recommendation import recommend

    if args.theory != "both" or args.depth is not None or not any(plan.depth for plan in made):
        return []
    given = options(args) | {"depth": 0, "confidence": args.confidence}
    return [recommend(constants, plan.target, plan.algorithm, plan.theory, **given) for plan in made]


def theories(args: argparse.Namespace, algorithm: str) -> tuple[Theory, ...]:
    """Return the theories asked for; of both, those that speak of the algorithm."""
    if args.theory != "both":
        return (args.theory,)
    from bounds.kit import subject

    return subject(algorithm, args.inner_steps).theories


def without_paper(args: argparse.Namespace) -> list[str]:
    """Return the algorithms that are left out of the paper's theory where both theories are asked for."""
    if args.theory != "both":
        return []
    from bounds.kit import subject

    asked = (subject(name, args.inner_steps) for name in algorithms(args))
    return [one.said for one in asked if "paper" not in one.theories]


def options(args: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of ``bounds.recommend`` besides constants, target, algorithm and theory."""
    from bounds.recommendation import Cost

    own = {"alpha": args.alpha, "step": args.step, "fixed": sizes(args), "n_tasks": args.n_tasks}
    limit = math.inf if args.max_iterations is None else args.max_iterations
    own |= {"depth": args.depth, "inner_steps": args.inner_steps}
    hessian = 1.0 if args.hessian_cost is None else args.hessian_cost
    return own | {"cost": Cost(hessian=hessian), "max_iterations": limit}
