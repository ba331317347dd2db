"""Statements that are slightly wrong, each on a problem on which the true one is nearly met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from studies.power import estimators as near
from studies.power.estimators import LINE, Rows, judged, scaled
from studies.power.judging import Sabotage, judged_rows, lemma, setting
from validate import design
from validate.claims import differences
from validate.judge import Check
from validate.verdict import Verdict

TENT, BOWLS = "hf-counterexample-tent:alpha=0.1", "quadratic:dim=2,n_tasks=2,sigma=0,sigma_tilde=0,sigma_H=0"
QUADRATIC, NOISY_RAMP = "quadratic:dim=3,n_tasks=6", "ramp:sigma_tilde=1"
STALL = "hf-counterexample:sigma_tilde=0.3"


def _less(rows: Rows, name: str, share: float, spec: str, reach: float) -> Sabotage:
    return lambda: judged(rows, name, scaled(name, share), spec, reach)


def _claim(
    claim: str,
    algorithm: Any,
    spec: str,
    epsilon: float,
    share: float,
    only: str = "",
    kind: str = "convergence",
) -> Sabotage:
    """Judge a claim at a share of its bound."""

    def change(check: Check) -> Check:
        return replace(check, bound=share * check.bound) if only in check.claim else check

    def run() -> list[Verdict]:
        chosen = replace(setting(spec), algorithms=(algorithm,))
        ways: Mapping[str, Callable[[], Any]] = {
            "convergence": lambda: design.convergence(chosen, epsilon),
            "plateau": lambda: design.plateau(chosen, 2000),
            "direction": lambda: design.directions(chosen),
        }
        found = judged_rows(claim, next(iter(ways[kind]())), change)
        return [verdict for verdict in found if only in verdict.claim]

    return run


def _close_lemma(name: str, spec: str, share: float) -> Sabotage:
    return lemma(name, spec, scaled(name, share))


SABOTAGES: Mapping[str, Sabotage] = MappingProxyType(
    {
        "guarantee 2.5 times too small (quadratic)": _claim(
            "accuracy", "maml", QUADRATIC, 0.4, 0.4, "random"
        ),
        "FO-MAML's guarantee 3.5 times too small (ramp)": _claim(
            "accuracy", "fo-maml", "ramp", 0.075, 2 / 7, "random"
        ),
        "iterations 4.5 times too few (ramp)": _claim("iterations", "maml", "ramp", 0.075, 2 / 9),
        "FO-MAML's iterations 4.5 times too few (ramp)": _claim(
            "iterations", "fo-maml", "ramp", 0.075, 2 / 9
        ),
        "plateau bound 1.6 times too small (trapezoid)": _claim(
            "plateau", "fo-maml", "trapezoid:alpha=0.1", 0.0, 1 / 1.6, "upper", "plateau"
        ),
        "bias of FO-MAML's direction a quarter too small": _claim(
            "direction", "fo-maml", BOWLS, 0.0, 0.75, "bias", "direction"
        ),
        "spread of FO-MAML's direction 10 % too small": _claim(
            "direction", "fo-maml", NOISY_RAMP, 0.0, 0.9, "spread", "direction"
        ),
        "gradient relation 1 % too small": _close_lemma("sharp.gradient-relation", BOWLS, 0.99),
        "gradient relation in one dimension 1 % too small": _close_lemma(
            "sharp.gradient-relation.line", "ramp", 0.99
        ),
        "root mean square 1 % too small": _close_lemma("sharp.root-mean-square", BOWLS, 0.99),
        "smoothness of F a quarter too small": _close_lemma("sharp.smoothness", TENT, 0.75),
        "spread of the adapted points 15 % too small": _close_lemma("sharp.spread.adapted", TENT, 0.85),
        "error of the difference 1 % too small": _less(near.difference, near.ERRING, 0.99, TENT, 0.1),
        "computed difference 1 % too small": _less(near.rounding, near.COMPUTED, 0.99, TENT, 0.1),
        "bias of the inner batch 5 % too small": _less(near.exact_bias, near.BIAS, 0.95, STALL, 0.1),
        "second moment of one task 1 % too small": _less(near.drawn, near.TASK, 0.99, QUADRATIC, 0.1),
        "variance of the outer gradient 15 % too small": _less(near.drawn, near.SPREAD, 0.85, QUADRATIC, 0.1),
        "noise of the difference 20 % too small": _less(differences.noise, near.NOISE, 0.8, STALL, 0.1),
        "noise of the difference with fresh samples 15 % too small": _less(
            differences.noise, near.FRESH, 0.85, STALL, 0.1
        ),
        "PQ 0.1 % too large at least": _less(near.matrix, near.INNER, 1.001, BOWLS, 0.1),
        "distance of PQ in one dimension 0.1 % too small": _less(near.matrix, near.ON_LINE, 0.999, LINE, 0.4),
    }
)
"""Sabotages by what is wrong; each returns the verdicts of the claims that should catch it."""
