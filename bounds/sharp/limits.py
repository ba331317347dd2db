r"""Where an algorithm stops, in closed form: with K shots and all tasks, and the stationary law on a quadratic."""

from __future__ import annotations

from sympy import Integer

from bounds.bound import Condition, Definition, Statement
from bounds.sharp.directions import MAML, h2
from bounds.sharp.quantities import INNER_BATCH, RELATION, T, b, x
from bounds.stating import GRADIENT, GRADIENT_SQUARED, PURE, derived
from bounds.symbols import B, D, D_in, L, alpha, beta, defined, rho, sigma, sigma_tilde

b_shot, h, c0 = map(defined, ("b_shot", "h", "c0"))
_BIAS = next(part.expression for part in INNER_BATCH if part.symbol == b)
SHOTS = (
    RELATION[0],
    Definition(b_shot, _BIAS.subs(D_in, D), "bias caused by an inner batch of D samples", r"b_D"),
)
NOISE = (
    RELATION[0],
    next(part for part in INNER_BATCH if part.symbol == T),
    next(part for part in MAML if part.symbol == h2),
)
_STATIONARY = "fixed equation of the second moment of an affine recursion"
_EXISTS = "a stationary law exists"
_NOTE = (
    "one coordinate of f_i = L (w - c_i)^2/2, whose gradient and Hessian have uncorrelated noises of constant "
    "variance; on a separable quadratic the coordinates add up"
)


def limit_statements() -> tuple[Statement, ...]:
    """Return the K-shot floor, the shots from which it is of order 1/K, and the stationary laws."""
    return (*_shots(), _maml(), _fo_maml())


def _shots() -> tuple[Statement, ...]:
    return (
        derived(
            "plateau.k-shot",
            "maml: where it stops with D samples in every batch (K-shot) and all tasks, at E G(w*) = 0",
            r"\|\nabla F(w_*)\|",
            (1 + x) * b_shot,
            GRADIENT,
            "the mean direction is off by no more than the bias of the inner batch",
            where=SHOTS,
            note="of order 1/D from the D of sharp.plateau.k-shot.samples on, where 1/sqrt(D) is recorded; with B "
            "tasks the variance of the direction adds a part that falls with B",
        ),
        derived(
            "plateau.k-shot.samples",
            "samples from which the K-shot floor is of order 1/D",
            "D",
            (rho * alpha * sigma_tilde / (2 * L)) ** 2,
            PURE,
            "where the two bounds on the bias of the inner batch cross",
            relation=r"\ge",
        ),
    )


def _maml() -> Statement:
    noise = h2 * (1 - x) ** 2 * L**2 / B
    left = 2 * h - beta * (h**2 + noise)
    return _law(
        "quadratic.stationary",
        "maml",
        beta * h**2 * c0 / (B * left),
        (
            *NOISE,
            Definition(h, (1 - x) ** 2 * L, "curvature of F"),
            Definition(
                c0,
                ((1 - x) ** 2 + h2) * ((1 - x) ** 2 * sigma**2 + T),
                "variance of one task's direction at the minimum",
                "c_0",
            ),
        ),
        left,
    )


def _fo_maml() -> Statement:
    left = 2 * h - beta * h**2
    return _law(
        "quadratic.stationary.fo-maml",
        "fo-maml",
        beta * (1 - x) ** 2 * h**2 * c0 / (B * left),
        (
            *NOISE,
            Definition(h, (1 - x) * L, "slope of the mean direction"),
            Definition(
                c0, (1 - x) ** 2 * sigma**2 + T, "variance of one task's direction at the minimum", "c_0"
            ),
        ),
        left,
    )


def _law(
    name: str, algorithm: str, expression: object, where: tuple[Definition, ...], left: object
) -> Statement:
    return derived(
        name,
        f"{algorithm}: mean square of grad F on a quadratic under the stationary law of a constant step beta",
        r"E\|\nabla F(w)\|^2",
        expression,
        GRADIENT_SQUARED,
        _STATIONARY,
        relation="=",
        where=where,
        domain=(
            Condition("inner step", alpha * L, Integer(1)),
            Condition(_EXISTS, Integer(0), left, strict=True),
        ),
        note=_NOTE,
    )
