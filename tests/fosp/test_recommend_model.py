"""``fosp recommend --problem`` on a model and its tasks: estimate, plans and caveats on one screen."""

from __future__ import annotations

import inspect
import json

import pytest

MODEL = """
import numpy as np
import torch
from torch import nn


def make(layer=nn.Tanh):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 4), layer(), nn.Linear(4, 1))
    rng = np.random.default_rng(0)
    tasks = [(x := rng.standard_normal((8, 2)), x @ rng.standard_normal((2, 1))) for _ in range(5)]
    return net, nn.functional.mse_loss, tasks


def kinked():
    return make(nn.ReLU)


def pair():
    return make()[:2]


def dropout():
    net, loss, tasks = make()
    return nn.Sequential(net, nn.Dropout(0.5)), loss, tasks
"""


@pytest.fixture(autouse=True)
def few_points(monkeypatch):
    """Look at fewer points: what is tested is what becomes of them."""
    from empirics.estimation import estimating

    usual = inspect.unwrap(estimating.estimate).__kwdefaults__
    monkeypatch.setitem(usual, "rounds", 1)
    monkeypatch.setitem(usual, "path", 3)


def test_the_answer_fits_on_one_screen(cli, model):
    done = cli("recommend", "--problem", f"{model}:make", "--hessian-cost", "2")
    assert (done.code, done.err) == (0, "")
    assert done.out.count("\n") <= 24
    for words in (
        "17 parameters; constants estimated on the path of 3",
        "about a tenth of what it is at these weights",
        "iterations K",
        "inner step alpha = ",
        "outer step of ",
        "first-order is good enough",
        "at the latest",
        "Hessian-free ",
        "most worth reducing: ",
        "The guarantees are good if the estimated L",
        "at least, 95 %",
        "caveat: estimates are from below",
    ):
        assert words in done.out, words


def test_kinks_are_a_caveat(cli, model):
    assert "caveat: the gradient jumps (ReLU" in cli("recommend", "--problem", f"{model}:kinked").out


def test_the_options_of_a_plan_count(cli, model):
    argv = ("recommend", "--problem", f"{model}:make", "--epsilon", "0.5", "--hessian-cost", "2", "--json")
    plain = json.loads(cli(*argv).out)
    assert [plan["algorithm"] for plan in plain["plans"]] == ["maml", "fo-maml", "hf-maml"]
    for plan in plain["plans"]:
        assert set(plan["constants_status"].values()) == {"estimated"}
        assert plan["n_tasks"] == 5
        assert plan["alpha"] == pytest.approx(0.1 / plain["estimate"]["constants"]["L"]["used"])
    asked = (
        "--algorithm",
        "maml",
        "--alpha",
        "0.002",
        "--fix",
        "D_in=7",
        "--step",
        "sampled",
        "--depth",
        "0",
    )
    (plan,) = json.loads(cli(*argv, *asked).out)["plans"]
    assert (plan["alpha"], plan["D_in"], plan["step_rule"]["kind"]) == (0.002, 7, "sampled")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("--epsilon", "0.5,0.4,0.3"), "exponent"),
        pytest.param(("--samples", "1e6", "--algorithm", "maml"), "Sharp theory", marks=pytest.mark.slow),
        (("--fix", "D_in=5"), "Reachable with D_in = 5"),
        (("--epsilon", "0.5", "--pareto", "--algorithm", "maml"), "Depth against samples"),
        pytest.param(
            ("--epsilon", "0.5", "--theory", "both", "--algorithm", "maml"),
            "Paper theory",
            marks=pytest.mark.slow,
        ),
        (("--epsilon", "0.5", "--inner-steps", "2"), "sharp.inner-steps.2.plateau"),
    ],
)
def test_every_other_question_is_answered_too(cli, model, argv, says):
    done = cli("recommend", "--problem", f"{model}:make", *argv)
    assert (done.code, done.err) == (0, "")
    assert says in done.out


@pytest.mark.parametrize(
    ("name", "argv", "says"),
    [
        ("pair", (), "(module, loss, tasks)"),
        ("dropout", (), "switch dropout off: module.eval()"),
        ("make", ("--L", "1"), "leave out --L"),
        ("make", ("--n-tasks", "3"), "brings its own tasks"),
        ("make", ("--epsilon", "0"), "--epsilon = 0"),
        ("make", ("--alpha", "-1"), "--alpha = -1"),
        ("make", ("--samples", "1e6", "--epsilon", "1"), "not two of them"),
        ("make", ("--epsilon", "0.1", "--inner-steps", "11"), "--inner-steps"),
    ],
)
def test_what_is_wrong_is_one_line(cli, model, name, argv, says):
    done = cli("recommend", "--problem", f"{model}:{name}", *argv)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("command", [("validate",), ("constants",)])
def test_a_model_where_only_a_problem_will_do_is_told_where_to_go(cli, model, command):
    where = (f"{model}:make",) if command == ("constants",) else ("--problem", f"{model}:make")
    done = cli(*command, *where)
    assert done.code == 2
    assert "fosp recommend, estimate, measure" in done.err
