"""Small modules of many kinds with their data, and steps in the style of learn2learn and of higher."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call

CE = F.cross_entropy


def seeded(make):
    torch.manual_seed(7)
    return make()


def vec(n, d, out=1, dtype=torch.float32):
    def data(seed):
        g = torch.Generator().manual_seed(seed)
        x = torch.randn(n, d, generator=g, dtype=dtype)
        return x, torch.tanh(x[:, :out]) + 0.3 * torch.randn(n, out, generator=g, dtype=dtype)

    return data


def seqs(seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.randn(6, 4, 2, generator=g)
    return x, x.sum((1, 2), keepdim=False)[:, None] * 0.3 + 0.2 * torch.randn(6, 1, generator=g)


def images(seed):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(8, 1, 6, 6, generator=g), torch.randint(0, 3, (8,), generator=g)


def words(seed):
    g = torch.Generator().manual_seed(seed)
    return torch.randint(0, 7, (8, 5), generator=g), torch.randint(0, 2, (8,), generator=g)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(2, 3, batch_first=True)
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -1])


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(7, 3)
        self.out = nn.Linear(3, 2)

    def forward(self, t):
        return self.out(self.emb(t).mean(1).tanh())


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(3, 3, bias=False)
        self.dec = nn.Linear(3, 3, bias=False)
        self.dec.weight = self.enc.weight
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.scale * self.dec(torch.tanh(self.enc(x)))


def conv():
    return nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3)
    )


def mlp(act=nn.Tanh, dtype=torch.float32):
    return lambda: nn.Sequential(nn.Linear(3, 5), act(), nn.Linear(5, 1)).to(dtype)


def frozen():
    m = mlp()()
    m[0].weight.requires_grad_(False)
    return m


def bn_model():
    return nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 1))


def m64(act=nn.Tanh):
    return {"model": seeded(mlp(act, torch.float64)), "data": vec(6, 3, dtype=torch.float64)}


def m32(act=nn.Tanh):
    return {"model": seeded(mlp(act)), "data": vec(6, 3)}


def gru():
    return {"model": seeded(lambda: Recurrent(nn.GRU)), "data": seqs}


def clone_module(m):
    new = m.__new__(type(m))
    new.__dict__ = m.__dict__.copy()
    new._parameters = {k: (None if p is None else p.clone()) for k, p in m._parameters.items()}
    new._buffers = {k: (None if b is None else b.clone()) for k, b in m._buffers.items()}
    new._modules = {k: clone_module(c) for k, c in m._modules.items()}
    return new


def update_module(m, it):
    for k, p in m._parameters.items():
        if p is not None:
            m._parameters[k] = p + next(it)
    for c in m._modules.values():
        update_module(c, it)


def params_of(m):
    for p in m._parameters.values():
        if p is not None:
            yield p
    for c in m._modules.values():
        yield from params_of(c)


class L2L:
    """clone(), adapt(loss): as learn2learn's MAML wrapper."""

    def __init__(self, module, lr, first_order=False):
        self.module, self.lr, self.first_order = module, lr, first_order

    def clone(self):
        return L2L(clone_module(self.module), self.lr, self.first_order)

    def adapt(self, loss):
        ps = list(params_of(self.module))
        gs = torch.autograd.grad(loss, ps, create_graph=not self.first_order, retain_graph=True)
        update_module(self.module, iter([-self.lr * g for g in gs]))

    def __call__(self, x):
        return self.module(x)


def l2l(steps=1, first_order=False, loss=F.mse_loss):
    def step(model, batches, alpha, beta):
        maml = L2L(model, alpha, first_order)
        opt = torch.optim.SGD(model.parameters(), lr=beta)
        opt.zero_grad()
        for (xs, ys), (xq, yq) in batches:
            learner = maml.clone()
            for _ in range(steps):
                learner.adapt(loss(learner(xs), ys))
            (loss(learner(xq), yq) / len(batches)).backward()
        opt.step()
        opt.zero_grad()

    return step


class FModel:
    def __init__(self, model, track=True):
        self.model, self.track = model, track
        self.names = [n for n, _ in model.named_parameters()]
        self.fast = [p if track else p.detach().clone().requires_grad_() for p in model.parameters()]

    def __call__(self, x):
        return functional_call(self.model, dict(zip(self.names, self.fast)), (x,))

    def step(self, loss, lr):
        gs = torch.autograd.grad(loss, self.fast, create_graph=self.track)
        self.fast = [p - lr * g for p, g in zip(self.fast, gs)]
        if not self.track:
            self.fast = [p.detach().requires_grad_() for p in self.fast]


def higher_like(steps=1, track=True, loss=F.mse_loss):
    def fill(model, tasks, alpha):
        total = [torch.zeros_like(p) for p in model.parameters()]
        for t in tasks:
            f = FModel(model, track)
            x, y = t["in"]
            for _ in range(steps):
                f.step(loss(f(x), y), alpha)
            x, y = t["out"]
            gs = torch.autograd.grad(loss(f(x), y), list(model.parameters()) if track else f.fast)
            for a, g in zip(total, gs):
                a += g
        for p, a in zip(model.parameters(), total):
            p.grad = a / len(tasks)

    return fill
