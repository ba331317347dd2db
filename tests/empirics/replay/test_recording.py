"""A recording gives what the function gives, bit for bit and anywhere; what is no fixed sequence is refused."""

import numpy as np
import pytest
import torch
from fewer import every
from torch import nn
from torch.func import functional_call, vmap
from torch.nn import functional as nnf

from empirics.differentiation import products, slopes, values
from empirics.replay.graph import Recording, UntraceableError, aten
from empirics.replay.recording import recorded
from empirics.replay.replays import equal
from empirics.replay.slots import gather, placed
from empirics.replay.tape import Tape

GENERATOR = torch.Generator().manual_seed(0)
N, DIM, POINTS = 4, 15, 5
RULES = {"values": values, "slopes": slopes, "products": products}
SCALE = torch.tensor([0.5, 2.0, 1.5], dtype=torch.float64)


def _random(*shape):
    return torch.randn(shape, generator=GENERATOR, dtype=torch.float64)


X, Y = _random(N, POINTS, 3), _random(N, POINTS)
NET = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2), nn.Softplus(), nn.Linear(2, 1)).double()
SHAPES = {name: p.shape for name, p in NET.named_parameters()}


class _Cube(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        return 3 * ctx.saved_tensors[0] ** 2 * g


def _network(w, x, y):
    parts = w.split([s.numel() for s in SHAPES.values()])
    own = {name: part.view(shape) for (name, shape), part in zip(SHAPES.items(), parts, strict=True)}
    return (functional_call(NET, own, (x,)).squeeze() - y) ** 2


def _in_place(w, x, y):
    z = x * w[:3]
    z.mul_(x).add_(1.0)
    z[1:] += w[3:5] ** 2
    return (z.sum() - y) ** 2


LOSSES = {
    "slices": lambda w, x, y: torch.tanh(x @ w[:3] - y) * w[3:5].sum() ** 2 + w[-1] ** 3,
    "the same slice twice": lambda w, x, y: (x @ w[:3]) ** 2 + w[:3].exp().sum() + w[:3].sum() * y,
    "overlapping slices": lambda w, x, y: (x @ w[:3]) ** 2 + (x @ w[1:4]) ** 3,
    "entries": lambda w, x, y: torch.log1p((w[0] * x[0] + w[1] * x[1] - w[2] * y) ** 2) + w[0] * w[10],
    "steps and slices": lambda w, x, y: (w[::2].sin().sum() - y) ** 2 + w[2:5].cos().sum(),
    "whole and slices": lambda w, x, y: (x @ w[:3] - y) ** 2 + (w @ w) ** 2 + w[3] ** 2,
    "parts": lambda w, x, y: sum((part.exp().sum() - y) ** 2 for part in w.split([2, 4, 9])),
    "two dimensions": lambda w, x, y: (w[:9].view(3, 3)[1:, :2].tanh().sum() * x[0] - y) ** 2,
    "classes": lambda w, x, y: nnf.cross_entropy(w.view(1, DIM), (y > 0).long().view(1)),
    "largest": lambda w, x, y: (w * y).max() + (torch.topk(w, 3).values ** 2).sum(),
    "branches by value": lambda w, x, y: torch.where(w > y, w**2, -w).sum() + nnf.relu(w[:3] @ x),
    "a network": _network,
    "in place": _in_place,
    "numbers of its own": lambda w, x, y: ((w[:3] * torch.tensor([1.0, 2.0, 3.0])) @ x - y) ** 2,
    "numbers from outside": lambda w, x, y: ((w[:3] * SCALE) @ x - y) ** 2,
    "an own function": lambda w, x, y: _Cube.apply(w[:3] @ x - y) + _Cube.apply(w.sum()),
    "an own copy": lambda w, x, y: (w.clone()[:3] @ x.clone() - y) ** 2 / 1 * torch.ones(()) ** 1.0,
    "sorting": lambda w, x, y: (w.sort().values[:3] @ x - y) ** 2 + w.cumsum(0).exp().sum(),
    "does not depend on w": lambda w, x, y: x.sum() * y,
    "straight": lambda w, x, y: w[:3] @ x,
    "infinite": lambda w, x, y: (w[0] * 1e300) ** 2 + torch.log(w[1]) + w[2] / (x[0] - x[0]),
    "no number": lambda w, x, y: torch.sqrt(w[:2]).sum() + w.norm(),
}


def _of(loss, rule):
    def function(at, *more):
        return RULES[rule](
            lambda w: vmap(lambda u, x, y: vmap(loss, (None, 0, 0))(u, x, y).sum())(w, X, Y), at, *more
        )

    return function


def _points(rule, scale=1.0):
    return [scale * _random(N, DIM) for _ in range(2 if rule == "products" else 1)]


CASES = [(name, "products") for name in LOSSES] + [(name, "slopes") for name in list(LOSSES)[:8]]
CASES += [("a network", "values"), ("largest", "values"), ("does not depend on w", "slopes")]


@pytest.mark.parametrize("case", every(2, CASES))
def test_a_recording_gives_the_same_bits(case):
    name, rule = case
    function = _of(LOSSES[name], rule)
    with torch.no_grad():
        tape = recorded(function, _points(rule))
        assert tape is not None
        for scale in (1.0, 0.0, 1e-3, 30.0):
            args = _points(rule, scale)
            assert equal(tape(*args), function(*args))


def test_the_same_memory_at_every_call_and_a_new_answer():
    function = _of(LOSSES["slices"], "slopes")
    with torch.no_grad():
        tape, (one, other) = (
            recorded(function, _points("slopes")),
            (_random(N, DIM) for _ in range(2)),
        )
        first = tape(one)
        kept = first.clone()
        assert not equal(tape(other), first)
        assert equal(first, kept)
        assert equal(tape(one), first)


def test_arguments_of_any_layout():
    function = _of(LOSSES["slices"], "products")
    with torch.no_grad():
        tape = recorded(function, _points("products"))
        for at in (_random(DIM).expand(N, DIM), _random(DIM, N).T, _random(2 * N, DIM)[::2]):
            v = _random(N, DIM)
            assert equal(tape(at, v), function(at.clone(memory_format=torch.contiguous_format), v))


def test_slices_are_put_in_their_places_and_nothing_is_done_twice():
    with torch.no_grad():
        recording = Recording(_of(_network, "slopes"), _points("slopes"))
        gather(recording)
        after = [node.target for node in recording.operations]
    assert not {aten.detach.default, aten.ones_like.default} & set(after)

    def twice(w):
        return torch.tanh(w).sum(-1) + torch.tanh(w).prod(-1)

    with torch.no_grad():
        recording = Recording(twice, [_random(N, DIM)])
    assert [node.target for node in recording.operations].count(aten.tanh.default) == 1


@pytest.mark.parametrize("name", ["slices", "entries", "the same slice twice"])
def test_slices_leave_the_sum_of_padded_vectors(name):
    with torch.no_grad():
        recording = Recording(_of(LOSSES[name], "slopes"), _points("slopes"))
        gather(recording)
    targets = [node.target for node in recording.operations]
    assert placed in targets
    assert not {aten.slice_backward.default, aten.select_backward.default} & set(targets)


def test_overlapping_slices_stay_a_sum():
    with torch.no_grad():
        recording = Recording(_of(LOSSES["overlapping slices"], "slopes"), _points("slopes"))
        gather(recording)
    assert placed not in [node.target for node in recording.operations]


def test_what_a_tensor_from_outside_holds_is_read_at_each_call():
    scale = torch.ones(3, dtype=torch.float64)
    function = _of(lambda w, x, y: ((w[:3] * (2 * scale)) @ x - y) ** 2, "slopes")
    with torch.no_grad():
        tape, args = (
            recorded(function, _points("slopes")),
            _points("slopes"),
        )
        before = tape(*args)
        scale.data.numpy()[0] = 7.0
        assert equal(tape(*args), function(*args))
        assert not equal(tape(*args), before)


def test_an_argument_that_is_given_twice_or_read_otherwise_too_is_no_constant():
    """While it is recorded a tensor is known by its object."""
    anchor, v = _random(N, DIM), _random(N, DIM)
    function = _of(LOSSES["slices"], "products")
    with torch.no_grad():
        tape = recorded(function, (anchor, anchor))
        assert equal(tape(anchor, v), function(anchor, v))
        pull = recorded(lambda w: ((w - anchor) ** 2).sum(-1), (anchor,))
        assert equal(pull(v), ((v - anchor) ** 2).sum(-1))


def _refused():
    scale, box = torch.tensor(2.0, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    yield "a number of a tensor", lambda w, x, y: w.sum() * scale.item()
    yield "a branch on a tensor", lambda w, x, y: w.sum() if scale > 1 else y
    yield "writes outside", lambda w, x, y: box.add_(1.0) @ w[:3]
    yield "a number of w", lambda w, x, y: w.sum() * float(w[0])
    yield "numbers of tensors", lambda w, x, y: w[:3] @ torch.tensor([scale, scale, box[0]])
    yield "a tensor in words", lambda w, x, y: w.sum() * len(repr(scale))
    yield "fails", lambda w, x, y: w @ x


@pytest.mark.parametrize("loss", [pytest.param(loss, id=name) for name, loss in _refused()])
def test_what_is_no_fixed_sequence_of_operations_is_refused(loss):
    with torch.no_grad():
        assert recorded(_of(loss, "slopes"), _points("slopes")) is None


def test_random_numbers_and_shapes_that_depend_on_values_are_refused():
    for function in (
        lambda w: w + torch.rand_like(w),
        lambda w: torch.dropout(w, 0.5, True),
        lambda w: w[w > 0],
        lambda w: w.nonzero(),
    ):
        with torch.no_grad(), pytest.raises((UntraceableError, RuntimeError)):
            Recording(function, [_random(N, DIM)])


def test_what_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr("empirics.replay.graph.BYTES", 1000)
    with torch.no_grad():
        assert recorded(_of(LOSSES["slices"], "slopes"), _points("slopes")) is None


def test_a_tape_with_a_wrong_step_is_not_equal():
    function = _of(LOSSES["slices"], "slopes")
    with torch.no_grad():
        recording, args = Recording(function, _points("slopes")), _points("slopes")
        gather(recording)
        tape = Tape(recording)
        assert equal(tape(*args), function(*args))
        for number in range(len(tape._steps)):
            cut = Tape(recording)
            step, _, into = cut._steps.pop(number)
            for written in into.values() or [step.__self__]:
                written.fill_(float("nan"))
            assert not equal(cut(*args), function(*args)), number


def test_equal_tells_numbers_and_takes_nan_for_nan():
    one = torch.tensor([1.0, float("nan"), float("inf")])
    assert equal(one, one.clone())
    assert not equal(one, torch.tensor([1.0, 2.0, float("inf")]))
    assert not equal(
        one, torch.tensor([np.nextafter(np.float32(1), np.float32(2)), float("nan"), float("inf")])
    )
    assert not equal(one, one[:2])
