"""What the answers mean together: the algorithm, the deviations from each, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bounds.errors import InputError
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from validate.audit import comparing, floor
from validate.audit.asking import Asker
from validate.audit.changes import misuse
from validate.audit.defects import defect
from validate.audit.fitting import Answers, Fit, Several
from validate.audit.known import IMAML, KNOWN, sentence
from validate.audit.naming import KEEPS, Named, differences
from validate.audit.report import AuditReport

if TYPE_CHECKING:
    from validate.audit.stages import Audit

NOTICED = 1e-4
"""Relative deviation of a mean that is worth a sentence."""


def closed(made: Audit, found: Named, single: Answers, several: Several) -> AuditReport:
    """Return the report of an audit whose questions are all asked."""
    steps, fit = made.target.inner_steps, found.fit
    name = IMAML if made.implicit else _named(made, found)
    _mismatch(made, name, fit, single)
    deviation = _deviations(made, fit, [(single, fit.probe if fit else None), *several])
    stops = _floor(made, fit)
    means = {} if fit is None else comparing.bias(fit, made.bench.mean, steps)
    against = made.claimed or (name if name in KNOWN else None) or MAML.name
    return AuditReport(
        target=made.target.name,
        claimed=made.claimed,
        implements=None if {one.name for one in made.defects} - KEEPS else name,
        nearest=name or comparing.least(deviation),
        inner_steps=None if fit is None else fit.form.inner.steps,
        probe=_length(fit),
        deviation=deviation,
        mean_deviation=means,
        defects=tuple({one.name: one for one in made.defects}.values()),
        notes=tuple(dict.fromkeys(made.notes)),
        floor=None if stops is None else stops.value,
        costs=_costs(stops, against, steps, means.get(against)),
        calls=len(made.asker.calls),
        declared={"inner_steps": steps, "scale": made.target.scale, "outer": str(made.target.outer)},
    )


def _costs(stops: floor.Floor | None, name: str, steps: int, bias: float | None) -> str:
    """Say what it costs: where it stops without noise, and by how much batches in two roles move its mean."""
    said = [] if stops is None else [floor.said(stops, name, steps)]
    if bias is not None and bias > NOTICED:
        said.append(
            f"in the mean over all batches it is off {name} by {bias:.2g}, which no number of tasks averages away"
        )
    return "; ".join(said)


def _named(made: Audit, found: Named) -> str | None:
    """Return the algorithm; differences of many points may be as exact as Hessian products."""
    exact = (found.algorithm, made.claimed) == (MAML.name, HF_MAML.name) and found.fit is not None
    if found.fit is None or not exact or not differences(made.asker.calls, found.fit.form.hess):
        return found.algorithm
    made.notes.append("its differences of gradients are exact to round-off: it is MAML as well")
    return made.claimed


def _mismatch(made: Audit, name: str | None, fit: Fit | None, single: Answers) -> None:
    if made.claimed is None or name is None or name == made.claimed:
        return
    if {name, made.claimed} == {MAML.name, HF_MAML.name} and {one.name for one in made.defects} - KEEPS:
        return
    if fit is not None and (name, made.claimed) == (HF_MAML.name, MAML.name):
        plain = comparing.algorithm(MAML.name, made.target.inner_steps, fit.form.reading)
        if float(single.deviation(plain.each(single.sheet).mean(1)).max()) < comparing.FINE:
            made.notes.append("its Hessian products are differences of gradients, fine enough for MAML")
            return
    told = f"it says that it is {made.claimed}, and {sentence(name)}"
    made.defects.append(defect("not-as-claimed", told))


def _deviations(made: Audit, fit: Fit | None, answers: Several) -> dict[str, float]:
    """Return the deviations, under the names that right code gives to its batches."""
    if made.runs:
        return {}
    reading = (
        ()
        if fit is None or misuse(fit.form.reading) not in ("", "inner-batch-as-hessian")
        else fit.form.reading
    )
    chosen = any(one.name == "inner-batch-as-hessian" for one in made.defects)
    return comparing.deviations(
        answers, made.target.inner_steps, () if chosen else reading, made.target.scale
    )


def _floor(made: Audit, fit: Fit | None) -> floor.Floor | None:
    """Run the code on the plateau problem where that can be, and else what it was found to be."""
    scale = made.target.scale
    if made.target.network is None and not made.runs and not made.random:
        with refused() as said:
            return floor.of_code(
                Asker(made.target, made.asker.form),
                made.asker.calls,
                made.target.inner_steps,
                2.0 if scale == "sum" else float(scale),
            )
        made.notes.append(f"it does not run on the plateau problem: {said[0]}")
    return None if fit is None else floor.of_fit(fit, made.target.inner_steps)


@contextmanager
def refused() -> Iterator[list[str]]:
    """Note what the code refuses instead of raising it."""
    said: list[str] = []
    try:
        yield said
    except InputError as error:
        said.append(error.allowed)


def _length(fit: Fit | None) -> float | None:
    return None if fit is None or fit.probe is None else fit.probe.median or None
