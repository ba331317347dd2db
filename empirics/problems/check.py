"""The contract of a problem, checked: anyone's, or one of the families."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.func import grad, jvp

from bounds import arguments
from bounds.errors import InputError
from empirics import checks
from empirics.differentiation import differentiable
from empirics.problems.base import Problem
from empirics.problems.certify import certify
from empirics.threads import one_thread

_COLUMNS = ("constant", "status", "found", "value", "formula", "attained")
"""What is read of the table of constants."""
CLOSE = 1e-9
"""Relative difference allowed between a closed form and automatic differentiation."""

SIGMAS = 5.0
"""Standard errors allowed to a sample mean (one in two million is beyond them by chance)."""


@dataclass(frozen=True)
class Finding:
    """One row: what was checked, whether it holds, what was measured and what is allowed.

    ``verdict`` is ``ok``, ``wrong``, or ``not reached``: a constant called attained that the search came not near,
    which more evaluations may mend.
    """

    check: str
    passed: bool
    measured: float
    allowed: float
    detail: str
    verdict: str = ""

    def __post_init__(self) -> None:
        if not self.verdict:
            object.__setattr__(self, "verdict", "ok" if self.passed else "wrong")


def check_problem(
    problem: Problem, evaluations: int = 20_000, seed: int = 0, *, constants: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Check that a problem does what it promises; return one row per check.

    Shapes and types of every answer; closed forms against automatic differentiation; the oracle's
    reproducibility, unbiasedness and 1/D law; and an attempt to break each declared constant by optimisation
    from many starts (it can refute a constant, never prove it). Wrong shapes or derivatives end the checks,
    since what follows would say nothing.

    Parameters
    ----------
    problem : Problem
        Your problem, or one of the families.
    evaluations : int
        Evaluations of the optimiser, per constant.
    seed : int
        Seed of everything random in the checks.
    constants : DataFrame, optional
        What :func:`certify` found, when it is known already.

    Returns
    -------
    DataFrame
        Columns ``check, passed, measured, allowed, detail, verdict``.
    """
    checks.problem(problem)
    checks.count("evaluations", evaluations)
    checks.seed(seed)
    if constants is not None:
        _require_table(constants)
    with one_thread(), differentiable():
        return pd.DataFrame(map(asdict, _findings(problem, evaluations, seed, constants)))


def _require_table(constants: pd.DataFrame) -> None:
    allowed, made = "must be the table of constants that certify returns", "certify(problem) makes one"
    arguments.kind("constants", constants, pd.DataFrame, allowed, made)
    missing = [name for name in _COLUMNS if name not in constants.columns]
    if missing:
        raise InputError("constants", missing[0], f"{allowed}: this is no column of it", made)


def _findings(problem: Problem, evaluations: int, seed: int, constants: pd.DataFrame | None) -> list[Finding]:
    found: list[Finding] = []
    for check in (_shapes, _derivatives, _reproducible, _oracle):
        try:
            found.extend(check(problem, seed))
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            name = check.__name__.strip("_")
            found.append(Finding(name, False, math.nan, math.nan, f"{type(error).__name__}: {error}"))
        if check in (_shapes, _derivatives) and not all(finding.passed for finding in found):
            return found
    if constants is None:
        constants = certify(problem, evaluations=evaluations, seed=seed)
    return [*found, *_constants(constants)]


def _shapes(problem: Problem, seed: int) -> Iterator[Finding]:
    start = problem.start
    yield _truth(
        "start is a finite double vector", _is_double(start, (problem.dim,)), str(tuple(start.shape))
    )
    rng = np.random.default_rng(seed)
    for shape in ((3,), (2, 3)):
        tasks = rng.integers(0, problem.n_tasks, shape)
        index, w = torch.from_numpy(tasks), start.expand(*shape[:-1], 1, problem.dim)
        batch = torch.from_numpy(problem.sample(rng, tasks, 2))
        full = (*shape, problem.dim)
        answers = {
            "loss": (problem.loss(index, w), shape),
            "gradient": (problem.gradient(index, w), full),
            "gradient of a batch": (problem.gradient(index, w, batch), full),
            "Hessian product": (problem.hessian_vector(index, w, w), full),
            "Hessian product of a batch": (problem.hessian_vector(index, w, w, batch), full),
        }
        for name, (answer, wanted) in answers.items():
            passed = _is_double(answer, wanted)
            detail = f"got {tuple(answer.shape)} {answer.dtype}"
            yield _truth(f"{name}: double, shape {'x'.join(map(str, wanted))}", passed, detail)


def _derivatives(problem: Problem, seed: int) -> Iterator[Finding]:
    rng, tasks, w, v = _points(problem, seed)
    slope = grad(lambda x: problem.loss(tasks, x).sum())(w)
    yield _near("gradient is that of the loss", problem.gradient(tasks, w), slope)
    product = jvp(lambda x: problem.gradient(tasks, x), (w,), (v,))[1]
    yield _near("Hessian product is that of the gradient", problem.hessian_vector(tasks, w, v), product)
    batch = torch.from_numpy(problem.sample(rng, tasks.numpy(), 3))
    product = jvp(lambda x: problem.gradient(tasks, x, batch), (w,), (v,))[1]
    noisy = problem.hessian_vector(tasks, w, v, batch)
    yield _near("Hessian product of a batch is that of its gradient", noisy, product)
    u = torch.from_numpy(rng.standard_normal(w.shape))
    across = (problem.hessian_vector(tasks, w, u, batch) * v).sum(-1)
    yield _near("Hessian of a batch is symmetric", across, (noisy * u).sum(-1))
    alpha = 0.3 / problem.constants().L
    exact = grad(lambda x: problem.objective(x, alpha).sum())(w)
    yield _near("meta-gradient is that of F", problem.meta_gradient(w, alpha), exact)


def _reproducible(problem: Problem, seed: int) -> Iterator[Finding]:
    tasks = np.arange(64) % problem.n_tasks
    first, again, other = (problem.sample(np.random.default_rng(seed + k), tasks, 3) for k in (0, 0, 1))
    yield _truth("the same stream gives the same batch", np.array_equal(first, again), "")
    differs = problem.silent or not np.array_equal(first, other)
    yield _truth("another stream gives another batch", differs, "no noise" if problem.silent else "")


def _oracle(problem: Problem, seed: int, draws: int = 4000) -> Iterator[Finding]:
    rng, tasks, w, v = _points(problem, seed)
    index, points, along = tasks[:1].expand(draws), w[:1], v[:1]
    moments = {}
    for D in (1, 16):
        batch = torch.from_numpy(problem.sample(rng, index.numpy(), D))
        noise = problem.gradient(index, points, batch) - problem.gradient(index, points)
        product = problem.hessian_vector(index, points, along, batch)
        product = product - problem.hessian_vector(index, points, along)
        yield _unbiased(f"gradient of {D} samples is unbiased", noise)
        yield _unbiased(f"Hessian product of {D} samples is unbiased", product)
        moments[D] = D * (noise**2).sum(-1)
    yield _same_mean("variance of the mean of D samples falls like 1/D", moments[1], moments[16])


def _constants(table: pd.DataFrame) -> Iterator[Finding]:
    """Judge the constants: wrong is only one that a value above it refutes."""
    for row in table.to_dict("records"):
        name, status, found, allowed = row["constant"], row["status"], row["found"], row["value"]
        detail = f"{row['formula']}; {status}"
        yield Finding(f"{name} holds", status != "too small", found, allowed, detail)
        if row["attained"]:
            reached = status != "not reached"
            word = "" if reached else status
            yield Finding(f"{name} is attained", reached, found, allowed, detail, word)


def _points(
    problem: Problem, seed: int, number: int = 8
) -> tuple[np.random.Generator, Tensor, Tensor, Tensor]:
    rng, c = np.random.default_rng([seed, 2]), problem.constants()
    length = c.L / c.rho if c.rho else 1.0
    tasks = torch.from_numpy(rng.integers(0, problem.n_tasks, number))
    w = problem.start + length * torch.from_numpy(rng.standard_normal((number, problem.dim)))
    return rng, tasks, w, torch.from_numpy(rng.standard_normal(w.shape))


def _near(check: str, given: Tensor, wanted: Tensor) -> Finding:
    error = float((given - wanted).abs().max() / (1e-12 + wanted.abs().max()))
    return Finding(check, error <= CLOSE, error, CLOSE, "largest relative difference")


def _unbiased(check: str, noise: Tensor) -> Finding:
    error = noise.std(0) / math.sqrt(len(noise))
    worst = float((noise.mean(0).abs() / error.clamp(min=1e-300)).max()) if float(error.max()) > 0 else 0.0
    return Finding(check, worst <= SIGMAS, worst, SIGMAS, "largest deviation of a mean, in standard errors")


def _same_mean(check: str, x: Tensor, y: Tensor) -> Finding:
    error = math.sqrt(float(x.var() + y.var()) / len(x))
    worst = float((x.mean() - y.mean()).abs()) / error if error > 0 else 0.0
    return Finding(check, worst <= SIGMAS, worst, SIGMAS, "difference of D E||noise||^2, in standard errors")


def _truth(check: str, passed: bool, detail: str) -> Finding:
    return Finding(check, passed, float(passed), 1.0, detail)


def _is_double(answer: Tensor, shape: tuple[int, ...]) -> bool:
    return answer.dtype == torch.float64 and tuple(answer.shape) == shape and bool(answer.isfinite().all())
