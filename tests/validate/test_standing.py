"""A verdict says which constants its bound takes on trust, and a figure's caption does too."""

from dataclasses import replace

import pandas as pd
import pytest

from bounds import recommend
from empirics import problems
from figures import trust
from figures.evidence import collect
from validate.examine import examine
from validate.experiment import Experiment
from validate.runner import Runner

PROBLEM = problems.from_spec("ripple:dim=2,n_tasks=4")
GIVEN = PROBLEM.constants(0.1)


def experiment(constants):
    plan = recommend(constants, 0.2, alpha=0.1)
    return Experiment("one", "convergence", PROBLEM, plan, replicates=8, iterations=plan.iterations)


@pytest.mark.parametrize("standing", ["certified", "estimated"])
def test_a_verdict_names_the_constants_on_trust(standing):
    made = experiment(GIVEN.known_as({"rho": standing}))
    verdicts = examine([made], Runner(), ["accuracy"])
    wanted = "" if standing == "certified" else "if the estimated rho hold"
    assert {v.provided for v in verdicts} == {wanted}
    assert all(("estimated rho" in v.detail) == bool(wanted) for v in verdicts)
    assert verdicts[0].to_dict()["provided"] == wanted


def test_a_caption_names_the_constants_on_trust(tmp_path):
    frame = pd.DataFrame({"problem": [PROBLEM.spec]})
    made = experiment(GIVEN)
    made = replace(made, plan=made.plan.with_(iterations=2), iterations=2)
    assert trust.sentence(collect([made], tmp_path / "certified"), frame) == ""
    doubtful = replace(made, plan=made.plan.with_(constants=GIVEN.known_as({"L": "estimated"})))
    said = trust.sentence(collect([doubtful], tmp_path / "estimated"), frame)
    assert f"on {PROBLEM.spec} are good if the estimated L hold" in said
