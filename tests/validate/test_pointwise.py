"""Lemmas, directions, steps and errata: right ones pass, and a few wrong ones are caught (all: -m power)."""

import numpy as np
import pytest
import torch

from empirics import problems
from empirics.measure import torch_settings
from studies.power.measure import measure, sabotages
from validate import design
from validate.claim import claims
from validate.claims import extremes
from validate.claims.curves import limit
from validate.claims.direction import norm_interval
from validate.claims.lemmas import applies, lemmas, ratios, starting, tightest
from validate.examine import examine
from validate.judge import judge
from validate.runner import Runner
from validate.verdict import Status


def setting(spec, alpha=0.1):
    return design.Setting(problems.from_spec(spec), alpha)


@pytest.mark.parametrize(
    "spec",
    [
        "ripple:dim=3,n_tasks=8",
        pytest.param("plateau", marks=pytest.mark.slow),
        pytest.param("quadratic:dim=2,n_tasks=4", marks=pytest.mark.slow),
    ],
)
def test_all_lemmas_hold_where_they_are_tightest(spec):
    own = setting(spec)
    verdicts = examine(list(own.pointwise("lemmas")), Runner())
    assert {v.statement for v in verdicts} == {n for n in lemmas() if applies(n, own.problem)}
    assert {v.status for v in verdicts} == {Status.CONSISTENT}


def test_a_tight_lemma_is_seen_to_be_tight():
    experiment = next(setting("quadratic:dim=2,n_tasks=4").pointwise("lemmas"))
    verdict = judge(tightest(experiment, "sharp.gradient-relation"), 0.01)
    assert verdict.slack == pytest.approx(1, abs=0.01)


def test_a_lemma_outside_its_domain_is_not_applicable():
    experiment = next(setting("plateau", 0.45).pointwise("lemmas"))
    verdict = judge(tightest(experiment, "paper.gradient-relation"), 0.01)
    assert verdict.status is Status.NOT_APPLICABLE
    assert "L*alpha" in verdict.detail


@pytest.mark.parametrize(("strange", "status"), [(False, Status.CONSISTENT), (True, Status.FAILED)])
def test_a_lemma_fails_where_its_left_side_is_nan_between_the_start_and_the_end(strange, status):
    experiment = next(setting("quadratic:dim=2,n_tasks=4").pointwise("lemmas"))
    start = starting(experiment, 4)

    def sides(w):
        away = (w != start).any(1).numpy()
        left = np.where(away & strange, np.nan, np.where(away, 0.25, 0.5))
        return extremes.Sides(left, np.ones(4), np.zeros(4))

    made = extremes.tightest(experiment, "sharp.gradient-relation", sides, start, "a test", 3)
    assert judge(made, 0.01).status is status


def test_left_sides_against_autodiff_free_formulas_at_one_point():
    problem, alpha = problems.from_spec("quadratic:dim=2,n_tasks=4"), 0.2
    w = torch.tensor([[0.3, -0.4]], dtype=torch.float64)
    g = problem.gradient(torch.arange(4), w)
    left, _ = ratios("sharp.spread.meta-gradient", problem, w, alpha)
    expected = (1 - alpha) ** 2 * (g - g.mean(0)).square().sum(1).mean().sqrt()
    assert left[0] == pytest.approx(float(expected), rel=1e-12)


def test_the_algorithms_keep_to_the_lemmas_about_their_direction():
    verdicts = examine(
        list(design.directions(setting("ripple:dim=2,n_tasks=4"), 2000)), Runner(), ["direction"]
    )
    assert {v.status for v in verdicts} <= {Status.CONSISTENT, Status.INCONCLUSIVE}
    assert {v.claim for v in verdicts} == {"direction.bias", "direction.spread"}


@pytest.mark.parametrize(
    "job",
    [
        ("direction", "maml", "fo_as_maml", "ripple"),
        ("direction", "maml", "inner_batch_as_hessian", "ripple"),
        ("direction", "maml", "shared_noise", "ripple"),
        ("direction", "fo-maml", "fo_sign", "ripple"),
        ("direction", "hf-maml", "hf_half_missing", "ripple"),
        pytest.param(("direction", "hf-maml", "hf_fresh_probes", "ripple"), marks=pytest.mark.slow),
        ("statement", "second moment as recorded (E1)"),
        ("statement", "step factor 2 % too large"),
        ("statement", "plan without sigma"),
    ],
)
def test_sabotage_is_caught(job):
    assert job[:3] in {each[:3] for each in sabotages()}
    assert measure(job)["claims"]


def test_errata_are_found_again():
    own = setting("validate.claims.counterexamples:opposite_slopes")
    verdicts = examine(list(own.pointwise("errata")), Runner())
    found = {v.claim: v for v in verdicts}
    assert {v.status for v in verdicts} == {Status.CONSISTENT}
    assert found["erratum.E1"].statistic / found["erratum.E1"].bound == pytest.approx(1.0602, abs=1e-4)
    assert found["erratum.E2"].statistic / found["erratum.E2"].bound == pytest.approx(5000)


def test_e1_disappears_where_the_recorded_moment_holds():
    own = setting("validate.claims.counterexamples:opposite_slopes", 0.3)
    verdicts = examine(list(own.pointwise("errata")), Runner())
    assert {v.claim: v.status for v in verdicts}["erratum.E1"] is Status.VIOLATED


def test_moments_of_the_step_bracket_the_draws():
    experiment = next(design.convergence(setting("ripple"), 0.2))
    with torch_settings():
        verdicts = [judge(c, 0.001) for c in claims()["step"].checks(experiment, None, None)]
    assert [v.statement for v in verdicts] == [
        "sharp.step.mean",
        "sharp.step.mean.upper",
        "sharp.step.square",
    ]
    assert all(v.status is Status.CONSISTENT for v in verdicts)
    assert verdicts[0].slack > 0.95


def test_norm_interval_covers_in_many_dimensions():
    rng, error = np.random.default_rng(1), 0.1
    for dim in (1, 30):
        mean = np.full(dim, 0.2)
        draws = mean + rng.normal(0, 0.1, (2000, dim))
        sizes = np.linalg.norm(draws, axis=1)
        truth = np.linalg.norm(mean)
        missed = sum(truth not in norm_interval(s, 0.1 * dim**0.5, 10, error) for s in sizes)
        assert missed <= error * 2000
    assert norm_interval(5.0, 0.1, 10, error).lower > 4


def test_a_limit_knows_how_far_it_still_is():
    k = np.arange(1001)
    for rate in (0.9, 0.99, 0.999):
        interval = limit(1 + rate**k, 1e-12)(0.01)
        assert 1.0 in interval
    assert limit(1 + 0.9**k, 1e-12)(0.01).width < 1e-11
    assert limit(1 + 0.99**k, 1e-12)(0.01).width < 0.01
    assert limit(2 - k / 1000, 1e-12)(0.01).width == np.inf
