"""What the paper's theorem on an algorithm says: accuracy, iterations, conditions, and our batch sizes."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp
from sympy import Integer, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, parts, var
from bounds.standing import COSINE, Case, Left, Standing
from bounds.stating import (
    GRADIENT,
    INNER_STEP,
    PURE,
    RECALL,
    larger,
    recorded,
    smaller,
    standing_in,
)
from bounds.symbols import (
    B,
    D,
    D_in,
    D_o,
    Delta,
    L,
    alpha,
    defined,
    epsilon,
    rho,
    sigma,
    sigma_tilde,
)
from bounds.theory import certificates
from bounds.theory.algorithm import NOTE, Algorithm, N, Recorded
from bounds.units import Unit

allowed = defined("N_max")
TASKS, INNER, OUTER = "tasks", "inner-batch", "outer-batch"
NO_L = "an order in alpha sigma alone: the recorded cell leaves out the factor L that carries the units"
DESIGN = "a condition on a plan: its consequence, the accuracy at that plan, is what is measured"
ORDER = "an order without a constant: no number that a run could contradict"
_OURS = "the equal split is ours: the paper's own choice of batch sizes is not in the record and may differ"
_INDEPENDENT = (
    "remark in the record: D_h is drawn independently of D_in and D_o, so that the noise of the Hessian has mean "
    "zero beside v_i; its mean square is a multiple of ||v_i||^2/D_h, and D_h stays the same as epsilon falls"
)


def statements(algorithm: Algorithm) -> tuple[Statement, ...]:
    """Return what is recorded of an algorithm, our batch sizes, and the smallest constant; nothing without one."""
    theorem = algorithm.recorded
    if theorem is None:
        return ()
    return (
        accuracy(algorithm),
        iterations(algorithm),
        *_steps(algorithm.name, theorem),
        *algorithm.more.values(),
        _k_shot(algorithm.name, theorem),
        *batch_sizes(algorithm, theorem).values(),
        certificates.constant(algorithm, theorem),
    )


@cache
def accuracy(algorithm: Algorithm) -> Statement:
    """Return the recorded accuracy.

    Raises
    ------
    ValueError
        When there is no recorded theorem on the algorithm.
    """
    theorem = theorem_on(algorithm)
    level, ours = theorem.constant * N, certificates.constant(algorithm, theorem)
    return recorded(
        f"{algorithm.name}.accuracy",
        f"{algorithm.name}: accuracy as recorded, constant {theorem.constant}",
        r"E\|\nabla F(w_\varepsilon)\|",
        larger(sqrt((1 + rho * alpha * sigma / L) * level), rho * alpha / L * level, epsilon),
        GRADIENT,
        f"theorem on {algorithm.name}",
        marks=theorem.marks,
        where=(theorem.noise,),
        domain=theorem.domain,
        errata=theorem.errata,
        note=theorem.note,
        standing=_standing(theorem),
        proof=lambda st: certificates.accuracy(st, ours, theorem),
        case=Case("accuracy", algorithm.name),
        left=Left(lambda p: p.hf_stop, of=COSINE) if theorem.certificate.refuted_by else None,
    )


def theorem_on(algorithm: Algorithm) -> Recorded:
    """Return the recorded theorem on an algorithm; ValueError when there is none."""
    if algorithm.recorded is None:
        raise ValueError(f"no recorded theorem on {algorithm.name}")
    return algorithm.recorded


def _standing(theorem: Recorded) -> Standing:
    certificate = theorem.certificate
    if certificate.refuted_by:
        most = certificate.largest_tasks
        return Standing(
            "refuted", f"erratum {certificate.refuted_by}: holds for B <= {most}, false for large B"
        )
    enough = f"implied by the theorem here: the constant {certificate.constant} would be enough"
    return Standing("recorded", enough)


@cache
def iterations(algorithm: Algorithm) -> Statement:
    """Return the recorded order of the number of iterations (its constant factor is left open)."""
    name, theorem = algorithm.name, theorem_on(algorithm)
    target = (L + rho * alpha * (sigma + epsilon)) / epsilon**2
    floor = L / theorem.task_noise + L * (B * D_o + D_in) / sigma_tilde**2
    return recorded(
        f"{name}.iterations",
        f"{name}: order of the iterations as recorded",
        "K",
        Delta * smaller(target, floor),
        PURE,
        f"theorem on {name}",
        marks=theorem.marks,
        domain=theorem.domain[:2],
        up_to_constant=True,
        errata=("E4",),
        note=NOTE,
        case=Case("recorded iterations", name),
        unmeasured=ORDER,
    )


def _steps(name: str, theorem: Recorded) -> tuple[Statement, ...]:
    def condition(what: str, title: str, subject: str, value: object, unit: Unit, **rest: Any) -> Statement:
        source = f"theorem on {name}"
        own: dict[str, Any] = {"marks": theorem.marks, "unmeasured": DESIGN}
        return recorded(f"{name}.{what}", f"{name}: {title}", subject, value, unit, source, **own, **rest)

    size = "step size beta_k as a multiple of the random step size beta~(w_k)"
    ratio = r"\beta_k/\tilde\beta(w_k)"
    return (
        condition("inner-step", "largest inner step", r"\alpha", theorem.largest_x / L, INNER_STEP),
        condition("step", size, ratio, theorem.step_factor, PURE, relation="="),
        condition("tasks.least", "tasks per iteration", "B", Integer(20), PURE, relation=r"\ge"),
    )


def hessian_batch(name: str, size: object, what: str = "hessian-batch", **rest: Any) -> Statement:
    """Return the recorded condition on the samples of the Hessian."""
    return recorded(
        f"{name}.{what}",
        f"{name}: samples of the Hessian",
        "D_h",
        size,
        PURE,
        f"theorem on {name}",
        relation=r"\ge",
        note=_INDEPENDENT,
        unmeasured=DESIGN,
        **rest,
    )


def _k_shot(name: str, theorem: Recorded) -> Statement:
    """State the accuracy with D samples in every batch of a task; the term of the tasks falls with B alone."""
    fixed = alpha * sigma if theorem.fixed_noise else Integer(0)
    return recorded(
        f"{name}.k-shot",
        f"{name}: accuracy with D samples in every batch (K-shot), order as recorded",
        r"E\|\nabla F(w_\varepsilon)\|",
        fixed + sigma / sqrt(B) + sigma_tilde / sqrt(D),
        GRADIENT,
        f"K-shot corollary of the theorem on {name}",
        marks=(RECALL,),
        up_to_constant=True,
        inhomogeneous=NO_L if theorem.fixed_noise else "",
        errata=tuple(e for e in theorem.errata if e == theorem.certificate.refuted_by),
        unmeasured=ORDER,
    )


def batch_sizes(algorithm: Algorithm, theorem: Recorded) -> dict[str, Statement]:
    """Equal thirds of the noise that the recorded accuracy allows at epsilon, after what no batch removes.

    Ours: the paper's own corollaries on batch sizes are not in the record.
    """
    constant, name = theorem.constant, algorithm.name
    level = smaller(
        epsilon**2 / (constant * (1 + rho * alpha * sigma / L)), epsilon * L / (constant * rho * alpha)
    )
    where = (Definition(allowed, level - theorem.fixed_noise, "noise that batches may leave", r"N_{\max}"),)
    domain = (
        Condition("inner step", alpha * L, theorem.largest_x),
        Condition("epsilon above the floor", Integer(0), allowed, strict=True),
    )
    rows = (
        (TASKS, "B", sigma**2, B),
        (INNER, r"D_{in}", sigma_tilde**2, D_in),
        (OUTER, r"B D_o", sigma_tilde**2, B * D_o),
    )

    def corollary(what: str, subject: str, noise: sp.Expr, batch: sp.Expr) -> Statement:
        return standing_in(
            f"{name}.{what}",
            f"{name}: large enough for the recorded accuracy to be epsilon; our equal thirds of the noise",
            subject,
            3 * noise / allowed,
            PURE,
            f"batch sizes, which are not in the record: equal thirds in the recorded theorem on {name}",
            relation=r"\ge",
            where=where,
            domain=domain,
            errata=theorem.errata,
            note=_OURS,
            standing=Standing("recorded", "follows from the recorded accuracy"),
            proof=lambda st: _thirds(st, algorithm, noise / batch, batch),
            case=Case(what, name),
            unmeasured=DESIGN,
        )

    return {row[0]: corollary(*row) for row in rows}


def _thirds(st: Statement, algorithm: Algorithm, value: sp.Expr, batch: sp.Expr) -> Items:
    """All three batches at their corollary's size make the recorded accuracy at most epsilon."""
    whole_ = accuracy(algorithm)
    first, second, third = var("part_tasks"), var("part_inner"), var("part_outer")
    cap, left = var("N_cap"), parts(st)[allowed.name]
    fixed = algorithm.recorded.fixed_noise if algorithm.recorded else sp.S.Zero
    given = (*(le(one, left / 3) for one in (first, second, third)), lt(0, left))
    whole = whole_.expression.subs(N, first + second + third + fixed)
    name = "three thirds make the accuracy epsilon"
    return (
        Step(
            "a batch of this size leaves a third",
            le(value, cap / 3),
            (le(st.expression, batch), eq(allowed, cap)),
        ),
        Step(name, le(whole, epsilon), given, controls=(le(whole, epsilon / 2),)),
    )
