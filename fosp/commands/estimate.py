"""The constants of your own model, estimated, and the plan that follows: step, batches, iterations, cost."""

from __future__ import annotations

import argparse

from fosp import exits
from fosp.command import Command
from fosp.options import add_json, add_model, count, given, number, seed, whole

PLACE = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp estimate``."""
    add_model(parser)
    parser.add_argument(
        "--weights", metavar="FILE", help="a state_dict, or a vector: the centre, or the start"
    )
    parser.add_argument("--radius", type=number, metavar="R", help="region: the ball around the weights")
    parser.add_argument("--path", type=count, metavar="N", help="region: so many training steps (100)")
    parser.add_argument("--epsilon", type=number, metavar="X", help="target (a tenth of ||grad F|| now)")
    parser.add_argument("--alpha", type=number, metavar="X", help="inner step (the model's, or 1/(10 L))")
    text = "factor on every constant: estimates are from below (1)"
    parser.add_argument("--safety", type=number, metavar="X", default=1.0, help=text)
    parser.add_argument("--tasks", type=count, metavar="N", help="how many tasks to look at (32)")
    parser.add_argument(
        "--points", type=count, metavar="N", help="samples to draw of each, of a sampler (64)"
    )
    parser.add_argument("--rounds", type=count, metavar="N", help="each looks at twice as many points (4)")
    parser.add_argument("--seconds", type=number, metavar="X", help="stop looking after about so long (60)")
    text = "price of a Hessian-vector product in gradients (measured)"
    parser.add_argument("--hessian-cost", type=number, metavar="X", help=text)
    text = "levels of the plans' inner batch (0: a plain one, as your own loop has it)"
    parser.add_argument("--depth", type=whole, metavar="N", help=text)
    parser.add_argument("--seed", type=seed, metavar="N", default=0, help="of the draws (0)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Estimate, and print constants, plans and what follows on one screen."""
    from dataclasses import replace

    from empirics.estimation import chaining, loading
    from fosp import output
    from fosp.estimates import print_advice, print_estimate
    from fosp.progress import told

    model = loading.load(args.target)
    if args.weights is not None:
        model = replace(model.at(loading.weights(model, args.weights)), path=None)
    names = ("epsilon", "alpha", "hessian_cost", "depth", *chaining.LOOKS)
    with told("looking at the model") as progress:
        advice = chaining.advise_on(model, **given(args, names), progress=progress)
    if args.json:
        output.print_json(advice.found.to_dict() | {"advice": advice.to_dict()})
    else:
        print_estimate(advice.found)
        print_advice(advice)
    return exits.FINE


COMMAND = Command("estimate", __doc__, add_arguments, run)
