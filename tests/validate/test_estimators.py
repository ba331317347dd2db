"""The parts of the direction: each statement holds where it is nearly met, and a wrong one is caught there."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from bounds.theory.algorithms import runnable
from empirics import problems
from empirics.measure import torch_settings
from empirics.problems.mean_direction import mean_direction
from studies.power import points
from studies.power.measure import measure, sabotages
from studies.power.theory import believed, times
from validate import design
from validate.claims import differences, draws, errata, estimators, plateau, step
from validate.examine import examine
from validate.instances.points import Local
from validate.judge import judge
from validate.runner import Runner, simulated
from validate.verdict import Status

ONE_SIDED = "ripple:dim=2,n_tasks=6,sigma=1,sigma_tilde=1,sigma_H=2,rho=2,oracle=one-sided"
DATA = "robust-regression:dim=2,n_tasks=4,points=6"
TENT = "hf-counterexample-tent"
WRONG = (Status.VIOLATED, Status.FAILED)
REFUTED = ("second moment as recorded (E1)",)
"""Wrong without being altered."""


def setting(spec, reach, *algorithms):
    problem = problems.from_spec(spec)
    return design.Setting(problem, reach / problem.constants().L, algorithms or runnable())


def experiment(spec, reach, **labels):
    return replace(next(setting(spec, reach).pointwise("estimators")), labels=labels)


@pytest.mark.parametrize("spec", [ONE_SIDED, DATA])
@pytest.mark.parametrize("kind", ["estimators", "matrices"])
def test_everything_holds(spec, kind):
    verdicts = examine(list(setting(spec, 0.4).pointwise(kind)), Runner())
    assert {v.status for v in verdicts} == {Status.CONSISTENT}
    assert len({v.statement for v in verdicts}) == (13 if kind == "estimators" else 4)


AGAIN = (
    "error of the difference of order delta^2",
    "round-off of the difference that does not grow as delta falls",
    "computed difference without truncation",
    "noise of the difference of order 1/D_h^2",
    "noise of the difference with fresh samples halved",
    "bias of the inner batch of order 1/D_in^2",
    "bias of the inner batch without rho",
    "variance of the outer gradient of order 1/D_in^2",
    "F^ against F of order 1/D_test^2",
    "distance of PQ from (1+x^2)I of order x^2",
    "PQ beyond alpha L = 1/2 at least 1 - x",
)
"""Sabotages of statements that something else is done to in every run."""


def often(what):
    """Whether a sabotage is tried in every run: not of a lemma, nor by a few per cent, nor one of ``AGAIN``."""
    return not (what in points.CLOSE or what in AGAIN or points.SABOTAGES[what].how is points.lemma)


def test_a_statement_that_is_altered_again_is_altered_in_every_run():
    again, always = (
        {points.SABOTAGES[what].name for what in names} for names in (AGAIN, filter(often, points.SABOTAGES))
    )
    assert again <= always


@cache
def unaltered(row):
    """The verdicts on the statement itself, once for all that is done to it."""
    return row(sabotaged=False)


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=() if often(what) else pytest.mark.slow) for what in points.SABOTAGES]
)
def test_a_wrong_statement_is_caught_where_the_right_one_is_not(what):
    row = points.SABOTAGES[what]
    with torch_settings():
        assert any(v.status is Status.VIOLATED for v in row())
        assert what in REFUTED or not any(v.status in WRONG for v in unaltered(replace(row, change=times(1))))


def test_the_sabotages_are_in_the_catalogue():
    known = {job[1] for job in sabotages() if job[0] == "statement"}
    assert known >= set(points.SABOTAGES)
    assert measure(("statement", "error of the difference halved"))["claims"] == ["difference.bias"]


def test_the_difference_meets_its_bound_at_the_tip_of_a_tent():
    verdict = judge(differences.bias(experiment(TENT, 0.1)), 0.01)
    assert verdict.status is Status.CONSISTENT
    assert verdict.slack == pytest.approx(1, abs=1e-6)


def test_the_bias_of_the_inner_batch_meets_its_bound_for_large_batches():
    verdict = judge(estimators.exact_bias(experiment(points.WAVES, 0.4), "sharp.inner.bias"), 0.01)
    assert verdict.status is Status.CONSISTENT
    assert verdict.slack == pytest.approx(1, abs=1e-3)


def test_monte_carlo_agrees_with_the_exact_bias():
    """The control variate changes no mean."""
    spot = draws.spots(experiment(ONE_SIDED, 0.4, draws=20_000))[0]
    exact = mean_direction(spot.problem, spot.point, spot.local.alpha, "fo-maml", spot.D)
    bias = estimators.Inner(spot).bias.mean(1)
    expected = exact - spot.local.outer[0].mean(0)
    error = bias.std(0) / len(bias) ** 0.5
    assert (torch.abs(bias.mean(0) - expected) < 5 * error).all()
    assert float(error.norm()) < 0.1 * float(expected.norm())


def test_control_variates_change_no_mean_of_the_test_time_gradient():
    spot = draws.spots(experiment(points.LINKED, 0.4, draws=40_000))[0]
    inner, alpha = estimators.Inner(spot), spot.local.alpha
    plain = inner.outer - alpha * spot.problem.hessian_vector(spot.tasks, spot.w, inner.outer, inner.batch)
    plain = (plain - spot.local.meta).mean(1)
    error = plain.std(0) / len(plain) ** 0.5
    assert (torch.abs(plain.mean(0) - inner.adaptation.mean(0)) < 5 * error).all()
    assert inner.adaptation.std() < plain.std()


def test_gradient_and_hessian_of_the_test_time_batch_are_the_same_samples():
    """With independent ones the noise of the Hessian would have no effect on the mean: the claim would be idle."""
    spot = draws.spots(experiment(points.LINKED, 0.4, draws=20_000))[0]
    inner, alpha = estimators.Inner(spot), spot.local.alpha
    other = spot.batch("hess", spot.D)
    apart = inner.outer - alpha * spot.problem.hessian_vector(spot.tasks, spot.w, inner.outer, other)
    apart = (apart - spot.local.meta).mean(1)
    assert abs(float(apart.mean())) < 5 * float(apart.std()) / len(apart) ** 0.5
    assert abs(float(inner.adaptation.mean())) > 20 * float(inner.adaptation.std()) / len(apart) ** 0.5


def test_with_fresh_samples_the_noise_grows_as_the_probe_shrinks():
    verdicts = examine([experiment(ONE_SIDED, 0.4)], Runner(), ["difference"])
    growth = [v for v in verdicts if v.claim == "difference.growth"]
    same = [v for v in verdicts if v.claim == "difference.noise"]
    assert [v.status for v in growth] == [Status.CONSISTENT] * 2
    assert growth[0].statistic > 100 * same[0].statistic
    wrong = replace(differences.noise(experiment(ONE_SIDED, 0.4))[3], bound=same[0].statistic)
    assert judge(wrong, 0.01).status is Status.VIOLATED


def test_the_quadrature_gives_the_mean_hessian_of_the_inner_step():
    problem = problems.from_spec(DATA)
    local = Local(problem, 0.3 * torch.ones(2, 2, dtype=torch.float64), 0.4)
    P, Q = local.P, local.Q
    adapted = (Q @ local.g.unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(adapted, local.outer, rtol=0, atol=1e-6)
    torch.testing.assert_close((P @ adapted.unsqueeze(-1)).squeeze(-1), local.meta, rtol=0, atol=1e-6)


def test_what_is_not_a_number_fails():
    class Broken(type(problems.from_spec(ONE_SIDED))):
        def gradient(self, tasks, w, batch=None):
            return float("nan") * super().gradient(tasks, w, batch)

    own = experiment(ONE_SIDED, 0.4)
    own = replace(own, problem=Broken(dim=2, n_tasks=6, sigma_tilde=1.0))
    rows = [*differences.checks(own, None, None), *estimators.checks(own, None, None)]
    assert {judge(row, 0.01).status for row in rows} == {Status.FAILED}


def test_pairs_give_the_variance():
    vectors = torch.from_numpy(np.random.default_rng(0).normal(3, 2, (20_000, 2)))
    assert estimators.spread(vectors).mean() == pytest.approx(8, rel=0.05)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("trapezoid:alpha=0.1", "sharp.plateau.trapezoid"),
        ("shared-hessian:dim=2,n_tasks=4", "sharp.plateau.shared-hessian"),
    ],
)
def test_where_fo_maml_stops_is_what_the_statement_says(spec, name):
    own = next(design.plateau(setting(spec, 0.1, "fo-maml"), 4000))
    row = next(c for c in plateau.checks(own, simulated(own), None) if c.statement == name)
    assert judge(row, 0.01).status is Status.CONSISTENT
    assert judge(replace(row, bound=1.001 * row.bound + 1e-6), 0.01).status is Status.VIOLATED


def test_hf_maml_stops_below_the_target_of_the_repaired_factor():
    own = next(design.recorded_delta(setting("hf-counterexample", 0.05, "hf-maml"), 1500))
    assert judge(errata.repaired(own), 0.01).status is Status.CONSISTENT
    with believed(errata.REPAIR, times(10)):
        assert judge(errata.repaired(own), 0.01).status is Status.VIOLATED
    row = next(c for c in errata.checks(own, simulated(own), None) if c.claim == "plateau.hf-maml")
    assert judge(row, 0.01).status is Status.CONSISTENT
    assert judge(replace(row, bound=row.bound / 5), 0.01).status is Status.VIOLATED


def test_the_recorded_moments_of_the_step_hold_and_a_wrong_one_is_caught():
    own = next(design.convergence(setting("ripple", 0.1, "maml"), 0.35, "paper"))
    with torch_settings():
        rows = {c.statement: c for c in step.checks(own, None, None)}
    recorded = [rows["paper.step.mean"], rows["paper.step.square"]]
    assert [judge(row, 0.01).status for row in recorded] == [Status.CONSISTENT] * 2
    wrong = [
        replace(recorded[0], bound=1.3 * recorded[0].bound),
        replace(recorded[1], bound=recorded[1].bound / 4),
    ]
    assert [judge(row, 0.01).status for row in wrong] == [Status.VIOLATED] * 2
