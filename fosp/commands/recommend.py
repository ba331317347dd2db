"""Hyperparameters that reach a target accuracy, with the guarantee the theory gives for them.

Give the constants of your problem, or the problem itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fosp import exits
from fosp.asked import ALL, THEORIES, algorithms, check_target, options, plans, sizes, without_paper
from fosp.command import Command
from fosp.options import Choices, add_json, batch, count, number, numbers, steps, whole
from fosp.theories import named

if TYPE_CHECKING:
    from bounds import Constants
    from empirics.estimation.advising import Advice
    from fosp import models

PLACE = 1
CONSTANTS = {
    "L": "smoothness of every task loss",
    "rho": "Lipschitz constant of every task Hessian",
    "sigma": "heterogeneity of the tasks: E||grad f_i - grad f||^2 <= sigma^2",
    "sigma_tilde": "noise of one sample's gradient",
    "sigma_H": "noise of one sample's Hessian",
    "Delta": "F(w_0) - min F, or an upper bound on it",
    "M": "bound on E||grad f_i(w)||; only --step constant needs it",
}
STEPS = ("sampled", "self-scaled", "constant")
_FIX = "a batch size that is given, such as D_in=5; repeatable. Alone: the best epsilon that it leaves"
_TASKS = "how many tasks there are: then different ones are drawn (a problem brings its own)"
_DEPTH = "levels of the inner batch, 0 for a plain one (none: whichever is cheapest)"
_EPSILON = "target for E||grad F||; several, with commas: what each costs"
_ALGORITHM = "such as hf-maml (all: every one with a largest inner step of its own, or given --alpha)"
_ALPHA = "inner step (none: the largest of the paper's theorem, such as 1/(6 L) of maml; sharp allows more)"
_INNER = "inner gradient steps, 1 to 10, each with a batch of its own"
_CONFIDENCE = "probability with which the point that is returned reaches the target: several runs, one choice"
_HESSIAN = "price of a Hessian sample in gradient samples (1; of a model: measured)"
_PROBLEM = (
    "a problem, FAMILY:key=value,... (fosp problems), or module:factory of a problem, or of a model and tasks"
)
_TABLE = (
    "CSV or Parquet with a row for each plan: columns like L, rho, epsilon, algorithm; what it lacks is typed"
)
_WORKERS = "processes for --table (none: one per processor)"
_OUT = "write the JSON document to a file as well; with --table, the plans as .csv or .parquet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp recommend``."""
    for name, meaning in CONSTANTS.items():
        parser.add_argument("--" + name.replace("_", "-"), type=number, metavar="X", help=meaning)
    parser.add_argument("--problem", metavar="SPEC", help=_PROBLEM)
    parser.add_argument("--epsilon", type=numbers, metavar="X[,X...]", help=_EPSILON)
    parser.add_argument(
        "--samples", type=number, metavar="N", help="instead: a budget of samples, best epsilon"
    )
    parser.add_argument("--n-tasks", type=count, metavar="N", help=_TASKS)
    parser.add_argument("--alpha", type=number, metavar="X", help=_ALPHA)
    parser.add_argument("--algorithm", choices=Choices(_names), metavar="NAME", default=ALL, help=_ALGORITHM)
    parser.add_argument("--inner-steps", type=steps, metavar="N", default=1, help=_INNER)
    parser.add_argument("--theory", choices=(*THEORIES, "both"), default="sharp", help="whose constants")
    parser.add_argument("--step", choices=STEPS, help="step rule (none: the theory's own)")
    parser.add_argument("--fix", type=batch, action="append", default=[], metavar="NAME=N", help=_FIX)
    parser.add_argument("--depth", type=whole, metavar="N", help=_DEPTH)
    parser.add_argument("--confidence", type=number, metavar="X", help=_CONFIDENCE)
    parser.add_argument("--max-iterations", type=count, metavar="N", help="a limit on the iterations")
    parser.add_argument("--hessian-cost", type=number, metavar="X", help=_HESSIAN)
    parser.add_argument("--pareto", action="store_true", help="plans of less and less depth, one row each")
    parser.add_argument("--table", type=Path, metavar="FILE", help=_TABLE)
    parser.add_argument("--workers", type=count, metavar="N", help=_WORKERS)
    parser.add_argument("--out", type=Path, metavar="FILE", help=_OUT)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Recommend a plan for each algorithm and theory asked for."""
    from fosp import models, output
    from fosp.own_plans import own_plans

    if args.out is not None:
        output.check_file("out", args.out)
    if args.table is not None:
        from fosp.plan_table import run_table

        return run_table(args, algorithms(args), options(args))
    if args.algorithm in _others():
        document, show = own_plans(args)
        return _given(args, document, show)
    made = _made(args)
    if isinstance(made, models.Looked) and models.one_target(args):
        advice = _advice(args, made)
        return _given(args, models.document(advice), lambda: models.print_page(advice))
    check_target(args)
    constants = _known(args, made)
    if args.epsilon is None and args.samples is None:
        document, show = _reachable(args, constants)
    else:
        document, show = _planned(args, constants)
    return _given(args, document, show)


def _names() -> tuple[str, ...]:
    """Return what may be typed: the algorithms that the complexity theorem is about, and those with a planner."""
    from bounds.kit import names

    return (*names(), *_others(), ALL)


def _others() -> tuple[str, ...]:
    """Return the algorithms of other packages that have a planner of their own."""
    if not named(()):
        return ()
    from bounds.recommendation.planner import planners

    return tuple(planners())


def _given(args: argparse.Namespace, document: dict[str, Any], show: Callable[[], None]) -> int:
    from fosp import output

    if args.json:
        output.print_json(document)
    else:
        show()
    if args.out is not None:
        from bounds.files import write_text

        write_text(args.out, output.json_text(document))
    return exits.FINE


def _made(args: argparse.Namespace) -> object:
    """Return the problem that is asked about, or the model, looked at; None where constants are typed."""
    from bounds.errors import InputError

    if args.problem is None:
        return None
    if args.n_tasks is not None:
        raise InputError("problem", args.problem, "brings its own tasks; leave out --n-tasks")
    typed = [name for name in CONSTANTS if getattr(args, name) is not None and name != "M"]
    if typed:
        raise InputError(
            "problem", args.problem, f"brings its own constants; leave out --{typed[0].replace('_', '-')}"
        )
    from empirics.problems import Problem, require_same, spec
    from fosp import models

    made = spec.made(args.problem)
    if not isinstance(made, Problem):
        return models.looked(args, made)
    require_same(args.problem)
    return made


def _advice(args: argparse.Namespace, seen: models.Looked) -> Advice:
    """Return the plans for one target on a model."""
    from empirics.estimation.advising import advise

    given = options(args)
    names = ("step", "fixed", "max_iterations", "inner_steps", "depth", "n_tasks")
    asked = {name: given[name] for name in names} | {"n_tasks": seen.n_tasks}
    target = args.epsilon[0] if args.epsilon else None
    return advise(seen.found, seen.prices, epsilon=target, names=algorithms(args), **asked)


def _known(args: argparse.Namespace, made: Any) -> Constants:
    """Return the constants, and note the number of tasks, as far as it is known, and what a model settles."""
    from bounds import Constants

    if made is None:
        return Constants(**{name: getattr(args, name) for name in CONSTANTS})
    from fosp.models import Looked

    if isinstance(made, Looked):
        args.alpha, known = made.settled(args.inner_steps)
        args.hessian_cost = made.prices.hessian
    else:
        from empirics.problems import several

        known = several.confronted(made, args.alpha, args.inner_steps)
    args.n_tasks = made.n_tasks
    from dataclasses import replace

    return known if args.M is None else replace(known, M=args.M)


def _planned(args: argparse.Namespace, constants: Constants) -> tuple[dict[str, Any], Callable[[], None]]:
    from bounds.recommendation import halved
    from fosp import output
    from fosp import plans as page

    made = plans(args, constants)
    if left_out := without_paper(args):
        output.note(f"the paper has no theorem on {', '.join(left_out)}: sharp theory only")
    if len(args.epsilon or ()) > 1:
        return {"plans": [plan.to_dict() for plan in made]}, lambda: page.print_costs(made)
    if args.pareto:
        return {"plans": [plan.to_dict() for plan in made]}, lambda: page.print_depths(made)
    asked = {name: options(args)[name] for name in ("cost", "fixed", "max_iterations")}
    worth = [halved(plan, **asked) for plan in made]
    document = {"plans": [plan.to_dict() for plan in made], "halved": worth}
    return document, lambda: page.print_plans(made, worth)


def _reachable(args: argparse.Namespace, constants: Constants) -> tuple[dict[str, Any], Callable[[], None]]:
    from bounds.recommendation import best_for_batches
    from fosp import plans as page

    fixed = sizes(args)
    others = (args.alpha, args.n_tasks, args.inner_steps)
    reached = {name: best_for_batches(constants, fixed, name, *others) for name in algorithms(args)}
    known = {"constants_status": dict(constants.standing), "constants_observed": dict(constants.observed)}
    document = {"fixed": fixed, "smallest_epsilon": reached} | known
    return document, lambda: page.print_reachable(fixed, reached, constants)


COMMAND = Command("recommend", __doc__, add_arguments, run)
