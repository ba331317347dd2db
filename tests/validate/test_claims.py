"""The claims on real runs, and sabotage that each of them must catch."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from bounds import recommend
from bounds.errors import InputError
from empirics import algorithms, problems
from validate import check
from validate.claim import claims
from validate.claims.curves import curves, first_bad, tails
from validate.design import Setting, convergence, plateau, recorded_delta
from validate.examine import examine
from validate.runner import Runner
from validate.verdict import Status

STALL = "plateau:sigma_tilde=0.3"
EPSILON = 0.07


def bad(verdicts):
    return {v.claim for v in verdicts if v.status in (Status.VIOLATED, Status.FAILED)}


def setting(spec, **more):
    problem = problems.from_spec(spec)
    return Setting(problem, 0.1 / problem.constants().L, replicates=24, **more)


@pytest.fixture(scope="module")
def report():
    return check(STALL, EPSILON, replicates=24, claims=["accuracy", "iterations", "plateau"])


@pytest.mark.slow
def test_with_all_claims_nothing_is_accused():
    assert check(STALL, EPSILON, replicates=24).ok


def test_correct_runs_are_consistent_and_infeasible_plans_are_not_applicable(report):
    statuses = {(v.algorithm, v.claim): v.status for v in report.verdicts}
    assert report.ok
    assert statuses["maml", "accuracy.random"] is Status.CONSISTENT
    assert statuses["maml", "iterations"] is Status.CONSISTENT
    assert statuses["maml", "plateau.passed"] is Status.CONSISTENT
    assert statuses["hf-maml", "plateau.passed"] is Status.CONSISTENT
    assert statuses["fo-maml", "plateau.fixed-point"] is Status.CONSISTENT
    assert statuses["fo-maml", "plateau.path"] is Status.CONSISTENT
    assert statuses["fo-maml", "accuracy.random"] is Status.NOT_APPLICABLE
    row = next(v for v in report.verdicts if (v.algorithm, v.claim) == ("fo-maml", "accuracy.random"))
    assert "bias of order alpha L sigma" in row.detail


def test_fixed_point_is_met_to_1e_8(report):
    row = next(v for v in report.verdicts if v.claim == "plateau.fixed-point")
    assert abs(row.statistic - row.bound) < 1e-8
    assert row.statistic == pytest.approx(0.04140522414088, abs=1e-12)


def test_report_is_json_and_a_table(report):
    import json

    data = json.loads(report.to_json())
    assert data["schema"] == 1
    keys = {"claim", "statement", "algorithm", "problem", "status", "statistic", "interval", "level", "bound"}
    assert keys | {"slack", "n", "detail"} <= data["verdicts"][0].keys()
    assert len(report.to_frame()) == len(report.verdicts)


def sabotaged(change, spec="ripple", epsilon=0.2, claims=("accuracy", "iterations")):
    experiments = [replace(e, plan=change(e.plan)) for e in convergence(setting(spec), epsilon)]
    return bad(examine(experiments, Runner(), claims))


def test_a_bound_ten_times_too_small_is_caught():
    assert sabotaged(lambda plan: plan) == set()
    found = sabotaged(lambda plan: plan.with_(guarantee=plan.guarantee / 10))
    assert found == {"accuracy.random", "accuracy.best"}


def test_iterations_ten_times_too_few_are_caught():
    def fewer(experiment):
        (row,) = claims()["iterations"].checks(experiment, Runner()(experiment), Runner())
        return replace(row, bound=row.bound / 10)

    from validate.judge import judge

    experiment = next(convergence(setting("ripple"), 0.2))
    again = partial(fewer, experiment.fresh())
    assert judge(replace(fewer(experiment), again=again), 0.001).status is Status.VIOLATED


def test_a_missing_sigma_term_is_caught():
    problem = problems.from_spec("ripple")
    own = setting("ripple")
    blind = replace(own.constants, sigma=0.0, sigma_tilde=0.0)
    plan = recommend(blind, 0.05, "maml", alpha=own.alpha)
    experiment = own.experiment("convergence", plan, "no sigma")
    assert experiment.problem.spec == problem.spec
    assert bad(examine([experiment], Runner(), ["accuracy"])) == {"accuracy.random", "accuracy.best"}


def flipped(oracle, w, alpha):
    return algorithms.maml(oracle, w, -alpha)


def flipped_outside(oracle, w, alpha):
    adapted = w - alpha * oracle.gradient(w, "in")
    outer = oracle.gradient(adapted, "out")
    return outer + alpha * oracle.hessian_vector(w, outer, "hess")


@pytest.mark.parametrize("direction", [algorithms.fo_maml, flipped, flipped_outside])
def test_a_wrong_algorithm_under_mamls_name_is_caught(direction):
    own = replace(setting(STALL), algorithms=("maml",), directions={"maml": direction})
    verdicts = examine(list(plateau(own, 600)), Runner(), ["plateau"])
    assert bad(verdicts) == {"plateau.passed"}


def test_maml_under_fo_mamls_name_is_caught():
    own = replace(setting(STALL), algorithms=("fo-maml",), directions={"fo-maml": algorithms.maml})
    verdicts = examine(list(plateau(own, 600)), Runner(), ["plateau"])
    assert bad(verdicts) == {"plateau.fixed-point", "plateau.path"}


def test_with_noise_the_tail_equals_the_fixed_point_or_is_caught():
    own = replace(setting(STALL), algorithms=("fo-maml",))
    batches = {"B": 250, "D_in": 10, "D_o": 10, "D_h": 10}
    right = examine(list(plateau(own, 400, **batches)), Runner(), ["plateau"])
    assert [v.status for v in right] == [Status.CONSISTENT]
    assert right[0].interval[0] <= right[0].bound <= right[0].interval[1]
    wrong = replace(own, directions={"fo-maml": algorithms.maml})
    assert bad(examine(list(plateau(wrong, 200, **batches)), Runner(), ["plateau"])) == {"plateau.tail"}


def test_erratum_e3_is_found_and_not_with_the_corrected_rule():
    problem = problems.from_spec("plateau:m_share=0.05,offset=-1.25761")
    own = Setting(problem, 0.05)
    verdicts = examine(list(recorded_delta(own, 6000)), Runner(), ["errata"])
    assert [v.status for v in verdicts] == [Status.CONSISTENT] * 4
    assert verdicts[0].statistic == pytest.approx(0.025818843, abs=1e-8)
    experiment = next(recorded_delta(own, 3000))
    corrected = replace(experiment, plan=experiment.plan.with_(probe_length=1e-5))
    assert "erratum.E3" in bad(examine([corrected], Runner(), ["errata"]))


def test_divergence_fails_with_the_first_bad_iteration():
    def explosive(oracle, w, alpha):
        return -1e308 * algorithms.maml(oracle, w, alpha)

    own = replace(setting("ripple"), algorithms=("maml",), directions={"maml": explosive})
    verdicts = examine(list(convergence(own, 0.2)), Runner(), ["accuracy", "iterations"])
    assert {v.status for v in verdicts} == {Status.FAILED}
    assert "first at iteration" in verdicts[0].detail


def test_unknown_claims_and_too_few_replicates_are_refused():
    with pytest.raises(InputError, match="claims"):
        check("ripple", 0.2, claims=["acuracy"])
    with pytest.raises(InputError, match="replicates"):
        check("ripple", 0.2, replicates=2)


def test_curves_tails_and_first_bad_of_a_small_table():
    frame = pd.DataFrame(
        {
            "replicate": [1, 1, 0, 0],
            "iteration": [1, 0, 0, 1],
            "grad_norm": [3.0, 4.0, 1.0, np.inf],
            "objective": [0.0, 0.0, 0.0, np.nan],
        }
    )
    assert curves(frame).tolist() == [[1.0, np.inf], [4.0, 3.0]]
    assert tails(frame).tolist() == [np.inf, 3.0]
    assert "iteration 1 of replicate 0" in first_bad(frame)
    assert first_bad(frame[frame["replicate"] == 1]) == ""
