"""Where your own model is: an interval for ||grad F(w)||, whether that is epsilon, and FO-MAML's floor."""

from __future__ import annotations

import argparse

from fosp import exits
from fosp.command import Command
from fosp.options import add_json, add_model, count, given, number, seed

PLACE = 13


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp measure``."""
    add_model(parser)
    parser.add_argument("--weights", metavar="FILE", help="a state_dict, or a vector (those of the model)")
    parser.add_argument("--epsilon", type=number, metavar="X", help="is it an epsilon-FOSP?")
    parser.add_argument("--alpha", type=number, metavar="X", help="inner step (the model's, or 1/(10 L))")
    parser.add_argument("--tasks", type=count, metavar="N", help="how many tasks to draw (512)")
    parser.add_argument("--seconds", type=number, metavar="X", help="stop after about so long (60)")
    parser.add_argument("--seed", type=seed, metavar="N", default=0, help="of the draws (0)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Measure, and say where the model is."""
    from empirics.estimation import loading, measuring
    from fosp import output
    from fosp.estimates import print_measured
    from fosp.progress import told

    model = loading.load(args.target)
    weights = None if args.weights is None else loading.weights(model, args.weights)
    names = ("epsilon", "alpha", "tasks", "seconds", "seed")
    with told("measuring") as progress:
        found = measuring.measure_gradient(model, weights, **given(args, names), progress=progress)
    if args.json:
        output.print_json(found.to_dict())
    else:
        print_measured(found)
    return exits.FINE


COMMAND = Command("measure", __doc__, add_arguments, run)
