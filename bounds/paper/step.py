"""The paper's step size: what its random part needs of B' and D_beta, and its two moments."""

from __future__ import annotations

from sympy import Integer, Rational

from bounds.bound import Condition, Statement
from bounds.stating import HESSIAN, NOTES, RECALL, recorded
from bounds.symbols import B_prime, D_beta, L, alpha, mean_norm, rho, sigma, sigma_tilde
from bounds.units import unit

TASKS = (rho * alpha * sigma / L) ** 2 / 2
SAMPLES = (2 * rho * alpha * sigma_tilde / L) ** 2
_ENOUGH = (Condition("step-size tasks", TASKS, B_prime), Condition("step-size samples", SAMPLES, D_beta))
_WHOLE = (Condition("inner step", alpha * L, Integer(1)),)
_SOURCE = "the paper's lemma on the step size"
_SMOOTHNESS = 4 * L + 2 * rho * alpha * mean_norm
_UNBOUNDED = (
    "L(w) is not bounded over w, because E_i||grad f_i(w)|| is not: F has no global constant of smoothness, "
    "and the step size follows L(w)"
)
_CONSTANT = "remark in the record: this size stays the same as epsilon falls"


def step_statements() -> tuple[Statement, ...]:
    """Return the recorded smoothness of F, its parabolas, and the recorded moments of the random step size."""
    return (
        _statement(
            "paper.smoothness",
            "smoothness of F at w",
            r"\|\nabla F(w)-\nabla F(u)\|/\|w-u\|",
            _SMOOTHNESS,
            r"\le",
            _WHOLE,
            note=f"remark in the record: {_UNBOUNDED}",
        ),
        _quadratic_bound(),
        _statement(
            "paper.step.mean",
            "mean of the random step size",
            r"E\tilde\beta(w)",
            Rational(4, 5) / _SMOOTHNESS,
            r"\ge",
        ),
        _statement(
            "paper.step.square",
            "second moment of the random step size",
            r"E\tilde\beta(w)^2",
            Rational(25, 8) / _SMOOTHNESS**2,
            r"\le",
        ),
        _size("paper.step.tasks", "tasks of the step-size batch", "B'", TASKS),
        _size("paper.step.samples", "samples per task of the step-size batch", r"D_\beta", SAMPLES),
    )


def _quadratic_bound() -> Statement:
    return recorded(
        "quadratic-bound",
        "F lies between two parabolas about w",
        r"|F(u)-F(w)-\langle\nabla F(w),u-w\rangle|/\|u-w\|^2",
        _SMOOTHNESS / 2,
        HESSIAN,
        "corollary of the lemma on smoothness",
        marks=(RECALL,),
        domain=_WHOLE,
    )


def _size(name: str, title: str, subject: str, expression: object) -> Statement:
    return Statement(
        name=name,
        title=title,
        subject=subject,
        expression=expression,
        unit=unit(),
        relation=r"\ge",
        source=_SOURCE,
        provenance="recorded",
        marks=(NOTES,),
        note=_CONSTANT,
    )


def _statement(
    name: str,
    title: str,
    subject: str,
    expression: object,
    relation: str,
    domain: tuple[Condition, ...] = _ENOUGH,
    note: str = "",
) -> Statement:
    power = {"paper.smoothness": 1, "paper.step.mean": -1, "paper.step.square": -2}[name]
    return Statement(
        name=name,
        title=title,
        subject=subject,
        expression=expression,
        unit=unit(power, -2 * power),
        domain=domain,
        relation=relation,
        source=_SOURCE if "step" in name else "the paper's lemma on smoothness",
        provenance="recorded",
        marks=(NOTES,),
        note=note,
    )
