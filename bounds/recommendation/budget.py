"""Where the budget ``A psi(epsilon)`` of a plan goes: the start, and each source of noise."""

from __future__ import annotations

from collections.abc import Mapping

from bounds.recommendation.model import Model

SOURCES = {
    "sigma": "task heterogeneity sigma",
    "sigma_tilde": "gradient noise sigma_tilde",
    "sigma_H": "Hessian noise sigma_H",
}
DIFFERENCE = "error of the difference, from the probe's length"


def shares(model: Model, values: Mapping[str, float]) -> dict[str, float]:
    """Return the share of the optimisation error, and what each source alone adds to the noise."""
    whole = model.way.signal(values)
    budget = whole["A"] * whole["psi"]
    rows = {"optimisation error 2 Delta/(c K)": 2 * values["Delta"] / (values["c"] * values["K"]) / budget}
    for name, label in SOURCES.items():
        if name in model.way.names:
            without = model.way.signal({**values, name: 0.0})
            rows[label] = (whole["N"] - without["N"]) / whole["ell"] / budget
    if model.way.still is not None:
        exact = model.way.still.of({name: float(values[name]) for name in model.way.names})[0]
        rows[DIFFERENCE] = (whole["N"] - exact) / whole["ell"] / budget
    return rows
