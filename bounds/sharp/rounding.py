"""What round-off adds to the central difference, and the step at which both errors together are smallest."""

from __future__ import annotations

from sympy import Integer, sqrt

from bounds.bound import Condition, Statement
from bounds.sharp.estimators import PRODUCT
from bounds.stating import INNER_STEP, derived
from bounds.symbols import L, delta, point_norm, probe_gradient, probe_norm, rho, rounding
from bounds.units import unit

OFF = rounding * (probe_gradient + L * point_norm)
"""How far a computed gradient is off: it is rounded, and so is the point at which it is taken."""
ERROR = rho * delta * probe_norm**2 / 2 + OFF / delta
CURVED = Condition("curvature", Integer(0), rho, strict=True)
MOVING = Condition("direction", Integer(0), probe_norm, strict=True)
_BALANCE = "truncation against round-off; arithmetic and geometric mean"


def rounding_statements() -> tuple[Statement, ...]:
    """Return the error of the computed difference, its best step, and the shortest sensible probe."""
    length = sqrt(2 * OFF / rho)
    return (
        derived(
            "difference.computed",
            "error of the central difference when points and gradients are rounded to the relative error u",
            r"\|\mathrm{fl}(d)-\nabla^2 f(w)v\|",
            ERROR,
            PRODUCT,
            "error of the central difference, and two round-offs of gradients and of points over 2 delta",
        ),
        derived(
            "difference.computed.step",
            "difference step at which this bound is smallest",
            r"\delta",
            length / probe_norm,
            INNER_STEP,
            _BALANCE,
            relation="=",
            domain=(CURVED, MOVING),
        ),
        derived(
            "difference.computed.best",
            "error of the computed difference at that step",
            r"\|\mathrm{fl}(d)-\nabla^2 f(w)v\|",
            probe_norm * sqrt(2 * OFF * rho),
            PRODUCT,
            _BALANCE,
        ),
        derived(
            "hf-maml.rounding",
            "hf-maml: length of the probe below which round-off outweighs the error of the difference",
            "l",
            length,
            unit(0, 1),
            _BALANCE,
            relation="=",
            domain=(CURVED,),
        ),
    )
