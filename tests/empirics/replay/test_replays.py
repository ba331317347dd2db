"""When a recording is made, played, dropped and refused; and that a broken promise ends in an error."""

import copy
import pickle
import threading

import pytest
import torch
from torch.autograd import forward_ad
from torch.func import vmap
from torch.utils._python_dispatch import TorchDispatchMode

from bounds.errors import InputError
from empirics.differentiation import slopes
from empirics.replay import Replays, replays
from empirics.transforms import looked_on

GENERATOR = torch.Generator().manual_seed(0)
X = torch.randn(4, 3, generator=GENERATOR, dtype=torch.float64)
W = torch.randn(4, 3, generator=GENERATOR, dtype=torch.float64)
FEW = 3


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(replays, "PATIENCE", FEW)
    with torch.no_grad():
        yield


class Derivative:
    """The gradient of a loss, through recordings; it counts how often the loss is called."""

    def __init__(self, loss):
        self.loss, self.calls, self.replays = loss, 0, Replays(loss)

    def live(self, w):
        self.calls += 1
        return slopes(lambda u: vmap(self.loss)(u, X), w)

    def __call__(self, w=W):
        return self.replays("slopes", self.live, w)

    @property
    def kept(self):
        return list(self.replays._kept.values())[-1]

    def recorded(self):
        """Return it after so many calls that it is recorded."""
        for _ in range(FEW):
            self()
        assert self.kept.tape is not None
        return self

    def forgets(self):
        """Return whether nothing was recorded after enough calls."""
        for _ in range(50):
            assert torch.equal(self(), self.live(W))
        return self.kept.tape is None


def _loss(w, x):
    return torch.tanh(w[:2] @ x[:2]) ** 2 + w[2] ** 3


def test_it_is_called_until_it_is_recorded_and_then_at_powers_of_two_and_every_256th():
    derivative = Derivative(_loss).recorded()
    before, right = derivative.calls, derivative.live(W)
    assert before == FEW + 1
    for _ in range(100):
        assert torch.equal(derivative(), right)
    assert derivative.calls - before - 1 == 7
    assert derivative.kept.played == 100
    for _ in range(1000):
        derivative()
    assert derivative.calls - before - 1 == 12


def test_every_shape_has_its_own():
    derivative = Derivative(lambda w, x: (w**2).sum()).recorded()
    other = derivative(torch.ones(4, 3, dtype=torch.float64)[:, :2])
    assert other.shape == (4, 2)
    assert len(derivative.replays._kept) == 2


def test_a_loss_that_breaks_its_promise_ends_in_an_error():
    scale = [1.0]
    derivative = Derivative(lambda w, x: scale[0] * (w @ x) ** 2).recorded()
    right = derivative()
    scale[0] = 2.0
    with pytest.raises(InputError, match=r"was said to be pure.*leave out pure=True"):
        _ = [derivative() for _ in range(8)]
    assert torch.equal(derivative(), 2 * right)
    assert derivative.forgets()


def test_another_last_digit_is_answered_anew_and_forgotten():
    derivative = Derivative(_loss).recorded()
    right, tape = derivative.live(W), derivative.kept.tape
    derivative.kept.tape = lambda *args: tape(*args) * (1 + 1e-15)
    assert torch.equal(derivative(), right)
    assert derivative.forgets()


def _left_alone():
    yield "a branch on a tensor", lambda w, x: (w @ x) ** 2 if X[0, 0] < 9 else w.sum()
    yield "another way while it is recorded", lambda w, x: (w * x).prod()


@pytest.mark.parametrize("loss", [pytest.param(loss, id=name) for name, loss in _left_alone()])
def test_what_cannot_be_recorded_is_called_at_every_call(loss):
    derivative = Derivative(loss)
    assert derivative.forgets()
    assert derivative.calls <= 101


def test_it_is_live_where_somebody_looks_on():
    derivative = Derivative(_loss).recorded()
    right = derivative.live(W)

    class Looking(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {}))

    before = derivative.calls
    with torch.enable_grad():
        assert torch.allclose(derivative(), right)
        w = W.clone().requires_grad_()
        assert derivative(w).requires_grad
    with Looking():
        assert torch.equal(derivative(), right)
    with torch.inference_mode():
        assert torch.allclose(derivative(), right)
    assert torch.allclose(vmap(lambda u: derivative(u))(W.expand(2, 4, 3))[1], right)
    with forward_ad.dual_level():
        dual = forward_ad.unpack_dual(derivative(forward_ad.make_dual(W, W)))
        assert dual.tangent is not None
    assert derivative.calls - before == 6
    assert derivative.kept.played == 0


def test_two_threads_do_not_share_a_tape():
    derivative = Derivative(_loss).recorded()
    points = [n * W for n in range(1, 9)]
    right = [derivative.live(w) for w in points]
    found = [True] * 8

    def work(n):
        with torch.no_grad():
            found[n] = all(torch.equal(derivative(points[n]), right[n]) for _ in range(100))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found)


def test_a_loss_may_ask_for_itself():
    inner = Derivative(_loss)

    def loss(w, x):
        return (inner.replays("inner", lambda u: (u**2).sum(), w.detach()) + w @ x) ** 2

    outer = Derivative(loss)
    outer.replays = inner.replays
    assert torch.equal(outer(), outer.live(W))


def test_copies_have_no_recordings():
    derivative = Derivative(_loss).recorded()
    for other in (copy.deepcopy(derivative.replays), pickle.loads(pickle.dumps(derivative.replays))):
        assert not other._kept


def test_only_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(replays, "MOST", 2)
    derivative = Derivative(lambda w, x: (w**2).sum())
    for wide in (1, 2, 3, 1):
        derivative(torch.ones(4, wide, dtype=torch.float64))
    assert [key[1][0][1] for key in derivative.replays._kept] == [3, 1]


def test_recordings_that_take_too_much_memory_are_forgotten_the_oldest_first(monkeypatch):
    derivative = Derivative(lambda w, x: (w**2).sum())
    wide = [torch.ones(4, number, dtype=torch.float64) for number in (3, 4)]
    monkeypatch.setattr(replays, "BYTES", 10**6)
    for w in wide:
        for _ in range(FEW):
            derivative(w)
    first, second = derivative.replays._kept.values()
    assert first.tape.size > 4 * 3 * 8
    monkeypatch.setattr(replays, "BYTES", first.tape.size + second.tape.size - 1)
    derivative.replays._trim()
    assert first.tape is None
    assert second.tape is not None
    monkeypatch.setattr(replays, "BYTES", 0)
    derivative.replays._trim()
    assert second.tape is None


def test_a_torch_that_does_not_say_who_looks_on_is_left_alone(monkeypatch):
    assert not looked_on()
    monkeypatch.delattr(torch._C, "_len_torch_dispatch_stack")
    assert looked_on()
