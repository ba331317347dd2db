"""Losses put together by chance: a recording gives the same bits at points that are special to some operation."""

import random

import pytest
import torch
from fewer import first
from torch.func import vmap
from torch.nn import functional as nnf

from empirics.differentiation import products, slopes
from empirics.replay.recording import recorded
from empirics.replay.replays import equal

DIM, TASKS, POINTS = 12, 3, 4
GENERATOR = torch.Generator().manual_seed(1)
OPERATIONS = (
    torch.tanh,
    torch.sigmoid,
    torch.abs,
    torch.erf,
    nnf.relu,
    nnf.gelu,
    lambda z: z**3,
    lambda z: torch.log1p(z**2),
    lambda z: z.clamp(-1, 1),
    lambda z: torch.where(z > 0, z, z**2),
    lambda z: torch.atan2(z, z.flip(-1) + 0.1),
    lambda z: z.softmax(-1),
    lambda z: nnf.layer_norm(z, z.shape),
    lambda z: z.sort(-1).values,
    lambda z: z.cumsum(-1),
    lambda z: z / z.norm().clamp_min(1e-6),
    lambda z: z.max() - z * z.detach(),
    lambda z: torch.cat([z[1:], z[:1]]),
    lambda z: nnf.pad(z, (1, 1))[1:-1],
    lambda z: torch.outer(z, z).diagonal(),
    lambda z: z.clone().mul_(2).add_(z[0]),
    lambda z: z.index_select(0, torch.arange(len(z) - 1, -1, -1)),
    lambda z: z.unsqueeze(0).matmul(torch.eye(len(z), dtype=z.dtype)).squeeze(0),
)


def _random(*shape):
    return torch.randn(shape, generator=GENERATOR, dtype=torch.float64)


X, Y = _random(TASKS, POINTS, 3), _random(TASKS, POINTS)
SPECIAL = {
    "anywhere": lambda: _random(TASKS, DIM),
    "zero": lambda: torch.zeros(TASKS, DIM, dtype=torch.float64),
    "ties": lambda: -torch.randint(0, 2, (TASKS, DIM), generator=GENERATOR).double(),
    "far": lambda: 1e3 * _random(TASKS, DIM),
    "farther": lambda: 1e300 * _random(TASKS, DIM),
    "tiny": lambda: 1e-200 * _random(TASKS, DIM),
    "infinite": lambda: torch.full((TASKS, DIM), torch.inf, dtype=torch.float64),
    "no number": lambda: torch.full((TASKS, DIM), torch.nan, dtype=torch.float64),
}


def _parts(chance):
    """Return a way to cut w: pieces, slices, the same slice twice, entries."""
    a, b = sorted(chance.sample(range(1, DIM), 2))
    return chance.choice(
        (
            lambda w: w.split([a, b - a, DIM - b]),
            lambda w: (w[:a], w[a:b], w[b:]),
            lambda w: (w[a:], w[a:], w[::2]),
            lambda w: (torch.stack([w[0], w[a], w[0]]), w.view(3, 4)[1:, :2].reshape(-1), w[b:]),
        )
    )


def _loss(chance):
    cut, scale = _parts(chance), chance.uniform(0.1, 2)
    chains = [[chance.choice(OPERATIONS) for _ in range(chance.randrange(1, 4))] for _ in range(3)]

    def loss(w, x, y):
        out = y
        for part, chain in zip(cut(w), chains, strict=True):
            for operation in chain:
                part = operation(part)
            out = out + scale * (part * x[0]).sum()
        return out**2 / (1 + out**2) + (w[:3] @ x) ** 2

    return loss


@pytest.mark.parametrize("seed", first(4, range(40)))
def test_a_random_loss_is_recorded_with_all_its_bits(seed):
    chance = random.Random(seed)
    loss = _loss(chance)
    rule, more = chance.choice(((slopes, ()), (products, (_random(TASKS, DIM),))))

    def function(at, *along):
        return rule(
            lambda w: vmap(lambda u, x, y: vmap(loss, (None, 0, 0))(u, x, y).sum())(w, X, Y), at, *along
        )

    with torch.no_grad():
        tape = recorded(function, (_random(TASKS, DIM), *more))
        assert tape is not None
        for name, point in SPECIAL.items():
            at = point()
            assert equal(tape(at, *more), function(at, *more)), name
