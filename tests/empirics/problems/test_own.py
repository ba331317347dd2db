"""Anyone's own problem: the documented example, finite data in every form, and what is refused."""

import importlib.util
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from bounds import recommend
from bounds.errors import InputError, shown
from empirics import problems

ROOT = Path(__file__).parents[3]
CONSTANTS = {
    n: problems.estimated(v)
    for n, v in zip(("L", "rho", "sigma", "sigma_tilde", "sigma_H"), range(1, 6), strict=True)
}


def _example():
    place = importlib.util.spec_from_file_location("own_problem", ROOT / "examples/own_problem.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def _quadratic(w, x):
    return ((w - x) ** 2).sum() / 2


INDEXED = {
    "index": lambda z, y: torch.logsumexp(z, 0) - z[y.long()],
    "one_hot": lambda z, y: torch.logsumexp(z, 0) - (torch.nn.functional.one_hot(y.long(), 3) * z).sum(),
    "gather": lambda z, y: torch.logsumexp(z, 0) - z.gather(0, y.long().reshape(1))[0],
}


@pytest.mark.parametrize("name", INDEXED)
def test_a_class_may_be_picked_by_its_index(name):
    """Everything that is asked of a problem is answered, and the noise is that of the draws, one by one."""
    rng = np.random.default_rng(2)
    tasks = [(rng.normal(size=(7, 2)), rng.integers(0, 3, 7).astype(float)) for _ in range(2)]

    def loss(w, x, y):
        return INDEXED[name](w.reshape(3, 2) @ x, y)

    problem = problems.own_problem(loss, tasks, start=np.zeros(6), constants=CONSTANTS, infimum=0)
    w = torch.from_numpy(rng.normal(size=6))
    rows = [(torch.from_numpy(x), torch.tensor(y)) for x, y in zip(*tasks[1], strict=True)]
    slopes = torch.stack([torch.func.grad(loss)(w, *row) for row in rows])
    curves = torch.stack([torch.func.hessian(loss)(w, *row) for row in rows])
    gradient, hessian = problem.noise_moments(torch.tensor(1), w)
    assert float(gradient) == pytest.approx(float(slopes.var(0, unbiased=False).sum()), rel=1e-12)
    assert float(hessian) == pytest.approx(float(curves.var(0, unbiased=False).sum()), rel=1e-12)
    assert problem.loss(torch.tensor(1), w).shape == ()
    findings = problems.check_problem(problem, evaluations=100)
    assert findings[~findings.check.str.contains("holds")].passed.all()


def test_the_example_is_the_same_problem_at_every_call():
    module, w = _example(), torch.ones(3, dtype=torch.float64)
    first, again = module.make(), module.make()
    assert torch.equal(first.meta_gradient(w, 0.1), again.meta_gradient(w, 0.1))


def test_the_documented_example_passes_its_check():
    findings = problems.check_problem(_example().make(), evaluations=1_000)
    assert findings.passed.all(), findings[~findings.passed]
    assert {"L holds", "sigma_tilde holds", "gradient is that of the loss"} <= set(findings.check)


def test_the_documented_example_is_short_and_named_by_its_factory(monkeypatch):
    source = (ROOT / "examples/own_problem.py").read_text()
    assert len([line for line in source.splitlines() if line.strip()]) <= 30
    monkeypatch.chdir(ROOT / "examples")
    problem = problems.from_spec("own_problem:make")
    assert problem.spec == "own_problem:make"
    assert problem.start.equal(problems.from_spec(problem.spec).start)


def test_it_equals_the_family_with_the_same_data():
    family = problems.from_spec("robust-regression:dim=3,n_tasks=4,points=6,loss_name=cauchy")

    def loss(w, x, y):
        return family.tau**2 * torch.log1p(((x @ w - y) / family.tau) ** 2) / 2

    data = list(zip(family.features, family.labels, strict=True))
    own = problems.own_problem(loss, data, family.start, family.certificates())
    rng, tasks = np.random.default_rng(0), np.array([[0, 3], [1, 1], [2, 0]])
    index, w = torch.from_numpy(tasks), torch.from_numpy(rng.standard_normal((3, 1, 3)))
    v = torch.from_numpy(rng.standard_normal((3, 2, 3)))
    drawn = own.sample(np.random.default_rng(5), tasks, 7)
    assert np.array_equal(drawn, family.sample(np.random.default_rng(5), tasks, 7))
    batch = torch.from_numpy(drawn)
    close = partial(torch.testing.assert_close, rtol=1e-12, atol=1e-13)
    close(own.loss(index, w), family.loss(index, w))
    for given in (None, batch):
        close(own.gradient(index, w, given), family.gradient(index, w, given))
        close(own.hessian_vector(index, w, v, given), family.hessian_vector(index, w, v, given))
    close(own.meta_gradient(w, 0.3), family.meta_gradient(w, 0.3))
    for a, b in zip(own.noise_moments(index, w), family.noise_moments(index, w), strict=True):
        close(a, b)


def test_tasks_of_unequal_size_are_means_over_their_own_points():
    data = [(np.array([[1.0], [3.0]]),), (np.array([[10.0]]),)]
    own = problems.own_problem(_quadratic, data, [0.0], CONSTANTS, infimum=0.0)
    tasks = torch.arange(2)
    w = torch.zeros(2, 1, dtype=torch.float64)
    assert own.gradient(tasks, w).flatten().tolist() == [-2.0, -10.0]
    drawn = own.sample(np.random.default_rng(0), np.array([0, 1, 1]), 1000)
    assert drawn[1:].tolist() == [[1.0, 0.0], [1.0, 0.0]]
    assert 0.4 < drawn[0, 0] < 0.6
    assert own.constants().Delta == pytest.approx((2.5 + 50) / 2)


def test_a_table_gives_the_same_problem():
    rng = np.random.default_rng(1)
    x, y, task = rng.standard_normal((12, 2)), rng.standard_normal(12), np.repeat(["b", "a", "c"], 4)
    frame = pd.DataFrame({"x1": x[:, 0], "x2": x[:, 1], "y": y, "sensor": task})

    def loss(w, x, y):
        return (x @ w - y) ** 2 / 2

    table = problems.own_problem_from_frame(
        loss, frame, "sensor", [["x1", "x2"], "y"], [0, 0], CONSTANTS, 0.0
    )
    arrays = [(x[task == name], y[task == name]) for name in "abc"]
    direct = problems.own_problem(loss, arrays, [0, 0], CONSTANTS, 0.0)
    tasks, w = torch.arange(3), torch.ones(3, 2, dtype=torch.float64)
    assert torch.equal(table.gradient(tasks, w), direct.gradient(tasks, w))
    assert table.spec == direct.spec
    assert table.spec.startswith("own:")


def test_a_sampler_is_drawn_once_and_reproducibly():
    def sampler(rng, points):
        return (rng.normal(rng.normal(), 1.0, (points, 2)),)

    make = partial(problems.own_problem_from_sampler, _quadratic, sampler, 5, 8, [0, 0], CONSTANTS, 0.0)
    assert make(0).spec == make(0).spec != make(1).spec
    assert make(0).n_tasks == 5
    assert make(0).columns[0].shape == (5, 8, 2)


def test_whole_numbers_stay_whole():
    def loss(w, label):
        return -torch.log_softmax(w, -1).gather(-1, label)[()]

    own = problems.own_problem(loss, [(np.array([0, 1, 1]),)], [0.0, 0.0], CONSTANTS, 0.0)
    slope = own.gradient(torch.tensor([0]), torch.zeros(1, 2, dtype=torch.float64))
    assert slope[0].tolist() == pytest.approx([0.5 - 1 / 3, 0.5 - 2 / 3])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"tasks": []}, "tasks"),
        ({"tasks": [(np.zeros((2, 1)), np.zeros(3))]}, "tasks"),
        ({"tasks": [(np.zeros((0, 1)),)]}, "tasks"),
        ({"constants": {k: v for k, v in CONSTANTS.items() if k != "rho"}}, "rho"),
        ({"constants": CONSTANTS | {"L": 1.0}}, "L"),
        ({"infimum": None}, "infimum"),
    ],
)
def test_what_does_not_fit_is_refused(change, named):
    given = {"tasks": [(np.zeros((2, 1)),)], "start": [0.0], "constants": CONSTANTS, "infimum": 0.0} | change
    with pytest.raises(InputError, match=named):
        problems.own_problem(_quadratic, **given)
    with pytest.raises(InputError, match="value"):
        problems.estimated(float("nan"))
    with pytest.raises(InputError, match="columns"):
        problems.own_problem_from_frame(_quadratic, pd.DataFrame({"t": [0]}), "t", ["x"], [0], CONSTANTS, 0.0)


class _Once(torch.autograd.Function):
    """A cube whose derivative is no function that torch can differentiate."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        return 3 * ctx.saved_tensors[0] ** 2 * g


@pytest.mark.parametrize(
    "loss",
    [
        lambda w, x: ((w - x) ** 2).sum() * w[0].item(),
        lambda w, x: _Once.apply((w - x).sum()),
        lambda w, x: torch.as_tensor(float(w.sum())),
    ],
    ids=["a number of w", "once", "leaves torch"],
)
def test_a_loss_that_cannot_be_differentiated_is_refused_when_it_is_given(loss):
    with pytest.raises(InputError, match="torch can differentiate twice"):
        problems.own_problem(loss, [(np.zeros((2, 1)),)], [1.0], CONSTANTS, -9.0)


def test_a_loss_that_does_not_depend_on_w_has_constants():
    flat = problems.own_problem(lambda w, x: torch.tanh(x).sum(), [(np.ones((2, 1)),)], [1.0], CONSTANTS, 0.0)
    assert problems.check_problem(flat, evaluations=100).passed.all()


def test_one_point_in_every_task_is_silence_whatever_is_declared():
    one = problems.own_problem(_quadratic, [(np.ones((1, 1)),), (np.zeros((1, 1)),)], [1.0], CONSTANTS, 0.0)
    two = problems.own_problem(_quadratic, [(np.ones((1, 1)),), (np.zeros((2, 1)),)], [1.0], CONSTANTS, 0.0)
    assert one.silent
    assert not two.silent
    found = problems.check_problem(one, evaluations=400)
    assert found[found.check == "another stream gives another batch"].passed.all()


def test_workers_find_the_problem_in_the_working_directory(tmp_path, monkeypatch):
    from empirics.cells import Cell
    from empirics.store import Store
    from empirics.sweep import run_cells

    (tmp_path / "sensors_for_workers.py").write_text((ROOT / "examples/own_problem.py").read_text())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "sys.path", [entry for entry in __import__("sys").path if entry not in ("", str(tmp_path))]
    )
    problem = problems.from_spec("sensors_for_workers:make")
    plan = recommend(problem.constants(0.2), 1.0, "maml", alpha=0.2)
    cell = Cell(problem.spec, plan, replicates=2, iterations=3)
    (table,) = run_cells([cell], Store(tmp_path / "runs"))
    assert len(table) == 2 * 4
    assert np.isfinite(table.grad_norm).all()


def test_an_own_problem_is_shown_by_its_name_and_not_by_its_data():
    problem = problems.own_problem(_quadratic, [(np.zeros(500),)], [0.0], CONSTANTS, 0.0)
    assert repr(problem) == f"OwnProblem({problem.spec!r})"
    assert shown(problem.named("here:make")) == "OwnProblem('here:make')"
