"""Sabotaged statements, plans and step sizes: wrong constants, wrong exponents, missing terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from bounds import Constants, Plan, recommend
from empirics.algorithms import maml
from empirics.oracle import Oracle
from studies.power import close, estimators
from studies.power.judging import ALPHA, ERROR, Sabotage, judged_rows, lemma, setting
from validate import design, onestep
from validate.claims import descent
from validate.experiment import Experiment
from validate.judge import Check, judge_all
from validate.runner import Runner
from validate.verdict import Status, Verdict

EPSILON = 0.2
SLOPES = "validate.claims.counterexamples:opposite_slopes"


def _bound(claim: str, change: Callable[[float], float], only: str = "") -> Sabotage:
    """Judge a run at its recommended plan against a changed bound."""

    def run() -> list[Verdict]:
        experiment = next(design.convergence(setting("ripple"), EPSILON))
        return judged_rows(
            claim, experiment, lambda c: replace(c, bound=change(c.bound)) if only in c.claim else c
        )

    return run


def _planned(spec: str, blind: Callable[[Constants], Constants], epsilon: float = EPSILON) -> Sabotage:
    """Run a plan recommended from wrong constants on the real problem."""

    def run() -> list[Verdict]:
        chosen = setting(spec)
        plan = recommend(blind(chosen.constants), epsilon, "maml", alpha=chosen.alpha)
        return judged_rows("accuracy", chosen.experiment("convergence", plan, "blind"))

    return run


def _executed(change: Callable[[Plan], Plan]) -> Sabotage:
    """Look at the step sizes of a run that does not do what its plan says."""

    def run() -> list[Verdict]:
        experiment = next(design.convergence(setting("ripple"), EPSILON))
        return judged_rows("step", replace(experiment, executed=change(experiment.plan)))

    return run


def _plateau(claim: str, change: Callable[[Check], float]) -> Sabotage:
    """Judge FO-MAML's plateau with exact tasks against a changed bound."""

    def run() -> list[Verdict]:
        chosen = replace(setting("plateau"), algorithms=("fo-maml",))
        experiment = next(design.plateau(chosen, 2000))
        rows = judged_rows(
            "plateau", experiment, lambda c: replace(c, bound=change(c)) if c.claim == claim else c
        )
        return [row for row in rows if row.claim == claim]

    return run


def _exponents(claim: str, kind: str, change: Callable[[Check], float]) -> Sabotage:
    """Judge fitted exponents against changed ones."""

    def run() -> list[Verdict]:
        experiment = next(design.pointwise(setting("plateau"), kind))
        rows = judged_rows(kind, experiment, lambda c: replace(c, bound=change(c)) if c.claim == claim else c)
        return [row for row in rows if row.claim == claim]

    return run


def _recorded_difference() -> list[Verdict]:
    experiment = next(
        design.recorded_delta(replace(setting("hf-counterexample", 0.05), algorithms=("hf-maml",)))
    )
    return judged_rows(
        "errata", experiment, lambda c: replace(c, side="<=") if c.claim == "erratum.E3" else c
    )


def _one_step(
    rule: str,
    right: Callable[[Mapping[str, Any]], Any] | None = None,
    change: Callable[[Experiment], Experiment] = lambda experiment: experiment,
    stall: bool = False,
) -> Sabotage:
    """Judge a step from a noisy bowl, or FO-MAML's steps with exact tasks, against a changed inequality."""

    def run() -> list[Verdict]:
        chosen = setting("plateau") if stall else setting(BOWLS, 0.02)
        chosen = replace(chosen, algorithms=("fo-maml" if stall else "maml",))
        found = onestep.experiments(chosen, 1000, exact=stall)
        experiment = change(next(e for e in found if e.labels["rule"] == rule))
        return judge_all(descent.checks(experiment, pd.DataFrame(), Runner(), right), ERROR)

    return run


def _larger_step(factor: float) -> Callable[[Experiment], Experiment]:
    def change(e: Experiment) -> Experiment:
        return replace(e, executed=e.plan.with_(step_factor=factor * float(e.plan.step_factor or 1)))

    return change


def _uphill(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    return -maml(oracle, w, alpha)


def _scaled(name: str, factor: float) -> Callable[[Mapping[str, Any]], Any]:
    from bounds import statement

    return lambda values: factor * statement(name)(**values)


def _without(name: str, **zero: float) -> Callable[[Mapping[str, Any]], Any]:
    """Return the statement with some of its quantities set to (almost) nothing: a missing term."""
    from bounds import statement

    return lambda values: statement(name)(**{**values, **{key: np.asarray(v) for key, v in zero.items()}})


def _no_step(step: Plan) -> Plan:
    assert step.step_rule is not None
    return step.with_(step_rule=replace(step.step_rule, slope=0.0))


def caught(verdicts: list[Verdict]) -> dict[str, int]:
    """Return how many verdicts of each claim are VIOLATED or FAILED."""
    found: dict[str, int] = {}
    for verdict in verdicts:
        if verdict.status in (Status.VIOLATED, Status.FAILED):
            found[verdict.claim] = found.get(verdict.claim, 0) + 1
    return found


RELATION, SMOOTH, SECOND = "sharp.gradient-relation", "sharp.smoothness", "sharp.second-moment"
RULES, DESCENT = (*onestep.MEANS, "self-scaled"), "sharp.descent.sampled"
SHARED, BOWLS = "shared-hessian:dim=2,n_tasks=4", "quadratic:dim=2,n_tasks=4"

SABOTAGES: Mapping[str, Sabotage] = MappingProxyType(
    {
        "guarantee ten times too small": _bound("accuracy", lambda y: y / 10),
        "guarantee with a wrong exponent (squared)": _bound("accuracy", lambda y: y**2),
        "best iterate three times too good": _bound("accuracy", lambda y: y / 8, "best"),
        "iterations ten times too few": _bound("iterations", lambda K: K / 10),
        "iterations with a wrong exponent (1/epsilon)": _bound("iterations", lambda K: K**0.5),
        "plan without sigma": _planned("ripple:sigma=1", lambda c: replace(c, sigma=0.0)),
        "plan without sigma_tilde": _planned(
            "ripple:sigma=0.05,sigma_tilde=1", lambda c: replace(c, sigma_tilde=0.0, sigma_H=0.0)
        ),
        "plan for a Delta a hundred times too small": _planned(
            "ripple", lambda c: replace(c, Delta=c.Delta / 100), 0.1
        ),
        "plan for an L ten times too small": _planned("quadratic", lambda c: replace(c, L=c.L / 10)),
        "step factor ten times too large": _executed(
            lambda p: p.with_(step_factor=10 * float(p.step_factor or 1))
        ),
        "step factor 2 % too large": _executed(
            lambda p: p.with_(step_factor=1.02 * float(p.step_factor or 1))
        ),
        "constant step in place of the random one": _executed(_no_step),
        "plateau bound three times too small": _plateau("plateau.upper", lambda c: c.bound / 3),
        "plateau bound with a wrong exponent of alpha": _plateau("plateau.upper", lambda c: c.bound * ALPHA),
        "plateau claimed to vanish": _plateau("plateau.upper", lambda c: 0.0),
        "lower bound 5 % too high": _plateau("plateau.path", lambda c: 1.05 * c.bound),
        "fixed point off by 1e-7": _plateau("plateau.fixed-point", lambda c: c.bound + 1e-7),
        "HF-MAML's accuracy with the recorded difference rule (E3)": _recorded_difference,
        "second moment as recorded (E1)": lemma("paper.second-moment", SLOPES),
        "second moment without (1+x)^4": lemma(
            SECOND, SLOPES, lambda v: _scaled(SECOND, (1 + v["alpha"] * v["L"]) ** -4)(v)
        ),
        "gradient relation without sigma": lemma(RELATION, "plateau", _without(RELATION, sigma=1e-9)),
        "gradient relation with C1 = 1": lemma(
            RELATION, BOWLS, lambda v: (1 - v["alpha"] * v["L"]) ** 2 * _scaled(RELATION, 1.0)(v)
        ),
        "smoothness of F halved": lemma(SMOOTH, SHARED, _scaled(SMOOTH, 0.5)),
        "smoothness of F without rho": lemma(SMOOTH, SHARED, _without(SMOOTH, rho=1e-9), 0.4),
        "spread of grad F_i without (1+x)^2": lemma(
            "sharp.spread.meta-gradient",
            SLOPES,
            lambda v: _scaled("sharp.spread.meta-gradient", (1 + v["alpha"] * v["L"]) ** -2)(v),
        ),
        "spread of grad F_i without the mean gradient": lemma(
            "sharp.spread.meta-gradient",
            "ripple:dim=3,n_tasks=8",
            _without("sharp.spread.meta-gradient", gradient=0.0),
        ),
        "root mean square without 1+x": lemma(
            "sharp.adapted.root-mean-square",
            SLOPES,
            lambda v: _scaled("sharp.adapted.root-mean-square", 1 / (1 + v["alpha"] * v["L"]))(v),
        ),
    }
    | {
        f"one step ({rule}): step ten times too large": _one_step(rule, change=_larger_step(10))
        for rule in RULES
    }
    | {
        f"one step ({rule}): claimed fall without the 1/2": _one_step(
            rule, _scaled(f"sharp.descent.{rule}", 2.0)
        )
        for rule in RULES
    }
    | {
        "K-shot floor with a wrong exponent (halved)": _exponents(
            "rate.k-shot-floor", "rates", lambda c: c.bound / 2
        ),
        "where K-shot MAML stops with a wrong exponent": _exponents(
            "rate.k-shot-stop", "rates", lambda c: c.bound + 0.5
        ),
        "numbers computed: full Hessians at the cost of products": _exponents(
            "cost.elements", "cost", lambda c: 1.0
        ),
        "memory: full Hessians at the cost of products": _exponents("cost.memory", "cost", lambda c: 1.0),
        "one step: direction uphill": _one_step("sampled", None, lambda e: replace(e, direction=_uphill)),
        "one step: fall without the variance": _one_step("sampled", _without(DESCENT, variance=0.0)),
        "one step: fall without the bias": _one_step("sampled", _without(DESCENT, bias=0.0), stall=True),
        "one step (self-scaled): fall without the error": _one_step(
            "self-scaled", _without("sharp.descent.self-scaled", error=0.0)
        ),
        **estimators.SABOTAGES,
        **close.SABOTAGES,
    }
)
"""Sabotages by what is wrong; each returns the verdicts of the claims that should catch it."""
