"""Directions are judged as users hand them in: wrong ones are accused, right ones in any style never are."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from bounds import recommend
from empirics import algorithms, problems
from studies.power import hf_maml, maml, subtle
from studies.power.correct import FO, MAML, differenced, hf, hf_one_task_at_a_time, single
from studies.power.elsewhere import between
from validate import Status, check
from validate.design import Setting, bare_plan
from validate.directions import cases, law
from validate.directions.asking import drawn
from validate.directions.cases import Case, benches
from validate.directions.catalogue import central_difference

ONE_SIDED = "ripple:dim=2,n_tasks=6,sigma=1,sigma_tilde=1,oracle=one-sided"
FLAT = "quadratic:dim=3,n_tasks=6,sigma=0,sigma_tilde=0,sigma_H=0"


def judge(direction, algorithm="maml", problem="ripple:dim=3,n_tasks=8", epsilon=0.2, **more):
    made = {"claims": ["direction"]} | more
    return check(problem, epsilon, algorithms=[algorithm], directions={algorithm: direction}, **made)


def by_turns(first, second):
    """Return all pairs; those are not slow in which the second goes round as the first goes on."""
    return [
        pytest.param(one, other, marks=() if turn % len(second) == place else pytest.mark.slow)
        for place, other in enumerate(second)
        for turn, one in enumerate(first)
    ]


@pytest.fixture
def few_calls(monkeypatch):
    """For what is deterministic and the same in every call: fewer of them are watched."""
    monkeypatch.setattr(cases, "CALLS", 60)


@pytest.fixture
def some_calls(monkeypatch):
    """A quarter of them: what is wrong in one of a hundred is then seen about fifteen times."""
    monkeypatch.setattr(cases, "CALLS", 1500)


def claims(report):
    return {verdict.claim for verdict in report.refuted}


@pytest.mark.parametrize(
    ("direction", "problem"),
    by_turns(
        [
            maml.inner_batch_as_outer,
            maml.hessian_batch_as_outer,
            maml.inner_batch_as_hessian,
            maml.one_batch_for_all,
        ],
        ["plateau:sigma_tilde=0.3", ONE_SIDED],
    ),
)
def test_a_batch_in_two_roles_is_seen_by_what_was_read(direction, problem):
    report = judge(direction, problem=problem)
    assert "direction.batches" in claims(report)
    assert {v.problem for v in report.refuted} >= {problems.from_spec(problem).spec}
    assert any("must be independent" in verdict.detail for verdict in report.refuted)


@pytest.mark.parametrize(
    "direction",
    [
        maml.fo_as_maml,
        maml.outer_sign,
        maml.hessian_without_alpha,
        maml.hessian_at_adapted,
        maml.reptile,
        subtle.sgd,
        subtle.half_hessian,
        subtle.inner_per_mille,
        subtle.half_space,
        subtle.flat,
        subtle.far(5.0),
        subtle.far(50.0),
        subtle.far(100.0),
        subtle.rare_row(0.01),
        subtle.rare_task(0.01),
        subtle.rare_call(0.01),
        subtle.rare_reuse(0.01),
        subtle.schedule(1000),
    ],
)
def test_wrong_formulas_rare_and_distant_defects_are_seen(direction, some_calls):
    assert claims(judge(direction)) & {"direction.exact", "direction.rare", "direction.batches"}


def in_single_precision(direction):
    """The same code with the point and all that the oracle is asked and answers in single precision."""

    class Rounding:
        def __init__(self, oracle):
            self.oracle, self.problem, self.tasks = oracle, oracle.problem, oracle.tasks

        def gradient(self, w, split):
            return single(self.oracle.gradient(single(w), split))

        def hessian_vector(self, w, v, split):
            return single(self.oracle.hessian_vector(single(w), single(v), split))

    return lambda oracle, w, alpha: single(direction(Rounding(oracle), single(w), alpha))


@pytest.mark.parametrize(
    ("direction", "problem"),
    by_turns(
        [maml.fo_as_maml, subtle.half_hessian, maml.hessian_at_adapted, subtle.inner_per_mille],
        ["ripple:dim=3,n_tasks=8", "plateau:sigma_tilde=0.3"],
    ),
)
def test_single_precision_excuses_no_defect(direction, problem):
    report = judge(in_single_precision(direction), problem=problem)
    assert not report.ok
    assert "direction.exact" in claims(report)


@pytest.mark.parametrize("calls", [1500, pytest.param(6000, marks=pytest.mark.slow)])
def test_single_precision_itself_is_no_defect(calls, monkeypatch):
    """With many calls watched, and in the slow run with all, as users have it."""
    monkeypatch.setattr(cases, "CALLS", calls)
    assert judge(in_single_precision(algorithms.maml)).ok


@pytest.mark.parametrize(
    "direction", [maml.noise_not_averaged, maml.shared_noise, subtle.inner_noise_shared, subtle.mixed_batches]
)
def test_a_wrong_law_is_seen(direction):
    assert claims(judge(direction)) & {"direction.mean", "direction.variance"}


@pytest.mark.parametrize(
    "direction",
    [hf_maml.hf_one_probe, hf_maml.hf_fresh_probes, hf_maml.hf_half_missing, subtle.hf_inner_as_hessian],
)
def test_wrong_differences_are_seen(direction):
    assert not judge(direction, "hf-maml").ok


RIGHT = [*(("maml", made) for made in MAML), *(("fo-maml", made) for made in FO)]


@pytest.mark.parametrize(("style", "problem"), by_turns(RIGHT, ["plateau:sigma_tilde=0.3", FLAT]))
def test_right_code_in_any_style_is_not_accused(style, problem, few_calls):
    algorithm, direction = style
    report = judge(direction, algorithm, problem)
    assert report.ok, report.to_frame()[["claim", "status", "statistic", "bound", "detail"]].to_string()


def recommended(problem):
    """Return the length of the probe that is recommended at the usual target."""
    made = problems.from_spec(problem)
    alpha = 0.1 / made.constants().L
    return recommend(made.constants(alpha), 0.2, "hf-maml", alpha=alpha).probe_length


@pytest.mark.parametrize(
    ("problem", "part"),
    [
        ("plateau:sigma_tilde=0.3", 1.0),
        ("ripple:dim=3,n_tasks=8", 0.05),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [
                ("plateau:sigma_tilde=0.3", 0.5),
                ("plateau:sigma_tilde=0.3", 0.05),
                ("ripple:dim=3,n_tasks=8", 0.5),
                ("ripple:dim=3,n_tasks=8", 1.0),
            ]
        ),
    ],
)
def test_every_admissible_probe_is_right_and_a_long_one_is_not(problem, part, few_calls):
    length = part * recommended(problem)
    for direction in (hf(length), hf(length, single)):
        assert judge(direction, "hf-maml", problem).ok
    long = judge(hf(30 * length / part), "hf-maml", problem)
    assert claims(long) == {"direction.probe"}
    assert "divide the probe by |v|" in " ".join(one.detail for one in long.verdicts)


def test_probes_of_one_task_at_a_time_are_right(few_calls):
    assert judge(hf_one_task_at_a_time(recommended("ripple:dim=3,n_tasks=8")), "hf-maml").ok


def test_a_fine_difference_is_a_hessian_product_where_hessians_change_fast(few_calls):
    """On the tent L/rho is 1/79: a probe of 1e-6 truncates by more than single precision rounds."""
    assert judge(differenced, problem="hf-counterexample-tent:alpha=0.1", seed=2).ok
    assert not judge(algorithms.hf_maml(1e-3), problem="hf-counterexample-tent:alpha=0.1").ok


def test_a_probe_along_a_gradient_that_vanishes_has_no_length(few_calls):
    """Far out the gradients of finite data are below 1e-160, whose squares underflow."""
    finite = "robust-regression:dim=3,n_tasks=6,points=6"
    assert judge(hf(0.004, out="hess", hess="out"), "hf-maml", finite, 0.1).ok


@pytest.mark.parametrize("problem", ["ripple:dim=3,n_tasks=8", "plateau:sigma_tilde=0.3"])
def test_a_region_between_two_shells_is_seen(problem, few_calls):
    assert "direction.exact" in claims(judge(between(4.0, 4.5), problem=problem))


def test_where_algorithms_coincide_nothing_is_called_consistent(few_calls):
    report = judge(algorithms.maml, problem="ramp")
    own = {v.status for v in report.verdicts if v.problem.startswith("ramp")}
    assert own == {Status.INCONCLUSIVE}
    assert "cannot be told apart" in report.undecided[0].detail
    assert report.ok
    assert not judge(algorithms.fo_maml, problem="ramp").ok


def test_finite_data_does_not_hide_plain_sgd():
    assert not judge(subtle.sgd, problem="robust-regression:dim=3,n_tasks=6,points=6").ok


def test_maml_under_the_name_of_fo_maml_gets_a_verdict():
    report = judge(algorithms.maml, "fo-maml")
    assert claims(report) == {"direction.exact"}
    assert any("it is MAML" in verdict.detail for verdict in report.refuted)


@pytest.mark.parametrize("direction", [maml.reptile, subtle.two_steps])
def test_what_is_handed_in_is_judged_unasked(direction):
    report = judge(direction, problem="plateau:sigma_tilde=0.3", claims=["accuracy"], replicates=8)
    assert "direction.exact" in claims(report)


def test_state_between_calls_is_said(few_calls):
    report = judge(subtle.momentum())
    assert claims(report) & {"direction.exact", "direction.rare", "direction.batches"}
    assert any("keeps state between calls" in verdict.detail for verdict in report.refuted)


def raises(o, w, a):
    raise KeyError("weights")


@pytest.mark.parametrize(
    ("direction", "says"),
    [
        (raises, "raised KeyError: 'weights'"),
        (lambda o, w, a: 3.0, "handed back float"),
        (lambda o, w, a: algorithms.maml(o, w, a).mean(-2), "handed back"),
        (lambda o, w, a: torch.nan * algorithms.maml(o, w, a), "not a finite number"),
        (lambda o, w, a: o.gradient(w, "query"), "must be one of 'in', 'out', 'hess'"),
    ],
)
def test_what_is_no_direction_fails_with_a_reason(direction, says):
    report = judge(direction)
    assert {v.status for v in report.verdicts} == {Status.FAILED}
    assert says in report.verdicts[0].detail


def test_a_rare_defect_that_is_not_seen_has_a_size():
    row = next(v for v in judge(algorithms.maml).verdicts if v.claim == "direction.rare")
    assert row.statistic == 0
    assert row.interval[1] < row.bound
    assert "more than 1 call of 869" in row.detail


def own_samples(seed):
    """Right by its law alone: it draws batches of its own."""
    rng = np.random.default_rng(seed)

    def direction(o, w, a):
        def gradient(x):
            batch = torch.from_numpy(o.problem.sample(rng, o.tasks.numpy(), 1))
            return o.problem.gradient(o.tasks, x, batch)

        v = gradient(w - a * gradient(w))
        return v - a * o.hessian_vector(w, v, "hess")

    return direction


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_right_laws_are_accused_no_more_often_than_the_level_says(seed):
    """Code that draws its own numbers: no two draws agree, and it is never accused."""
    report = judge(own_samples(seed), problem="plateau:sigma_tilde=0.3")
    assert not report.refuted, report.to_frame().to_string()


def test_intervals_of_a_law_cover_in_most_of_many_runs():
    """At error 0.1 the two intervals of right code miss in 10 % of 60 runs each, up to 4 standard errors."""
    problem = problems.from_spec(ONE_SIDED)
    plan = bare_plan(Setting(problem, 0.1 / problem.constants().L), "maml")
    missed = np.zeros(2)
    for seed in range(60):
        case = Case(problem, plan, seed, law=2000)
        laws = law.Laws(case, own_samples(seed), lambda block, looks: algorithms.maml, problem.start, "cover")
        missed += [laws.many.mean(0.1).lower > 0, not laws.many.spread(1.0, 0.1).lower <= 1.0]
    assert (missed <= 60 * 0.1 + 4 * np.sqrt(60 * 0.09)).all(), missed


def test_the_difference_written_twice_is_one():
    plan = bare_plan(Setting(problems.from_spec(ONE_SIDED), 0.1), "hf-maml", 0.3)
    case = next(benches(plan, 0))
    block = drawn(case.problem, case.alpha, case.places.points, 3, 1, 0, "twice")
    length = torch.full((*block.tasks.shape, 1), 0.3, dtype=torch.float64)
    w = block.w.unsqueeze(-2)
    one = central_difference(length)(block.oracle(), w, case.alpha)
    other = algorithms.hf_maml(0.3)(block.oracle(), w, case.alpha)
    assert torch.allclose(one, other, rtol=1e-9, atol=1e-9)


def test_an_own_problem_is_judged_too(few_calls):
    sys.path.insert(0, str(Path(__file__).parents[3] / "examples"))
    from own_problem import make

    assert judge(MAML[0], problem=make()).ok
    assert not judge(algorithms.fo_maml, problem=make()).ok


def _where(wrong, replace):
    """MAML, but where ``wrong`` says so of the shape of its answer."""

    def direction(oracle, w, alpha):
        answer = algorithms.maml(oracle, w, alpha)
        return replace(answer) if wrong(answer) else answer

    return direction


def _chunked(answer):
    return torch.cat([answer[:, :64], 0.5 * answer[:, 64:]], 1)


@pytest.mark.parametrize(
    "direction",
    [
        _where(lambda G: G.shape[1] == 1, torch.zeros_like),
        _where(lambda G: G.shape[0] == 1, lambda G: 0.5 * G),
        _where(lambda G: G.shape[1] > 64, _chunked),
    ],
)
def test_defects_at_one_task_one_row_or_many_tasks_are_seen(direction, few_calls):
    assert "direction.shape" in claims(judge(direction))


def test_a_direction_that_is_sometimes_no_number_fails_even_on_a_problem_of_ours():
    calls = []

    def direction(oracle, w, alpha):
        calls.append(None)
        answer = algorithms.maml(oracle, w, alpha)
        return answer * float("nan") if len(calls) % 300 == 7 else answer

    report = judge(direction)
    assert not report.ok
    assert any("not a finite number" in v.detail for v in report.refuted)


def test_points_in_single_precision_are_accepted(few_calls):
    assert judge(lambda oracle, w, alpha: algorithms.maml(oracle, w.float(), alpha)).ok


FAR_BENCH = "ripple:dim=3,n_tasks=8,rho=1000"


@pytest.mark.parametrize("length", [7e-6, 3.5e-7])
def test_a_short_probe_is_found_at_far_points_too(length, few_calls):
    """Single precision would not tell the shorter one from w."""
    assert not judge(hf(length), "hf-maml", FAR_BENCH).refuted


STEEP = [
    "quadratic:dim=3,n_tasks=5,sigma=0.1,sigma_tilde=0.1,sigma_H=3",
    "ripple:dim=2,n_tasks=6,sigma=0.1,sigma_tilde=0.1,sigma_H=100,oracle=one-sided,rho=2",
]
"""Problems on which a sample's Hessian is many times L."""


@pytest.mark.parametrize("calls", [60, pytest.param(6000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("problem", STEEP)
def test_single_precision_may_meet_a_sample_with_a_large_hessian(problem, calls, monkeypatch):
    monkeypatch.setattr(cases, "CALLS", calls)
    assert not judge(in_single_precision(algorithms.maml), problem=problem, seed=1).refuted


@pytest.mark.parametrize("problem", STEEP)
def test_what_is_forgiven_there_hides_no_defect(problem):
    def scaled(oracle, w, alpha):
        return 1.05 * algorithms.maml(oracle, w, alpha)

    for wrong in (algorithms.fo_maml, scaled):
        assert judge(in_single_precision(wrong), problem=problem, seed=1).refuted


def test_a_probe_lost_in_the_rounding_of_w_decides_nothing_and_says_so(few_calls):
    report = judge(hf(1e-9, single), "hf-maml")
    own = [v for v in report.verdicts if v.claim == "direction.draws"]
    assert {v.status for v in own} == {Status.INCONCLUSIVE}
    assert all("within the rounding of w" in v.detail for v in own)
    assert not report.ok
