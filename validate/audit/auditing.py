"""The audit: ask, explain, and report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bounds import arguments
from bounds.errors import InputError, unknown
from empirics import checks
from empirics.differentiation import differentiable
from empirics.threads import one_thread
from validate.audit.adapters import of
from validate.audit.known import KNOWN
from validate.audit.report import AuditReport
from validate.audit.stages import Audit
from validate.audit.target import Target


def audit(
    target: Any,
    claimed: str | None = None,
    *,
    inner_steps: int | None = None,
    scale: float | str | None = None,
    outer: Any = None,
    seed: int = 0,
    name: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> AuditReport:
    """Find out which algorithm a meta-learning step is, and what is wrong with it.

    Parameters
    ----------
    target : callable, Target or str
        ``step(w, tasks, alpha, beta) -> new w`` on flat tensors, what an adapter of
        :mod:`validate.audit.adapters` makes of other code, or ``package.module:callable``.
    claimed : str, optional
        What it says it is, a name of :data:`validate.audit.known.KNOWN`; another one is a defect.
    inner_steps : int, optional
        How many inner steps are meant.
    scale : float or "sum", optional
        How many times the mean over the tasks its direction is meant to be.
    outer : str or callable, optional
        The optimiser outside: "sgd", "momentum=0.9", "adam", or ``(params, lr) -> Optimizer``.
    seed : int
        Of the questions.
    name : str, optional
        What to call it in the report.
    progress : callable, optional
        Told how many stages are done, and of how many.

    Returns
    -------
    AuditReport

    Raises
    ------
    InputError
        When the arguments are not allowed, or the code cannot be asked: in one line.
    """
    if claimed is not None and not (isinstance(claimed, str) and claimed in KNOWN):
        raise unknown("claimed", claimed, KNOWN)
    checks.seed(seed)
    arguments.progress(progress)
    if name is not None:
        arguments.text("name", name)
    made = _imported(target) if isinstance(target, str) else of(target)
    made = made.with_(inner_steps=inner_steps, scale=scale, outer=outer)
    made = made.with_(name=name or (target if isinstance(target, str) else made.name))
    with one_thread(), differentiable():
        return Audit(made, claimed, seed, progress or _silent).report()


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def _imported(name: str) -> Target:
    from empirics.importing import import_named

    found = import_named("target", name)
    if not callable(found):
        raise InputError("target", name, f"is {type(found).__name__}, and must be callable")
    return of(found)
