"""Which claim measures which statement; a statement says itself why none does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from bounds import statements
from bounds.bound import Statement
from bounds.members import members
from bounds.theory import estimators
from validate.claims.differences import BATCH, BIAS, FRESH, NOISE
from validate.claims.limits import SHOT, SUBSET
from validate.claims.matrices import FACTS
from validate.claims.pointwise import lemmas
from validate.claims.rounded import COMPUTED


@cache
def measured() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the statements by the claim that measures them."""
    return MappingProxyType(
        {
            "accuracy": cases("guarantee", "accuracy"),
            "iterations": cases("iterations"),
            "plateau": (
                "sharp.plateau.upper",
                "sharp.plateau.lower",
                "sharp.plateau.trapezoid",
                "sharp.plateau.shared-hessian",
                "sharp.maml.floor",
                "sharp.hf-maml.floor",
            ),
            "direction": cases("bias", "spread"),
            "lemma": lemmas(),
            "errata": ("paper.hf-maml.accuracy", "sharp.plateau.hf-maml", "sharp.plateau.hf-maml.repair"),
            "recorded": ("paper.second-moment", "paper.hf-maml.hessian-batch", "paper.maml.iterations"),
            "step": cases("moment"),
            "descent": cases("descent"),
            "rates": (
                "sharp.design.total",
                "sharp.design.total.recorded",
                "sharp.maml.iterations",
                "sharp.plateau.upper",
                "sharp.plateau.hf-maml",
                "sharp.inner.bias",
                "sharp.maml.floor",
                "sharp.fo-maml.floor",
                "sharp.hf-maml.floor",
                "paper.table.maml.k-shot",
            ),
            "cost": cases("table cost"),
            "difference": (BIAS, NOISE, FRESH, BATCH),
            "rounding": (COMPUTED,),
            "estimator": _offered_by(estimators.__name__),
            "matrix": tuple(FACTS),
            "limits": (SHOT, SUBSET, *cases("stationary")),
        }
    )


def cases(*quantities: str) -> tuple[str, ...]:
    """Return the names of all statements on these quantities, whatever the algorithm and the step rule."""
    return tuple(st.name for st in statements().values() if st.case and st.case.quantity in quantities)


def _offered_by(topic: str) -> tuple[str, ...]:
    return tuple(st.name for st in members((topic,), Statement))


def claims_of(name: str) -> tuple[str, ...]:
    """Return the claims that measure a statement."""
    return tuple(claim for claim, names in measured().items() if name in names)


def reason_for(name: str) -> str:
    """Return why no claim measures a statement; empty when there is no reason, or no such statement.

    A statement that is measured may have a reason as well: it is then measured as a part of another one.
    """
    return statements()[name].unmeasured if name in statements() else ""
