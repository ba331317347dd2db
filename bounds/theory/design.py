"""How the optimised design grows as epsilon falls: orders, with every factor that carries a unit."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.standing import Case
from bounds.stating import PURE, derived
from bounds.symbols import Delta, L, alpha, epsilon, rho, sigma, sigma_tilde

PLACE = 90

DOUBLINGS = sp.log(1 + rho * alpha**2 * sigma_tilde**2 / epsilon)
"""Levels of a multilevel inner batch, up to a factor: those at which the bias is epsilon."""
ITERATIONS = Delta * L / epsilon**2
TASKS = sigma**2 / epsilon**2
INNER_BATCH = rho * alpha**2 * sigma_tilde**2 / epsilon
RECORDED_BATCH = sigma_tilde**2 / epsilon**2


def _order(what: str, title: str, subject: str, expression: sp.Expr) -> Statement:
    return derived(
        f"design.{what}",
        f"optimised design for small epsilon: order of the {title}",
        subject,
        expression,
        PURE,
        "iterations to epsilon, minimised over the batch sizes",
        up_to_constant=True,
        chapter="theorems",
        case=Case(f"design {what}"),
        unmeasured="an order without a constant: no number that a run could contradict",
    )


_ROWS = (
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
    (
        "total.multilevel",
        "samples of a run with a multilevel inner batch",
        r"E\,\mathrm{samples}",
        ITERATIONS * (sigma + alpha * L * sigma_tilde * DOUBLINGS) ** 2 / epsilon**2,
    ),
)
GROWING = tuple(row[0] for row in _ROWS)
STATEMENTS = tuple(_order(*row) for row in _ROWS)
ITERATIONS_ORDER, TASKS_ORDER, INNER_ORDER, TOTAL, NOISE_FREE_TOTAL, RECORDED_TOTAL, LEVELS_TOTAL = STATEMENTS
