"""The constants of the assumptions, validated once, here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from numbers import Real

from bounds.errors import InputError
from bounds.reading import finite


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

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "M" and value is None:
                continue
            object.__setattr__(self, field.name, _number(field.name, value))

    def to_dict(self) -> dict[str, float | None]:
        """Return the constants as a plain dictionary, in the order of declaration."""
        return asdict(self)


def _number(name: str, value: object) -> float:
    allowed = f"must be a finite number {'> 0' if name == 'L' else '>= 0'}"
    number = finite(value)
    if number is None or not (number > 0 or (number == 0 and name != "L")):
        raise InputError(name, value, allowed, "" if isinstance(value, Real) else "give it explicitly")
    return number
