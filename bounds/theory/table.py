"""Table 1 of the paper: orders in epsilon, or in the number K of samples a task, with everything else left out."""

from __future__ import annotations

import sympy as sp
from sympy import Integer, sqrt

from bounds.bound import Statement
from bounds.standing import Case
from bounds.stating import ABSTRACT, GRADIENT, PURE, RECALL, recorded
from bounds.symbols import D, alpha, d, epsilon, sigma, sigma_tilde
from bounds.theory.algorithms import fo_maml, hf_maml, maml
from bounds.theory.recorded import NO_L
from bounds.units import Unit

PLACE = 74

_ORDER = "an order in epsilon alone: the recorded cell leaves out the factors that carry the units"
_SHOT = sigma_tilde / sqrt(D)
_FLOOR = alpha * sigma

_COLUMNS: tuple[tuple[str, str, str, Unit], ...] = (
    ("accuracy", "best accuracy", r"E\|\nabla F(w_\varepsilon)\|", GRADIENT),
    ("iterations", "iterations", "K", PURE),
    ("samples", "samples per iteration", "B(D_{in}+D_o+D_h)", PURE),
    ("k-shot", "best accuracy with D samples per task", r"E\|\nabla F(w_\varepsilon)\|", GRADIENT),
    ("cost", "cost per iteration", r"\mathrm{cost}", PURE),
)
_ANY = (epsilon, epsilon**-2, epsilon**-4, _SHOT)
_CELLS: dict[str, tuple[sp.Expr, ...]] = {
    maml.MAML.name: (*_ANY, d**2),
    fo_maml.FO_MAML.name: (_FLOOR, _FLOOR**-2, 1 / (alpha**4 * sigma**2), _FLOOR + _SHOT, d),
    hf_maml.HF_MAML.name: (*_ANY, d),
}
_IN_THE_ABSTRACT = ("maml.iterations", "hf-maml.iterations")
_NOTES = {
    "maml.cost": "recorded for explicit Hessians; a Hessian-vector product costs O(d)",
    "fo-maml.samples": "recorded with sigma to the power 2, not 4",
}


def _cell(algorithm: str, column: tuple[str, str, str, Unit], expression: sp.Expr) -> Statement:
    quantity, title, subject, unit = column
    return recorded(
        f"table.{algorithm}.{quantity}",
        f"{algorithm}: {title}, order as recorded",
        subject,
        Integer(0) + expression,
        unit,
        "Table 1",
        marks=(ABSTRACT,) if f"{algorithm}.{quantity}" in _IN_THE_ABSTRACT else (RECALL,),
        up_to_constant=True,
        case=Case(f"table {quantity}", algorithm),
        unmeasured="an order without a constant: no number that a run could contradict",
        inhomogeneous=_missing(expression),
        errata=("E3",) if algorithm == hf_maml.HF_MAML.name and quantity == "accuracy" else (),
        note=_NOTES.get(f"{algorithm}.{quantity}", ""),
    )


def _missing(expression: sp.Expr) -> str:
    if expression.has(alpha):
        return NO_L
    return _ORDER if expression.has(epsilon) and expression != epsilon else ""


STATEMENTS = tuple(
    _cell(algorithm, column, expression)
    for algorithm, row in _CELLS.items()
    for column, expression in zip(_COLUMNS, row, strict=True)
)


def cell(algorithm: str, quantity: str) -> Statement:
    """Return the statement of one cell: ``accuracy``, ``iterations``, ``samples``, ``k-shot`` or ``cost``."""
    return next(st for st in STATEMENTS if st.case == Case(f"table {quantity}", algorithm))
