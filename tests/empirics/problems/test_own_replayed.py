"""Runs on an own problem are the same where its loss is said to be pure."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from fewer import first
from own_kinds import EDGES, KINDS
from stand_in import StandIn
from torch import nn
from torch.func import functional_call

from benchmarks.table import plan
from bounds.errors import InputError
from empirics import algorithms, problems, simulate
from empirics.oracle import Cost
from empirics.replay import replays
from empirics.run import Run

CONSTANTS = {n: problems.estimated(1.0) for n in ("L", "rho", "sigma", "sigma_tilde", "sigma_H")}
RNG = np.random.default_rng(0)
TASKS = [(RNG.standard_normal((4, 2)), RNG.standard_normal(4)) for _ in range(3)]
FEW, STEPS = 3, 14


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(replays, "PATIENCE", FEW)


def _own(loss, dim=2):
    return problems.own_problem(loss, TASKS, np.linspace(0.5, -0.5, dim), CONSTANTS, infimum=0.0, pure=True)


def _pure(problem, pure=True):
    """Return a problem whose loss is said to be pure, or is not."""
    return replace(problem, pure=pure)


def _plan(algorithm, **changes):
    return plan(algorithm).with_(B=2, D_in=2, D_o=2, D_h=2, step_factor=0.1, **changes)


def _run(problem, algorithm="maml", **given):
    return simulate(problem, _plan(algorithm), replicates=3, iterations=STEPS, **given)


def _without(problem, **given):
    """Return the run of the same problem with nothing recorded."""
    plain = _pure(problem, False)
    assert plain.replays is None
    return _run(plain, **given)


def _played(problem):
    return 0 if problem.replays is None else sum(kept.played for kept in problem.replays._kept.values())


CASES = [
    ("arrays", "maml"),
    ("arrays", "hf-maml"),
    ("sampler", "fo-maml"),
    ("table", "maml"),
    ("silent", "fo-maml"),
]


@pytest.mark.parametrize("case", first(3, CASES))
def test_a_run_is_the_same_bit_for_bit(case):
    kind, algorithm = case
    problem = _pure((KINDS | EDGES)[kind]())
    found = _run(problem, algorithm=algorithm)
    assert _played(problem) > STEPS - 2 * FEW
    assert found.equals(_without(problem, algorithm=algorithm))


@pytest.mark.parametrize("exact", [True, False])
def test_an_exact_run_and_one_in_chunks_are_the_same(exact):
    given = {"algorithm": "fo-maml"} | ({"exact": True} if exact else {"chunk": 1, "every": 3})
    problem = _pure(KINDS["arrays"]())
    assert _run(problem, **given).equals(_without(problem, **given))
    assert _played(problem) > 0


@pytest.mark.parametrize("name", ["maml", "fo-maml"])
def test_several_inner_steps_and_the_count_of_derivatives(name):
    counted = []
    for pure in (True, False):
        problem, cost = _pure(KINDS["arrays"](), pure), Cost()
        run = Run.make(problem, _plan(name, inner_steps=2))
        advance, w = run.stepper(range(3), cost), problem.start.expand(run.layout().replicates, -1)
        with torch.no_grad():
            for k in range(STEPS):
                w, _ = advance(k, w)
        counted.append((cost, w, _played(problem)))
    (one, at, played), (other, there, none) = counted
    assert one == other
    assert torch.equal(at, there)
    assert played > none == 0


def test_a_module_is_recorded():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    shapes = [(name, p.shape) for name, p in net.named_parameters()]

    def loss(w, x, y):
        parts = w.split([shape.numel() for _, shape in shapes])
        own = {name: part.view(shape) for (name, shape), part in zip(shapes, parts, strict=True)}
        return nn.functional.mse_loss(functional_call(net, own, (x,)).squeeze(-1), y)

    problem = _own(loss, 13)
    assert _run(problem).equals(_without(problem))
    assert _played(problem) > STEPS - 2 * FEW


def test_directions_that_look_in_other_ways_on_one_problem_get_their_own_answers():
    """One asks for a product with the gradient itself, the other with another vector, of the same shape."""

    def along_itself(oracle, w, alpha):
        u = oracle.gradient(w, "in")
        return oracle.hessian_vector(u, u, "out")

    def along_another(oracle, w, alpha):
        u = oracle.gradient(w, "in")
        return oracle.hessian_vector(u, oracle.gradient(u, "hess"), "out")

    problem = _pure(KINDS["arrays"]())
    for direction in (along_itself, along_another):
        given = {"direction": direction}
        assert _run(problem, **given).equals(_without(problem, **given))
    assert _played(problem) > 0


def _changing():
    """Return a loss that reads a number, that number, and a direction that changes it in the middle of a run."""
    scale, calls = [1.0], []

    def direction(oracle, w, alpha):
        calls.append(1)
        scale[0] = 2.0 if len(calls) > 8 else 1.0
        return algorithms.fo_maml(oracle, w, alpha)

    return _own(lambda w, x, y: scale[0] * (w @ x - y) ** 2), scale, direction


def test_a_loss_that_nobody_called_pure_may_do_what_it_likes():
    promised, scale, direction = _changing()
    problem = _pure(promised, False)
    changed = _run(problem, direction=direction)
    scale[0] = 1.0
    assert not changed.equals(_run(problem, algorithm="fo-maml"))


def test_a_loss_that_breaks_its_promise_ends_the_run():
    problem, _, direction = _changing()
    with pytest.raises(InputError, match="was said to be pure"):
        _run(problem, direction=direction)


def test_what_is_no_promise_is_refused():
    with pytest.raises(InputError, match="pure"):
        problems.own_problem(lambda w, x, y: (w @ x - y) ** 2, TASKS, np.ones(2), CONSTANTS, 0.0, pure="yes")


def test_a_direction_that_asks_for_something_else_later_gets_it():
    def later(calls):
        def direction(oracle, w, alpha):
            calls.append(1)
            return (algorithms.maml if len(calls) > 9 else algorithms.fo_maml)(oracle, w, alpha)

        return algorithms.commuting(direction)

    problem = _pure(KINDS["arrays"]())
    found = _run(problem, direction=later([]))
    assert found.equals(_without(problem, direction=later([])))
    assert not found.equals(_run(problem, algorithm="fo-maml"))


class _Twice(StandIn):
    def gradient(self, tasks, w, batch=None):
        return 2 * self._problem.gradient(tasks, w, batch)


def test_a_stand_in_does_not_get_the_recordings_of_what_it_stands_for():
    problem = _pure(KINDS["arrays"]())
    _run(problem, algorithm="fo-maml")
    twice = _run(_Twice(problem), algorithm="fo-maml")
    assert twice.equals(_run(_Twice(_pure(problem, False)), algorithm="fo-maml"))


def test_a_problem_with_recordings_can_be_copied():
    problem = _pure(KINDS["arrays"]())
    _run(problem, algorithm="fo-maml")
    assert _played(problem)
    for other in (copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):
        assert other.spec == problem.spec
        assert not other.replays._kept


def test_built_in_families_keep_no_recordings():
    assert problems.from_spec("ripple").replays is None
