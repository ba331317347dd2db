"""Libraries for meta-learning, as their guides use them: one network, one task after the other."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import torch
from torch import nn
from torch.nn.functional import mse_loss

from benchmarks.peers.setting import ALPHA, WIDTH, Net

LIBRARIES = ("higher", "torchopt", "learn2learn")
Direction = Callable[[], torch.Tensor]


def sides(net: Net, algorithm: str) -> dict[str, Direction]:
    """Return the mean directions of the libraries that are installed and have the algorithm; none has HF-MAML."""
    makers = {"higher": _higher, "torchopt": _torchopt, "learn2learn": _learn2learn}
    have = {"maml": LIBRARIES, "fo-maml": ("higher", "learn2learn")}.get(algorithm, ())
    return {name: makers[name](net, algorithm) for name in have if find_spec(name)}


def missing() -> list[str]:
    """Return the names of the libraries that are not installed."""
    return [name for name in LIBRARIES if not find_spec(name)]


def _higher(net: Net, algorithm: str) -> Direction:
    import higher

    module, whole = _module(net), algorithm == "maml"
    optimiser = torch.optim.SGD(module.parameters(), lr=ALPHA)

    def task(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        settings = {"copy_initial_weights": False, "track_higher_grads": whole}
        with higher.innerloop_ctx(module, optimiser, **settings) as (model, inner):
            inner.step(mse_loss(model(x), y))
            wanted = list(model.parameters(time=0) if whole else model.parameters())
            return _flat(torch.autograd.grad(mse_loss(model(x), y), wanted))

    return _mean(net, task)


def _torchopt(net: Net, algorithm: str) -> Direction:
    import torchopt

    module = _module(net)
    inner = torchopt.MetaSGD(module, lr=ALPHA)

    def task(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        states = [torchopt.extract_state_dict(part, by="reference") for part in (module, inner)]
        first = list(module.parameters())
        inner.step(mse_loss(module(x), y))
        found = torch.autograd.grad(mse_loss(module(x), y), first)
        for part, state in zip((module, inner), states, strict=True):
            torchopt.recover_state_dict(part, state)
        return _flat(found)

    return _mean(net, task)


def _learn2learn(net: Net, algorithm: str) -> Direction:
    import learn2learn

    learner = learn2learn.algorithms.MAML(_module(net), lr=ALPHA, first_order=algorithm == "fo-maml")

    def task(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        copy = learner.clone()
        copy.adapt(mse_loss(copy(x), y))
        return _flat(torch.autograd.grad(mse_loss(copy(x), y), list(learner.parameters())))

    return _mean(net, task)


def _mean(net: Net, task: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Direction:
    return lambda: torch.stack([task(x, y) for x, y in zip(net.x, net.y, strict=True)]).mean(0)


def _flat(parts: tuple[torch.Tensor, ...]) -> torch.Tensor:
    return torch.cat([part.reshape(-1) for part in parts])


def _module(net: Net) -> nn.Module:
    layers = (nn.Linear(1, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 1))
    module = nn.Sequential(*layers).double()
    nn.utils.vector_to_parameters(net.w, module.parameters())
    return module
