"""What the paper's theorems ask of the step and the batches, and what follows for a given epsilon."""

from __future__ import annotations

from sympy import Integer

from bounds.bound import Condition, Definition, Statement
from bounds.paper.theorem import Recorded
from bounds.stating import INNER_STEP, PURE, recorded, smaller
from bounds.symbols import L, alpha, defined, epsilon, probe_norm, rho, sigma, sigma_H, sigma_tilde
from bounds.units import unit

allowed = defined("N_max")
_E2 = "the recorded condition compares a pure number with F^2/W^4 (sigma_tilde) or F^4/W^10 (sigma_H); erratum E2"


def condition_statements(theorem: Recorded) -> tuple[Statement, ...]:
    """Return the recorded inner step, step size and batch conditions of one theorem, and its corollaries."""
    return (*_steps(theorem), *_hessian(theorem), *_corollaries(theorem))


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
        ),
        recorded(
            f"{name}.step",
            f"{name}: step size beta_k as a multiple of the random step size beta~(w_k)",
            r"\beta_k/\tilde\beta(w_k)",
            theorem.step_factor,
            PURE,
            source,
            relation="=",
        ),
        recorded(
            f"{name}.tasks.least",
            f"{name}: tasks per iteration",
            "B",
            Integer(20),
            PURE,
            source,
            relation=r"\ge",
        ),
    )


def _hessian(theorem: Recorded) -> tuple[Statement, ...]:
    if theorem.algorithm == "maml":
        return (_batch("maml.hessian-batch", theorem.hessian_batch),)
    if theorem.algorithm == "fo-maml":
        return ()
    return (
        _batch(
            "hf-maml.hessian-batch", 36 * (alpha * rho * sigma_tilde) ** 2, errata=("E2",), inhomogeneous=_E2
        ),
        _batch(
            "hf-maml.hessian-batch.sigma-H",
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
            relation="=",
            domain=(Condition("curvature", Integer(0), rho, strict=True),),
            errata=("E3",),
        ),
    )


def _batch(name: str, size: object, **rest: object) -> Statement:
    algorithm = name.partition(".")[0]
    title = f"{algorithm}: samples of the Hessian"
    return recorded(name, title, "D_h", size, PURE, f"theorem on {algorithm}", relation=r"\ge", **rest)


def _corollaries(theorem: Recorded) -> tuple[Statement, ...]:
    """Equal thirds of the noise that the recorded accuracy allows at epsilon, after what no batch removes."""
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
        recorded(
            f"{name}.{what}",
            f"{name}: large enough for the recorded accuracy to be epsilon, equal thirds of the noise",
            subject,
            3 * noise / allowed,
            unit(),
            f"corollary of the theorem on {name}",
            relation=r"\ge",
            where=where,
            domain=domain,
            errata=theorem.errata,
        )
        for what, subject, noise in rows
    )
