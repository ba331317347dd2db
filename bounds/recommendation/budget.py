"""Where the budget ``A psi(epsilon)`` of a plan goes: the start, and each source of noise."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Integer

from bounds.bound import Definition
from bounds.evaluation import parts, scalars
from bounds.recommendation.model import Model
from bounds.theory.complexity import N
from bounds.theory.difference import eta

SOURCES = {
    "sigma": "task heterogeneity sigma",
    "sigma_tilde": "gradient noise sigma_tilde",
    "sigma_H": "Hessian noise sigma_H",
}
DIFFERENCE = "error of the difference, from the probe's length"


def shares(model: Model, values: Mapping[str, float]) -> dict[str, float]:
    """Return the share of the optimisation error, and what each source alone adds to the noise."""
    whole = _parts(model, values)
    budget = whole["A"] * whole["psi"]
    rows = {"optimisation error 2 Delta/(c K)": 2 * values["Delta"] / (values["c"] * values["K"]) / budget}
    for name, label in SOURCES.items():
        if name in model.statement("iterations").symbols:
            without = _parts(model, {**values, name: 0.0})
            rows[label] = (whole["N"] - without["N"]) / whole["ell"] / budget
    if "probe_length" in model.knobs:
        rows[DIFFERENCE] = (whole["N"] - _exact_difference(model, values)) / whole["ell"] / budget
    return rows


def _exact_difference(model: Model, values: Mapping[str, float]) -> float:
    """Return the noise N that would be left if the difference were the exact Hessian-vector product."""
    bound = model.statement("iterations")
    where = tuple(Definition(d.symbol, Integer(0)) if d.symbol == eta else d for d in bound.where)
    return scalars(where, bound.symbols, (N,))(*(float(values[name]) for name in bound.symbols))[0]


def _parts(model: Model, values: Mapping[str, float]) -> dict[str, float]:
    bound = model.statement("iterations")
    return parts(bound, {name: float(values[name]) for name in bound.symbols})
