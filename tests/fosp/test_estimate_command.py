"""``fosp estimate`` and ``fosp measure``: one screen, one document, one line when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bounds.plan import StepRule
from fosp import estimates

MODEL = """
import numpy as np
import torch
from torch import nn


def make():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    rng = np.random.default_rng(0)
    tasks = [(x := rng.standard_normal((8, 2)), x @ rng.standard_normal((2, 1))) for _ in range(5)]
    return net, nn.functional.mse_loss, tasks


def dropout():
    net, loss, tasks = make()
    return nn.Sequential(net, nn.Dropout(0.5)), loss, tasks


def broken():
    return 1 / 0
"""
QUICK = ("--rounds", "1", "--path", "3", "--hessian-cost", "2")


def test_the_answer_fits_on_one_screen(cli, model):
    done = cli("estimate", f"{model}:make", *QUICK)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("\n") < 45
    for words in (
        "17 parameters, 5 tasks of 5",
        "Estimated, not certified",
        "first-order is good enough",
        "Hessian-free",
        "most worth reducing",
        "The guarantees are good if the estimated L",
    ):
        assert words in done.out
    assert "certified" not in done.out.replace("not certified", "")


def test_the_document(cli, model):
    done = cli("estimate", f"{model}:make", *QUICK, "--json", "--epsilon", "0.1", "--safety", "2")
    document = json.loads(done.out)
    assert document["schema"] == 1
    assert document["advice"]["epsilon"] == 0.1
    for name in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta", "M"):
        row = document["constants"][name]
        assert row["standing"] == "estimated"
        assert row["lower"] <= row["value"] <= row["used"]
        assert name == "Delta" or row["upper"] is None
    for plan in document["advice"]["plans"]:
        assert set(plan["constants_status"].values()) == {"estimated"}


def test_times_are_measured_where_none_are_given(cli, model):
    document = json.loads(cli("estimate", f"{model}:make", *QUICK[:4], "--json").out)["advice"]
    assert document["seconds_per_gradient_sample"] > 0
    assert document["hessian_cost"] > 0


def test_where_the_model_is(cli, model):
    done = cli("measure", f"{model}:make", "--epsilon", "100", "--alpha", "0.01")
    assert (done.code, done.err) == (0, "")
    assert "from all 5 tasks with all their samples" in done.out
    assert "epsilon-FOSP for epsilon = 100: yes" in done.out
    assert "times that" in done.out


def test_weights_from_a_file(cli, model, here):
    import numpy as np

    np.save(here / "w.npy", np.zeros(17))
    document = json.loads(
        cli("measure", f"{model}:make", "--weights", "w.npy", "--json", "--alpha", "0.01").out
    )
    assert document["exact"] is True
    assert document["interval"] == [document["gradient"]] * 2
    assert document["stationary"] is None


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("{}:broken",), "the factory failed with ZeroDivisionError"),
        (("{}:nothing",), "can be imported"),
        (("{}:dropout",), "switch dropout off: module.eval()"),
        (("{}:make", "--weights", "nowhere.pt"), "cannot be read"),
        (("{}:make", "--alpha", "-1"), "--alpha = -1.0"),
        (("{}:make", "--epsilon", "0"), "--epsilon = 0"),
        (("{}:make", "--seconds", "0"), "--seconds = 0"),
        (("{}:make", "--tasks", "0"), "--tasks"),
    ],
)
@pytest.mark.parametrize("command", ["estimate", "measure"])
def test_what_is_wrong_is_one_line(cli, model, argv, says, command):
    quick = QUICK if command == "estimate" else ()
    done = cli(command, *(one.format(model) for one in argv), *quick)
    assert done.code == 2
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    assert says in done.err
    assert {path.suffix for path in Path.cwd().iterdir()} <= {".py", ""}


def test_an_estimate_around_other_weights(cli, model, here):
    import numpy as np

    np.save(here / "w.npy", np.zeros(17))
    found = [
        json.loads(
            cli("estimate", f"{model}:make", *QUICK[:2], "--radius", "0.1", *QUICK[4:], *more, "--json").out
        )
        for more in ((), ("--weights", "w.npy"))
    ]
    assert found[0]["region"] == found[1]["region"] == "the ball of radius 0.1 around the given weights"
    assert found[0]["start"] != found[1]["start"]


def test_levels_of_the_inner_batch_can_be_asked_for(cli, model):
    argv = ("estimate", f"{model}:make", *QUICK, "--epsilon", "0.5")
    plain, deep = (cli(*argv, *more).out for more in ((), ("--depth", "2")))
    assert "levels" not in plain.partition("inner step")[0]
    assert "  levels  " in deep


@pytest.mark.parametrize(
    "argv", [("--radius", "0"), ("--safety", "0.5"), ("--radius", "1"), ("--rounds", "99")]
)
def test_options_of_estimate_that_are_none(cli, model, argv):
    done = cli("estimate", f"{model}:make", "--path", "3", *argv)
    assert (done.code, done.err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (StepRule("constant", 6.05, 0.0), "0.0226"),
        (StepRule("sampled", 6.05, 0.0), "0.0226"),
        (StepRule("sampled", 6.05, 0.2), "0.1367 / (6.05 + 0.2 mean_j||g_j||)"),
        (StepRule("self-scaled", 6.05, 0.2), "0.1367 / (6.05 + 0.2 ||G||)"),
    ],
)
def test_an_outer_step_is_divided_where_it_is_a_number(rule, says):
    assert estimates.outer(0.1367, rule) == says


@pytest.mark.parametrize("more", [("estimate", *QUICK), ("measure", "--epsilon", "0.1")])
def test_sentences_are_broken_between_words_on_a_narrow_terminal(cli, model, monkeypatch, more):
    monkeypatch.setattr("fosp.tables.on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    command, *options = more
    outcome = cli(command, f"{model}:make", *options)
    assert outcome.code == 0
    assert max(map(len, outcome.out.splitlines())) <= 40
