"""A factory that gives another problem at its next call is refused, with what differs."""

import pytest

from bounds.errors import InputError
from empirics import problems
from validate import check
from validate.rundir import run_suite
from validate.suite import from_dict

MODULE = """
import os
import numpy as np, torch
from empirics import problems

def loss(w, x):
    return torch.cos(w[0] - x) * {scale}

def make():
    rng = np.random.default_rng(0)
    size = dict.fromkeys(("L", "rho", "sigma", "sigma_tilde", "sigma_H"), {constant})
    constants = {{name: problems.certified(value) for name, value in size.items()}}
    return problems.own_problem(
        loss, [[{data}], [[2.0, 3.0]]], start=[{start}], constants=constants, infimum=-9.0
    )
"""
SAME = {"scale": "1.0", "constant": "9.0", "data": "[0.0, 1.0]", "start": "0.3"}
RANDOM = "float(np.random.default_rng().normal())"
DEFECTS = {
    "start": "starting point",
    "constant": "constants",
    "scale": "task losses",
}


def written(path, name, **changed):
    (path / f"{name}.py").write_text(MODULE.format(**(SAME | changed)))
    return f"{name}:make"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def suite(spec):
    table = {"problem": spec, "epsilon": [0.9]}
    return from_dict({"title": "own", "replicates": 8, "algorithms": ["maml"], "convergence": [table]})


def test_a_seeded_factory_is_let_through(here):
    problems.require_same(written(here, "seeded"))
    problems.require_same(written(here, "seeded_too", start="rng.normal()"), elsewhere=True)
    problems.require_same("ripple:dim=3", elsewhere=True)


@pytest.mark.parametrize("part", DEFECTS)
def test_what_differs_is_named_and_nothing_is_written(here, part):
    spec = written(here, f"unseeded_{part}", **{part: f"abs({RANDOM})"})
    for call in (
        lambda: check(spec, 0.5, claims=["lemma"]),
        lambda: run_suite(suite(spec), here / "run", engine="serial"),
    ):
        with pytest.raises(InputError, match=f"called twice, it differs in its {DEFECTS[part]}"):
            call()
    assert not (here / "run").exists()


def test_data_that_differ_are_named(here):
    spec = written(here, "unseeded_data", data=f"[0.0, {RANDOM}]")
    with pytest.raises(InputError, match="differs in its task losses"):
        problems.require_same(spec)


def test_what_is_drawn_once_a_process_is_found_in_another_one(here):
    spec = written(here, "a_process", start="float(os.getpid() % 1000)")
    problems.require_same(spec)
    with pytest.raises(InputError, match="in another process, it differs in its starting point"):
        run_suite(suite(spec), here / "run", engine="serial")
    assert not (here / "run").exists()
