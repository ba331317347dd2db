"""What a loss reads is watched: every change is seen at once, and what cannot be watched is refused."""

import functools
import io
import random
import threading
import time
import types
from collections import namedtuple
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call

from empirics.replay.walk import UnwatchableError
from empirics.replay.watch import Watch

SCALE = 2.0
NAMES = {"scale": 1.0}


class _Settings:
    scale = 1.0

    def __init__(self):
        self.shift, self.sizes = 0.5, [1, 2]

    def factor(self):
        return self.scale


class _Special(_Settings):
    pass


class _Slotted:
    __slots__ = ("__dict__", "scale")

    def __init__(self):
        self.scale = 1.0


class _Holder:
    def __init__(self):
        self.inside, self.word = [1.0], "1"

    def __str__(self):
        return self.word

    @property
    def doubled(self):
        return 2 * self.inside[0]

    def __mul__(self, other):
        return other * len(self.inside)


class _Count(int):
    pass


@dataclass
class _Data:
    scale: float = 1.0
    table: dict = field(default_factory=lambda: {"a": torch.ones(2)})


DATA = _Data()


class _Callable:
    def __init__(self, scale):
        self.scale = scale

    def __call__(self, w, x):
        return self.scale * w.sum()


class _Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.gain = nn.Linear(2, 1), 1.0

    def forward(self, x):
        return self.gain * self.inner(x)


def _of_global(w, x):
    return SCALE * w.sum()


def _of_entry(w, x):
    return NAMES["scale"] * w.sum()


def _changes():
    """Yield a name, a function, and something that changes what it reads."""
    box, table, numbers, cells = [1.0], {"a": 1.0}, {1.0}, [1.0]
    yield "list", lambda w, x: box[0] * w, lambda: box.__setitem__(0, 2.0)
    yield "longer list", lambda w, x: len(box) * w, lambda: box.append(1.0)
    yield "dict", lambda w, x: table["a"] * w, lambda: table.update(a=2.0)
    yield "new key", lambda w, x: len(table) * w, lambda: table.update(b=2.0)
    yield "set", lambda w, x: max(numbers) * w, lambda: numbers.add(3.0)
    value = 1.0

    def rebind():
        nonlocal value
        value = 2.0

    yield "cell", lambda w, x: value * w, rebind
    yield "nested list", lambda w, x: (lambda: cells)()[0] * w, lambda: cells.__setitem__(0, 2.0)
    yield "global", _of_global, lambda: globals().update(SCALE=3.0)
    yield "entry of a global", _of_entry, lambda: NAMES.update(scale=3.0)

    def tuned(w, x, scale=[1.0], *, by={"a": 1}):  # noqa: B006
        return scale[0] * by["a"] * w

    yield "default", tuned, lambda: tuned.__defaults__[0].append(1.0)
    yield "keyword default", tuned, lambda: tuned.__kwdefaults__.update(by={})
    yield "its code", tuned, lambda: setattr(tuned, "__code__", (lambda w, x, scale, *, by: w).__code__)

    def counted(w, x):
        counted.calls += 1
        return w

    counted.calls = 0
    yield "its attribute", counted, lambda: counted(1, 1)
    yield "partial", functools.partial(lambda b, w, x: b[0] * w, box), lambda: box.append(1.0)
    yield "shadowed builtin", lambda w, x: max(w, x), lambda: globals().update(max=min)
    yield from _objects()
    yield from _tensors()


def _objects():
    one, two, three, four = _Settings(), _Settings(), _Settings(), _Special()
    yield "attribute", lambda w, x: one.shift * w, lambda: setattr(one, "shift", 2.0)
    yield "new attribute", lambda w, x: two.scale * w, lambda: setattr(two, "scale", 2.0)
    yield "list in an object", lambda w, x: three.sizes[0] * w, lambda: three.sizes.append(1)
    yield "of its class", lambda w, x: four.factor() * w, lambda: setattr(_Settings, "scale", 3.0)
    yield "in front of its class's", lambda w, x: four.factor() * w, lambda: setattr(_Special, "scale", 3.0)
    yield "method", lambda w, x: four.factor() * w, lambda: setattr(_Settings, "factor", lambda self: 2.0)
    yield "of a class", lambda w, x: _Settings.scale * w, lambda: setattr(_Settings, "scale", 5.0)
    five, six, slotted, data = _Callable(1.0), _Settings(), _Slotted(), _Data()
    yield "callable object", five, lambda: setattr(five, "scale", 2.0)
    yield "its call", five, lambda: setattr(_Callable, "__call__", lambda self, w, x: w)
    yield "bound method", six.factor, lambda: setattr(six, "scale", 2.0)
    yield "slot", lambda w, x: slotted.scale * w, lambda: setattr(slotted, "scale", 2.0)
    yield "dataclass", lambda w, x: data.scale * w, lambda: setattr(data, "scale", 2.0)
    yield "dataclass in words", lambda w, x: float(f"{data}"[12:15]) * w, lambda: setattr(data, "scale", 3.0)
    yield "deep in it", lambda w, x: data.table["a"] @ w, lambda: data.table["a"].mul_(2)
    module = types.ModuleType("somebodys")
    module.scale = 1.0
    yield "of a module", lambda w, x: module.scale * w, lambda: setattr(module, "scale", 2.0)
    holder = _Holder()
    yield "object in words", lambda w, x: float(str(holder)) * w, lambda: setattr(holder, "word", "2")
    yield "behind a property", lambda w, x: holder.doubled * w, lambda: holder.inside.append(1.0)
    yield "behind an operator", lambda w, x: (holder * 2) * w, lambda: holder.inside.append(1.0)
    yield "its own function", lambda w, x: holder.doubled * w, lambda: setattr(_Holder, "doubled", 3.0)
    pair = namedtuple("pair", "a b")(1.0, [2.0])
    yield "in a named tuple", lambda w, x: pair.b[0] * w, lambda: pair.b.append(1.0)


def _tensors():
    one, two, three, four, five = (torch.ones(3) for _ in range(5))
    array = np.ones(3)
    yield "in place", lambda w, x: one @ w, lambda: one.add_(1)
    yield "by index", lambda w, x: two @ w, lambda: two.__setitem__(0, 5.0)
    yield "through a view", lambda w, x: three @ w, lambda: three[1:].zero_()
    yield "other memory", lambda w, x: four @ w, lambda: setattr(four, "data", torch.zeros(3))
    yield "wants a gradient", lambda w, x: five.requires_grad * w, lambda: five.requires_grad_()
    yield "array", lambda w, x: torch.as_tensor(array) @ w, lambda: array.__setitem__(0, 2.0)
    yield "default dtype", lambda w, x: torch.ones(3) @ w, lambda: torch.set_default_dtype(torch.float16)
    nets = [nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1)) for _ in range(5)]
    calls = [lambda w, x, net=net: functional_call(net, {}, (x,)).sum() for net in nets]
    yield "mode", calls[0], nets[0].eval
    yield "parameter", calls[1], lambda: setattr(nets[1][0].weight, "data", torch.zeros(1, 2))
    yield "buffer", calls[2], lambda: nets[2](torch.ones(4, 2))
    yield "layer", calls[3], lambda: nets[3].__setitem__(0, nn.Linear(2, 1))
    yield "hook", calls[4], lambda: nets[4].register_forward_hook(lambda *_: None)
    own, other = _Own(), _Own()
    yield "own module", lambda w, x: functional_call(own, {}, (x,)), lambda: setattr(own, "gain", 2.0)
    yield "its forward", other, lambda: setattr(_Own, "forward", lambda self, x: x)


CHANGES = [pytest.param(function, change, id=name) for name, function, change in _changes()]


@pytest.fixture(autouse=True)
def _restored():
    known = {kind: dict(vars(kind)) for kind in (_Settings, _Special, _Callable, _Own, _Holder)}
    names, scale = dict(NAMES), SCALE
    yield
    for kind, entries in known.items():
        for name in set(vars(kind)) - set(entries):
            delattr(kind, name)
        for name in ("scale", "factor", "__call__", "forward", "doubled"):
            if name in entries:
                setattr(kind, name, entries[name])
    NAMES.clear()
    NAMES.update(names)
    globals().update(SCALE=scale)
    globals().pop("max", None)
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize(("function", "change"), CHANGES)
def test_a_change_is_seen(function, change):
    watch = Watch(function)
    assert watch.same()
    assert watch.same()
    change()
    assert not watch.same()


def test_what_is_not_read_may_change():
    read, other = [1.0], [1.0]
    settings = _Settings()
    watch = Watch(lambda w, x: read[0] * w)
    other.append(1.0)
    settings.shift = 3.0
    globals().update(SCALE=9.0)
    assert watch.same()


def test_an_attribute_that_nobody_asks_for_is_not_read():
    settings = _Settings()
    settings.data, settings.file = np.ones(10_000), io.StringIO()
    watch = Watch(lambda w, x: settings.factor() * w)
    settings.shift = 3.0
    assert watch.same()
    settings.scale = 3.0
    assert not watch.same()


def test_a_module_is_as_it_was_after_a_functional_call():
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.LayerNorm(3)).double()
    parts = {name: p.detach().clone() for name, p in net.named_parameters()}

    def loss(w, x):
        return functional_call(net, parts, (x,)).sum()

    watch = Watch(loss)
    loss(None, torch.ones(4, 2, dtype=torch.float64))
    assert watch.same()
    assert watch.has(net[0].weight)
    assert not watch.has(torch.ones(1))


def _imports(w, x):
    import random as chance

    return chance.random() * w


def _matched(w, x):
    match DATA:
        case _Data(scale=scale):
            return scale * w
    return w


def _stubborn():
    """Yield functions that read what nobody can watch."""
    rng, generator, lines, lock = (
        np.random.default_rng(0),
        random.Random(0),
        io.StringIO("1\n2"),
        threading.Lock(),
    )
    data = _Data()
    steps, draw, large = iter([1, 2, 3]), random.random, np.ones(10_000)
    own, count, context, local = torch.Generator(), _Count(1), ContextVar("scale"), threading.local()
    yield "clock", lambda w, x: time.time() * w
    yield "chance", lambda w, x: random.random() * w
    yield "chance by name", lambda w, x: draw() * w
    yield "chance imported inside", _imports
    yield "numpy's chance", lambda w, x: np.random.rand() * w  # noqa: NPY002
    yield "a generator of numpy", lambda w, x: rng.random() * w
    yield "a generator of Python", lambda w, x: generator.random() * w
    yield "a generator of torch", lambda w, x: torch.rand(3, generator=own) * w
    yield "a seed", lambda w, x: torch.initial_seed() * w
    yield "an iterator", lambda w, x: next(steps) * w
    yield "an iterator, looped over", lambda w, x: sum(step for step in steps) * w
    yield "a file", lambda w, x: float(lines.readline()) * w
    yield "a path", lambda w, x: float(open("scale").read()) * w  # noqa: PTH123, SIM115
    yield "a lock", lambda w, x: lock.locked() * w
    yield "globals by name", lambda w, x: globals()["SCALE"] * w
    yield "attributes by name", lambda w, x: getattr(_Settings, "sca" + "le") * w
    yield "all fields", lambda w, x: asdict(data)["scale"] * w
    yield "a pattern", _matched
    yield "evaluation", lambda w, x: eval("SCALE") * w
    yield "printing", lambda w, x: print(w) or w  # noqa: T201
    yield "a number of a tensor", lambda w, x: large.sum().item() * w
    yield "a large array", lambda w, x: torch.as_tensor(large) @ w
    yield "a cached function", lambda w, x: _cached() * w
    yield "a number with attributes", lambda w, x: count * w
    yield "a variable of its context", lambda w, x: context.get() * w
    yield "its thread's own", lambda w, x: local.scale * w
    yield "torch's files", lambda w, x: torch.load("scale") * w


@functools.lru_cache
def _cached():
    return SCALE


@pytest.mark.parametrize("function", [pytest.param(f, id=name) for name, f in _stubborn()])
def test_what_cannot_be_watched_is_refused(function):
    with pytest.raises(UnwatchableError):
        Watch(function)


def test_too_much_is_refused():
    many = [[number] for number in range(5000)]
    with pytest.raises(UnwatchableError, match="too much"):
        Watch(lambda w, x: len(many) * w)
