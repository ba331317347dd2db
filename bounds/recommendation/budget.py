"""Where the budget ``A psi(epsilon)`` of a plan goes: the start, and each source of noise."""

from __future__ import annotations

from collections.abc import Mapping

from bounds.evaluation import parts
from bounds.recommendation.model import Model

SOURCES = {
    "sigma": "task heterogeneity sigma",
    "sigma_tilde": "gradient noise sigma_tilde",
    "sigma_H": "Hessian noise sigma_H",
    "gamma": "difference error gamma",
}
SMALL = {"gamma": 1e-30}


def shares(model: Model, values: Mapping[str, float]) -> dict[str, float]:
    """Return the share of the optimisation error, and what each source alone adds to the noise."""
    whole = _parts(model, values)
    budget = whole["A"] * whole["psi"]
    rows = {"optimisation error 2 Delta/(c K)": 2 * values["Delta"] / (values["c"] * values["K"]) / budget}
    for name, label in SOURCES.items():
        if name in model.statement("iterations").symbols:
            without = _parts(model, {**values, name: SMALL.get(name, 0.0)})
            rows[label] = (whole["N"] - without["N"]) / whole["ell"] / budget
    return rows


def _parts(model: Model, values: Mapping[str, float]) -> dict[str, float]:
    bound = model.statement("iterations")
    return parts(bound, {name: float(values[name]) for name in bound.symbols})
