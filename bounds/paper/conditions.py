"""What the paper's theorems ask of the step and the batches, and what follows for a given epsilon."""

from __future__ import annotations

from sympy import Integer, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.paper.theorem import Recorded
from bounds.stating import GRADIENT, IMPLEMENTATION, INNER_STEP, PURE, RECALL, recorded, smaller, standing_in
from bounds.symbols import (
    B,
    D,
    D_h,
    L,
    alpha,
    d,
    defined,
    epsilon,
    probe_norm,
    rho,
    sigma,
    sigma_H,
    sigma_tilde,
)
from bounds.units import unit

allowed = defined("N_max")
NO_L = "an order in alpha sigma alone: the recorded cell leaves out the factor L that carries the units"
_OURS = "the equal split is ours: the paper's own choice of batch sizes is not in the record and may differ"
_INDEPENDENT = (
    "remark in the record: D_h is drawn independently of D_in and D_o, so that the noise of the Hessian has mean "
    "zero beside v_i; its mean square is a multiple of ||v_i||^2/D_h, and D_h stays the same as epsilon falls"
)
_E2 = "the recorded condition compares a pure number with F^2/W^4 (sigma_tilde) or F^4/W^10 (sigma_H); erratum E2"


def condition_statements(theorem: Recorded) -> tuple[Statement, ...]:
    """Return the recorded inner step, step size, batch conditions and K-shot accuracy, and our batch sizes."""
    return (*_steps(theorem), *_hessian(theorem), _k_shot(theorem), *_corollaries(theorem))


def _steps(theorem: Recorded) -> tuple[Statement, ...]:
    name, source = theorem.algorithm, f"theorem on {theorem.algorithm}"
    return (
        recorded(
            f"{name}.inner-step",
            f"{name}: largest inner step",
            r"\alpha",
            theorem.largest_x / L,
            INNER_STEP,
            source,
            marks=theorem.marks,
        ),
        recorded(
            f"{name}.step",
            f"{name}: step size beta_k as a multiple of the random step size beta~(w_k)",
            r"\beta_k/\tilde\beta(w_k)",
            theorem.step_factor,
            PURE,
            source,
            marks=theorem.marks,
            relation="=",
        ),
        recorded(
            f"{name}.tasks.least",
            f"{name}: tasks per iteration",
            "B",
            Integer(20),
            PURE,
            source,
            marks=theorem.marks,
            relation=r"\ge",
        ),
    )


def _hessian(theorem: Recorded) -> tuple[Statement, ...]:
    if theorem.algorithm == "maml":
        return (_batch(theorem, "hessian-batch", theorem.hessian_batch), _cost())
    if theorem.algorithm == "fo-maml":
        return ()
    return (
        _batch(
            theorem,
            "hessian-batch",
            36 * (alpha * rho * sigma_tilde) ** 2,
            errata=("E2",),
            inhomogeneous=_E2,
        ),
        _batch(
            theorem,
            "hessian-batch.sigma-H",
            36 * (alpha * rho * sigma_H) ** 2,
            errata=("E2",),
            inhomogeneous=_E2,
        ),
        recorded(
            "hf-maml.difference",
            "hf-maml: difference step",
            r"\delta_i",
            1 / (6 * rho * alpha * probe_norm),
            INNER_STEP,
            "theorem on hf-maml",
            marks=(*theorem.marks, IMPLEMENTATION),
            relation="=",
            domain=(Condition("curvature", Integer(0), rho, strict=True),),
            errata=("E3",),
        ),
    )


def _batch(theorem: Recorded, what: str, size: object, **rest: object) -> Statement:
    algorithm = theorem.algorithm
    return recorded(
        f"{algorithm}.{what}",
        f"{algorithm}: samples of the Hessian",
        "D_h",
        size,
        PURE,
        f"theorem on {algorithm}",
        marks=theorem.marks,
        relation=r"\ge",
        note=_INDEPENDENT,
        **rest,
    )


def _cost() -> Statement:
    return recorded(
        "maml.cost",
        "maml: cost of the Hessians of one iteration",
        r"\mathrm{cost}",
        d**2 * B * D_h,
        PURE,
        "remark on the cost of MAML",
        marks=(RECALL,),
        up_to_constant=True,
        note="recorded for explicit Hessians; with Hessian-vector products it is d B D_h",
    )


def _k_shot(theorem: Recorded) -> Statement:
    """State the accuracy with D samples in every batch of a task; the term of the tasks falls with B alone."""
    fixed = alpha * sigma if theorem.fixed_noise else Integer(0)
    return recorded(
        f"{theorem.algorithm}.k-shot",
        f"{theorem.algorithm}: accuracy with D samples in every batch (K-shot), order as recorded",
        r"E\|\nabla F(w_\varepsilon)\|",
        fixed + sigma / sqrt(B) + sigma_tilde / sqrt(D),
        GRADIENT,
        f"K-shot corollary of the theorem on {theorem.algorithm}",
        marks=(RECALL,),
        up_to_constant=True,
        inhomogeneous=NO_L if theorem.fixed_noise else "",
        errata=tuple(e for e in theorem.errata if e == "E3"),
    )


def _corollaries(theorem: Recorded) -> tuple[Statement, ...]:
    """Equal thirds of the noise that the recorded accuracy allows at epsilon, after what no batch removes.

    Ours: the paper's own corollaries on batch sizes are not in the record.
    """
    constant, name = theorem.constant, theorem.algorithm
    level = smaller(
        epsilon**2 / (constant * (1 + rho * alpha * sigma / L)), epsilon * L / (constant * rho * alpha)
    )
    where = (Definition(allowed, level - theorem.fixed_noise, "noise that batches may leave", r"N_{\max}"),)
    domain = (
        Condition("inner step", alpha * L, theorem.largest_x),
        Condition("epsilon above the floor", Integer(0), allowed, strict=True),
    )
    rows = (
        ("tasks", "B", sigma**2),
        ("inner-batch", r"D_{in}", sigma_tilde**2),
        ("outer-batch", r"B D_o", sigma_tilde**2),
    )
    return tuple(
        standing_in(
            f"{name}.{what}",
            f"{name}: large enough for the recorded accuracy to be epsilon; our equal thirds of the noise",
            subject,
            3 * noise / allowed,
            unit(),
            f"batch sizes, which are not in the record: equal thirds in the recorded theorem on {name}",
            relation=r"\ge",
            where=where,
            domain=domain,
            errata=theorem.errata,
            note=_OURS,
        )
        for what, subject, noise in rows
    )
