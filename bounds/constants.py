"""The constants of the assumptions, and how each of them is known: validated once, here."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, Literal, get_args

from bounds import arguments
from bounds.errors import InputError
from bounds.reading import finite

Standing = Literal["certified", "declared", "estimated", "refuted"]
NAMES = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta", "M")
_NEAR = 1e-9
"""By how much, relatively, an observed value may exceed a constant before it counts: round-off."""


@dataclass(frozen=True)
class Constants:
    r"""Constants of the assumptions of the convergence theory.

    With F the unit of the objective and W the unit of the parameters:

    Attributes
    ----------
    L : float
        Smoothness of every task loss, :math:`\|\nabla^2 f_i(w)\| \le L` (A2). Unit F/W^2, > 0.
    rho : float
        Lipschitz constant of every task Hessian (A3). Unit F/W^3, >= 0.
    sigma : float
        Task heterogeneity, :math:`E_i\|\nabla f_i(w)-\nabla f(w)\|^2 \le \sigma^2` (A4). Unit F/W.
    sigma_tilde : float
        Gradient noise of one sample (A5). Unit F/W.
    sigma_H : float
        Hessian noise of one sample (A5). Unit F/W^2.
    Delta : float
        :math:`F(w_0)-\inf F`, or an upper bound on it (A1). Unit F.
    M : float, optional
        Bound on :math:`E_i\|\nabla f_i(w)\|` along the run; only the constant step needs it. Unit F/W.
    standing : mapping of str to {"certified", "declared", "estimated", "refuted"}
        How each constant is known: proved and enclosed, somebody's word (the default), a guess from data, or
        contradicted by a value that was observed. No part of what two sets of constants are compared by.
    observed : mapping of str to float
        The values that refute constants.

    Raises
    ------
    InputError
        When a constant is missing, not a number, not finite, or out of its range.
    """

    L: float
    rho: float
    sigma: float
    sigma_tilde: float
    sigma_H: float
    Delta: float
    M: float | None = None
    standing: Mapping[str, Standing] = field(default_factory=dict, compare=False, repr=False, kw_only=True)
    observed: Mapping[str, float] = field(default_factory=dict, compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        missing = [name for name in NAMES if name != "M" and getattr(self, name) is None]
        if len(missing) > 1:
            raise InputError(", ".join(missing), None, "must be finite numbers >= 0, and L > 0", "give them")
        for name in NAMES:
            value = getattr(self, name)
            if name == "M" and value is None:
                continue
            object.__setattr__(self, name, _number(name, value))
        arguments.mapping(
            "standing",
            self.standing,
            "names of constants to how they are known",
            'such as {"L": "certified"}',
        )
        known = {name: self.standing.get(name, "declared") for name in self._given}
        for name, standing in known.items():
            if standing not in get_args(Standing):
                allowed = f"must be known as one of {', '.join(get_args(Standing))}"
                raise InputError(name, standing, allowed)
        object.__setattr__(self, "standing", known)
        object.__setattr__(self, "observed", {n: v for n, v in _numbers(self.observed).items() if n in known})

    @property
    def _given(self) -> tuple[str, ...]:
        return tuple(name for name in NAMES if getattr(self, name) is not None)

    def to_dict(self) -> dict[str, float | None]:
        """Return the constants as a plain dictionary, in the order of declaration, without their standing."""
        return {name: getattr(self, name) for name in NAMES}

    def values(self) -> dict[str, float]:
        """Return those that are given, as the values of the theory's symbols: ``statement(name)(**values())``."""
        return {name: getattr(self, name) for name in self._given}

    def known_as(self, standing: Standing | Mapping[str, Standing]) -> Constants:
        """Return the same numbers with another standing, of all constants or of some."""
        changed = dict.fromkeys(self._given, standing) if isinstance(standing, str) else standing
        arguments.mapping(
            "standing", changed, "names of constants to how they are known", "or be one word for all"
        )
        return replace(self, standing={**self.standing, **changed})

    def confronted(self, observed: Mapping[str, Any]) -> Constants:
        """Return the same numbers, those that lie below an observed value as refuted.

        Parameters
        ----------
        observed : mapping of str to float
            Values that were seen, each a lower bound of what the constant must bound: the largest curvature
            met for L, for example. Names that are no constants are passed over; NaN refutes nothing.
        """
        seen = _numbers(observed)
        beyond = {
            name: seen[name]
            for name in self._given
            if name in seen and seen[name] > getattr(self, name) * (1 + _NEAR) + 1e-12
        }
        standing: dict[str, Standing] = {**self.standing, **dict.fromkeys(beyond, "refuted")}
        return replace(self, standing=standing, observed={**self.observed, **beyond})

    def refutation(self, names: Collection[str] = NAMES) -> str:
        """Say which of the named constants are refuted: ``L refuted: observed 3 > given 1``; empty for none."""
        return "; ".join(
            f"{name} refuted: {self._observed(name)} given {getattr(self, name):.4g}"
            for name in self._known("refuted", names)
        )

    def _observed(self, name: str) -> str:
        value = self.observed.get(name, math.nan)
        if value == math.inf:
            return "a loss or a gradient near the start is infinite or no number,"
        return f"observed {value:.4g} >"

    def condition(self, names: Collection[str] = NAMES) -> str:
        """Say what a guarantee from the named constants rests on; empty when all of them are certified."""
        groups = ((word, self._known(word, names)) for word in ("declared", "estimated"))
        resting = [f"the {word} {', '.join(found)}" for word, found in groups if found]
        return f"if {' and '.join(resting)} hold" if resting else ""

    def trust(self, names: Collection[str] = NAMES) -> str:
        """Say what is to be believed of the named constants: the condition, or else that they are refuted."""
        refutation = self.refutation(names)
        return f"for other constants only: {refutation}" if refutation else self.condition(names)

    def _known(self, standing: str, names: Collection[str]) -> list[str]:
        return [name for name, found in self.standing.items() if found == standing and name in names]


def require_constants(argument: str, value: object) -> Constants:
    """Return constants; raise InputError for anything else, which says where they are to be had."""
    return arguments.kind(argument, value, Constants, "must be Constants", _where(value))


def _where(value: object) -> str:
    """Return where the constants are of what was given in their place."""
    if isinstance(value, Mapping):
        return "make them of it: Constants(**...)"
    inside = getattr(value, "constants", None)
    if isinstance(inside, Constants):
        return "those of a plan are plan.constants"
    if callable(inside) and not isinstance(value, type):
        return "those of a problem are problem.constants()"
    if callable(value) and not isinstance(value, type):
        return "a function is called: problem.constants()"
    return "Constants(L=..., rho=..., sigma=..., sigma_tilde=..., sigma_H=..., Delta=...), or problem.constants()"


def _numbers(observed: object) -> dict[str, float]:
    """Return observed values as floats, infinity and NaN among them; raise InputError where one is no number."""
    found = {}
    for name, value in arguments.mapping("observed", observed, "names of constants to what was seen").items():
        if name not in NAMES:
            continue
        number = arguments.real(value)
        if number is None:
            raise InputError("observed", value, f"must be a number for {name}")
        found[name] = float(number)
    return found


def _number(name: str, value: object) -> float:
    allowed = f"must be a finite number {'> 0' if name == 'L' else '>= 0'}"
    number = finite(value)
    if number is None or not (number > 0 or (number == 0 and name != "L")):
        raise InputError(name, value, allowed, "" if isinstance(value, Real) else "give it explicitly")
    return number
