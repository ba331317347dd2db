"""Sabotaged bounds on runs, plans, step sizes and exponents, and on the fall of F in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from sympy import Rational, sqrt
from torch import Tensor

from bounds import Constants, recommend
from bounds.symbols import bias, chance, error, variance
from bounds.theory.confidence import CONSTANT_STEP
from bounds.theory.one_step import DESCENT
from empirics.algorithms import maml
from empirics.oracle import Oracle
from studies.power.judging import ALPHA, Sabotage, Wrong, judged, setting, stepping
from studies.power.theory import Change, believed, times, without
from validate import design, onestep
from validate.claims.tight import tight_run
from validate.experiment import Experiment
from validate.verdict import Verdict

QUIET = "quadratic:dim=2,n_tasks=2,sigma=0,sigma_tilde=0,sigma_H=0"
QUADRATIC, BOWLS, NOISY_RAMP = "quadratic:dim=3,n_tasks=6", "quadratic:dim=2,n_tasks=4", "ramp:sigma_tilde=1"
RULES = (*onestep.MEANS, "self-scaled")
TIGHT = (("maml", "constant"), ("maml", "sampled"), ("fo-maml", "constant"), ("hf-maml", "constant"))
NOISY_BOWL, STEADY_BOWL = "ramp-bowl", "ramp-bowl:sigma=0.099,level=0.01,Delta=0.51"
"""Half of the squared gradient is noise, or a hundredth."""
TIGHT_ALPHA, MANY, MORE = 1e-5, 192, 320
Experiments = Callable[[], Iterable[Experiment]]

# ---- a bound changed ----------------------------------------------------------------------------------


def _bound(
    claim: str, experiments: Experiments, change: Callable[[float], float], only: str = ""
) -> Sabotage:
    """Judge the checks of a claim whose name has ``only`` in it against another bound."""

    def run() -> list[Verdict]:
        rows = judged(claim, next(iter(experiments())), lambda c: replace(c, bound=change(c.bound)))
        return [row for row in rows if only in row.claim]

    return run


def _to(spec: str = "ripple", epsilon: float = 0.2, algorithm: str = "maml") -> Experiments:
    return lambda: design.convergence(setting(spec, algorithm), epsilon)


def _stop(spec: str = "plateau") -> Experiments:
    return lambda: design.plateau(setting(spec, "fo-maml"), 2000)


def _drawn(spec: str) -> Experiments:
    return lambda: design.directions(setting(spec, "fo-maml"))


def _unlikely(spec: str) -> Sabotage:
    """Judge what is said with a probability where it leaves out the chance, and a twentieth more."""

    def run() -> list[Verdict]:
        with believed(CONSTANT_STEP, times(Rational(19, 20) * sqrt(chance))):
            return judged("confidence", next(iter(_tight(spec, "maml", "constant", MANY)())))

    return run


def _fitted(kind: str) -> Experiments:
    return lambda: setting("plateau").pointwise(kind)


def _tight(spec: str, algorithm: str, step: str, replicates: int) -> Experiments:
    """Run a plan at which little is lost on a ramp and bowl."""
    chosen = replace(setting(spec, algorithm, TIGHT_ALPHA), replicates=replicates)
    return lambda: (tight_run(chosen, algorithm, step),)


BOUNDS: Mapping[str, Sabotage] = MappingProxyType(
    {
        "guarantee ten times too small": _bound("accuracy", _to(), lambda y: y / 10),
        "guarantee with a wrong exponent (squared)": _bound("accuracy", _to(), lambda y: y**2),
        "best iterate three times too good": _bound("accuracy", _to(), lambda y: y / 8, "best"),
        "iterations ten times too few": _bound("iterations", _to(), lambda K: K / 10),
        "iterations with a wrong exponent (1/epsilon)": _bound("iterations", _to(), lambda K: K**0.5),
        "plateau bound three times too small": _bound("plateau", _stop(), lambda y: y / 3, "upper"),
        "plateau bound with a wrong exponent of alpha": _bound(
            "plateau", _stop(), lambda y: y * ALPHA, "upper"
        ),
        "plateau claimed to vanish": _bound("plateau", _stop(), lambda y: 0.0, "upper"),
        "lower bound 5 % too high": _bound("plateau", _stop(), lambda y: 1.05 * y, "path"),
        "fixed point off by 1e-7": _bound("plateau", _stop(), lambda y: y + 1e-7, "fixed-point"),
        "K-shot floor with a wrong exponent (halved)": _bound(
            "rates", _fitted("rates"), lambda p: p / 2, "rate.k-shot-floor"
        ),
        "where K-shot MAML stops with a wrong exponent": _bound(
            "rates", _fitted("rates"), lambda p: p + 0.5, "rate.k-shot-stop"
        ),
        "numbers computed: full Hessians at the cost of products": _bound(
            "cost", _fitted("cost"), lambda p: 1.0, "cost.elements"
        ),
        "memory: full Hessians at the cost of products": _bound(
            "cost", _fitted("cost"), lambda p: 1.0, "cost.memory"
        ),
        "guarantee 2.5 times too small (quadratic)": _bound(
            "accuracy", _to(QUADRATIC, 0.4), lambda y: y / 2.5, "random"
        ),
        "FO-MAML's guarantee 3.5 times too small (ramp)": _bound(
            "accuracy", _to("ramp", 0.075, "fo-maml"), lambda y: y / 3.5, "random"
        ),
        "iterations 4.5 times too few (ramp)": _bound("iterations", _to("ramp", 0.075), lambda K: K / 4.5),
        "FO-MAML's iterations 4.5 times too few (ramp)": _bound(
            "iterations", _to("ramp", 0.075, "fo-maml"), lambda K: K / 4.5
        ),
        "plateau bound 1.6 times too small (trapezoid)": _bound(
            "plateau", _stop("trapezoid:alpha=0.1"), lambda y: y / 1.6, "upper"
        ),
        "bias of FO-MAML's direction a quarter too small": _bound(
            "direction", _drawn(QUIET), lambda y: 0.75 * y, "bias"
        ),
        "spread of FO-MAML's direction 10 % too small": _bound(
            "direction", _drawn(NOISY_RAMP), lambda y: 0.9 * y, "spread"
        ),
    }
    | {"confidence without its factor, 5 % off (ramp and bowl)": _unlikely(NOISY_BOWL)}
    | {
        f"{algorithm}: guarantee 5 % too small ({step} step, ramp and bowl)": _bound(
            "accuracy", _tight(NOISY_BOWL, algorithm, step, MANY), lambda y: 0.95 * y, "random"
        )
        for algorithm, step in TIGHT
    }
    | {
        f"{algorithm}: iterations 5 % too few ({step} step, ramp and bowl)": _bound(
            "iterations", _tight(STEADY_BOWL, algorithm, step, MORE), lambda K: 0.95 * K
        )
        for algorithm, step in TIGHT
    }
)

# ---- a plan from wrong constants, wrong steps ---------------------------------------------------------


def _planned(spec: str, blind: Callable[[Constants], Constants], epsilon: float = 0.2) -> Sabotage:
    """Run a plan recommended from wrong constants on the real problem."""

    def run() -> list[Verdict]:
        chosen = setting(spec)
        plan = recommend(blind(chosen.constants), epsilon, "maml", alpha=chosen.alpha, depth=0)
        return judged("accuracy", chosen.experiment("convergence", plan, "blind"))

    return run


def _steps(factor: float = 1.0, slope: float = 1.0) -> Sabotage:
    """Look at the step sizes of a simulator that does not do what a plan says."""

    def run() -> list[Verdict]:
        with stepping(factor, slope):
            return judged("step", next(iter(_to()())))

    return run


def _recorded_difference() -> list[Verdict]:
    experiment = next(design.recorded_delta(setting("hf-counterexample", "hf-maml", 0.05)))
    return judged("errata", experiment, lambda c: replace(c, side="<=") if c.claim == "erratum.E3" else c)


PLANS: Mapping[str, Sabotage] = MappingProxyType(
    {
        "plan without sigma": _planned("ripple:sigma=1", lambda c: replace(c, sigma=0.0)),
        "plan without sigma_tilde": _planned(
            "ripple:sigma=0.05,sigma_tilde=1", lambda c: replace(c, sigma_tilde=0.0, sigma_H=0.0)
        ),
        "plan for a Delta a hundred times too small": _planned(
            "ripple", lambda c: replace(c, Delta=c.Delta / 100), 0.1
        ),
        "plan for an L ten times too small": _planned("quadratic", lambda c: replace(c, L=c.L / 10)),
        "step factor ten times too large": _steps(10),
        "step factor 2 % too large": _steps(1.02),
        "constant step in place of the random one": _steps(slope=0.0),
        "HF-MAML's accuracy with the recorded difference rule (E3)": _recorded_difference,
    }
)

# ---- one step -----------------------------------------------------------------------------------------


def _one_step(rule: str, wrong: Wrong = nullcontext, stall: bool = False, **changes: Any) -> Sabotage:
    """Judge a step from a noisy bowl, or FO-MAML's steps with exact tasks, where something is wrong."""

    def run() -> list[Verdict]:
        chosen = setting("plateau", "fo-maml") if stall else setting(BOWLS, "maml", 0.02)
        found = onestep.experiments(chosen, 1000, exact=stall)
        experiment = replace(next(e for e in found if e.labels["rule"] == rule), **changes)
        with wrong():
            return judged("descent", experiment)

    return run


def _claimed(rule: str, change: Change, stall: bool = False) -> Sabotage:
    return _one_step(rule, partial(believed, DESCENT[rule], change), stall)


def _uphill(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    return -maml(oracle, w, alpha)


ONE_STEP: Mapping[str, Sabotage] = MappingProxyType(
    {f"one step ({rule}): step ten times too large": _one_step(rule, partial(stepping, 10)) for rule in RULES}
    | {f"one step ({rule}): claimed fall without the 1/2": _claimed(rule, times(2)) for rule in RULES}
    | {
        "one step: direction uphill": _one_step("sampled", direction=_uphill),
        "one step: fall without the variance": _claimed("sampled", without(variance)),
        "one step: fall without the bias": _claimed("sampled", without(bias), stall=True),
        "one step (self-scaled): fall without the error": _claimed("self-scaled", without(error)),
    }
)
