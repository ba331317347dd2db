"""What users really bring: a result, or one clear line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.utils.data import DataLoader, TensorDataset

from bounds.errors import InputError
from empirics import estimate, measure_gradient
from empirics.estimation.flat import vector
from empirics.estimation.loading import load, weights
from empirics.estimation.model import own_model

QUICK = {"rounds": 1, "path": 2, "alpha": 0.05, "tasks": 4}


def net(*more):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), *more, nn.Linear(3, 1))


def data(n=6, seed=0, kind=np.float64):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, 2)).astype(kind), rng.standard_normal((n, 1)).astype(kind)


def generator():
    seed = 0
    while True:
        yield data(seed=seed)
        seed += 1


def loader():
    x, y = data(60)
    return DataLoader(TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), batch_size=6, shuffle=True)


def grads():
    x, y = data()
    return [(torch.tensor(x, requires_grad=True), torch.tensor(y, requires_grad=True))]


def labels():
    x, _ = data()
    return x, np.arange(6) % 3


GOOD = {
    "a generator": generator,
    "a loader": loader,
    "tasks of different sizes": lambda: [data(3), data(7), data(5)],
    "one task": lambda: data(),
    "one task in a list": lambda: [data()],
    "numpy float32": lambda: [data(kind=np.float32), data(seed=1, kind=np.float32)],
    "tensors that require grad": grads,
    "support and query": lambda: [(*data(4), *data(5, 1)), (*data(4, 2), *data(5, 3))],
    "support and query as pairs": lambda: [(data(4), data(5, 1)), (data(4, 2), data(5, 3))],
    "train and test by name": lambda: [{"train": data(4), "test": data(5, 1)}],
    "lists of numbers": lambda: [
        ([[1.0, 2.0], [0.0, 1.0], [2.0, 2.0], [1.0, 0.0]], [[1.0], [0.0], [2.0], [1.0]])
    ],
    "frames of pandas": lambda: [tuple(map(pd.DataFrame, data()))],
    "a sampler": lambda: lambda rng, points: data(points, int(rng.integers(99))),
}


@pytest.mark.parametrize("tasks", GOOD.values(), ids=GOOD)
def test_tasks_in_every_form(tasks):
    module = nn.Linear(2, 1)
    found = estimate(own_model(module, mse_loss, tasks()), **QUICK)
    assert found.constants().L > 0
    measured = measure_gradient(own_model(module, mse_loss, tasks()), alpha=0.05, tasks=16)
    assert measured.interval.lower <= measured.interval.upper < np.inf


def test_labels_stay_whole_numbers():
    module = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3))
    assert estimate(own_model(module, cross_entropy, [labels()]), **QUICK).found["L"].value > 0


def test_support_and_query_are_one_task():
    joined = own_model(net(), mse_loss, [(*data(4), *data(5, 1))])
    assert len(joined.tasks.listed[0][0]) == 9


def test_a_module_is_left_as_it_was():
    module = net()
    before = [p.detach().clone() for p in module.parameters()]
    estimate(own_model(module, mse_loss, [data()]), **QUICK)
    assert all(torch.equal(a, b) for a, b in zip(before, module.parameters(), strict=True))
    assert next(module.parameters()).dtype == torch.float32


def test_a_module_in_eval_mode_with_dropout_and_batch_statistics_is_fine():
    module = net(nn.Dropout(0.5), nn.BatchNorm1d(3)).eval()
    assert estimate(own_model(module, mse_loss, [data()]), **QUICK).found["L"].value > 0


def test_frozen_parameters_stay_as_they_are():
    module = net()
    module[0].requires_grad_(False)
    model = own_model(module, mse_loss, [data()])
    assert model.dim == 4
    assert estimate(model, **QUICK).dim == 4


def test_a_state_brings_its_statistics_and_frozen_parameters(tmp_path):
    def make(shift):
        module = net(nn.BatchNorm1d(3)).eval()
        module[0].requires_grad_(False)
        for tensor in (*module.parameters(), *module.buffers()):
            tensor.data += shift
        return module

    torch.save(make(1).state_dict(), tmp_path / "state.pt")
    model, other = (own_model(make(shift), mse_loss, [data()]) for shift in (0, 1))
    model = model.at(weights(model, tmp_path / "state.pt"))
    task = other.tasks.listed[0]
    assert model.loss(model.start, task) == pytest.approx(float(other.loss(other.start, task)))


def test_a_vector_and_the_loss_of_one_sample():
    tasks = [(np.array([1.0, 2.0]),), (np.array([4.0]),)]
    found = estimate(own_model(np.zeros(1, np.float32), lambda w, c: (w[0] - c) ** 2 / 2, tasks), **QUICK)
    assert found.found["L"].value == pytest.approx(1)
    assert found.found["sigma"].value == pytest.approx(1.25)


def nan(prediction, y):
    return mse_loss(prediction, y) * float("nan")


def raising(rng, points):
    raise KeyError("no such file")


BAD = {
    "nan loss": (lambda: own_model(net(), nan, [data()]), "is not finite at the starting weights"),
    "dropout": (lambda: own_model(net(nn.Dropout(0.5)), mse_loss, [data()]), "module.eval()"),
    "batch statistics": (
        lambda: own_model(net(nn.BatchNorm1d(3)), mse_loss, [data()]),
        "BatchNorm1d.*samples depend on each other.*module.eval",
    ),
    "sum": (lambda: own_model(net(), nn.MSELoss(reduction="sum"), [data()]), 'reduction="mean"'),
    "no reduction": (lambda: own_model(net(), nn.MSELoss(reduction="none"), [data()]), "scalar tensor"),
    "wrong shapes": (lambda: own_model(nn.Linear(5, 1), mse_loss, [data()]), r"\(6, 2\), \(6, 1\).*fails on"),
    "unequal rows": (lambda: own_model(net(), mse_loss, [(data(3)[0], data(4)[1])]), "one row a sample"),
    "no tasks": (lambda: own_model(net(), mse_loss, []), "the list is empty"),
    "a number": (lambda: own_model(net(), mse_loss, 3), "must be tasks"),
    "a text": (lambda: own_model(net(), mse_loss, ["abc"]), "must be tasks"),
    "nan data": (lambda: own_model(net(), mse_loss, [(data()[0] * np.nan, data()[1])]), "not finite"),
    "empty task": (lambda: own_model(net(), mse_loss, [(data()[0][:0], data()[1][:0])]), "one row a sample"),
    "a sampler that fails": (lambda: own_model(net(), mse_loss, raising), "KeyError: 'no such file'"),
    "three columns": (lambda: own_model(net(), mse_loss, [(*data(), data()[0])]), "two columns"),
    "no parameters": (lambda: own_model(nn.Tanh(), mse_loss, [data()]), "has no parameters that"),
    "alpha": (lambda: own_model(net(), mse_loss, [data()], alpha=-1), "must be a finite number > 0"),
    "infimum": (lambda: own_model(net(), mse_loss, [data()], infimum=1e9), "lower bound of every loss"),
    "a class of modules": (
        lambda: own_model(nn.Linear, mse_loss, [data()]),
        r"is a class; make one of it: Linear\(",
    ),
    "a class of losses": (lambda: own_model(net(), nn.MSELoss, [data()]), r"make one of it: MSELoss\("),
    "targets of another shape": (
        lambda: own_model(net(), mse_loss, [(data()[0], data()[1][:, 0])]),
        r"the answers have shape \(6, 1\), the targets \(6,\)",
    ),
    "a generator without an address": (
        lambda: estimate(own_model(net(), mse_loss, (data() for _ in range(2))), **QUICK),
        "the tasks = 'generator': ended",
    ),
    "no loss": (lambda: own_model(net(), None, [data()]), "must be a function"),
    "two of a generator": (
        lambda: estimate(own_model(net(), mse_loss, iter([data(), data()])), **QUICK),
        "ended before there were enough: after 2, and at least 5 are needed",
    ),
    "a linear loss": (
        lambda: estimate(
            own_model([1.0, 1.0], lambda w, c: w @ c, [data()[:1]], infimum=-9), **QUICK
        ).constants(),
        "looks linear",
    ),
    "safety": (
        lambda: estimate(own_model(net(), mse_loss, [data()]), safety=0.5),
        "must be a finite number >= 1",
    ),
    "two regions": (lambda: estimate(own_model(net(), mse_loss, [data()]), radius=1.0, path=3), "one region"),
    "radius": (lambda: estimate(own_model(net(), mse_loss, [data()]), radius=np.nan), "finite number > 0"),
    "seconds": (lambda: measure_gradient(own_model(net(), mse_loss, [data()]), seconds=0), "number > 0"),
    "epsilon": (lambda: measure_gradient(own_model(net(), mse_loss, [data()]), epsilon=0.0), "number > 0"),
    "a wrong path": (
        lambda: own_model(net(), mse_loss, [data()], path=[np.zeros(3)]),
        "must be the model's 13",
    ),
    "too few samples": (
        lambda: measure_gradient(
            own_model(net(), mse_loss, (data(3) for _ in range(99))), alpha=0.1, tasks=8
        ),
        "at least 4 samples",
    ),
}


@pytest.mark.parametrize(("make", "says"), BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_refused_in_one_line(make, says):
    with pytest.raises(InputError, match=says) as refused:
        make()
    assert "\n" not in str(refused.value)


# ---- factories and weights ------------------------------------------------------------------------


def factory():
    return net(), mse_loss, [data(), data(seed=1)]


def broken():
    raise ValueError("no data here")


def needy(size):
    return factory()


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (broken, "the factory failed with ValueError: no data here"),
        (needy, "a factory without arguments"),
        (lambda: 3, "must return"),
        (lambda: (net(), mse_loss), "must return"),
        ("no_such_module:make", "can be imported"),
        ("just a name", "can be imported"),
    ],
)
def test_a_factory_that_is_none(target, says):
    with pytest.raises(InputError, match=says):
        load(target)


def test_weights_in_every_form(tmp_path):
    model, other = load(factory), net()
    state = {name: value + 1 for name, value in other.state_dict().items()}
    wanted = model.start + 1
    torch.save(state, tmp_path / "state.pt")
    torch.save({"model_state_dict": state, "epoch": 3}, tmp_path / "checkpoint.pt")
    torch.save(wanted.float(), tmp_path / "vector.pt")
    np.save(tmp_path / "vector.npy", wanted.numpy())
    for file in sorted(tmp_path.iterdir()):
        assert torch.allclose(weights(model, file), wanted), file.name


def test_weights_that_are_none(tmp_path):
    model = load(factory)
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / "other.pt")
    np.save(tmp_path / "short.npy", np.zeros(3))
    np.save(tmp_path / "nan.npy", np.full(model.dim, np.nan))
    (tmp_path / "text.pt").write_text("hello")
    says = {
        "other.pt": "is missing",
        "short.npy": "3 numbers",
        "nan.npy": "not finite",
        "text.pt": "state_dict",
    }
    for name, words in (says | {"nowhere.pt": "cannot be read"}).items():
        with pytest.raises(InputError, match=words):
            weights(model, tmp_path / name)


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_loader_that_begins_again_is_not_more_tasks(shuffle):
    torch.manual_seed(0)
    x, y = map(torch.from_numpy, data(60))
    batches = DataLoader(TensorDataset(x, y), batch_size=6, shuffle=shuffle)
    model = own_model(net(), mse_loss, batches)
    found = estimate(model, **(QUICK | {"tasks": 16}))
    assert found.looks["tasks"] == (16 if shuffle else 10)
    if not shuffle:
        measured = measure_gradient(own_model(net(), mse_loss, batches), alpha=0.05, tasks=16)
        assert (measured.interval.n, measured.different) == (16, 10)


def test_numbers_in_a_list_keep_all_their_digits():
    assert vector([0.1, 0.2], None, 2).tolist() == [0.1, 0.2]
    with pytest.raises(InputError, match="complex ones are none"):
        vector(torch.tensor([1j]), None, None)
