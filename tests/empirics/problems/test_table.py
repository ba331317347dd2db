"""Data of one's own are checked where they enter, by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from bounds.errors import InputError
from empirics import problems

CONSTANTS = {n: problems.estimated(1.0) for n in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")}
X, Y = np.array([[0.0, 1.0], [1.0, 0.5]]), np.array([0.3, -0.2])


def loss(w, x, y):
    return torch.log1p((x @ w - y) ** 2) / 2


def made(tasks, start=(0.0, 0.0), loss=loss):
    return problems.own_problem(loss, tasks, start=start, constants=CONSTANTS)


def refused(call, *words):
    with pytest.raises(InputError) as caught:
        call()
    for word in words:
        assert word in str(caught.value)


def test_a_generator_of_tasks_is_as_good_as_a_list():
    tasks = [(X, Y), (X[:1], Y[:1])]
    assert made(iter(tasks)).spec == made(tasks).spec


def test_tensors_that_require_gradients_are_data():
    tasks = [(torch.tensor(X, requires_grad=True), torch.tensor(Y))]
    assert made(tasks, start=torch.zeros(2, requires_grad=True)).dim == 2


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        ([], ("tasks", "at least one task")),
        (7, ("tasks = 7",)),
        ("ab", ("tasks = 'ab'",)),
        ([(X, Y), (X[:0], Y[:0])], ("tasks[1]", "length > 0")),
        ([(X, Y[:1])], ("tasks[0] = [2, 1]", "one length")),
        ([()], ("tasks[0]",)),
        ([(X, Y), (X,)], ("tasks[1]", "like those of task 0")),
        ([(X, Y), (X[:, :1], Y)], ("tasks[1]", "like those of task 0")),
        ([(X, Y), (X * np.nan, Y)], ("tasks[1], column 0 = nan", "(0, 0)")),
        ([(X, np.array(["a", "b"]))], ("tasks[0], column 1", "numbers")),
        ([(X, [object(), None])], ("tasks[0], column 1", "numbers")),
        ([(X, 3.0)], ("tasks[0]", "length")),
    ],
)
def test_tasks_that_are_none(tasks, words):
    refused(lambda: made(tasks), *words)


@pytest.mark.parametrize("start", [(np.nan, 0.0), (), 1.0, [[0.0, 0.0]], "ab", (0.0, np.inf)])
def test_a_start_that_is_none(start):
    refused(lambda: made([(X, Y)], start=start), "start")


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (None, ("must be a function",)),
        (lambda w, x: (x @ w) ** 2, ("must accept",)),
        (lambda w, x, y: x * w, ("scalar tensor", "(2,)")),
        (lambda w, x, y: 3.0, ("scalar tensor", "float")),
        (lambda w, x, y: torch.log(-((x @ w - y) ** 2)), ("start", "finite loss")),
    ],
)
def test_a_loss_that_is_none(loss, words):
    refused(lambda: made([(X, Y)], loss=loss), *words)


def table(**changed):
    columns = {"who": ["a", "a", "b"], "u": [0.0, 1.0, 2.0], "v": [1.0, 0.0, 1.0], "y": [0.1, 0.2, 0.3]}
    return pd.DataFrame(columns | changed)


def from_frame(frame, columns=(("u", "v"), "y")):
    return problems.own_problem_from_frame(loss, frame, "who", columns, start=(0.0, 0.0), constants=CONSTANTS)


def test_a_table_with_a_categorical_task_has_the_tasks_that_occur():
    who = pd.Categorical(["a", "a", "b"], categories=["a", "b", "never"])
    assert from_frame(table(who=who)).n_tasks == 2


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (table(u=[0.0, np.nan, 1.0]), ("column = 'u'", "1 have none", "row 1")),
        (table(who=["a", None, "b"]), ("column = 'who'", "row 1")),
        (table(y=["x", "y", "z"]), ("column 1", "numbers")),
        (table().drop(columns="y"), ("columns = 'y'",)),
        (table().iloc[:0], ("at least one row",)),
        ({"who": ["a"]}, ("must be a DataFrame",)),
        (pd.concat([table(), table()[["u"]]], axis=1), ("columns = 'u'", "several")),
    ],
)
def test_tables_that_are_none(frame, words):
    refused(lambda: from_frame(frame), *words)


@pytest.mark.parametrize("sampler", [lambda rng: (X, Y), lambda rng, points: 1 / 0, lambda rng, points: None])
def test_a_sampler_that_is_none(sampler):
    def make():
        return problems.own_problem_from_sampler(
            loss, sampler, n_tasks=2, points=2, start=(0.0, 0.0), constants=CONSTANTS
        )

    with pytest.raises(InputError, match=r"sampler|tasks\[0\]"):
        make()
