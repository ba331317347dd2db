"""Whatever kind of thing is passed to something public: it is taken, or refused in one line."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import good_calls
import numpy as np
import pytest
import torch
from good_calls import things
from stand_in import StandIn

from bounds import Constants, arguments, recommend
from bounds.errors import InputError
from bounds.recommendation import best_for_batches
from empirics import Cell, Store, run_cells, simulate, trajectory
from empirics.estimation.flat import vector
from empirics.problems import Plateau

LONG = frozenset({"check", "make", "advise_on", "estimate", "audit", "recommend"})
"""Calls that take long; the kinds of things that are left out for them come to the same checks."""
LEFT_OUT = frozenset(
    [
        "no word",
        "below zero",
        "no number",
        "words",
        "an empty list",
        "numbers",
        "constants",
        "a class",
        "true",
    ]
)
CALLED_OTHERWISE = {"own_model": {"tasks": "the tasks"}}
"""What an argument is called in a refusal, where that is not its name."""


@pytest.fixture
def group(request, tmp_path, monkeypatch):
    """Return good calls, made in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    return request.param(tmp_path)


every_group = pytest.mark.parametrize("group", good_calls.GROUPS, ids=lambda one: one.__name__, indirect=True)


def refused(call, **given) -> InputError | None:
    """Return how a call is refused; None where it is not."""
    try:
        call(**given)
    except InputError as error:
        return error
    return None


@every_group
def test_another_kind_of_thing_is_taken_or_refused_and_nothing_else(group):
    raised = []
    for name, call in group.items():
        call()
        for argument, optional in call.arguments.items():
            for kind, thing in good_calls.junk().items():
                if (optional and thing is None) or (name in LONG and kind in LEFT_OUT):
                    continue
                try:
                    error = refused(call, **{argument: thing})
                    assert error is None or "\n" not in str(error)
                except Exception as wrong:
                    raised.append(f"{name}({argument}={kind}): {type(wrong).__name__}: {wrong}")
    assert not raised


@every_group
def test_what_is_nothing_that_anybody_takes_is_refused_by_the_name_of_the_argument(group):
    silent = []
    for name, call in group.items():
        for argument in call.arguments:
            error = refused(call, **{argument: object()})
            known = CALLED_OTHERWISE.get(name, {}).get(argument, argument)
            if error is None or error.argument != known:
                silent.append(f"{name}({argument}=object()): {error}")
    assert not silent


def test_everything_public_has_a_good_call(tmp_path):
    known = {name for group in good_calls.GROUPS for name in group(tmp_path)}
    public = set(good_calls.public())
    assert public - known == set(good_calls.NOT_CALLED)


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        ("a problem", "constants = Plateau("),
        ("a problem", "must be Constants; those of a problem are problem.constants()"),
        ("a bound method", "must be Constants; a function is called: problem.constants()"),
        ("a plan", "those of a plan are plan.constants"),
        ("a mapping", "constants = {'L': 1.0}: must be Constants; make them of it: Constants(**...)"),
        ("nothing", "Constants(L=..., rho=..., sigma=..., sigma_tilde=..., sigma_H=..., Delta=...)"),
    ],
)
@pytest.mark.parametrize("ask", [recommend, partial(best_for_batches, fixed={"B": 1})])
def test_where_constants_are_wanted_it_is_said_how_to_have_them(ask, thing, words):
    given = {} if isinstance(ask, partial) else {"epsilon": 0.5}
    with pytest.raises(InputError) as caught:
        ask(good_calls.junk()[thing], **given)
    assert words in str(caught.value)


@pytest.mark.parametrize("ask", [simulate, trajectory])
@pytest.mark.parametrize(
    ("thing", "words"),
    [
        ("a word", "plan = 'maml': must be a Plan; recommend(constants, epsilon, algorithm) makes one"),
        ("constants", "must be a Plan; recommend(constants, epsilon) makes one"),
        ("a problem", "must be a Plan; recommend(problem.constants(), epsilon) makes one"),
    ],
)
def test_where_a_plan_is_wanted_it_is_said_how_to_have_one(ask, thing, words):
    with pytest.raises(InputError) as caught:
        ask(things().problem, good_calls.junk()[thing])
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        ("plateau", "problem = 'plateau': must be a problem; problems.from_spec(...) makes one"),
        (Plateau, "must be a problem; it is a class: Plateau(...) makes one"),
        (None, "of fosp.problems, or of a class that derives from Problem"),
    ],
)
def test_where_a_problem_is_wanted_it_is_said_how_to_have_one(thing, words):
    with pytest.raises(InputError) as caught:
        simulate(thing, things().plan)
    assert words in str(caught.value)


def test_a_cell_and_a_plan_are_refused_when_they_are_made():
    with pytest.raises(InputError, match=r"problem = Plateau.*problem\.spec"):
        Cell(things().problem, things().plan)
    with pytest.raises(InputError, match="plan = None: must be a Plan"):
        Cell("plateau", None)
    with pytest.raises(InputError, match="constants = None: must be Constants"):
        things().plan.with_(constants=None)
    with pytest.raises(InputError, match="step_rule = 'sampled': must be a StepRule"):
        things().plan.with_(step_rule="sampled")


def test_a_function_that_takes_other_arguments_is_refused_before_anything_runs():
    for wrong in (len, lambda oracle, w: w, dict, things().problem.constants):
        with pytest.raises(InputError, match=r"direction = .*must be a function of \(oracle, w, alpha\)"):
            simulate(things().problem, things().plan, direction=wrong)
    with pytest.raises(InputError, match="progress"):
        simulate(things().problem, things().plan, progress=lambda done: None)


class Own:
    """A direction that is no function."""

    def __call__(self, oracle, w, alpha):
        return oracle.gradient(w, "out")


def test_what_stands_in_for_a_thing_is_taken():
    problem, plan, run = things().problem, things().plan, {"replicates": 2, "iterations": 2}
    plain = simulate(problem, plan, **run)
    assert len(simulate(StandIn(problem), plan, **run)) == len(plain)
    for direction in (Own(), Own().__call__, lambda *given: Own()(*given), partial(Own().__call__)):
        assert len(simulate(problem, plan, direction=direction, **run)) == 6
    for start in ([0.5], (0.5,), np.array([0.5]), np.array([0.5], np.float32), torch.tensor([0.5])):
        assert simulate(problem, plan, start=start, **run).equals(simulate(problem, plan, start=[0.5], **run))
    numbers = {"replicates": np.int64(2), "iterations": np.int32(2), "seed": np.uint8(0)}
    assert simulate(problem, plan, exact=np.bool_(False), **numbers).equals(plain)


def test_a_cell_of_numbers_of_numpy_is_the_same_cell(tmp_path):
    plain = Cell("plateau", things().plan, replicates=2, iterations=1, start=(0.5,))
    numbers = {"replicates": np.int64(2), "iterations": np.int64(1), "start": np.array([0.5])}
    same = Cell("plateau", things().plan, exact=np.bool_(False), **numbers)
    assert same == plain
    assert same.identity == plain.identity
    for path in (tmp_path / "a", str(tmp_path / "b")):
        run_cells([same], Store(path), "serial")
        assert Store(path).get(plain) is not None


def test_numbers_of_other_kinds_are_numbers():
    plain = recommend(things().constants, 2.0, alpha=0.1)
    assert (
        recommend(
            things().constants, np.float64(2.0), alpha=np.float64(0.1), max_iterations=np.float64(1e300)
        )
        == plain
    )
    for one in (1, 1.5, np.float32(1.5), np.int8(1), np.array(1.5), torch.tensor(1.5), float("inf")):
        assert arguments.real(one) == one
    for other in (True, "1", None, 1j, [1.0], np.array([1.0]), np.ndarray, torch.ones(2)):
        assert arguments.real(other) is None
    assert Constants(1, 1, 1, 1, 1, 1).confronted({"L": np.float32(2.0), "a note": "not read"}).observed == {
        "L": 2
    }


def test_what_is_refused_costs_no_torch():
    code = (
        "import sys\n"
        "from fosp import recommend\n"
        "try:\n    recommend({'L': 1.0}, 0.5)\n"
        "except ValueError as error:\n    assert 'must be Constants' in str(error)\n"
        "assert not {'torch', 'numpy', 'sympy'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_weights_that_are_no_weights_are_called_as_they_were_passed():
    with pytest.raises(InputError, match="path = 'run/1': must be numbers as one vector"):
        vector("run/1", None, None, "path")
