"""Numbers at which a reader may look at a statement: an ordinary problem, an ordinary plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from bounds.bound import Statement
from bounds.errors import DomainError, InputError
from bounds.given import NEUTRAL

_PROBLEM = {
    "L": 1.0, "rho": 1.0, "sigma": 0.3, "sigma_tilde": 0.3, "sigma_H": 0.3, "Delta": 1.0, "M": 1.0,
    "n_tasks": 1000, "d": 100, "R": 20.0, "m": 0.4,
}  # fmt: skip
_PLAN = {
    "alpha": 0.1, "epsilon": 0.1, "B": 20, "D_in": 10, "D_o": 10, "D_h": 10, "D": 10, "D_test": 10, "B_prime": 20,
    "D_beta": 10, "K": 10_000, "c": 0.1, "theta": 1.0, "phi": 0.5, "beta": 0.1, "depth": 3, "rate": 0.5,
    "delta": 0.01, "probe_length": 0.006, "chance": 0.5, "rounding": 1e-7,
}  # fmt: skip
_POINT = {
    "y": 0.1, "gradient": 0.1, "mean_norm": 0.4, "outer_norm": 0.4, "probe_norm": 0.4, "probe_gradient": 0.4,
    "point_norm": 1.0, "bias": 0.03, "variance": 0.1, "error": 0.05, "guarantee": 0.1,
    "best": 0.1, "lapse": 0.1,
}  # fmt: skip
_OTHERWISE = (
    {"B": 100, "D_in": 100, "D_o": 100, "D_h": 100, "c": 0.03, "K": 100_000},
    {"B": 1000, "D_in": 1000, "D_o": 1000, "D_h": 1000, "c": 0.01, "K": 1_000_000, "epsilon": 0.3, "alpha": 0.03},
    {"d": 1}, {"D": 1000}, {"alpha": 0.03}, {"epsilon": 0.3}, {"n_tasks": 1000, "B": 100, "alpha": 0.01},
)  # fmt: skip
TYPICAL = MappingProxyType(_PROBLEM | _PLAN | _POINT | NEUTRAL)
"""The usual point."""
UNKNOWN = 0.1
"""A quantity that is not in the table, of somebody's theory say."""


def look(st: Statement) -> tuple[Mapping[str, float], float] | None:
    """Return a typical point of a statement's domain and the value there, if one of a few is inside."""
    for other in ({}, *_OTHERWISE):
        values = {name: (TYPICAL | other).get(name, UNKNOWN) for name in st.symbols}
        try:
            value = float(st(**values))
        except (DomainError, InputError, OverflowError, TypeError):
            continue
        if math.isfinite(value):
            return values, value
    return None
