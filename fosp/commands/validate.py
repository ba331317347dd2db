"""The main job: run the algorithms and test every applicable claim of the theory.

Without arguments the shipped suite is run; with --problem, the claims are tested on that problem.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from fosp import exits
from fosp.options import add_json, add_problem, count, number, seed

if TYPE_CHECKING:
    from fosp.progress import Bar
    from validate.report import Report
    from validate.suite import Suite

ALGORITHMS = ("maml", "fo-maml", "hf-maml")
RUNS = Path("runs")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp validate``."""
    parser.add_argument("config", metavar="CONFIG.toml", nargs="?", help="a suite of your own")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="the shipped suite with fewer points")
    size.add_argument("--full", action="store_true", help="the largest shipped suite, with the falsifier")
    add_problem(parser, repeatable=True)
    parser.add_argument("--epsilon", type=number, metavar="X", help="target for E||grad F||, with --problem")
    parser.add_argument("--algorithm", choices=ALGORITHMS, action="append", help="only this one; repeatable")
    parser.add_argument("--claims", metavar="NAME,...", help="only these claims")
    parser.add_argument("--replicates", type=count, metavar="N", help="independent runs of each experiment")
    parser.add_argument("--seed", type=seed, metavar="N", help="key of all random streams")
    parser.add_argument(
        "--engine", default="local", help="local, serial, or tcp://HOST:PORT of a Dask scheduler"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="run directory (none: runs/ID)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in --out, as it was configured"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run a suite, print a row for each claim, and say by the exit code whether one was refuted."""
    from fosp import output
    from fosp.identity import require_own
    from fosp.progress import Bar
    from fosp.verdicts import print_report

    require_own("validate")
    with Bar("running") as progress:
        report = _resumed(args, progress) if args.resume else _fresh(args, progress)
    if args.json:
        output.print_json(report.to_dict())
    else:
        print_report(report)
    output.note(f"run directory: {args.out}")
    return exits.FINE if report.ok else exits.REFUTED


def _fresh(args: argparse.Namespace, progress: Bar) -> Report:
    from empirics.engines import open_engine
    from fosp import output
    from validate.examine import check_names
    from validate.rundir import identifier, run_suite

    names = check_names(None if args.claims is None else args.claims.split(","))
    suite = _suite(args)
    list(open_engine(args.engine).map(abs, []))
    args.out = args.out or RUNS / identifier(suite.to_dict() | {"claims": list(names)})
    output.check_run_directory("out", args.out)
    args.how_to_resume = f"what is finished is kept; go on with: fosp validate --resume --out {args.out}"
    return run_suite(suite, args.out, claims=names, engine=args.engine, progress=progress)


def _resumed(args: argparse.Namespace, progress: Bar) -> Report:
    from bounds.errors import InputError
    from validate.rundir import resume

    if args.out is None:
        raise InputError("out", None, "must say which run to resume")
    for name in (
        "config",
        "quick",
        "full",
        "problem",
        "epsilon",
        "algorithm",
        "claims",
        "replicates",
        "seed",
    ):
        value = getattr(args, name)
        if value is not None and value is not False:
            raise InputError(name, value, "must not be given with --resume: the run knows")
    args.how_to_resume = f"what is finished is kept; go on with: fosp validate --resume --out {args.out}"
    return resume(args.out, engine=args.engine, progress=progress)


def _suite(args: argparse.Namespace) -> Suite:
    from bounds.errors import InputError
    from validate.suite import for_problem, from_dict, load

    chosen = [name for name in ("config", "quick", "full", "problem") if getattr(args, name)]
    if len(chosen) > 1:
        raise InputError(chosen[0], getattr(args, chosen[0]), f"must not be given with --{chosen[1]}")
    if args.epsilon is not None and not args.problem:
        raise InputError("epsilon", args.epsilon, "must come with --problem; a suite has its own")
    if args.epsilon is not None and not (0 < args.epsilon < math.inf):
        raise InputError("epsilon", args.epsilon, "must be a finite number > 0")
    if args.problem:
        suite = from_dict(for_problem(tuple(args.problem), args.epsilon))
    else:
        suite = load(args.config or ("quick" if args.quick else "full" if args.full else "default"))
    algorithms = args.algorithm and tuple(dict.fromkeys(args.algorithm))
    return suite.with_(replicates=args.replicates, seed=args.seed, algorithms=algorithms)
