"""Hyperparameters that reach a target accuracy, with the guarantee the theory gives for them.

Give the constants of your problem, or the problem itself.
"""

from __future__ import annotations

import argparse
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from fosp import exits
from fosp.options import add_json, add_problem, number

if TYPE_CHECKING:
    from bounds import Constants
    from bounds.plan import Plan

CONSTANTS = {
    "L": "smoothness of every task loss",
    "rho": "Lipschitz constant of every task Hessian",
    "sigma": "heterogeneity of the tasks: E||grad f_i - grad f||^2 <= sigma^2",
    "sigma_tilde": "noise of one sample's gradient",
    "sigma_H": "noise of one sample's Hessian",
    "Delta": "F(w_0) - min F, or an upper bound on it",
    "M": "bound on E||grad f_i(w)||; only --step constant needs it",
}
ALGORITHMS = ("maml", "fo-maml", "hf-maml")
THEORIES = ("paper", "sharp")
STEPS = ("sampled", "self-scaled", "constant")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp recommend``."""
    for name, meaning in CONSTANTS.items():
        parser.add_argument("--" + name.replace("_", "-"), type=number, metavar="X", help=meaning)
    add_problem(parser)
    parser.add_argument("--epsilon", type=number, metavar="X", required=True, help="target for E||grad F||")
    parser.add_argument("--alpha", type=number, metavar="X", help="inner step (none: the largest allowed)")
    parser.add_argument("--algorithm", choices=(*ALGORITHMS, "all"), default="all", help="which algorithm")
    parser.add_argument("--theory", choices=(*THEORIES, "both"), default="sharp", help="whose constants")
    parser.add_argument("--step", choices=STEPS, help="step rule (none: the theory's own)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON document to a file as well")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Recommend a plan for each algorithm and theory asked for."""
    from fosp import output

    if args.out is not None:
        output.check_file("out", args.out)
    plans = _plans(args, _constants(args))
    document = {"plans": [plan.to_dict() for plan in plans]}
    if args.json:
        output.print_json(document)
    else:
        _print(plans)
    if args.out is not None:
        output.write_text(args.out, output.json_text(document) + "\n")
    return exits.FINE


def _constants(args: argparse.Namespace) -> Constants:
    from bounds import Constants
    from bounds.errors import InputError

    given = {name: getattr(args, name) for name in CONSTANTS if getattr(args, name) is not None}
    if args.problem is None:
        return Constants(**{name: getattr(args, name) for name in CONSTANTS})
    if given:
        raise InputError(
            "problem", args.problem, f"brings its own constants; leave out --{next(iter(given))}"
        )
    from empirics import problems

    return problems.from_spec(args.problem).constants(args.alpha)


def _plans(args: argparse.Namespace, constants: Constants) -> list[Plan]:
    from bounds import recommend

    algorithms = ALGORITHMS if args.algorithm == "all" else (args.algorithm,)
    theories = THEORIES if args.theory == "both" else (args.theory,)
    return [
        recommend(constants, args.epsilon, algorithm, theory, alpha=args.alpha, step=args.step)
        for algorithm, theory in product(algorithms, theories)
    ]


def _print(plans: list[Plan]) -> None:
    from fosp.output import print_table

    for theory in dict.fromkeys(plan.theory for plan in plans):
        chosen = [plan for plan in plans if plan.theory == theory]
        columns = [_column(plan) for plan in chosen]
        rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
        rows = [row for row in rows if any(cell != "–" for cell in row[1:])]
        title = f"{theory.capitalize()} theory, for E||∇F(w)|| ≤ {chosen[0].epsilon:g}"
        print_table(title, ["", *(plan.algorithm for plan in chosen)], rows)
        remarks = [[plan.algorithm, _step(plan), plan.binding] for plan in chosen if plan.feasible]
        if remarks:
            print_table("", ["", "step β_k", "binding"], remarks, wrap=2)
        for plan in chosen:
            if not plan.feasible:
                print(f"{plan.algorithm} is infeasible: {plan.reason}\n")


def _column(plan: Plan) -> dict[str, str]:
    from fosp.output import show

    values: dict[str, float | int | None] = {
        "inner step α": plan.alpha,
        "step factor c": plan.step_factor,
        "tasks B": plan.B,
        "samples D_in": plan.D_in,
        "samples D_o": plan.D_o,
        "samples D_h": plan.D_h,
        "step tasks B'": plan.B_prime,
        "step samples D_β": plan.D_beta,
        "difference factor γ": plan.delta_factor,
        "iterations K": plan.iterations,
        "samples per iteration": plan.samples_per_iteration,
        "total samples": plan.total_samples,
        "guarantee": plan.guarantee,
        "smallest reachable": plan.smallest_epsilon,
    }
    return {"feasible": "yes" if plan.feasible else "no"} | {name: show(one) for name, one in values.items()}


def _step(plan: Plan) -> str:
    rule = plan.step_rule
    if rule is None:
        return "–"
    if rule.kind == "constant" or not rule.slope:
        return f"c / {rule.smoothness:.4g}"
    size = {"sampled": "mean_j||g̃_j||", "self-scaled": "||G||"}[rule.kind]
    return f"c / ({rule.smoothness:.4g} + {rule.slope:.4g} {size})"
