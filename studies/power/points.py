"""Sabotaged statements that are judged at points: lemmas, batches, the difference, the matrices.

Each is judged on a problem on which the true statement is nearly met, so that a wrong one cannot hide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import MappingProxyType

from sympy import Integer, Rational

from bounds import statement
from bounds.symbols import (
    D_h,
    D_in,
    D_o,
    D_test,
    L,
    alpha,
    delta,
    gradient,
    outer_norm,
    point_norm,
    probe_gradient,
    probe_norm,
    rho,
    rounding,
    sigma,
    sigma_H,
    sigma_tilde,
)  # fmt: skip
from empirics import problems
from studies.power.theory import Change, as_in, believed, instead, times, with_, without
from validate import design
from validate.claims import differences, draws, estimators, lemmas, matrices, rounded
from validate.examine import nth
from validate.experiment import Experiment
from validate.judge import Check, judge_all
from validate.verdict import Verdict

ERROR = 1e-3
How = Callable[[Experiment, str], list[Check]]


@dataclass(frozen=True)
class Row:
    """A sabotaged statement: how it is measured, its name, what is done to it, and the problem and alpha L."""

    how: How
    name: str
    change: Change
    spec: str
    reach: float = 0.1

    def __call__(self, sabotaged: bool = True) -> list[Verdict]:
        """Return the verdicts on the statement, sabotaged or as it is."""
        problem = problems.from_spec(self.spec)
        setting = design.Setting(problem, self.reach / problem.constants().L)
        experiment = next(setting.pointwise("estimators"))

        def made(e: Experiment) -> list[Check]:
            found = [check for check in self.how(e, self.name) if check.statement == self.name]
            return [check for check in found if check.claim != "difference.growth"]

        with ExitStack() as stack:
            if sabotaged:
                stack.enter_context(believed(statement(self.name), self.change))
            rows = enumerate(made(experiment))
            return judge_all(
                [
                    replace(row, again=nth(lambda: made(experiment.fresh()), number)) if row.n > 1 else row
                    for number, row in rows
                ],
                ERROR,
            )


def lemma(experiment: Experiment, name: str) -> list[Check]:
    """Return the check of a lemma at its tightest point."""
    return [lemmas.tightest(experiment, name)]


def drawn(experiment: Experiment, name: str) -> list[Check]:
    """Return the checks that are made by Monte Carlo at points."""
    return [check for spot in draws.spots(experiment) for check in estimators.at(spot)]


def bias(experiment: Experiment, name: str) -> list[Check]:
    """Return the check of the exact bias."""
    return [estimators.exact_bias(experiment, name)]


def difference(experiment: Experiment, name: str) -> list[Check]:
    """Return the check of the difference's error."""
    return [differences.bias(experiment)]


def noise(experiment: Experiment, name: str) -> list[Check]:
    """Return the checks of the difference's noise."""
    return differences.noise(experiment)


def computed(experiment: Experiment, name: str) -> list[Check]:
    """Return the check of the computed difference's error."""
    return [rounded.computed(experiment)]


def matrix(experiment: Experiment, name: str) -> list[Check]:
    """Return the check of a matrix fact."""
    return [matrices.check(experiment, name)]


SLOPES = "validate.claims.counterexamples:opposite_slopes"
SHARED, PLAIN, QUADRATIC = (
    "shared-hessian:dim=2,n_tasks=4", "quadratic:dim=2,n_tasks=4", "quadratic:dim=3,n_tasks=6"
)  # fmt: skip
QUIET = "quadratic:dim=2,n_tasks=2,sigma=0,sigma_tilde=0,sigma_H=0"
BOWLS = "quadratic:dim=2,n_tasks=4,sigma_tilde=1,sigma_H=0.001"
APART = "quadratic:dim=2,n_tasks=4,sigma=5"
LINKED = "quadratic:dim=1,n_tasks=4,sigma_tilde=1,sigma_H=1,oracle=one-sided"
WAVES, NOISY = "ripple:dim=1,n_tasks=4,sigma_tilde=1", "ripple:dim=1,n_tasks=4,sigma_tilde=40"
TENT, WIDE_TENT = "hf-counterexample-tent", "hf-counterexample-tent:alpha=0.1"
LINE, STALL = "plateau:dim=1", "hf-counterexample:sigma_tilde=0.3"

RELATION, SMOOTH, SECOND = "sharp.gradient-relation", "sharp.smoothness", "sharp.second-moment"
SPREAD, ROOT = "sharp.spread.meta-gradient", "sharp.adapted.root-mean-square"
PRODUCT, LOWER, UPPER = "sharp.matrix.product", "sharp.matrix.lower", "sharp.matrix.upper"
INNER, ON_LINE = "sharp.matrix.inner", "sharp.matrix.product.line"
BIAS, RECORDED = estimators.BIAS
TEST, RECORDED_TEST = estimators.TEST
TASK, RECORDED_TASK = estimators.MOMENTS
VARIANCE, EVERYONE = "sharp.inner.variance", "sharp.inner.second-moment"
ERRING, NOISE, FRESH, BATCH = differences.BIAS, differences.NOISE, differences.FRESH, differences.BATCH
COMPUTED = rounded.COMPUTED

x = alpha * L
TRUNCATED = rho * delta * probe_norm**2 / 2
_ROWS: Mapping[str, Row] = MappingProxyType(
    {
        # lemmas
        "second moment as recorded (E1)": Row(lemma, "paper.second-moment", times(1), SLOPES),
        "second moment without (1+x)^4": Row(lemma, SECOND, times((1 + x) ** -4), SLOPES),
        "gradient relation without sigma": Row(lemma, RELATION, without(sigma), "plateau"),
        "gradient relation with C1 = 1": Row(lemma, RELATION, times((1 - x) ** 2), PLAIN),
        "smoothness of F halved": Row(lemma, SMOOTH, times(Rational(1, 2)), SHARED),
        "smoothness of F without rho": Row(lemma, SMOOTH, without(rho), SHARED, 0.4),
        "spread of grad F_i without (1+x)^2": Row(lemma, SPREAD, times((1 + x) ** -2), SLOPES),
        "spread of grad F_i without the mean gradient": Row(
            lemma, SPREAD, without(gradient), "ripple:dim=3,n_tasks=8"
        ),
        "root mean square without 1+x": Row(lemma, ROOT, times(1 / (1 + x)), SLOPES),
        # the difference, and its noise
        "error of the difference halved": Row(difference, ERRING, times(Rational(1, 2)), TENT),
        "error of the difference of order delta^2": Row(
            difference, ERRING, with_({delta: delta**2 / alpha}), TENT
        ),
        "round-off of the difference halved": Row(computed, COMPUTED, with_({rounding: rounding / 2}), TENT),
        "round-off of the difference that does not grow as delta falls": Row(
            computed, COMPUTED,
            instead(TRUNCATED + rounding * (probe_gradient + L * point_norm) / alpha), TENT,
        ),
        "round-off of the gradients without that of the points": Row(
            computed, COMPUTED, without(point_norm), LINE
        ),
        "computed difference without truncation": Row(computed, COMPUTED, without(rho), TENT),
        "noise of the difference halved": Row(noise, NOISE, times(Rational(1, 2)), NOISY, 0.4),
        "noise of the difference of order 1/D_h^2": Row(noise, NOISE, with_({D_h: D_h**2}), NOISY, 0.4),
        "noise of the difference with fresh samples taken for that with the same": Row(
            noise, FRESH, as_in(NOISE), NOISY, 0.4
        ),
        "noise of the difference with fresh samples halved": Row(
            noise, FRESH, times(Rational(1, 2)), NOISY, 0.4
        ),
        "a tenth of the Hessian batch": Row(noise, BATCH, times(Rational(1, 10)), NOISY, 0.4),
        # the inner batch
        "bias of the inner batch halved": Row(bias, BIAS, times(Rational(1, 2)), WAVES, 0.4),
        "bias of the inner batch of order 1/D_in^2": Row(bias, BIAS, with_({D_in: D_in**2}), WAVES, 0.4),
        "bias of the inner batch without rho": Row(bias, BIAS, without(rho), WAVES, 0.4),
        "recorded bias of order 1/D_in for any curvature": Row(
            bias, RECORDED, instead(x * sigma_tilde / D_in), NOISY, 0.4
        ),
        "bias by Monte Carlo, a tenth": Row(drawn, BIAS, times(Rational(1, 10)), WAVES, 0.4),
        "variance of the outer gradient without the inner batch": Row(
            drawn, VARIANCE, without(L), BOWLS, 0.4
        ),
        "variance of the outer gradient of order 1/D_in^2": Row(
            drawn, VARIANCE, with_({D_in: D_in**2}), BOWLS, 0.4
        ),
        "second moment of one task without the outer batch": Row(
            drawn, TASK, with_({D_o: 10**18 * D_o}), BOWLS, 0.4
        ),
        "recorded second moment without phi and the outer batch": Row(
            drawn, RECORDED_TASK, instead(outer_norm**2 + (x * sigma_tilde) ** 2 / D_in), BOWLS, 0.4
        ),
        "second moment over the tasks without sigma": Row(drawn, EVERYONE, without(sigma), APART, 0.05),
        "F^ against F without the noise of the Hessian": Row(drawn, TEST, without(sigma_H), LINKED, 0.4),
        "F^ against F of order 1/D_test^2": Row(drawn, TEST, with_({D_test: D_test**2}), LINKED, 0.4),
        "recorded F^ against F, of the noise of the Hessian a tenth only": Row(
            drawn, RECORDED_TEST, instead(alpha * x * sigma_H * sigma_tilde / (10 * D_test)), LINKED, 0.4
        ),
        # the matrices
        "distance of PQ from (1+x^2)I halved": Row(matrix, PRODUCT, times(Rational(1, 2)), BOWLS, 0.4),
        "distance of PQ from (1+x^2)I of order x^2": Row(matrix, PRODUCT, instead(2 * x**2), BOWLS, 0.4),
        "distance of PQ in one dimension 5 % too small": Row(
            matrix, ON_LINE, times(Rational(95, 100)), LINE, 0.4
        ),
        "PQ at least 1 - x^2": Row(matrix, INNER, instead(1 - x**2), BOWLS, 0.4),
        "PQ beyond alpha L = 1/2 at least 1 - x": Row(matrix, INNER, instead(1 - x), LINE, 0.6),
        "P and Q do not stretch": Row(matrix, UPPER, instead(Integer(1)), LINE, 0.4),
        "P and Q do not shrink": Row(matrix, LOWER, instead(Integer(1)), BOWLS, 0.4),
    }
)  # fmt: skip

CLOSE: Mapping[str, Row] = MappingProxyType({
    what: Row(how, name, times(Rational(share, 1000)), spec, reach)
    for what, how, name, share, spec, reach in (
    ("gradient relation 1 % too small", lemma, RELATION, 990, QUIET, 0.1),
    ("gradient relation in one dimension 1 % too small", lemma, f"{RELATION}.line", 990, "ramp", 0.1),
    ("root mean square 1 % too small", lemma, "sharp.root-mean-square", 990, QUIET, 0.1),
    ("smoothness of F a quarter too small", lemma, SMOOTH, 750, WIDE_TENT, 0.1),
    ("spread of the adapted points 15 % too small", lemma, "sharp.spread.adapted", 850, WIDE_TENT, 0.1),
    ("error of the difference 1 % too small", difference, ERRING, 990, WIDE_TENT, 0.1),
    ("computed difference 1 % too small", computed, COMPUTED, 990, WIDE_TENT, 0.1),
    ("bias of the inner batch 5 % too small", bias, BIAS, 950, STALL, 0.1),
    ("second moment of one task 1 % too small", drawn, TASK, 990, QUADRATIC, 0.1),
    ("variance of the outer gradient 15 % too small", drawn, VARIANCE, 850, QUADRATIC, 0.1),
    ("noise of the difference 20 % too small", noise, NOISE, 800, STALL, 0.1),
    ("noise of the difference with fresh samples 15 % too small", noise, FRESH, 850, STALL, 0.1),
    ("PQ 0.1 % too large at least", matrix, INNER, 1001, QUIET, 0.1),
    ("distance of PQ in one dimension 0.1 % too small", matrix, ON_LINE, 999, LINE, 0.4),
    )
})  # fmt: skip
"""Slightly wrong ones: what, how it is measured, the statement, thousandths of it, the problem and alpha L."""

SABOTAGES: Mapping[str, Row] = MappingProxyType({**_ROWS, **CLOSE})
"""By what is wrong; each returns the verdicts of the claim that should catch it."""
