"""Which claims measure a statement, and why no claim measures the others."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

from validate.claim import claims

_DESIGN = "a condition on a plan: its consequence, the accuracy at that plan, is what is measured"
_ORDER = "an order without a constant: no number that a run could contradict"
EXEMPT: Mapping[str, str] = MappingProxyType(
    {
        "paper.assumption.*": "a hypothesis: problems are checked against it by certify and check_problem",
        "paper.step.tasks": _DESIGN,
        "paper.step.samples": _DESIGN,
        "paper.*maml.inner-step": _DESIGN,
        "paper.*maml.step": _DESIGN,
        "paper.*maml.tasks*": _DESIGN,
        "paper.*maml.*-batch": _DESIGN,
        "paper.hf-maml.hessian-batch.sigma-H": _DESIGN,
        "paper.hf-maml.difference": _DESIGN,
        "paper.difference.bias": "twice the derived bound on the same quantity, which is measured",
        "paper.maml.cost": _ORDER,
        "paper.*maml.k-shot": _ORDER,
        "sharp.plateau.k-shot.samples": "where the two branches of the K-shot floor cross: the floor is measured",
        "sharp.*maml.step-factor*": "where the bound on the iterations, which is measured, is least in c",
        "sharp.matrix.mean": "about matrices in general; no plan uses it, and the ledger's search measures it",
        "paper.*maml.iterations": _ORDER,
        "paper.table.*": _ORDER,
        "sharp.design.*": _ORDER,
        "sharp.difference.computed.*": "the bound on the computed error at one step, by an identity",
        "sharp.hf-maml.rounding": "the step at which the bound on the computed error is smallest, as a factor",
        "sharp.*maml.floor*": "the part of the guarantee that K does not shrink, which is measured with it",
        "sharp.*maml.constant": "a constant in the recorded accuracy, which is measured with its own constant",
    }
)
"""Statements that no claim measures, with the reason; a statement that is measured may match one as well."""


def claims_of(name: str) -> tuple[str, ...]:
    """Return the claims that measure a statement."""
    return tuple(claim.name for claim in claims().values() if _matches(name, claim.measures))


def reason_for(name: str) -> str:
    """Return why no claim measures a statement; empty when there is no reason."""
    return next((why for pattern, why in EXEMPT.items() if fnmatchcase(name, pattern)), "")


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
