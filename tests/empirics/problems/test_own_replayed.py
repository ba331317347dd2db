"""Runs on an own problem are the same with recordings and without, whatever the loss does in between."""

import copy
import pickle

import numpy as np
import pytest
import torch
from fewer import first
from own_kinds import EDGES, KINDS
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
    monkeypatch.delenv(replays.SWITCH, raising=False)


def _own(loss, dim=2):
    return problems.own_problem(loss, TASKS, np.linspace(0.5, -0.5, dim), CONSTANTS, infimum=0.0)


def _plan(algorithm, **changes):
    return plan(algorithm).with_(B=2, D_in=2, D_o=2, D_h=2, step_factor=0.1, **changes)


def _run(problem, algorithm="maml", **given):
    return simulate(problem, _plan(algorithm), replicates=3, iterations=STEPS, **given)


def _without(monkeypatch, make, **given):
    """Return the run of the same problem with nothing recorded."""
    with monkeypatch.context() as context:
        context.setenv(replays.SWITCH, "0")
        problem = make()
        found = _run(problem, **given)
        assert not problem.replays._kept
    return found


def _played(problem):
    return sum(kept.played for kept in problem.replays._kept.values())


CASES = [
    ("arrays", "maml"),
    ("arrays", "hf-maml"),
    ("sampler", "fo-maml"),
    ("table", "maml"),
    ("silent", "fo-maml"),
]


@pytest.mark.parametrize("case", first(3, CASES))
def test_a_run_is_the_same_bit_for_bit(monkeypatch, case):
    kind, algorithm = case
    make = (KINDS | EDGES)[kind]
    problem = make()
    found = _run(problem, algorithm=algorithm)
    assert _played(problem) > STEPS - 2 * FEW
    assert found.equals(_without(monkeypatch, make, algorithm=algorithm))


@pytest.mark.parametrize("exact", [True, False])
def test_an_exact_run_and_one_in_chunks_are_the_same(monkeypatch, exact):
    given = {"algorithm": "fo-maml"} | ({"exact": True} if exact else {"chunk": 1, "every": 3})
    problem = KINDS["arrays"]()
    assert _run(problem, **given).equals(_without(monkeypatch, KINDS["arrays"], **given))
    assert _played(problem) > 0


@pytest.mark.parametrize("name", ["maml", "fo-maml"])
def test_several_inner_steps_and_the_count_of_derivatives(monkeypatch, name):
    counted = []
    for switch in ("1", "0"):
        monkeypatch.setenv(replays.SWITCH, switch)
        problem, cost = KINDS["arrays"](), Cost()
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


def test_a_module_is_recorded(monkeypatch):
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    shapes = [(name, p.shape) for name, p in net.named_parameters()]

    def loss(w, x, y):
        parts = w.split([shape.numel() for _, shape in shapes])
        own = {name: part.view(shape) for (name, shape), part in zip(shapes, parts, strict=True)}
        return nn.functional.mse_loss(functional_call(net, own, (x,)).squeeze(-1), y)

    problem = _own(loss, 13)
    assert _run(problem).equals(_without(monkeypatch, lambda: _own(loss, 13)))
    assert _played(problem) > STEPS - 2 * FEW


class _Subject:
    """A loss, and what it reads: a number, a list, tensors, a module."""

    def __init__(self):
        self.scale, self.steps = 1.0, []
        self.tensor = torch.ones(2, dtype=torch.float64)
        self.net = nn.BatchNorm1d(2, dtype=torch.float64).eval()

    def loss(self, w, x, y):
        z = self.net(((self.tensor * x) * w).unsqueeze(0)).sum() - y
        return self.scale * torch.log1p(z**2) * (1 + len(self.steps))


CHANGES = {
    "a number": lambda subject: setattr(subject, "scale", 2.0),
    "a list that grows": lambda subject: subject.steps.append(1),
    "a tensor": lambda subject: subject.tensor.mul_(2),
    "another tensor": lambda subject: setattr(subject, "tensor", 2 * subject.tensor),
    "a module's statistics": lambda subject: (
        subject.net.train()(3 * torch.eye(2).double()) * subject.net.eval()(torch.ones(1, 2).double())
    ),
    "a module's weights": lambda subject: subject.net.weight.data.mul_(2),
}


class _Somebody:
    """MAML by somebody who changes what the loss reads at some step."""

    def __init__(self, subject, change, at):
        self.subject, self.change, self.at, self.calls = subject, change, at, 0

    def __call__(self, oracle, w, alpha):
        self.calls += 1
        if self.calls == self.at:
            self.change(self.subject)
        return algorithms.fo_maml(oracle, w, alpha)


CASES_OF_CHANGE = [
    ("a number", False),
    ("a tensor", False),
    ("a module's statistics", False),
    ("a number", True),
]
CASES_OF_CHANGE += [("a list that grows", False), ("another tensor", False), ("a module's weights", False)]


@pytest.mark.parametrize("case", first(4, CASES_OF_CHANGE))
def test_a_loss_that_changes_in_mid_run_is_answered_as_it_is(monkeypatch, case):
    (name, commuting), found = case, {}
    for at, switch in ((None, "0"), (9, "0"), (9, "1")):
        monkeypatch.setenv(replays.SWITCH, switch)
        subject = _Subject()
        problem, direction = _own(subject.loss), _Somebody(subject, CHANGES[name], at)
        given = {"direction": algorithms.commuting(direction) if commuting else direction}
        found[at, switch] = _run(problem, **given)
        assert (_played(problem) > 0) == (switch == "1" and not commuting)
    assert found[9, "1"].equals(found[9, "0"])
    assert not found[9, "1"].equals(found[None, "0"])


def test_a_direction_that_asks_for_something_else_later_gets_it(monkeypatch):
    def later(calls):
        def direction(oracle, w, alpha):
            calls.append(1)
            return (algorithms.maml if len(calls) > 9 else algorithms.fo_maml)(oracle, w, alpha)

        return algorithms.commuting(direction)

    problem = KINDS["arrays"]()
    found = _run(problem, direction=later([]))
    assert found.equals(_without(monkeypatch, KINDS["arrays"], direction=later([])))
    assert not found.equals(_run(problem, algorithm="fo-maml"))


def test_a_run_after_a_change_is_that_of_the_new_loss(monkeypatch):
    subject = _Subject()
    problem = _own(subject.loss)
    runs = []
    for scale in (1.0, 3.0):
        subject.scale = scale
        runs.append(_run(problem, algorithm="fo-maml"))
        assert runs[-1].equals(_without(monkeypatch, lambda: _own(subject.loss), algorithm="fo-maml"))
    assert not runs[0].equals(runs[1])


def test_a_loss_that_follows_what_nobody_sees_ends_in_an_error():
    class Threads:
        def __call__(self, w, x, y):
            return (w @ x - y) ** 2 * torch.get_num_threads()

    def direction(oracle, w, alpha):
        calls.append(1)
        torch.set_num_threads(2 if len(calls) > 8 else 1)
        return algorithms.maml(oracle, w, alpha)

    calls, threads = [], torch.get_num_threads()
    try:
        with pytest.raises(InputError, match="must give the same at the same point"):
            _run(_own(Threads()), direction=direction)
    finally:
        torch.set_num_threads(threads)


def test_a_number_that_the_loss_draws_for_itself_is_drawn_at_every_call(monkeypatch):
    def make():
        rng = np.random.default_rng(0)
        return _own(lambda w, x, y: (w @ x - y) ** 2 * (1 + rng.integers(2)))

    problem = make()
    assert _run(problem).equals(_without(monkeypatch, make))
    assert _played(problem) == 0


def test_a_problem_with_recordings_can_be_copied():
    problem = KINDS["arrays"]()
    _run(problem, algorithm="fo-maml")
    assert _played(problem)
    for other in (copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):
        assert other.spec == problem.spec
        assert not other.replays._kept


def test_built_in_families_keep_no_recordings():
    assert problems.from_spec("ripple").replays is None
