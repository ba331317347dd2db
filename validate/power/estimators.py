"""Sabotaged statements about the inner batch, the test-time batch, the difference and the matrices.

Each is judged on a problem on which the true statement is nearly met, so that a wrong one cannot hide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from bounds import statement
from empirics import problems
from validate import design
from validate.claims import differences, draws, estimators, lemmas, matrices, rounded
from validate.claims.extremes import Right
from validate.examine import nth
from validate.experiment import Experiment
from validate.judge import Check, judge_all
from validate.verdict import Verdict

ERROR = 1e-3
BOWLS = "quadratic:dim=2,n_tasks=4,sigma_tilde=1,sigma_H=0.001"
APART = "quadratic:dim=2,n_tasks=4,sigma=5"
LINKED = "quadratic:dim=1,n_tasks=4,sigma_tilde=1,sigma_H=1,oracle=one-sided"
WAVES, NOISY = "ripple:dim=1,n_tasks=4,sigma_tilde=1", "ripple:dim=1,n_tasks=4,sigma_tilde=40"
TENT, LINE = "hf-counterexample-tent", "plateau:dim=1"
Rows = Callable[[Experiment, Mapping[str, Right]], list[Check]]
Sabotage = Callable[[], list[Verdict]]


def judged(rows: Rows, name: str, right: Right | None, spec: str, reach: float) -> list[Verdict]:
    """Return the verdicts on one statement, with ``right`` in its place, on one problem at one alpha L."""
    problem = problems.from_spec(spec)
    setting = design.Setting(problem, reach / problem.constants().L)
    rights = {} if right is None else {name: right}

    def made(experiment: Experiment) -> list[Check]:
        found = [check for check in rows(experiment, rights) if check.statement == name]
        return [check for check in found if check.claim != "difference.growth"]

    experiment = next(design.pointwise(setting, "estimators"))
    checks = [
        replace(check, again=nth(lambda: made(experiment.fresh()), number))
        for number, check in enumerate(made(experiment))
    ]
    return judge_all(checks, ERROR)


def drawn(experiment: Experiment, rights: Mapping[str, Right]) -> list[Check]:
    """Return the checks that are made by Monte Carlo at points."""
    return [check for spot in draws.spots(experiment) for check in estimators.at(spot, rights)]


def exact_bias(experiment: Experiment, rights: Mapping[str, Right]) -> list[Check]:
    """Return the checks of the exact bias."""
    return [estimators.exact_bias(experiment, name, rights.get(name)) for name in estimators.BIAS]


def difference(experiment: Experiment, rights: Mapping[str, Right]) -> list[Check]:
    """Return the check of the difference's error."""
    return [differences.bias(experiment, rights.get(differences.BIAS))]


def rounding(experiment: Experiment, rights: Mapping[str, Right]) -> list[Check]:
    """Return the check of the computed difference's error."""
    return [rounded.computed(experiment, rights.get(rounded.COMPUTED))]


def matrix(experiment: Experiment, rights: Mapping[str, Right]) -> list[Check]:
    """Return the checks of the matrix facts."""
    return [matrices.check(experiment, name, rights.get(name)) for name in lemmas.lemmas(matrices.is_fact)]


def scaled(name: str, factor: Callable[[Mapping[str, Any]], Any] | float) -> Right:
    """Return the statement times a factor, or a function of what it is evaluated at."""
    return lambda v: (factor(v) if callable(factor) else factor) * statement(name)(**v)


def changed(name: str, **change: Callable[[Mapping[str, Any]], Any]) -> Right:
    """Return the statement with some of its quantities replaced: a wrong exponent, a missing term."""
    return lambda v: statement(name)(**{**v, **{key: new(v) for key, new in change.items()}})


def _row(rows: Rows, name: str, right: Right, spec: str, reach: float) -> tuple[Rows, str, Right, str, float]:
    return rows, name, right, spec, reach


def _recorded_bias_over_D(v: Mapping[str, Any]) -> Any:
    return v["alpha"] * v["L"] * v["sigma_tilde"] / v["D_in"]


def _round_off_without_delta(v: Mapping[str, Any]) -> Any:
    off = v["rounding"] * (v["probe_gradient"] + v["L"] * v["point_norm"])
    return v["rho"] * v["delta"] * v["probe_norm"] ** 2 / 2 + off / v["alpha"]


def _no_cross_term(v: Mapping[str, Any]) -> float:
    noise = (v["alpha"] * v["L"] * v["sigma_tilde"]) ** 2 / v["D_in"]
    return float(v["outer_norm"] ** 2 + noise)


PRODUCT, LOWER, UPPER = "sharp.matrix.product", "sharp.matrix.lower", "sharp.matrix.upper"
INNER, ON_LINE = "sharp.matrix.inner", "sharp.matrix.product.line"
BIAS, RECORDED = estimators.BIAS
TEST, RECORDED_TEST = estimators.TEST
TASK, RECORDED_TASK = estimators.MOMENTS
SPREAD, EVERYONE = "sharp.inner.variance", "sharp.inner.second-moment"
ERRING, NOISE = differences.BIAS, differences.NOISE
COMPUTED = rounded.COMPUTED
FRESH, BATCH = differences.FRESH, differences.BATCH

ROWS: Mapping[str, tuple[Rows, str, Right, str, float]] = MappingProxyType(
    {
        "error of the difference halved": _row(difference, ERRING, scaled(ERRING, 0.5), TENT, 0.1),
        "error of the difference of order delta^2": _row(
            difference, ERRING, changed(ERRING, delta=lambda v: v["delta"] ** 2 / v["alpha"]), TENT, 0.1
        ),
        "round-off of the difference halved": _row(
            rounding, COMPUTED, changed(COMPUTED, rounding=lambda v: v["rounding"] / 2), TENT, 0.1
        ),
        "round-off of the difference that does not grow as delta falls": _row(
            rounding, COMPUTED, _round_off_without_delta, TENT, 0.1
        ),
        "round-off of the gradients without that of the points": _row(
            rounding, COMPUTED, changed(COMPUTED, point_norm=lambda v: 0 * v["point_norm"]), LINE, 0.1
        ),
        "computed difference without truncation": _row(
            rounding, COMPUTED, changed(COMPUTED, rho=lambda v: 0 * v["rho"]), TENT, 0.1
        ),
        "noise of the difference halved": _row(
            differences.noise, NOISE, scaled(NOISE, 0.5), NOISY, 0.4
        ),
        "noise of the difference of order 1/D_h^2": _row(
            differences.noise, NOISE, changed(NOISE, D_h=lambda v: v["D_h"] ** 2), NOISY, 0.4
        ),
        "noise of the difference with fresh samples taken for that with the same": _row(
            differences.noise, FRESH, lambda v: statement(NOISE)(**v), NOISY, 0.4
        ),
        "noise of the difference with fresh samples halved": _row(
            differences.noise, FRESH, scaled(FRESH, 0.5), NOISY, 0.4
        ),
        "a tenth of the Hessian batch": _row(differences.noise, BATCH, scaled(BATCH, 0.1), NOISY, 0.4),
        "bias of the inner batch halved": _row(exact_bias, BIAS, scaled(BIAS, 0.5), WAVES, 0.4),
        "bias of the inner batch of order 1/D_in^2": _row(
            exact_bias, BIAS, changed(BIAS, D_in=lambda v: v["D_in"] ** 2), WAVES, 0.4
        ),
        "bias of the inner batch without rho": _row(
            exact_bias, BIAS, changed(BIAS, rho=lambda v: 1e-9), WAVES, 0.4
        ),
        "recorded bias of order 1/D_in for any curvature": _row(
            exact_bias, RECORDED, _recorded_bias_over_D, NOISY, 0.4
        ),
        "bias by Monte Carlo, a tenth": _row(drawn, BIAS, scaled(BIAS, 0.1), WAVES, 0.4),
        "variance of the outer gradient without the inner batch": _row(
            drawn, SPREAD, changed(SPREAD, L=lambda v: 1e-9), BOWLS, 0.4
        ),
        "variance of the outer gradient of order 1/D_in^2": _row(
            drawn, SPREAD, changed(SPREAD, D_in=lambda v: v["D_in"] ** 2), BOWLS, 0.4
        ),
        "second moment of one task without the outer batch": _row(
            drawn, TASK, changed(TASK, D_o=lambda v: 1e18), BOWLS, 0.4
        ),
        "recorded second moment without phi and the outer batch": _row(
            drawn, RECORDED_TASK, _no_cross_term, BOWLS, 0.4
        ),
        "second moment over the tasks without sigma": _row(
            drawn, EVERYONE, changed(EVERYONE, sigma=lambda v: 1e-9), APART, 0.05
        ),
        "F^ against F without the noise of the Hessian": _row(
            drawn, TEST, changed(TEST, sigma_H=lambda v: 1e-9), LINKED, 0.4
        ),
        "F^ against F of order 1/D_test^2": _row(
            drawn, TEST, changed(TEST, D_test=lambda v: v["D_test"] ** 2), LINKED, 0.4
        ),
        "recorded F^ against F, of the noise of the Hessian a tenth only": _row(
            drawn,
            RECORDED_TEST,
            lambda v: v["alpha"] ** 2 * v["L"] * v["sigma_H"] * v["sigma_tilde"] / (10 * v["D_test"]),
            LINKED,
            0.4,
        ),
        "distance of PQ from (1+x^2)I halved": _row(matrix, PRODUCT, scaled(PRODUCT, 0.5), BOWLS, 0.4),
        "distance of PQ from (1+x^2)I of order x^2": _row(
            matrix, PRODUCT, lambda v: 2 * (v["alpha"] * v["L"]) ** 2, BOWLS, 0.4
        ),
        "distance of PQ in one dimension 5 % too small": _row(
            matrix, ON_LINE, scaled(ON_LINE, 0.95), LINE, 0.4
        ),
        "PQ at least 1 - x^2": _row(matrix, INNER, lambda v: 1 - (v["alpha"] * v["L"]) ** 2, BOWLS, 0.4),
        "PQ beyond alpha L = 1/2 at least 1 - x": _row(
            matrix, INNER, lambda v: 1 - v["alpha"] * v["L"], LINE, 0.6
        ),
        "P and Q do not stretch": _row(matrix, UPPER, lambda v: 1.0, LINE, 0.4),
        "P and Q do not shrink": _row(matrix, LOWER, lambda v: 1.0, BOWLS, 0.4),
    }
)  # fmt: skip
"""What is wrong: how it is measured, the statement, what stands in its place, the problem and alpha L."""


def _sabotage(row: tuple[Rows, str, Right, str, float]) -> Sabotage:
    rows, name, right, spec, reach = row
    return lambda: judged(rows, name, right, spec, reach)


SABOTAGES: Mapping[str, Sabotage] = MappingProxyType({what: _sabotage(row) for what, row in ROWS.items()})
"""Sabotages by what is wrong; each returns the verdicts of the claim that should catch it."""
