"""What round-off adds to the central difference, and the step at which both errors together are smallest."""

from __future__ import annotations

from sympy import sqrt

from bounds.bound import Statement
from bounds.sharp.estimators import PRODUCT
from bounds.stating import INNER_STEP, PURE, derived
from bounds.symbols import alpha, delta, probe_gradient, probe_norm, rho, rounding

ERROR = rho * delta * probe_norm**2 / 2 + rounding * probe_gradient / delta
_BALANCE = "truncation against round-off; arithmetic and geometric mean"


def rounding_statements() -> tuple[Statement, ...]:
    """Return the error of the computed difference, its best step, and the smallest sensible gamma."""
    root = sqrt(2 * rounding * probe_gradient * rho)
    return (
        derived(
            "difference.computed",
            "error of the central difference when each gradient is computed to the relative error u",
            r"\|\mathrm{fl}(d)-\nabla^2 f(w)v\|",
            ERROR,
            PRODUCT,
            "error of the central difference, and two round-offs over 2 delta",
        ),
        derived(
            "difference.computed.step",
            "difference step at which this bound is smallest",
            r"\delta",
            root / (rho * probe_norm),
            INNER_STEP,
            _BALANCE,
            relation="=",
        ),
        derived(
            "difference.computed.best",
            "error of the computed difference at that step",
            r"\|\mathrm{fl}(d)-\nabla^2 f(w)v\|",
            probe_norm * root,
            PRODUCT,
            _BALANCE,
        ),
        derived(
            "hf-maml.rounding",
            "hf-maml: difference factor below which round-off outweighs the error of the difference",
            r"\gamma",
            alpha * root,
            PURE,
            _BALANCE,
            relation="=",
        ),
    )
