"""A module as the audited code's weights: batches of data for every task, and exact derivatives of its loss."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, replace_all_batch_norm_modules_, vmap

from bounds.errors import InputError
from empirics.oracle import SPLITS, unknown_split
from validate.audit.sheet import Sheet, Task, flat

Data = Callable[[int], tuple[Any, Any]]
Loss = Callable[[Any, Any], Tensor]


class Network:
    """A module with its loss and its data.

    Parameters
    ----------
    model : Module or callable, optional
        The module, or what makes one; by default a small smooth network of two inputs.
    loss : callable, optional
        ``loss(prediction, target)``, by default the mean squared error.
    data : callable, optional
        ``data(seed) -> (x, y)``: one batch of one task. Needed with a model of one's own.
    """

    def __init__(self, model: Any = None, loss: Loss | None = None, data: Data | None = None) -> None:
        self.own = model is not None
        self.model = _made(model)
        if self.own and data is None:
            allowed = "must be given with a model: data(seed) -> (x, y), one batch"
            raise InputError("data", None, allowed, "adapters.module(step, model=..., data=...)")
        self.loss: Loss = loss or nn.functional.mse_loss
        self.data: Data = data or _regression
        own = trained(self.model)
        self.names = [name for name, _ in own]
        self.shapes = [tuple(p.shape) for _, p in own]
        self.sizes = [p.numel() for _, p in own]
        if not self.sizes:
            raise InputError("model", type(self.model).__name__, "must have parameters")
        self.dtype = own[0][1].dtype
        self.buffers = {name: b.detach().clone() for name, b in self.model.named_buffers()}
        self.frozen = {n: p.detach().clone() for n, p in self.model.named_parameters() if n not in self.names}
        self.start = self.weights.detach().double().clone()
        self.twin = self._twin()

    @property
    def dim(self) -> int:
        """Number of parameters."""
        return sum(self.sizes)

    @property
    def has_dropout(self) -> bool:
        """Whether a part of it drops numbers out at random."""
        return bool(_drops(self.model))

    def is_random(self) -> bool:
        """Whether its loss has another value with another seed, dropout as a layer aside."""
        x, y = _batch(self, 0)
        values = []
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            for seed in (0, 1):
                torch.manual_seed(seed)
                values.append(float(self.value(self.start, _double(x), _double(y))))
        return not abs(values[0] - values[1]) <= 1e-9 * (1 + abs(values[0]))

    @property
    def weights(self) -> Tensor:
        """The module's weights as one vector; frozen ones are none."""
        return self.of(self.model)

    def of(self, module: nn.Module) -> Tensor:
        """Return the weights of the module, or of a copy of it."""
        named = dict(module.named_parameters())
        return flat([named[name] for name in self.names])

    def picked(self, given: Any) -> Any:
        """Return the weights in a list or mapping of tensors that may have the frozen parameters as well."""
        if isinstance(given, Mapping):
            return [given[name] for name in self.names] if set(self.names) <= set(given) else given
        names = [name for name, _ in self.model.named_parameters()]
        if not isinstance(given, list | tuple) or len(given) != len(names):
            return given
        return [one for name, one in zip(names, given, strict=True) if name in self.names]

    def load(self, w: Tensor) -> None:
        """Put weights into the module, and its buffers and frozen parameters back to what they were."""
        with torch.no_grad():
            named = dict(self.model.named_parameters())
            for name, value in (self.pieces(w) | self.frozen).items():
                named[name].copy_(value)
            for name, b in self.model.named_buffers():
                b.copy_(self.buffers[name])

    def pieces(self, w: Tensor) -> dict[str, Tensor]:
        """Return flat weights as named tensors."""
        parts = w.split(self.sizes, dim=-1)
        return {
            name: part.reshape(shape)
            for name, part, shape in zip(self.names, parts, self.shapes, strict=True)
        }

    def value(self, w: Tensor, x: Any, y: Any) -> Tensor:
        """Return the loss at flat weights, of a copy of the module without dropout; differentiable in w."""
        return self.loss(functional_call(self.twin, self.pieces(w), (x,)), y)

    def moved_frozen(self) -> list[str]:
        """Return the frozen parameters that are no longer what they were."""
        named = dict(self.model.named_parameters())
        return [name for name, before in self.frozen.items() if not torch.equal(named[name], before)]

    def moved_buffers(self) -> list[str]:
        """Return the buffers that are no longer what they were."""
        return [n for n, b in self.model.named_buffers() if not torch.equal(b, self.buffers[n])]

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Switch dropout off in the module while the block runs."""
        drops = _drops(self.model)
        before = [m.p for m in drops]
        try:
            for m in drops:
                m.p = 0.0
            yield
        finally:
            for m, p in zip(drops, before, strict=True):
                m.p = p

    def _twin(self) -> nn.Module:
        twin = copy.deepcopy(self.model).double()
        for m in _drops(twin):
            m.p = 0.0
        return replace_all_batch_norm_modules_(twin) if self.buffers and twin.training else twin


class NetworkTask(Task):
    """One task of a module: besides the loss, its batches of data.

    ``task.batch("in")`` and ``task["in"]`` are ``(x, y)``; ``loss`` takes flat weights, named ones, or a module.
    """

    _sheet: NetworkSheet

    def batch(self, split: str) -> tuple[Any, Any]:
        """Return (x, y) of a batch."""
        if split not in SPLITS:
            raise unknown_split(split)
        pair: tuple[Any, Any] = self._sheet.data[split][self._row][self._number]
        return pair

    __getitem__ = batch

    def loss(self, params: Any, split: str) -> Any:
        """Return the loss of a module, or at weights."""
        if isinstance(params, nn.Module):
            x, y = self.batch(split)
            return self._sheet.network.loss(params(x), y)
        return super().loss(self._sheet.network.picked(params), split)


class NetworkSheet(Sheet):
    """Questions on the loss of a module, with data of its own for each task and batch."""

    task = NetworkTask

    def __init__(self, network: Network, w: Tensor, alpha: Tensor, data: dict[str, list[list[Any]]]) -> None:
        super().__init__(w, alpha, len(data["in"][0]), network.shapes)
        self.network, self.data = network, data
        self._stacked: dict[str, tuple[Tensor, Tensor]] = {}

    def batch_gradient(self, points: Tensor, split: str) -> Tensor:
        """Return the gradients of one batch at points (Q, B, d)."""
        return self._each(lambda w, x, y: grad(self.network.value)(w, x, y), split, points)

    def batch_hessian_vector(self, points: Tensor, v: Tensor, split: str) -> Tensor:
        """Return the Hessians of one batch at points, times vectors."""

        def product(w: Tensor, v: Tensor, x: Any, y: Any) -> Tensor:
            out: Tensor = grad(lambda u: (grad(self.network.value)(u, x, y) * v).sum())(w)
            return out

        return self._each(product, split, points, v)

    def only(self, row: int) -> NetworkSheet:
        """Return one of the questions as a sheet."""
        part = slice(row, row + 1)
        data = {split: rows[part] for split, rows in self.data.items()}
        return NetworkSheet(self.network, self.w[part], self.alpha[part], data)

    def task_loss(self, row: int, i: int, w: Tensor, split: str) -> Tensor:
        """Return the loss of one task on one batch; differentiable in w."""
        x, y = self.data[split][row][i]
        return self.network.value(w.double(), _double(x), _double(y)).to(w.dtype)

    def _each(self, function: Any, split: str, *vectors: Tensor) -> Tensor:
        x, y = self._batches(split)
        rows = [v.reshape(-1, v.shape[-1]) for v in vectors]
        try:
            found = vmap(function, randomness="same")(*rows, x, y)
        except RuntimeError:
            found = torch.stack([function(*(r[k] for r in rows), x[k], y[k]) for k in range(len(x))])
        return found.detach().reshape(vectors[0].shape)

    def _batches(self, split: str) -> tuple[Tensor, Tensor]:
        if split not in self._stacked:
            pairs = [pair for row in self.data[split] for pair in row]
            self._stacked[split] = (
                torch.stack([_double(x) for x, _ in pairs]),
                torch.stack([_double(y) for _, y in pairs]),
            )
        return self._stacked[split]


def network_sheet(network: Network, Q: int, B: int, seed: int, alphas: Sequence[float]) -> NetworkSheet:
    """Draw questions: weights around those that the module came with, and data for every task and batch."""
    rng = torch.Generator().manual_seed(1000 * seed + B)
    spread = 0.3 * network.start.std(correction=0).clamp(min=0.1)
    w = network.start + spread * torch.randn(Q, network.dim, generator=rng, dtype=torch.float64)
    w = w.to(network.dtype).double()
    w[0] = network.start
    step = torch.tensor([alphas[q % len(alphas)] for q in range(Q)], dtype=torch.float64)
    data: dict[str, list[list[Any]]] = {split: [[] for _ in range(Q)] for split in SPLITS}
    number = 10_000 * seed + 1000 * B
    for q in range(Q):
        for _ in range(B):
            for split in SPLITS:
                data[split][q].append(_batch(network, number))
                number += 1
    return NetworkSheet(network, w, step, data)


def _batch(network: Network, number: int) -> tuple[Any, Any]:
    try:
        x, y = network.data(number)
    except Exception as error:
        raise InputError("data", number, f"raised {type(error).__name__}: {error}") from error
    return x, y


def _made(model: Any) -> nn.Module:
    made = _small() if model is None else model
    if not isinstance(made, nn.Module):
        made = made() if callable(made) else made
    if not isinstance(made, nn.Module):
        raise InputError("model", type(made).__name__, "must be a torch.nn.Module or make one")
    return made


def _drops(module: nn.Module) -> list[nn.modules.dropout._DropoutNd]:
    """Return the parts of a module that drop numbers out at random."""
    return [m for m in module.modules() if isinstance(m, nn.modules.dropout._DropoutNd)]


def trained(module: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Return the parameters that are not frozen, by name; all where all are, as in code that needs no graph."""
    own = list(module.named_parameters())
    return [(name, p) for name, p in own if p.requires_grad] or own


def _small() -> nn.Module:
    rng = torch.Generator().manual_seed(3)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)).double()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(0.8 * torch.randn(p.shape, generator=rng, dtype=torch.float64))
    return model


def _regression(seed: int) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(5, 2, generator=rng, dtype=torch.float64)
    y = torch.sin(2 * x[:, :1]) + 0.7 * torch.randn(5, 1, generator=rng, dtype=torch.float64)
    return x, y


def _double(x: Any) -> Any:
    return x.double() if isinstance(x, Tensor) and x.is_floating_point() else x
