"""Wrong steps in the same styles, from descriptions, alone and two at a time.

Of 63 such steps 55 were named rightly at first and none was taken for right; those that say most are here. AdamW and
RMSprop outside, Adam inside, a cut of a probe and a sum beside weights that are not restored are known since.
"""

import copy

import torch
import torch.nn.functional as F
from torch.func import functional_call
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from audit_catalogue.styled_models import (
    CE,
    Bag,
    bn_model,
    conv,
    frozen,
    gru,
    higher_like,
    images,
    l2l,
    m32,
    m64,
    seeded,
    vec,
    words,
)
from audit_catalogue.styled_right import OuterOf
from validate.audit import adapters as A

mse = F.mse_loss


def plain(a, g):
    return a * g


def half(a, g):
    return a * (g + g.detach()) / 2


def twice(a, g):
    return a * (2 * g - g.detach())


def minus(a, g):
    return a * (2 * g.detach() - g)


def bare(a, g):
    return a * g.detach() + (g - g.detach())


def through(mix, steps=1, reduce="mean", loss=mse, split="out", tasks_used=slice(None), rate=1.0):
    """MAML with functional_call; mix(g) has g's value and another derivative."""

    def fill(model, tasks, alpha):
        ps = dict(model.named_parameters())
        total = 0
        for t in tasks[tasks_used]:
            fast = ps
            for _ in range(steps):
                x, y = t["in"]
                gs = torch.autograd.grad(
                    loss(functional_call(model, fast, (x,)), y), list(fast.values()), create_graph=True
                )
                fast = {n: p - rate * mix(alpha, g) for (n, p), g in zip(fast.items(), gs)}
            x, y = t[split]
            total = total + loss(functional_call(model, fast, (x,)), y)
        if reduce == "mean":
            total = total / len(tasks)
        elif reduce == "twice":
            total = total / len(tasks) ** 2
        total.backward()

    return fill


def in_place(restore=True, reduce="mean", back=True, steps=1, inner=None, loss=mse):
    """FO-MAML on the module itself."""

    def step(model, tasks, alpha, beta):
        start = parameters_to_vector(model.parameters()).detach().clone()
        meta = torch.zeros_like(start)
        opt = (inner or (lambda p, lr: torch.optim.SGD(p, lr)))(model.parameters(), alpha)
        for t in tasks:
            if restore:
                vector_to_parameters(start.clone(), model.parameters())
            for _ in range(steps):
                opt.zero_grad()
                x, y = t["in"]
                loss(model(x), y).backward()
                opt.step()
            opt.zero_grad()
            x, y = t["out"]
            loss(model(x), y).backward()
            meta += torch.cat([p.grad.reshape(-1) for p in model.parameters()])
        opt.zero_grad()
        if reduce == "mean":
            meta /= len(tasks)
        base = start if back else parameters_to_vector(model.parameters()).detach()
        vector_to_parameters(base - beta * meta, model.parameters())

    return step


def hf(
    length=1e-2,
    clip=None,
    shift=False,
    per_tensor=False,
    one_sided=False,
    scale=1.0,
    split="hess",
    reduce="mean",
):
    def step(model, tasks, alpha, beta):
        w = parameters_to_vector(model.parameters()).detach().clone()
        sizes = [p.numel() for p in model.parameters()]

        def g(at, task, s):
            vector_to_parameters(at, model.parameters())
            x, y = task.batch(s)
            return parameters_to_vector(torch.autograd.grad(mse(model(x), y), list(model.parameters())))

        def cutted(x):
            return x if clip is None else x * min(1.0, clip / float(x.norm()))

        G = torch.zeros_like(w)
        for t in tasks:
            u = w - alpha * g(w, t, "in")
            v = g(u, t, "out")
            if per_tensor:
                r = torch.cat(
                    [
                        torch.full((n,), float(length / b.norm().clamp(min=1e-12)))
                        for n, b in zip(sizes, v.split(sizes))
                    ]
                ).to(w)
            else:
                r = length / v.norm()
            c = u if shift else w
            if one_sided:
                d = (cutted(g(c + r * v, t, split)) - cutted(g(c, t, split))) / r
            else:
                d = (cutted(g(c + r * v, t, split)) - cutted(g(c - r * v, t, split))) / (2 * r)
            G += v - alpha * d
        if reduce == "mean":
            G /= len(tasks)
        vector_to_parameters(w - beta * scale * G, model.parameters())

    return step


class Leaking:
    """One inner SGD with momentum for all tasks."""

    def __call__(self, model, tasks, alpha, beta):
        learner = copy.deepcopy(model)
        opt = torch.optim.SGD(learner.parameters(), lr=alpha, momentum=0.9)
        meta = [torch.zeros_like(p) for p in model.parameters()]
        for t in tasks:
            learner.load_state_dict(model.state_dict())
            opt.zero_grad()
            x, y = t["in"]
            mse(learner(x), y).backward()
            opt.step()
            opt.zero_grad()
            x, y = t["out"]
            mse(learner(x), y).backward()
            for m, p in zip(meta, learner.parameters()):
                m += p.grad / len(tasks)
        with torch.no_grad():
            for p, m in zip(model.parameters(), meta):
                p -= beta * m


def head_only(mix):
    """The first layer is not adapted (and is differentiated)."""

    def fill(model, tasks, alpha):
        ps = dict(model.named_parameters())
        total = 0
        for t in tasks:
            x, y = t["in"]
            gs = torch.autograd.grad(
                mse(functional_call(model, ps, (x,)), y), list(ps.values()), create_graph=True
            )
            fast = {
                n: p - (mix(alpha, g) if n.startswith("2") else 0 * g) for (n, p), g in zip(ps.items(), gs)
            }
            x, y = t["out"]
            total = total + mse(functional_call(model, fast, (x,)), y)
        (total / len(tasks)).backward()

    return fill


def moves_frozen(model, tasks, alpha, beta):
    """Adapts what is trained, decays everything."""
    higher = {n: p for n, p in model.named_parameters() if p.requires_grad}
    total = 0
    for t in tasks:
        x, y = t["in"]
        gs = torch.autograd.grad(mse(model(x), y), list(higher.values()))
        fast = {n: p - alpha * g for (n, p), g in zip(higher.items(), gs)}
        x, y = t["out"]
        total = total + mse(functional_call(model, fast, (x,)), y)
    gs = torch.autograd.grad(total / len(tasks), list(higher.values()))
    with torch.no_grad():
        for p, g in zip(higher.values(), gs):
            p -= beta * g
        for p in model.parameters():
            if not p.requires_grad:
                p *= 0.99


def joint(model, tasks, alpha):
    """Outer loss on query at u plus support loss at w."""
    ps = dict(model.named_parameters())
    total = 0
    for t in tasks:
        x, y = t["in"]
        first = mse(functional_call(model, ps, (x,)), y)
        gs = torch.autograd.grad(first, list(ps.values()), create_graph=True)
        fast = {n: p - alpha * g for (n, p), g in zip(ps.items(), gs)}
        x, y = t["out"]
        total = total + first + mse(functional_call(model, fast, (x,)), y)
    (total / len(tasks)).backward()


CASES = [
    (lambda: A.batches(l2l(1, True), **gru()), "maml", {"not-as-claimed"}, {}),
    (lambda: A.fills_grad(through(half), **m32()), "maml", {"hessian-halved"}, {}),
    (lambda: A.fills_grad(through(twice), **gru()), "maml", {"hessian-doubled"}, {}),
    (lambda: A.fills_grad(through(minus), **m64()), "maml", {"hessian-sign"}, {}),
    (lambda: A.fills_grad(through(bare), **m64()), "maml", {"hessian-without-alpha"}, {}),
    (lambda: A.module(in_place(False), **gru()), "fo-maml", {"weights-not-restored"}, {}),
    (
        lambda: A.fills_grad(higher_like(3, False, CE), model=seeded(conv), data=images, loss=CE),
        "fo-maml",
        {"missing-inner-step"},
        {"inner_steps": 4},
    ),
    (lambda: A.module(Leaking(), **m64()), "fo-maml", {"inner-state-leaks"}, {}),
    (lambda: A.module(hf(clip=0.2), **m64()), "hf-maml", {"probe-clipped"}, {}),
    (lambda: A.module(hf(1e-6), **m32()), "hf-maml", {"probe-too-short"}, {}),
    (lambda: A.module(in_place(back=False), **m64()), "fo-maml", {"step-at-adapted"}, {}),
    (
        lambda: A.fills_grad(through(plain), model=seeded(bn_model), data=vec(6, 3)),
        "maml",
        {"stateful-buffers"},
        {},
    ),
    (lambda: A.module(OuterOf(torch.optim.AdamW)), "fo-maml", {"outer-optimiser"}, {}),
    (lambda: A.module(OuterOf(lambda p, lr: torch.optim.RMSprop(p, lr))), "fo-maml", {"outer-optimiser"}, {}),
    (lambda: A.fills_grad(head_only(plain), **m64()), "maml", {"tensors-not-adapted"}, {}),
    (lambda: A.fills_grad(joint, **m64()), "maml", {"gradients-accumulated"}, {}),
    (lambda: A.module(moves_frozen, model=seeded(frozen), data=vec(6, 3)), "fo-maml", {"frozen-moved"}, {}),
    (
        lambda: A.fills_grad(through(plain, reduce="sum", loss=CE), model=seeded(Bag), data=words, loss=CE),
        "maml",
        {"sum-over-tasks"},
        {},
    ),
    (
        lambda: A.fills_grad(through(half, reduce="sum"), **m64()),
        "maml",
        {"hessian-halved", "sum-over-tasks"},
        {},
    ),
    (
        lambda: A.fills_grad(through(minus, split="in"), **m64()),
        "maml",
        {"hessian-sign", "one-batch-for-all"},
        {},
    ),
    (
        lambda: A.module(in_place(False, "sum"), **m64()),
        "fo-maml",
        {"weights-not-restored", "sum-over-tasks"},
        {},
    ),
    (
        lambda: A.module(OuterOf(lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9))),
        "maml",
        {"outer-momentum", "not-as-claimed"},
        {},
    ),
    (
        lambda: A.module(hf(0.5, one_sided=True, scale=2.0), **m64()),
        "hf-maml",
        {"probe-one-sided", "outer-scale"},
        {},
    ),
    (
        lambda: A.fills_grad(through(bare, reduce="twice"), **m64()),
        "maml",
        {"hessian-without-alpha", "mean-taken-twice"},
        {},
    ),
    (lambda: A.fills_grad(head_only(twice), **m64()), "maml", {"tensors-not-adapted", "hessian-doubled"}, {}),
    (
        lambda: A.module(hf(clip=0.2, reduce="sum"), **m64()),
        "hf-maml",
        {"probe-clipped", "sum-over-tasks"},
        {},
    ),
    (
        lambda: A.fills_grad(through(half), model=seeded(bn_model), data=vec(6, 3)),
        "maml",
        {"stateful-buffers", "hessian-halved"},
        {},
    ),
]
