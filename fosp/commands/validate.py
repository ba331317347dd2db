"""The main job: run the algorithms and test every applicable claim of the theory.

Without arguments the shipped suite is run; with --problem, the claims are tested on that problem.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fosp import completion, exits
from fosp.command import Command
from fosp.options import (
    Choices,
    add_directory,
    add_engine,
    add_json,
    add_problem,
    add_trust,
    count,
    number,
    runnable,
    seed,
    steps,
)

if TYPE_CHECKING:
    from fosp.progress import Bar
    from validate.report import Report
    from validate.suite import Suite

PLACE = 3
RUNS = Path("runs")
_INNER = "only what is asked of N inner steps, 1 to 10: plans, directions, single steps, plateaus"
_ALGORITHM = "only this algorithm, such as hf-maml; repeatable (none: all)"
_SETTLED = ("config", "quick", "full", "epsilon", "algorithm", "inner_steps", "claims", "replicates", "seed")
"""What a run that is resumed knows."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp validate``."""
    parser.add_argument("config", metavar="CONFIG.toml", nargs="?", help="a suite of your own")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="the shipped suite with fewer points")
    size.add_argument("--full", action="store_true", help="the largest shipped suite, with the falsifier")
    add_problem(parser, repeatable=True)
    parser.add_argument("--epsilon", type=number, metavar="X", help="target for E||grad F||, with --problem")
    parser.add_argument(
        "--algorithm", choices=Choices(runnable), metavar="NAME", action="append", help=_ALGORITHM
    )
    parser.add_argument("--inner-steps", type=steps, metavar="N", help=_INNER)
    claims = parser.add_argument("--claims", metavar="NAME,...", help="only these claims")
    completion.by(claims, completion.listed(completion.claims))
    parser.add_argument("--replicates", type=count, metavar="N", help="independent runs of each experiment")
    parser.add_argument("--seed", type=seed, metavar="N", help="key of all random streams")
    add_engine(parser)
    add_directory(parser, "--out", "run directory (none: runs/ID)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in --out, as it was configured"
    )
    add_trust(parser, "CONFIG.toml or the run directory")
    parser.add_argument("--all", action="store_true", help="print every row, however many there are")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run a suite, print a row for each claim, and say by the exit code whether one was refuted."""
    from fosp import output
    from fosp.progress import Bar
    from fosp.verdicts import print_report

    with Bar("running") as progress, output.damage_noted("validate"):
        report = _resumed(args, progress) if args.resume else _fresh(args, progress)
    if args.json:
        output.print_json(report.to_dict())
    else:
        print_report(report, args.out, whole=args.all)
    output.note_engine(args.engine)
    output.note(f"run directory: {args.out}")
    return exits.FINE if report.ok else exits.REFUTED


def _fresh(args: argparse.Namespace, progress: Bar) -> Report:
    from empirics.engines import open_engine
    from fosp import output
    from validate.examine import check_names
    from validate.rundir import identifier, run_suite

    typed = None if args.claims is None else args.claims.split(",")
    names = check_names(typed)
    suite = _suite(args, typed or ())
    if not _named(args) and args.out is not None:
        _keep_other(args.out, suite.to_dict() | {"claims": list(names)})
    list(open_engine(args.engine).map(abs, []))
    args.out = args.out or RUNS / identifier(suite.to_dict() | {"claims": list(names)})
    output.check_run_directory("out", args.out)
    args.how_to_resume = how_to_resume(args.out, args.problem or (), trust=args.trust)
    return run_suite(suite, args.out, claims=names, engine=args.engine, progress=progress)


def _resumed(args: argparse.Namespace, progress: Bar) -> Report:
    from bounds.errors import InputError
    from validate.rundir import resume

    if args.out is None:
        raise InputError("out", None, "must say which run to resume")
    for name in _SETTLED:
        value = getattr(args, name)
        if value is not None and value is not False:
            raise InputError(name, value, "must not be given with --resume: the run knows")
    named = tuple(args.problem or ())
    args.how_to_resume = how_to_resume(args.out, named, trust=args.trust)
    return resume(args.out, engine=args.engine, progress=progress, problems=named, trust=args.trust)


def how_to_resume(out: Path, named: Iterable[str], *, trust: bool = False) -> str:
    """Say which command goes on with a run; own problems are named again."""
    from empirics.importing import split

    own = [f" --problem {name}" for name in dict.fromkeys(named) if split(name) is not None]
    command = f"fosp validate --resume --out {out}{''.join(own)}{' --trust' if trust else ''}"
    return f"what is finished is kept; go on with: {command}"


def _named(args: argparse.Namespace) -> list[str]:
    """Return the arguments that say what to run."""
    return [name for name in ("config", "quick", "full", "problem") if getattr(args, name)]


def _keep_other(out: Path, config: dict[str, Any]) -> None:
    """Refuse to start the default suite, which nobody named, where another run is."""
    from bounds.errors import InputError
    from validate.rundir import other_run
    from validate.stored import CONFIG, read_config

    if not (out / CONFIG).exists():
        return
    try:
        read_config(out)
        other = other_run(out, config)
    except InputError:
        other = {"title": "damaged"}
    if other is not None:
        allowed = f"must not be the directory of another run ({other['title']}) unless a suite is named"
        remedy = "go on with it: --resume; or name the suite: fosp validate default --out DIR"
        raise InputError("out", str(out), allowed, remedy)


def _suite(args: argparse.Namespace, claims: Iterable[str]) -> Suite:
    from bounds.errors import InputError
    from validate.schema import require_steps
    from validate.stored import require_trust
    from validate.suite import for_problem, from_dict, load

    chosen = _named(args)
    if len(chosen) > 1:
        raise InputError(chosen[0], getattr(args, chosen[0]), f"must not be given with --{chosen[1]}")
    if args.epsilon is not None and not args.problem:
        raise InputError("epsilon", args.epsilon, "must come with --problem; a suite has its own")
    if args.epsilon is not None and not (0 < args.epsilon < math.inf):
        raise InputError("epsilon", args.epsilon, "must be a finite number > 0")
    if args.problem:
        suite = from_dict(for_problem(tuple(args.problem), args.epsilon, claims))
    else:
        suite = load(args.config or ("quick" if args.quick else "full" if args.full else "default"))
    if args.config and not args.trust:
        require_trust("CONFIG", suite)
    algorithms = args.algorithm and tuple(dict.fromkeys(args.algorithm))
    if args.inner_steps is not None:
        require_steps(args.inner_steps)
    return suite.with_inner_steps(args.inner_steps).with_(
        replicates=args.replicates, seed=args.seed, algorithms=algorithms
    )


COMMAND = Command("validate", __doc__, add_arguments, run)
