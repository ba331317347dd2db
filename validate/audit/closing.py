"""What the answers mean together: the algorithm, the deviations from each, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from validate.audit import comparing, floor
from validate.audit.defects import defect
from validate.audit.fitting import Answers, Fit, Several
from validate.audit.known import IMAML, KNOWN, sentence
from validate.audit.naming import KEEPS, Named, differences
from validate.audit.outer import written
from validate.audit.report import AuditReport
from validate.audit.stopping import stops

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
    stopped = stops(made, fit)
    means = {} if fit is None or _is_more(made, fit) else comparing.bias(fit, made.bench.mean, steps)
    against = made.claimed or (name if name in KNOWN else None) or MAML.name
    return AuditReport(
        target=made.target.name,
        claimed=made.claimed,
        implements=None if {one.name for one in made.defects} - KEEPS else name,
        nearest=name or comparing.least(deviation),
        inner_steps=None if fit is None else fit.form.inner.steps,
        probe=_length(fit),
        deviation=deviation,
        mean_deviation={other: mean.off for other, mean in means.items()},
        mean_below={other: mean.below for other, mean in means.items() if mean.below is not None},
        defects=tuple({one.name: one for one in made.defects}.values()),
        notes=tuple(dict.fromkeys(made.notes)),
        floor=None if stopped is None or not stopped.rests else stopped.value,
        costs=_costs(stopped, against, steps, means.get(against)),
        calls=len(made.asker.calls),
        declared={"inner_steps": steps, "scale": made.target.scale, "outer": written(made.target.outer)},
    )


def _is_more(made: Audit, fit: Fit) -> bool:
    """Whether the code has another mean than its direction on one task: chance, leavings of tasks, round-off."""
    tasks, beta = made.gathered, made.outside
    mixed = tasks is not None and (not tasks.fits or tasks.mixes)
    return fit.short or made.random or made.dropped or mixed or (beta is not None and beta.shifted)


def _costs(stopped: floor.Floor | None, name: str, steps: int, mean: comparing.Mean | None) -> str:
    """Say what it costs: where it stops without noise, and by how much batches in two roles move its mean."""
    said = [] if stopped is None else [floor.said(stopped, name, steps)]
    if mean is not None and mean.off is not None and mean.off > NOTICED:
        far = f"in the mean over all batches it is off {name} by {mean.off:.2g}"
        said.append(f"{far}, which no number of tasks averages away")
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
    reading = comparing.reading(fit, [one.name for one in made.defects])
    return comparing.deviations(answers, made.target.inner_steps, reading, made.target.scale)


def _length(fit: Fit | None) -> float | None:
    return None if fit is None or fit.probe is None else fit.probe.median or None
