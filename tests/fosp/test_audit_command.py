from __future__ import annotations

import json
import sys

import pytest

STEPS = """
import torch

def fo(w, tasks, alpha, beta):
    print("training")
    G = [t.gradient(w - alpha * t.gradient(w, "in"), "out") for t in tasks]
    return w - beta * torch.stack(G).mean(0)

def summed(w, tasks, alpha, beta):
    G = [t.gradient(w - alpha * t.gradient(w, "in"), "out") for t in tasks]
    return w - beta * torch.stack(G).sum(0)

def through(w, tasks, alpha, beta):
    w = w.clone().requires_grad_()
    total = 0
    for t in tasks:
        g = torch.autograd.grad(t.loss(w, "in"), w, create_graph=True)[0]
        total = total + t.loss(w - alpha * g, "out") / len(tasks)
    return (w - beta * torch.autograd.grad(total, w)[0]).detach()

def crash(w, tasks, alpha, beta):
    raise RuntimeError("no\\nweights")

number = 3
"""


@pytest.fixture
def steps(here):
    (here / "audited_steps.py").write_text(STEPS)
    yield
    sys.modules.pop("audited_steps", None)


def test_a_right_step_is_fine_and_json_is_all_there_is(cli, steps):
    outcome = cli("audit", "audited_steps:fo", "--as", "fo-maml", "--json")
    found = json.loads(outcome.out)
    assert outcome.code == 0
    assert (found["schema"], found["target"], found["implements"]) == (1, "audited_steps:fo", "fo-maml")
    assert found["defects"] == []
    assert found["deviation"]["fo-maml"] < 1e-12
    assert 0.04 < found["floor"] < 0.043


def test_a_defect_and_a_mismatch_are_exit_code_1(cli, steps):
    outcome = cli("audit", "audited_steps:summed")
    assert outcome.code == 1
    assert "defect: sum-over-tasks" in outcome.out
    assert "remedy: " in outcome.out
    mismatch = cli("audit", "audited_steps:fo", "--as", "maml")
    assert mismatch.code == 1
    assert "not-as-claimed" in mismatch.out


def test_a_mean_that_the_noise_hides_is_shown_as_below(cli, steps):
    (row,) = [line for line in cli("audit", "audited_steps:through").out.splitlines() if " maml " in line[:6]]
    assert row.split()[2] == "<"
    assert 0 < float(row.split()[3]) < 0.1


def test_what_is_declared_is_no_defect(cli, steps):
    assert cli("audit", "audited_steps:summed", "--scale", "sum").code == 0


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("audited_steps:crash",), "raised RuntimeError: no weights"),
        (("audited_steps:nothing",), "no attribute 'nothing'"),
        (("audited_steps:number",), "must be callable"),
        (("audited_steps",), "package.module:name"),
        (("audited_steps:fo", "--scale", "x"), "--scale = 'x'"),
        (("audited_steps:fo", "--outer", "lion"), "--outer = 'lion'"),
        (("audited_steps:fo", "--inner-steps", "99"), "--inner-steps = '99'"),
        (("audited_steps:fo", "--as", "anil"), "must be one of maml, fo-maml, hf-maml"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(cli, steps, argv, says):
    outcome = cli("audit", *argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert says in outcome.err
    assert outcome.err.count("\n") == 1


def test_sentences_are_broken_between_words_on_a_narrow_terminal(cli, steps, monkeypatch):
    monkeypatch.setattr("fosp.tables.on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    outcome = cli("audit", "audited_steps:summed")
    assert "defect: sum-over-tasks" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 40
