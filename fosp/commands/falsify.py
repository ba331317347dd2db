"""Search, inside the assumptions, for an instance that breaks a claim."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from fosp import exits
from fosp.options import add_json, count, seed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp falsify``."""
    parser.add_argument("claim", metavar="CLAIM", nargs="?", help="name of the claim; none: list them")
    parser.add_argument("--rounds", type=count, metavar="N", default=300, help="steps of every climb")
    parser.add_argument("--seed", type=seed, metavar="N", default=0, help="key of all random streams")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print what the search found; say by the exit code whether the claim is broken."""
    from fosp import output
    from validate.falsifier import falsifiable, falsify

    if args.claim is None:
        output.print_json({"claims": list(falsifiable())}) if args.json else print("\n".join(falsifiable()))
        return exits.FINE
    finding = falsify(args.claim, seed=args.seed, rounds=args.rounds)
    if args.json:
        output.print_json(asdict(finding))
    else:
        word = "broken" if finding.broken else "not broken"
        print(
            f"{finding.claim}: {word}; largest left side / right side {finding.ratio:.6g}, {finding.tried:,} tried"
        )
        for name, value in finding.instance.items():
            print(f"  {name} = {value}")
    return exits.REFUTED if finding.broken else exits.FINE
