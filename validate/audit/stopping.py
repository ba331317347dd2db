"""Where the code stops on the plateau problem: itself, or what it was found to be, or why neither can be said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bounds.errors import InputError
from validate.audit import floor
from validate.audit.asking import Asker
from validate.audit.fitting import Fit
from validate.audit.outer import heavy_ball, plainly

if TYPE_CHECKING:
    from validate.audit.stages import Audit

ELSEWHERE = frozenset(("tensors-not-adapted", "tensors-not-updated", "frozen-moved"))
"""Defects in single tensors of a module: the plateau problem has none of these."""


def stops(made: Audit, fit: Fit | None) -> floor.Floor | None:
    """Run the code with all that it keeps, and else what it was found to be; None with a note that says why."""
    if made.random or made.noisy or made.dropped:
        return _unsaid(made, "its answers are not repeated")
    if made.target.network is None:
        asker = Asker(made.fresh, made.asker.form)
        with refused() as said:
            return floor.of_code(asker, made.asker.calls, made.target.inner_steps, _factor(made))
        made.notes.append(f"it does not run on the plateau problem: {said[0]}")
    if fit is None:
        return _unsaid(made, "it was not found out what it computes")
    why = _unlike(made, fit)
    return _unsaid(made, why) if why else _of_fit(made, fit)


def _unsaid(made: Audit, why: str) -> floor.Floor | None:
    module = "" if made.target.network is None else "a module does not run on the plateau problem, and "
    made.notes.append(f"where it stops is not said: {module}{why}")
    return None


def _of_fit(made: Audit, fit: Fit) -> floor.Floor:
    optimiser = made.optimiser or (heavy_ball(made.memory) if made.memory else None)
    weights = None if made.gathered is None else made.gathered.of_tasks(floor.TASKS)
    if weights is None and made.target.scale == "sum":
        weights = (1.0,) * floor.TASKS
    move = optimiser.mover() if optimiser else plainly
    return floor.of_fit(fit, made.target.inner_steps, move, weights, _factor(made))


def _unlike(made: Audit, fit: Fit) -> str:
    """Say in which way the code does more than its direction on one task; "" where that is all."""
    beta, gathered = made.outside, made.gathered
    if beta is None or not made.explained:
        return "it keeps something between calls"
    if made.scaled:
        return "its step size depends on the gradients"
    if beta.kind != "affine" or beta.shifted:
        return "its step is not beta times a direction"
    if gathered is not None and (not gathered.fits or gathered.mixes):
        return "its tasks do not stay apart"
    if ELSEWHERE & {one.name for one in made.defects} or fit.form.inner.moved is not None:
        return "it treats its tensors differently"
    return ""


def _factor(made: Audit) -> float:
    """Return by what a step is divided: the factor that is declared, where no optimiser is to see it."""
    if made.optimiser is not None:
        return 1.0
    return float(floor.TASKS) if made.target.scale == "sum" else float(made.target.scale)


@contextmanager
def refused() -> Iterator[list[str]]:
    """Note what the code refuses instead of raising it."""
    said: list[str] = []
    try:
        yield said
    except InputError as error:
        said.append(error.allowed)
