"""How the optimised design grows as epsilon falls: orders, with every factor that carries a unit."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.stating import PURE, derived
from bounds.symbols import Delta, L, alpha, epsilon, rho, sigma, sigma_tilde

ITERATIONS = Delta * L / epsilon**2
TASKS = sigma**2 / epsilon**2
INNER_BATCH = rho * alpha**2 * sigma_tilde**2 / epsilon
RECORDED_BATCH = sigma_tilde**2 / epsilon**2


def design_statements() -> tuple[Statement, ...]:
    """Return the orders of iterations, tasks, inner batch and total cost, for small epsilon."""
    rows = (
        ("iterations", "iterations", "K", ITERATIONS),
        ("tasks", "tasks per iteration", "B", TASKS),
        ("inner-batch", "samples of the inner gradient", r"D_{in}", INNER_BATCH),
        ("total", "samples of a run", r"K B D_{in}", ITERATIONS * TASKS * INNER_BATCH),
        ("total.noise-free", "samples of a run when sigma_tilde = 0", "K B", ITERATIONS * TASKS),
        (
            "total.recorded",
            "samples of a run with the inner batch of the recorded theorem",
            r"K B D_{in}",
            ITERATIONS * TASKS * RECORDED_BATCH,
        ),
    )
    return tuple(_order(*row) for row in rows)


def _order(what: str, title: str, subject: str, expression: sp.Expr) -> Statement:
    return derived(
        f"design.{what}",
        f"optimised design for small epsilon: order of the {title}",
        subject,
        expression,
        PURE,
        "iterations to epsilon, minimised over the batch sizes",
        up_to_constant=True,
    )
