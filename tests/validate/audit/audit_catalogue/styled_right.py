"""Right steps in styles of other people's libraries, written when the detector was finished for the others.

Of 46 such steps three kinds were accused at first: frozen parameters, a support loss that is logged beside the graph,
and a difference over five points. They are known since.
"""

import copy
from collections import OrderedDict

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call, grad, grad_and_value, vmap

from audit_catalogue.styled_models import (
    CE,
    Bag,
    Recurrent,
    Tied,
    conv,
    frozen,
    higher_like,
    images,
    l2l,
    mlp,
    seeded,
    seqs,
    vec,
    words,
)
from validate.audit import adapters as A


def vmapped(loss=F.mse_loss, hess="hess", steps=1, fo=False):
    def step(model, tasks, alpha, beta):
        theta = {k: p.detach() for k, p in model.named_parameters()}
        stack = {s: [torch.stack(z) for z in zip(*(t.batch(s) for t in tasks))] for s in ("in", "out")}

        def L(p, x, y):
            return loss(functional_call(model, p, (x,)), y)

        def F_i(p, xs, ys, xq, yq):
            u = p
            for _ in range(steps):
                g = grad(L)(u, xs, ys)
                if fo:
                    g = {k: v.detach() for k, v in g.items()}
                u = {k: u[k] - alpha * g[k] for k in u}
            return L(u, xq, yq)

        G = vmap(grad(F_i), (None, 0, 0, 0, 0))(theta, *stack["in"], *stack["out"])
        return OrderedDict((k, theta[k] - beta * G[k].mean(0)) for k in theta)

    return step


def hvp_of_autograd(w, tasks, alpha, beta):
    """torch.autograd.functional.vhp on D_h."""
    acc = []
    for t in tasks:
        u = w - alpha * torch.autograd.functional.jacobian(lambda p: t.loss(p, "in"), w)
        v = torch.autograd.functional.jacobian(lambda p: t.loss(p, "out"), u)
        acc.append(v - alpha * torch.autograd.functional.vhp(lambda p: t.loss(p, "hess"), w, v)[1])
    return w - beta * sum(acc) / len(acc)


def four_points(w, tasks, alpha, beta):
    """HF with the five-point stencil."""
    G = 0
    for t in tasks:
        v = t.gradient(w - alpha * t.gradient(w, "in"), "out")
        h = 1e-2 / v.norm()
        d = (
            -t.gradient(w + 2 * h * v, "hess")
            + 8 * t.gradient(w + h * v, "hess")
            - 8 * t.gradient(w - h * v, "hess")
            + t.gradient(w - 2 * h * v, "hess")
        ) / (12 * h)
        G = G + v - alpha * d
    return w - beta * G / len(tasks)


def fine_forward(w, tasks, alpha, beta):
    """HF with a one-sided difference, fine in double precision."""
    G = 0
    for t in tasks:
        v = t.gradient(w - alpha * t.gradient(w, "in"), "out")
        e = 1e-6 / v.norm()
        G = G + v - alpha * (t.gradient(w + e * v, "hess") - t.gradient(w, "hess")) / e
    return w - beta * G / len(tasks)


def numpy_single(w, tasks, alpha, beta):
    """numpy float32 weights through torch.from_numpy and back."""
    w = np.asarray(w, dtype=np.float32)
    acc = np.zeros_like(w)
    for t in tasks:
        p = torch.from_numpy(w.copy()).requires_grad_()
        (g,) = torch.autograd.grad(t.loss(p, "in"), p, create_graph=True)
        (G,) = torch.autograd.grad(t.loss(p - np.float32(alpha) * g, "out"), p)
        acc += G.numpy()
    return w - np.float32(beta) * acc / len(tasks)


def shuffles(w, tasks, alpha, beta):
    """Goes through the tasks in random order; a mean all the same."""
    G = torch.zeros_like(w)
    for i in torch.randperm(len(tasks)).tolist():
        G += tasks[i].gradient(w - alpha * tasks[i].gradient(w, "in"), "out")
    return w - beta * G / len(tasks)


class Reuses:
    """Keeps one learner for all calls and tasks, loaded anew each time."""

    def __init__(self):
        self.learner = None

    def __call__(self, model, tasks, alpha, beta):
        self.learner = self.learner or copy.deepcopy(model)
        meta = [torch.zeros_like(p) for p in model.parameters()]
        for t in tasks:
            self.learner.load_state_dict(model.state_dict())
            opt = torch.optim.SGD(self.learner.parameters(), lr=alpha)
            for s in ("in", "out"):
                opt.zero_grad()
                x, y = t[s]
                F.mse_loss(self.learner(x), y).backward()
                if s == "in":
                    opt.step()
            for m, p in zip(meta, self.learner.parameters()):
                m += p.grad
        with torch.no_grad():
            for p, m in zip(model.parameters(), meta):
                p -= beta * m / len(tasks)


def trained_only(first_order=False):
    """Adapts and steps what requires grad."""

    def step(model, tasks, alpha, beta):
        ps = {n: p for n, p in model.named_parameters() if p.requires_grad}
        total = 0
        for t in tasks:
            x, y = t["in"]
            gs = torch.autograd.grad(F.mse_loss(model(x), y), list(ps.values()), create_graph=not first_order)
            fast = {n: p - alpha * g for (n, p), g in zip(ps.items(), gs)}
            x, y = t["out"]
            total = total + F.mse_loss(functional_call(model, fast, (x,)), y)
        gs = torch.autograd.grad(total / len(tasks), list(ps.values()))
        with torch.no_grad():
            for p, g in zip(ps.values(), gs):
                p.sub_(beta * g)

    return step


class OuterOf:
    """A stateful torch optimiser outside, kept."""

    def __init__(self, make):
        self.make, self.opt = make, None

    def __call__(self, model, tasks, alpha, beta):
        if self.opt is None:
            self.opt = self.make(model.parameters(), beta)
        for g in self.opt.param_groups:
            g["lr"] = beta
        self.opt.zero_grad()
        higher_like(1, False)(model, tasks, alpha)
        self.opt.step()


class ClippedSGD(torch.optim.SGD):
    """Clips, then steps."""

    def step(self, closure=None):
        torch.nn.utils.clip_grad_norm_(self.param_groups[0]["params"], 0.5)
        return super().step(closure)


def backward_zero(model):
    for p in model.parameters():
        p.grad = None


def backward_per_task(model, tasks, alpha):
    """create_graph, backward for each task's share."""
    for t in tasks:
        ps = list(model.parameters())
        x, y = t["in"]
        gs = torch.autograd.grad(F.mse_loss(model(x), y), ps, create_graph=True)
        fast = {n: p - alpha * g for (n, p), g in zip(model.named_parameters(), gs)}
        x, y = t["out"]
        F.mse_loss(functional_call(model, fast, (x,)), y).div(len(tasks)).backward()


def outer_clipped(model, tasks, alpha, beta):
    backward_zero(model)
    backward_per_task(model, tasks, alpha)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    torch.optim.SGD(model.parameters(), lr=beta).step()
    backward_zero(model)


def two_losses_grad_and_value(w, tasks, alpha, beta):
    """grad_and_value, logging, detached scalars kept."""
    logged, G = [], []
    for t in tasks:
        (g, value) = grad_and_value(t.loss)(w, "in")
        logged.append(float(value))
        back, value = grad_and_value(lambda p: t.loss(p - alpha * grad(t.loss)(p, "in"), "out"))(w)
        logged.append(float(value.detach()))
        G.append(back)
    return w - beta * torch.stack(G).mean(0)


CASES = [
    ("l2l gru", lambda: A.batches(l2l(), model=seeded(lambda: Recurrent(nn.GRU)), data=seqs), "maml", {}),
    (
        "l2l conv",
        lambda: A.batches(l2l(3, True, CE), model=seeded(conv), data=images, loss=CE),
        "fo-maml",
        {"inner_steps": 3},
    ),
    (
        "higher embedding",
        lambda: A.fills_grad(higher_like(loss=CE), model=seeded(Bag), data=words, loss=CE),
        "maml",
        {},
    ),
    (
        "higher lstm",
        lambda: A.fills_grad(higher_like(1, False), model=seeded(lambda: Recurrent(nn.LSTM)), data=seqs),
        "fo-maml",
        {},
    ),
    ("vmap tied", lambda: A.module(vmapped(), model=seeded(Tied), data=vec(6, 3, 3)), "maml", {}),
    (
        "vmap 2 steps",
        lambda: A.module(vmapped(steps=2), model=seeded(mlp(nn.SiLU)), data=vec(6, 3)),
        "maml",
        {"inner_steps": 2},
    ),
    ("frozen", lambda: A.module(trained_only(), model=seeded(frozen), data=vec(6, 3)), "maml", {}),
    (
        "frozen first order",
        lambda: A.module(trained_only(True), model=seeded(frozen), data=vec(6, 3)),
        "fo-maml",
        {},
    ),
    ("five points", lambda: four_points, "hf-maml", {}),
    ("fine forward", lambda: fine_forward, "hf-maml", {}),
    ("vhp", lambda: hvp_of_autograd, "maml", {}),
    ("numpy through torch", lambda: numpy_single, "maml", {}),
    ("shuffles", lambda: shuffles, "fo-maml", {}),
    ("reuses", lambda: A.module(Reuses()), "fo-maml", {}),
    ("logs", lambda: two_losses_grad_and_value, "maml", {}),
    ("adamw declared", lambda: A.module(OuterOf(torch.optim.AdamW), outer=torch.optim.AdamW), "fo-maml", {}),
    ("clip declared", lambda: A.module(outer_clipped, outer=ClippedSGD), "maml", {}),
]
