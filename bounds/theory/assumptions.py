"""Assumptions 1 to 5, each with the constant that it introduces."""

from __future__ import annotations

from bounds.stating import GRADIENT_SQUARED, HESSIAN, NOTES, OBJECTIVE, recorded
from bounds.symbols import Delta, L, rho, sigma, sigma_H, sigma_tilde
from bounds.units import unit

PLACE = 10

_ROWS = (
    ("1", "F is bounded below", r"F(w_0)-\inf F", Delta, OBJECTIVE),
    ("2", "every task loss is smooth", r"\|\nabla^2 f_i(w)\|", L, HESSIAN),
    (
        "3",
        "every task Hessian is Lipschitz",
        r"\|\nabla^2 f_i(w)-\nabla^2 f_i(u)\|/\|w-u\|",
        rho,
        unit(1, -3),
    ),
    (
        "4",
        "the tasks' gradients are alike",
        r"E_i\|\nabla f_i(w)-\nabla f(w)\|^2",
        sigma**2,
        GRADIENT_SQUARED,
    ),
    (
        "5.gradient",
        "a one-sample gradient has bounded variance",
        r"E_\theta\|\nabla f_i(w,\theta)-\nabla f_i(w)\|^2",
        sigma_tilde**2,
        GRADIENT_SQUARED,
    ),
    (
        "5.hessian",
        "a one-sample Hessian has bounded variance",
        r"E_\theta\|\nabla^2 f_i(w,\theta)-\nabla^2 f_i(w)\|^2",
        sigma_H**2,
        unit(2, -4),
    ),
)

STATEMENTS = tuple(
    recorded(
        f"assumption.{number}",
        title,
        subject,
        constant,
        unit_,
        f"assumption {number[0]}",
        marks=(NOTES,),
        unmeasured="a hypothesis: problems are checked against it by certify and check_problem",
    )
    for number, title, subject, constant, unit_ in _ROWS
)
