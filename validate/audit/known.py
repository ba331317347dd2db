"""The algorithms that the audit knows, and each as the code that it should be."""

from __future__ import annotations

from types import MappingProxyType

from bounds.theory.algorithm import Algorithm, Curvature
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from validate.audit.forms import Form
from validate.audit.walking import Inner

KNOWN = MappingProxyType({one.name: one for one in (MAML, FO_MAML, HF_MAML)})
"""What code may claim to be, and is compared with."""
REPTILE, IMAML = "reptile", "imaml"
"""What it may be found to be besides."""
TERM: dict[Curvature, str] = {"product": "hessian", "difference": "difference", "none": ""}
"""What stands for the Hessian term, by what an algorithm does about the Hessian."""


def right(name: str, steps: int, reading: tuple[str, ...] = ()) -> Form:
    """Return an algorithm as the paper has it, under the names that the code gives to its batches."""
    inner, outer, hess = (*(reading or ("in", "out")), "hess")[:3]
    return Form(Inner(steps, inner), outer, hessian=TERM[KNOWN[name].curvature], hess=hess)


def name_of(form: Form) -> str:
    """Return the algorithm that a form is, or is a defective form of."""
    if form.goes:
        return REPTILE
    return next(name for name, one in KNOWN.items() if one.curvature == form.curvature)


def sentence(name: str) -> str:
    """Say in a sentence which algorithm some code is."""
    one: Algorithm | None = KNOWN.get(name)
    if one is None:
        return f"it is {name}"
    return f"it is {one.written}" if one.takes_hessians else f"it has no Hessian term: it is {one.written}"
