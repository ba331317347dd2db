"""Wrong steps on modules: optimisers, .backward(), deep copies, in-place updates."""

import copy

import torch
from torch import nn
from torch.func import functional_call

from validate.audit import adapters

mse = nn.functional.mse_loss


def _loss(model, batch):
    x, y = batch
    return mse(model(x), y)


def _sgd_steps(model, batch, lr, n=1):
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(n):
        opt.zero_grad()
        _loss(model, batch).backward()
        opt.step()


def overwrites(model, tasks, alpha, beta):
    """FO-MAML with copies; the gradients of the last task overwrite the others."""
    grads = None
    for task in tasks:
        learner = copy.deepcopy(model)
        _sgd_steps(learner, task["in"], alpha)
        grads = torch.autograd.grad(_loss(learner, task["out"]), list(learner.parameters()))
    with torch.no_grad():
        for p, g in zip(model.parameters(), grads):
            p -= beta * g


def updates_the_learner(model, tasks, alpha, beta):
    """FO-MAML in place; the outer step is made from the adapted weights of the last task."""
    before = [p.detach().clone() for p in model.parameters()]
    total = [torch.zeros_like(p) for p in before]
    for task in tasks:
        with torch.no_grad():
            for p, b in zip(model.parameters(), before):
                p.copy_(b)
        _sgd_steps(model, task["in"], alpha)
        for s, g in zip(total, torch.autograd.grad(_loss(model, task["out"]), list(model.parameters()))):
            s += g / len(tasks)
    with torch.no_grad():
        for p, s in zip(model.parameters(), total):
            p -= beta * s


def never_restores(model, tasks, alpha, beta):
    """FO-MAML in place; one task after the other from where the last one ended."""
    saved = copy.deepcopy(model.state_dict())
    total = [torch.zeros_like(p) for p in model.parameters()]
    for task in tasks:
        _sgd_steps(model, task["in"], alpha)
        for s, g in zip(total, torch.autograd.grad(_loss(model, task["out"]), list(model.parameters()))):
            s += g / len(tasks)
    model.load_state_dict(saved)
    with torch.no_grad():
        for p, s in zip(model.parameters(), total):
            p -= beta * s


def never_clears(model, tasks, alpha, beta):
    """.backward() on the original's gradients, which nobody clears between steps."""
    params = dict(model.named_parameters())
    for task in tasks:
        x, y = task["in"]
        gs = torch.autograd.grad(
            mse(functional_call(model, params, (x,)), y), list(params.values()), create_graph=True
        )
        fast = {n: p - alpha * g for (n, p), g in zip(params.items(), gs)}
        x, y = task["out"]
        (mse(functional_call(model, fast, (x,)), y) / len(tasks)).backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= beta * p.grad


def adds_support_gradient(model, tasks, alpha):
    """The learner's .grad still has the inner gradient when the outer one is added."""
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    for task in tasks:
        learner = copy.deepcopy(model)
        learner.zero_grad()
        _loss(learner, task["in"]).backward()
        with torch.no_grad():
            for p in learner.parameters():
                p -= alpha * p.grad
        _loss(learner, task["out"]).backward()
        for p, q in zip(model.parameters(), learner.parameters()):
            p.grad += q.grad / len(tasks)


def inner_loop_without_zero_grad(model, tasks, alpha):
    """Three inner steps, whose gradients pile up."""
    for task in tasks:
        learner = copy.deepcopy(model)
        opt = torch.optim.SGD(learner.parameters(), lr=alpha)
        learner.zero_grad()
        for _ in range(3):
            _loss(learner, task["in"]).backward()
            opt.step()
        outer = torch.autograd.grad(_loss(learner, task["out"]), list(learner.parameters()))
        for p, g in zip(model.parameters(), outer):
            p.grad = g / len(tasks) if p.grad is None else p.grad + g / len(tasks)


def probe_for_each_tensor(model, tasks, alpha):
    """HF-MAML whose probe has one length for each tensor."""
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    names = [n for n, _ in model.named_parameters()]
    theta = [p.detach() for p in model.parameters()]

    def g(values, batch):
        values = [v.detach().requires_grad_() for v in values]
        x, y = batch
        return torch.autograd.grad(mse(functional_call(model, dict(zip(names, values)), (x,)), y), values)

    for task in tasks:
        v = g([t - alpha * d for t, d in zip(theta, g(theta, task["in"]))], task["out"])
        deltas = [0.05 / float(x.norm()) for x in v]
        up = g([t + d * x for t, d, x in zip(theta, deltas, v)], task["hess"])
        down = g([t - d * x for t, d, x in zip(theta, deltas, v)], task["hess"])
        for p, x, a, b, d in zip(model.parameters(), v, up, down, deltas):
            p.grad += (x - alpha * (a - b) / (2 * d)) / len(tasks)


class MetaWithMomentum:
    """FO-MAML; torch's momentum outside, which nobody declared."""

    def __init__(self, momentum=0.9):
        self.momentum, self.buffers = momentum, None

    def __call__(self, model, tasks, alpha, beta):
        total = [torch.zeros_like(p) for p in model.parameters()]
        for task in tasks:
            learner = copy.deepcopy(model)
            _sgd_steps(learner, task["in"], alpha)
            for s, g in zip(
                total, torch.autograd.grad(_loss(learner, task["out"]), list(learner.parameters()))
            ):
                s += g / len(tasks)
        if self.buffers is None:
            self.buffers = total
        else:
            self.buffers = [self.momentum * b + t for b, t in zip(self.buffers, total)]
        with torch.no_grad():
            for p, b in zip(model.parameters(), self.buffers):
                p -= beta * b


def adam_outside(model):
    """FO-MAML under Adam that nobody declared."""
    opt = torch.optim.Adam(model.parameters())

    def step(model, tasks, alpha, beta):
        opt.param_groups[0]["lr"] = beta
        opt.zero_grad()
        for task in tasks:
            learner = copy.deepcopy(model)
            _sgd_steps(learner, task["in"], alpha)
            learner.zero_grad()
            (_loss(learner, task["out"]) / len(tasks)).backward()
            for p, q in zip(model.parameters(), learner.parameters()):
                p.grad = q.grad.clone() if p.grad is None else p.grad + q.grad
        opt.step()

    return step


def one_inner_optimiser_for_all(model, tasks, alpha):
    """A momentum buffer that goes from task to task."""
    learner = copy.deepcopy(model)
    opt = torch.optim.SGD(learner.parameters(), lr=alpha, momentum=0.9)
    for task in tasks:
        learner.load_state_dict(model.state_dict())
        opt.zero_grad()
        _loss(learner, task["in"]).backward()
        opt.step()
        outer = torch.autograd.grad(_loss(learner, task["out"]), list(learner.parameters()))
        for p, g in zip(model.parameters(), outer):
            p.grad = g / len(tasks) if p.grad is None else p.grad + g / len(tasks)


def plain_fo(model, tasks, alpha):
    """FO-MAML: right as far as the model is."""
    for task in tasks:
        learner = copy.deepcopy(model)
        _sgd_steps(learner, task["in"], alpha)
        outer = torch.autograd.grad(_loss(learner, task["out"]), list(learner.parameters()))
        for p, g in zip(model.parameters(), outer):
            p.grad = g / len(tasks) if p.grad is None else p.grad + g / len(tasks)


def plain_fo_in_place(model, tasks, alpha, beta):
    """FO-MAML without copies, weights restored: the model's own buffers see every pass."""
    saved = [p.detach().clone() for p in model.parameters()]
    total = [torch.zeros_like(p) for p in saved]
    for task in tasks:
        _sgd_steps(model, task["in"], alpha)
        for s, g in zip(total, torch.autograd.grad(_loss(model, task["out"]), list(model.parameters()))):
            s += g / len(tasks)
        with torch.no_grad():
            for p, b in zip(model.parameters(), saved):
                p.copy_(b)
    with torch.no_grad():
        for p, s in zip(model.parameters(), total):
            p -= beta * s


def head_only(model, tasks, alpha):
    """ANIL: the last layer adapts, and it is called FO-MAML."""
    for task in tasks:
        learner = copy.deepcopy(model)
        head = list(learner.parameters())[-2:]
        gs = torch.autograd.grad(_loss(learner, task["in"]), head)
        with torch.no_grad():
            for p, g in zip(head, gs):
                p -= alpha * g
        outer = torch.autograd.grad(_loss(learner, task["out"]), list(learner.parameters()))
        for p, g in zip(model.parameters(), outer):
            p.grad = g / len(tasks) if p.grad is None else p.grad + g / len(tasks)


def frozen_body(model, tasks, alpha):
    """Only the last layer gets a meta-gradient."""
    plain_fo(model, tasks, alpha)
    for p in list(model.parameters())[:-2]:
        p.grad = None


def reptile(model, tasks, alpha, beta):
    """Reptile, called MAML."""
    mean = [torch.zeros_like(p) for p in model.parameters()]
    for task in tasks:
        learner = copy.deepcopy(model)
        _sgd_steps(learner, task["in"], alpha, n=4)
        for m, p in zip(mean, learner.parameters()):
            m += p.detach() / len(tasks)
    with torch.no_grad():
        for p, m in zip(model.parameters(), mean):
            p += beta * (m - p)


def detached_inner_gradient(model, tasks, alpha, beta):
    """create_graph forgotten: FO-MAML, called MAML."""
    params = dict(model.named_parameters())
    outer = 0
    for task in tasks:
        x, y = task["in"]
        gs = torch.autograd.grad(mse(functional_call(model, params, (x,)), y), list(params.values()))
        fast = {n: p - alpha * g for (n, p), g in zip(params.items(), gs)}
        x, y = task["out"]
        outer = outer + mse(functional_call(model, fast, (x,)), y)
    gs = torch.autograd.grad(outer / len(tasks), list(params.values()))
    return {n: p - beta * g for (n, p), g in zip(params.items(), gs)}


def _data(features):
    def data(seed):
        rng = torch.Generator().manual_seed(seed)
        x = torch.randn(6, features, generator=rng, dtype=torch.float64)
        return x, torch.sin(x[:, :1]) + 0.5 * torch.randn(6, 1, generator=rng, dtype=torch.float64)

    return data


def _net(*middle):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), *middle, nn.Linear(5, 1)).double()


def _with_adam():
    model = _net(nn.Tanh())
    return adapters.module(adam_outside(model), model=model, data=_data(3))


def _own(function, *middle, adapt=adapters.fills_grad):
    return lambda: adapt(function, model=_net(*middle), data=_data(3))


def decoupled(model, tasks, alpha):
    """The outer gradient of every task is divided by a fixed 8."""
    plain_fo(model, tasks, alpha)
    for p in model.parameters():
        p.grad *= len(tasks) / 8


CASES = [
    (lambda: adapters.module(overwrites), "fo-maml", {"last-task-only"}, {}),
    (lambda: adapters.module(updates_the_learner), "fo-maml", {"step-at-adapted"}, {}),
    (lambda: adapters.module(never_restores), "fo-maml", {"weights-not-restored"}, {}),
    (lambda: adapters.module(never_clears), "maml", {"gradients-accumulated"}, {}),
    (lambda: adapters.fills_grad(adds_support_gradient), "fo-maml", {"gradients-accumulated"}, {}),
    (
        lambda: adapters.fills_grad(inner_loop_without_zero_grad),
        "fo-maml",
        {"gradients-accumulated"},
        {"inner_steps": 3},
    ),
    (lambda: adapters.fills_grad(probe_for_each_tensor), "hf-maml", {"probe-per-tensor"}, {}),
    (lambda: adapters.module(MetaWithMomentum()), "fo-maml", {"outer-momentum"}, {}),
    (_with_adam, "fo-maml", {"outer-optimiser"}, {}),
    (lambda: adapters.fills_grad(one_inner_optimiser_for_all), "fo-maml", {"inner-state-leaks"}, {}),
    (_own(plain_fo, nn.ReLU()), "fo-maml", {"kinks"}, {}),
    (_own(plain_fo, nn.Tanh(), nn.Dropout(0.5)), "fo-maml", {"random-loss"}, {}),
    (
        _own(plain_fo_in_place, nn.BatchNorm1d(5), nn.Tanh(), adapt=adapters.module),
        "fo-maml",
        {"stateful-buffers"},
        {},
    ),
    (lambda: adapters.fills_grad(head_only), "fo-maml", {"tensors-not-adapted"}, {}),
    (lambda: adapters.fills_grad(frozen_body), "fo-maml", {"tensors-not-updated"}, {}),
    (lambda: adapters.module(reptile), "maml", {"not-as-claimed"}, {}),
    (lambda: adapters.module(detached_inner_gradient), "maml", {"not-as-claimed"}, {}),
    (lambda: adapters.fills_grad(decoupled), "fo-maml", {"fixed-divisor"}, {}),
]
"""Makers of targets: every audit gets a module of its own."""
