"""Estimates lie below the truth, and not far below, where the truth is known."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from fewer import first
from torch import nn
from torch.func import hessian, jacfwd
from torch.utils.data import DataLoader, TensorDataset

from empirics import estimate, problems
from empirics.estimation import looking
from empirics.estimation.kinks import kinks
from empirics.estimation.model import own_model

slow = partial(pytest.param, marks=pytest.mark.slow)
ABOVE = 1 + 1e-6
"""Round-off of differences of Hessians."""


def of_problem(spec):
    """Return a problem of known constants as somebody would write it: a loss of parameters and data."""
    problem = problems.from_spec(spec)
    tasks = [(torch.tensor([i]),) for i in range(problem.n_tasks)]
    model = own_model(problem.start, lambda w, i: problem.loss(i, w), tasks, infimum=-100.0)
    return model, problem.constants()


@pytest.mark.parametrize(
    ("spec", "radius", "least"),
    [
        ("ripple:dim=4,n_tasks=9", 3.0, {"L": 0.95, "rho": 0.95, "sigma": 0.999}),
        slow("ripple:dim=10,n_tasks=50", 3.0, {"L": 0.95, "rho": 0.95, "sigma": 0.999}),
        ("quadratic:dim=3,n_tasks=5", 1.0, {"L": 0.999, "sigma": 0.999}),
        slow("robust-regression:dim=3,n_tasks=5,seed=1", 2.0, {"L": 0.9}),
        slow("robust-regression:dim=5,n_tasks=8,seed=2", 2.0, {"L": 0.9}),
        slow("robust-regression:dim=3,n_tasks=5,seed=0", 2.0, {"L": 0.95}),
        ("robust-regression:dim=3,n_tasks=5,seed=2", 8.0, {"L": 0.95}),
        slow("robust-regression:dim=3,n_tasks=5,seed=4", 8.0, {"L": 0.95}),
        ("trapezoid", 8.0, {"L": 0.95, "sigma": 0.8}),
    ],
)
def test_families_whose_constants_are_known(spec, radius, least):
    model, truth = of_problem(spec)
    found = estimate(model, radius=radius, tasks=64, rounds=2).found
    for name in ("L", "rho", "sigma"):
        assert found[name].value <= getattr(truth, name) * ABOVE + 1e-9, name
        assert found[name].lower <= found[name].value
        assert found[name].upper == np.inf
    for name, share in least.items():
        assert found[name].value >= share * getattr(truth, name), name


def test_the_noise_of_a_finite_task_is_exact():
    rng = np.random.default_rng(0)
    tasks = [(rng.standard_normal((n, 3)) * n, rng.standard_normal(n)) for n in (5, 8, 6)]

    def loss(w, x, y):
        return (x @ w - y) ** 2 / 2

    found = estimate(own_model([0.0, 0.0, 0.0], loss, tasks), radius=1e-9, rounds=2).found
    matrices = [np.einsum("ni,nj->nij", x, x) for x, _ in tasks]
    noise = [m - m.mean(0) for m in matrices]
    square = [np.einsum("nij,njk->ik", m, m) / len(m) for m in noise]
    slopes = [-(x * y[:, None]) for x, y in tasks]
    means = np.stack([g.mean(0) for g in slopes])
    exact = {
        "L": max(np.linalg.eigvalsh(m.mean(0))[-1] for m in matrices),
        "rho": 0.0,
        "sigma": np.sqrt(((means - means.mean(0)) ** 2).sum(1).mean()),
        "sigma_tilde": max(np.sqrt(((g - g.mean(0)) ** 2).sum(1).mean()) for g in slopes),
        "sigma_H": np.sqrt(max(np.linalg.eigvalsh(s)[-1] for s in square)),
        "frobenius": np.sqrt(max((m**2).sum() / len(m) for m in noise)),
        "M": np.linalg.norm(means, axis=1).mean(),
    }
    for name, value in exact.items():
        assert found[name].value == pytest.approx(value, rel=1e-6, abs=1e-6), name


def network():
    """A network of 25 parameters: beyond what is made as a whole matrix, small enough to do so here."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Linear(6, 1))
    rng = np.random.default_rng(1)
    tasks = [(rng.standard_normal((7, 2)), rng.standard_normal((7, 1))) for _ in range(3)]
    return own_model(net, nn.functional.mse_loss, tasks)


def test_a_small_network_against_its_full_derivatives():
    model = network()
    assert model.dim > 12
    w = model.start
    found = estimate(model.__class__(**{**vars(model), "path": w.unsqueeze(0)}), rounds=1).found
    losses = [lambda x, data=data: model.loss(x, data) for data in model.tasks.listed]
    full = [hessian(f)(w) for f in losses]
    L = max(float(torch.linalg.eigvalsh(h).abs().max()) for h in full)
    assert found["L"].value == pytest.approx(L, rel=1e-2)
    assert found["L"].value <= L * ABOVE
    highest = max(_highest(jacfwd(hessian(f))(w)) for f in losses)
    assert 0.9 * highest <= found["rho"].value <= highest * ABOVE


def _highest(tensor):
    """Return the largest size of T[v, v] over many starts of the power method on the whole tensor."""
    torch.manual_seed(0)
    v = torch.randn(400, len(tensor), dtype=tensor.dtype)
    for _ in range(60):
        v = v / v.norm(dim=1, keepdim=True)
        turned = torch.einsum("ijk,nj,nk->ni", tensor, v, v)
        size = turned.norm(dim=1)
        v = turned
    return float(size.max())


def drawn(points=40, dim=60):
    """Tasks of which only a sample is seen, in a dimension above its size; their Hessian noise is known."""

    def sampler(rng, n):
        return rng.standard_normal((n, dim)), np.zeros(n)

    return own_model(np.zeros(dim), lambda w, x, y: (x @ w - y) ** 2 / 2, sampler), points


def test_what_is_chosen_on_one_half_is_measured_on_the_other():
    """E||(xx' - I) v||^2 = d + 1 for every unit v; the best v of 20 samples looks far worse than it is."""
    model, points = drawn()
    found = estimate(model, radius=0.1, rounds=2, points=points).found
    truth = np.sqrt(60 + 1)
    assert found["sigma_H"].lower <= truth
    assert found["sigma_H"].value == pytest.approx(truth, rel=0.35)
    assert found["L"].lower <= 1.0


def test_without_halves_the_same_is_far_too_large(monkeypatch):
    monkeypatch.setattr(looking.noise, "split", lambda data: (data, data))
    model, points = drawn()
    found = estimate(model, radius=0.1, rounds=2, points=points).found
    assert found["L"].lower > 1.0
    assert found["sigma_H"].value > 2 * np.sqrt(61)


def test_sigma_of_drawn_tasks_is_free_of_their_samples_noise():
    """Tasks that differ by 1 on the whole, seen through noise ten times as large."""

    def sampler(rng, n):
        centre = rng.choice([-1.0, 1.0])
        return (centre + 10 * rng.standard_normal((n, 1)),)

    model = own_model([0.0], lambda w, c: ((w - c) ** 2).sum() / 2, sampler)
    found = estimate(model, radius=0.1, tasks=400, points=64, rounds=1).found
    assert found["sigma"].lower <= 1.0
    assert found["sigma"].value < 1.3, "with the noise it would be 1.6"
    assert found["sigma_tilde"].value == pytest.approx(10.0, rel=0.4)


def with_kinks():
    """The same network in two ways: ReLU as a layer that can be seen, and as a function that cannot."""
    rng = np.random.default_rng(0)
    tasks = [(x := rng.uniform(-3, 3, (20, 1)), np.sin(x)) for _ in range(4)]
    net = nn.Sequential(nn.Linear(1, 20), nn.ReLU(), nn.Linear(20, 1))
    yield own_model(net, nn.functional.mse_loss, tasks, alpha=0.1)

    def loss(w, x, y):
        return (w[:20] @ torch.relu(w[20:40] * x + w[40:]) - y[0]) ** 2

    yield own_model(rng.standard_normal(60), loss, tasks, alpha=0.1)
    lines = [(rng.normal(size=(20, 3)), rng.normal(size=20)) for _ in range(4)]
    yield own_model(rng.standard_normal(3), lambda w, x, y: (x @ w - y).abs(), lines, alpha=0.5)
    yield own_model(
        rng.standard_normal(3), lambda w, x, y: torch.relu(1 - y * (x @ w)) ** 2, lines, alpha=0.5
    )


@pytest.mark.parametrize(
    ("model", "what"),
    list(zip(with_kinks(), ["gradient", "gradient", "gradient", "Hessian"], strict=True)),
    ids=["layer", "function", "absolute", "squared hinge"],
)
def test_a_kink_is_noticed_and_of_what_it_is(model, what):
    notes = estimate(model, radius=0.1, rounds=1).notes
    assert [note.split(" jumps")[0] for note in notes if " jumps" in note] == [f"the {what}"]


@pytest.mark.parametrize("steep", [1.0, 20.0, 200.0])
def test_a_gradient_that_turns_fast_does_not_jump(steep):
    rng = np.random.default_rng(0)
    lines = [(rng.normal(size=(20, 3)), rng.normal(size=20)) for _ in range(4)]

    def loss(w, x, y):
        return nn.functional.softplus((x @ w - y) * steep) / steep

    model = own_model(rng.standard_normal(3), loss, lines, alpha=0.5)
    drawn = model.tasks.draw(np.random.default_rng(0), 4, 20)
    assert kinks(model, drawn, 0.5).gradients == 0


def test_a_bend_without_a_kink_is_none():
    assert not any("jumps" in note for note in estimate(network(), radius=1.0, rounds=1, alpha=0.3).notes)


@pytest.fixture(scope="module")
def twice_as_safe():
    return estimate(network(), path=3, rounds=1, seed=3, safety=2.0)


def test_the_same_seed_gives_the_same_numbers(twice_as_safe):
    assert estimate(network(), path=3, rounds=1, seed=3, safety=2.0).to_dict() == twice_as_safe.to_dict()


def test_without_time_there_is_a_first_answer():
    found = estimate(network(), path=3, rounds=6, seconds=1e-9)
    assert not found.complete
    assert found.looks["points"] == 1
    assert found.constants().L > 0


def test_checkpoints_are_the_region():
    model = network()
    points = [model.start, model.start + 0.1]
    brought = model.__class__(**{**vars(model), "path": torch.stack(points)})
    found = estimate(brought, rounds=2)
    assert found.region == "the 2 checkpoints of the given path"
    assert found.looks["points"] == 2


def test_every_constant_is_estimated_and_the_safety_factor_counts(twice_as_safe):
    found = twice_as_safe
    constants = found.constants()
    assert set(constants.standing.values()) == {"estimated"}
    assert 2 * found.found["L"].value == constants.L
    assert 2 * found.found["Delta"].upper == constants.Delta


def test_a_spread_that_noise_drowns_is_told():
    """All tasks are one, seen through noise: sigma is 0, and no number of plans may rest on that unseen."""

    def sampler(rng, n):
        return (10 * rng.standard_normal((n, 1)),)

    found = estimate(
        own_model([0.0], lambda w, c: ((w - c) ** 2).sum() / 2, sampler),
        radius=0.1,
        tasks=8,
        points=8,
        rounds=1,
    )
    assert found.found["sigma"].lower == 0
    assert any("sigma" in note and "cannot be told from 0" in note for note in found.notes)


def few_shots(shuffle):
    """Ten tasks of 20 samples as a loader hands them out; the Hessian of the mean loss is about 2 I."""
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.standard_normal((200, 2)))
    slopes = torch.from_numpy(rng.standard_normal((10, 2))).repeat_interleave(20, 0)
    y = (x * slopes).sum(-1, keepdim=True)
    loader = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=shuffle)
    return own_model(nn.Linear(2, 1, bias=False), nn.functional.mse_loss, loader), float(
        torch.linalg.eigvalsh(2 * x.T @ x / len(x)).max()
    )


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("seed", first(1, range(3)))
def test_few_samples_of_a_task_do_not_hide_the_curvature_of_the_mean_loss(shuffle, seed):
    torch.manual_seed(seed)
    model, L = few_shots(shuffle)
    found = estimate(model, path=1, rounds=1, seed=seed)
    assert found.found["L"].value > 0.8 * L
    assert found.found["L"].lower > 0
    assert found.alpha * found.constants().L == pytest.approx(0.1)
    assert found.constants().sigma > 0
