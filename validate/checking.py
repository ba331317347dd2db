"""``check``: test the claims of the theory on one problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bounds import arguments
from bounds.errors import InputError, unknown
from bounds.plan import Algorithm, Theory
from bounds.theory.algorithms import runnable
from validate import design
from validate.claim import of_anyone
from validate.examine import check_names, examine, kinds_read
from validate.experiment import Experiment, require_affordable
from validate.report import Report, versions
from validate.runner import Progress, Runner
from validate.schema import require_replicates, require_steps, usual_reach

if TYPE_CHECKING:
    from empirics.algorithms import Direction
    from empirics.problems.base import Problem

JUDGED = "direction"
"""The claim that judges a direction by the algorithm that it says it is, and the kind that it reads."""


def check(
    problem: Problem | str,
    epsilon: float,
    *,
    seed: int = 0,
    algorithms: Iterable[Algorithm] | None = None,
    directions: Mapping[str, str | Direction] | None = None,
    claims: Iterable[str] | None = None,
    replicates: int = 64,
    theory: Theory = "sharp",
    alpha: float | None = None,
    inner_steps: int = 1,
    error: float = 0.01,
    out: Path | str | None = None,
    engine: str = "local",
    progress: Progress | None = None,
) -> Report:
    """Run the algorithms on a problem at their recommended plans and judge the claims of the theory.

    Parameters
    ----------
    problem : Problem or str
        A problem, or the specification of one.
    epsilon : float
        Target for ||grad F||, > 0. Unit F/W.
    seed : int
    algorithms : iterable of str, optional
        All by default.
    directions : mapping, optional
        From an algorithm's name to the direction that claims to be it. What is handed in is judged, whatever
        the claims.
    claims : iterable of str, optional
        Names of claims; all by default.
    replicates : int
        Independent runs of every stochastic experiment, >= 8.
    theory : {"sharp", "paper"}
    alpha : float, optional
        Inner step, unit W^2/F; by default 1/(10 L), or 1/(5 N L) with N inner steps, which all theorems allow.
    inner_steps : int
        Number N of inner steps, 1 to 10: then what is stated for N steps is asked, and F is their objective.
    error : float
        Probability of any false VIOLATED, in (0, 1).
    out : path, optional
        Run directory; without it nothing is written.
    engine : str
    progress : callable, optional

    Returns
    -------
    Report

    Raises
    ------
    InputError
    """
    from empirics import checks, problems

    require_replicates(replicates)
    names = check_names(claims)
    checks.seed(seed)
    checks.positive("epsilon", epsilon)
    arguments.text("theory", theory)
    arguments.text("engine", engine)
    arguments.progress(progress)
    arguments.probability("error", error)
    runner = Runner(None if out is None else Path(arguments.path("out", out)), engine, progress)
    if isinstance(problem, str):
        problems.require_same(problem)
    chosen = problems.from_spec(problem) if isinstance(problem, str) else problem
    checks.problem(chosen)
    if alpha is not None:
        checks.positive("alpha", alpha)
    require_steps(inner_steps)
    inner = usual_reach(inner_steps) / chosen.constants().L if alpha is None else alpha
    named = _algorithms(algorithms)
    given = _directions(directions, named)
    setting = design.Setting(chosen, inner, named, given, seed, replicates, inner_steps)
    experiments = _experiments(setting, epsilon, theory, () if claims is None else names)
    require_affordable(experiments)
    verdicts = examine(experiments, runner, _with_judgement(names, setting), error)
    return Report(tuple(verdicts), "check", (chosen.spec,), seed, error, versions())


def _experiments(
    setting: design.Setting, epsilon: float, theory: Theory, claims: Sequence[str]
) -> list[Experiment]:
    """Make the experiments that the named claims read, and no others; where none is named, everyone's.

    Among some claims only, directions are those that were handed in.
    """
    table = {"epsilon": epsilon, "theory": theory}
    read = kinds_read(_with_judgement(claims, setting)) if claims else None
    one = setting.inner_steps == 1
    made = [
        experiment
        for kind in of_anyone(claims).values()
        if (read is None or kind.name in read) and (kind.several or one)
        for experiment in kind.experiments(setting, table)
    ]
    only_given = setting.directions and claims and kinds_read(claims) is not None
    return [e for e in made if e.kind != JUDGED or e.direction is not None or not only_given]


def _with_judgement(claims: Sequence[str], setting: design.Setting) -> tuple[str, ...]:
    """Return the claims, and the one that judges directions where some were handed in, asked or not."""
    unasked = setting.directions and claims and JUDGED not in claims
    return (*claims, JUDGED) if unasked else tuple(claims)


def _directions(
    directions: Mapping[str, str | Direction] | None, algorithms: tuple[Algorithm, ...]
) -> dict[str, str | Direction]:
    if directions is not None and not isinstance(directions, Mapping):
        allowed = f"must map the name of an algorithm to what claims to be it: {', '.join(algorithms)}"
        remedy = f'directions={{"{algorithms[0]}": my_direction}}' if algorithms else ""
        raise InputError("directions", getattr(directions, "__name__", directions), allowed, remedy)
    for name, given in (directions or {}).items():
        if not (callable(given) or isinstance(given, str)):
            raise InputError("directions", given, f"{name} must be a function or package.module:callable")
        if name not in algorithms:
            allowed = f"must be among the algorithms that are tested: {', '.join(algorithms)}"
            raise InputError("directions", name, allowed)
    return dict(directions or {})


def _algorithms(names: Iterable[Algorithm] | None) -> tuple[Algorithm, ...]:
    known = runnable()
    chosen = known if names is None else arguments.names("algorithms", names)
    for name in chosen:
        if name not in known:
            raise unknown("algorithms", name, known)
    if not chosen:
        raise InputError("algorithms", [], f"must name one of {', '.join(known)} at least")
    return chosen
