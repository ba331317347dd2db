r"""Rates: exponents in epsilon, alpha, sigma, the difference factor, the shots, with their fitting windows.

The plans' exponents are those of the bounds themselves, evaluated at recommended plans; the plateau's are those
of exact fixed points. Both are numbers without sampling error, so the interval is the range of the local
slopes in the window: what is uncertain is how far the limit still is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import pandas as pd
import torch
from scipy.optimize import brentq

from bounds import Constants, recommend
from bounds.bound import Statement
from bounds.plan import Algorithm, Theory
from bounds.recommendation import best_for_batches
from bounds.theory import design, estimators, plateau, recorded, table
from bounds.theory.algorithm import Algorithm as One
from bounds.theory.algorithms import theorem
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from bounds.theory.inner_steps import lemmas
from bounds.theory.one_step import bias_of
from empirics import problems
from empirics.problems import several
from empirics.problems.mean_direction import mean_direction
from validate.claim import Claim, Kind
from validate.claims.exact import always
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.shots import stop
from validate.statistics import fit_exponent

PLACE = 10
UNIT = Constants(L=1.0, rho=1.0, sigma=1.0, sigma_tilde=1.0, sigma_H=1.0, Delta=1.0)
SMALL_EPSILON = (3e-5, 1e-5, 3e-6, 1e-6)
ALPHAS = (0.0025, 0.005, 0.01)
SIGMAS = (0.25, 0.5, 1.0, 2.0)
GAMMAS = (1 / 600, 1 / 1200, 1 / 2400)
SAMPLES = (10, 100, 1000)
SHOTS = (8, 64, 512)
MANY = (1e3, 1e4, 1e5)
STEPS = (1, 2, 4, 8)
FORMULAS = "formulas alone"
NOISY, SMOOTH = "ripple:dim=3,n_tasks=8,sigma_tilde=1", "hf-counterexample"
STALLS = "plateau"
TENT = "hf-counterexample-tent:sigma_tilde=0.5"
WAVES = "ripple:dim=1,n_tasks=4,sigma_tilde=1"
INFINITE = 1e30
SLOPE, STALL = "ramp:dim=1,Delta=0.05,sigma_tilde=1", "plateau:sigma_tilde=0.3"


@dataclass(frozen=True)
class Rate:
    """An exponent that the theory names: of what, in what, at which points.

    ``on`` is the problem it is measured on, by default that of the experiment; ``stops``: only of one that stops.
    """

    claim: str
    statement: Statement
    algorithm: One
    exponent: float
    margin: float
    points: Sequence[float]
    value: Callable[[float, Any], float]
    detail: str
    stops: bool = False
    on: str = ""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Fit every exponent that applies to the problem."""
    return [_check(experiment, rate) for rate in RATES if _applies(rate, experiment)]


def _applies(rate: Rate, experiment: Experiment) -> bool:
    return not rate.stops or hasattr(experiment.problem, "hf_plateau")


def _check(experiment: Experiment, rate: Rate) -> Check:
    problem: Any = problems.from_spec(rate.on) if rate.on not in ("", FORMULAS) else experiment.problem
    values = [rate.value(point, problem) for point in rate.points]
    fit = fit_exponent(rate.points, values, 0.05)

    window = (
        f"fitted on [{fit.window[0]:.3g}, {fit.window[1]:.3g}], local slopes differ by {fit.curvature:.2g}"
    )
    return experiment.check(
        rate.claim,
        rate.statement,
        rate.exponent,
        always(fit.interval),
        algorithm=rate.algorithm.name,
        side="==",
        margin=rate.margin,
        n=len(rate.points),
        problem=rate.on or experiment.problem.spec,
        detail=f"{rate.detail}; {window}",
    )


def _total(theory: Theory, epsilon: float, _: Any) -> float:
    plan = recommend(UNIT, epsilon, MAML.name, theory, alpha=0.1, depth=0)
    return float(plan.total_samples or 0)


def _iterations(epsilon: float, _: Any) -> float:
    plan = recommend(UNIT, epsilon, MAML.name, alpha=0.1, depth=0)
    return float(plan.iterations or 0) * float(plan.step_factor or 0)


def _plateau_in_alpha(alpha: float, problem: Any) -> float:
    return float(problem.fo_plateau(alpha / problem.constants().L))


def _plateau_in_sigma(sigma: float, problem: Any) -> float:
    return float(replace(problem, sigma=sigma).fo_plateau(0.1))


def _difference_in_gamma(gamma: float, problem: Any) -> float:
    return float(problem.hf_plateau(0.05, gamma / (problem.hessian_lipschitz * 0.05)))


def _bias_in_samples(D: float, problem: Any) -> float:
    """Exact bias of MAML's direction on a noisy problem, at its start."""
    w = problem.start
    mean = mean_direction(problem, w, 0.1, MAML.name, D)
    return float((mean - problem.meta_gradient(w, 0.1)).norm())


def _at_the_kink(D: float, problem: Any) -> float:
    """Exact bias of MAML with two inner steps, where the first step of a task ends at a kink of its Hessian."""
    alpha = 0.2 / problem.constants().L
    return _bias_of_two(problem, torch.tensor([_kink(problem, alpha)], dtype=torch.float64), alpha, D, True)


def _off_the_kink(D: float, problem: Any) -> float:
    """Exact bias of the outer gradient after two inner steps, where Hessians are smooth."""
    return _bias_of_two(problem, problem.start, 0.2 / problem.constants().L, D, False)


def _bias_of_two(problem: Any, w: torch.Tensor, alpha: float, D: float, hessians: bool) -> float:
    noisy, still = (several.mean_direction(problem, w, alpha, size, hessians) for size in (D, math.inf))
    return float((noisy - still).norm())


@cache
def _kink(problem: Any, alpha: float) -> float:
    """Return where the first task's inner step ends at 0, the tip of its tent."""
    task = torch.tensor([0])

    def ahead(t: float) -> float:
        w = torch.tensor([[t]], dtype=torch.float64)
        return float(w - alpha * problem.gradient(task, w))

    return float(brentq(ahead, -5.0, 5.0, xtol=1e-15))


def _plateau_in_steps(N: float, problem: Any) -> float:
    return several.fo_plateau(problem, 0.002 / problem.constants().L, int(N))


def _floor(algorithm: Algorithm, K: float, _: Any) -> float:
    """Best reachable epsilon with K samples for every batch and any number of tasks, by the derived theory."""
    return best_for_batches(UNIT, dict.fromkeys(("D_in", "D_o", "D_h"), int(K)), algorithm, 0.1)


def _recorded_floor(K: float, _: Any) -> float:
    given = {"alpha": 0.1, "epsilon": 1 / INFINITE, "B": INFINITE, "D_in": K, "D_o": K, "D_h": K}
    return float(recorded.accuracy(MAML)(**(UNIT.values() | given)))


def _stop(algorithm: str, K: float, problem: Any) -> float:
    return stop(problem, 0.1, K, algorithm)


_FLOORS = {one.name: theorem("floor", one.name) for one in (MAML, FO_MAML, HF_MAML)}
RATES = (
    Rate("rate.samples", design.TOTAL, MAML, -5, 0.15, SMALL_EPSILON, partial(_total, "sharp"),
         "total samples to epsilon, derived plan", on=FORMULAS),
    Rate("rate.samples", design.RECORDED_TOTAL, MAML, -6, 0.15, SMALL_EPSILON, partial(_total, "paper"),
         "total samples to epsilon, the paper's plan", on=FORMULAS),
    Rate("rate.iterations", theorem("iterations", MAML.name), MAML, -2, 0.1, SMALL_EPSILON, _iterations,
         "iterations to epsilon, times the step factor", on=FORMULAS),
    Rate("rate.plateau-alpha", plateau.FO_STOP, FO_MAML, 1, 0.05, ALPHAS, _plateau_in_alpha,
         "FO-MAML's exact plateau against alpha", stops=True),
    Rate("rate.plateau-sigma", plateau.FO_STOP, FO_MAML, 1, 1e-6, SIGMAS, _plateau_in_sigma,
         "FO-MAML's exact plateau against sigma", stops=True, on=STALLS),
    Rate("rate.plateau-gamma", plateau.HF_STOP, HF_MAML, 2, 0.1, GAMMAS, _difference_in_gamma,
         "HF-MAML's exact plateau against the difference factor (smooth Hessians)", stops=True, on=SMOOTH),
    Rate("rate.k-shot", estimators.INNER_BIAS, MAML, -1, 0.05, SAMPLES, _bias_in_samples,
         "exact bias of the direction against the inner batch: 1/D_in, not 1/sqrt(D_in)", on=NOISY),
    Rate("rate.inner-kink", bias_of(MAML.with_steps(2)), MAML, -0.5, 0.05, MANY, _at_the_kink,
         "exact bias of MAML with two inner steps at a kink of the Hessian: 1/sqrt(D_in)", on=TENT),
    Rate("rate.inner-bias", lemmas.lemmas(2)[-1], FO_MAML, -1, 0.05, MANY, _off_the_kink,
         "exact bias of the outer gradient after two inner steps: 1/D_in", on=WAVES),
    Rate("rate.plateau-steps", lemmas.plateau(2), FO_MAML, 1, 0.05, STEPS, _plateau_in_steps,
         "FO-MAML's exact plateau against the number of inner steps", stops=True),
    Rate("rate.k-shot-floor", _FLOORS[MAML.name], MAML, -1, 0.05, SHOTS, partial(_floor, MAML.name),
         "best epsilon with K samples for every batch, derived", on=FORMULAS),
    Rate("rate.k-shot-floor", _FLOORS[HF_MAML.name], HF_MAML, -1, 0.05, SHOTS, partial(_floor, HF_MAML.name),
         "best epsilon with K samples for every batch, derived", on=FORMULAS),
    Rate("rate.k-shot-floor", table.cell(MAML.name, "k-shot"), MAML, -0.5, 0.05, SHOTS, _recorded_floor,
         "best epsilon with K samples for every batch, by the recorded accuracy", on=FORMULAS),
    Rate("rate.k-shot-stop", _FLOORS[MAML.name], MAML, -1, 0.05, SHOTS, partial(_stop, MAML.name),
         "where MAML stops with K samples for every batch, exact", on=SLOPE),
    Rate("rate.k-shot-stop", _FLOORS[HF_MAML.name], HF_MAML, -1, 0.05, SHOTS, partial(_stop, HF_MAML.name),
         "where HF-MAML stops with K samples for every batch, exact", on=SLOPE),
    Rate("rate.k-shot-stop", _FLOORS[FO_MAML.name], FO_MAML, 0, 0.05, SHOTS, partial(_stop, FO_MAML.name),
         "where FO-MAML stops with K samples for every batch, exact: more of them are no help", on=STALL),
)  # fmt: skip
"""The exponents that are checked."""


KIND = Kind("rates")
CLAIM = Claim("rates", ("rates",), checks, tuple(dict.fromkeys(rate.statement.name for rate in RATES)))
