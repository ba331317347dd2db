"""A second set of wrong steps, written and run once after the first had been learnt from.

Of these 10, 7 were named rightly at first, two with one name more, and weight decay in the inner loop was "not-recognised".
"""

import copy

import torch
from torch.nn.functional import mse_loss

from validate.audit import adapters


def _mse(model, task, split, **more):
    x, y = task[split]
    return mse_loss(model(x), y, **more)


def _grads(model, loss):
    return torch.autograd.grad(loss, list(model.parameters()))


def _shift(model, vectors, factor):
    with torch.no_grad():
        for p, v in zip(model.parameters(), vectors):
            p.add_(v, alpha=factor)


def _add(model, vectors, count):
    for p, v in zip(model.parameters(), vectors):
        p.grad = v / count if p.grad is None else p.grad + v / count


def probes_while_adapted(model, tasks, alpha):
    """HF-MAML in place: the weights are put back after the probes instead of before."""
    for task in tasks:
        g = _grads(model, _mse(model, task, "in"))
        _shift(model, g, -alpha)
        v = _grads(model, _mse(model, task, "out"))
        r = 0.01 / float(torch.cat([x.reshape(-1) for x in v]).norm())
        _shift(model, v, r)
        up = _grads(model, _mse(model, task, "hess"))
        _shift(model, v, -2 * r)
        down = _grads(model, _mse(model, task, "hess"))
        _shift(model, v, r)
        _shift(model, g, alpha)
        _add(model, [x - alpha * (a - b) / (2 * r) for x, a, b in zip(v, up, down)], len(tasks))


def default_learning_rate(model, tasks, alpha):
    """The inner optimiser has lr=1."""
    for task in tasks:
        learner = copy.deepcopy(model)
        _shift(learner, _grads(learner, _mse(learner, task, "in")), -1.0)
        _add(model, _grads(learner, _mse(learner, task, "out")), len(tasks))


def inner_weight_decay(model, tasks, alpha):
    """Weight decay in the inner optimiser."""
    for task in tasks:
        learner = copy.deepcopy(model)
        opt = torch.optim.SGD(learner.parameters(), lr=alpha, weight_decay=0.2)
        learner.zero_grad()
        _mse(learner, task, "in").backward()
        opt.step()
        _add(model, _grads(learner, _mse(learner, task, "out")), len(tasks))


def inner_adam(model, tasks, alpha):
    """Adam inside."""
    for task in tasks:
        learner = copy.deepcopy(model)
        opt = torch.optim.Adam(learner.parameters(), lr=alpha)
        learner.zero_grad()
        _mse(learner, task, "in").backward()
        opt.step()
        _add(model, _grads(learner, _mse(learner, task, "out")), len(tasks))


def clips_like_everyone(model, tasks, alpha):
    """clip_grad_norm_ before the outer step."""
    for task in tasks:
        learner = copy.deepcopy(model)
        _shift(learner, _grads(learner, _mse(learner, task, "in")), -alpha)
        _add(model, _grads(learner, _mse(learner, task, "out")), len(tasks))
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.8)


def loss_counted_twice(w, tasks, alpha, beta):
    """The inner loss is added to itself."""
    p = w.clone().requires_grad_()
    total = 0
    for task in tasks:
        inner = task.loss(p, "in") + task.loss(p, "in")
        (g,) = torch.autograd.grad(inner, p, create_graph=True)
        total = total + task.loss(p - alpha * g, "out")
    return w - beta * torch.autograd.grad(total / len(tasks), p)[0]


def weighs_by_place(w, tasks, alpha, beta):
    """enumerate() in a weight."""
    G = 0
    for k, task in enumerate(tasks):
        G = G + (k + 1) * task.gradient(w - alpha * task.gradient(w, "in"), "out")
    return w - beta * G / len(tasks)


def hessian_on_all_data(w, tasks, alpha, beta):
    """The Hessian on support and query together."""
    G = 0
    for task in tasks:
        v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
        hv = (task.hessian_vector(w, v, "in") + task.hessian_vector(w, v, "out")) / 2
        G = G + v - alpha * hv
    return w - beta * G / len(tasks)


def sums_over_samples(model, tasks, alpha):
    """reduction='sum' in both loops, where the mean is meant."""
    for task in tasks:
        learner = copy.deepcopy(model)
        _shift(learner, _grads(learner, _mse(learner, task, "in", reduction="sum")), -alpha)
        _add(model, _grads(learner, _mse(learner, task, "out", reduction="sum")), len(tasks))


def one_learner_never_cleared(model, tasks, alpha):
    """One learner for all tasks: weights are put back, gradients are not cleared."""
    learner = copy.deepcopy(model)
    learner.zero_grad()
    for task in tasks:
        learner.load_state_dict(model.state_dict())
        _mse(learner, task, "in").backward()
        with torch.no_grad():
            for p in learner.parameters():
                p -= alpha * p.grad
        _mse(learner, task, "out").backward()
    _add(model, [p.grad for p in learner.parameters()], len(tasks))


CASES = [
    (lambda: adapters.fills_grad(probes_while_adapted), "hf-maml", {"probe-shifted"}, {}),
    (lambda: adapters.fills_grad(default_learning_rate), "fo-maml", {"inner-without-alpha"}, {}),
    (lambda: adapters.fills_grad(inner_weight_decay), "fo-maml", {"inner-weight-decay"}, {}),
    (lambda: adapters.fills_grad(inner_adam), "fo-maml", {"inner-gradient-signs"}, {}),
    (lambda: adapters.fills_grad(clips_like_everyone), "fo-maml", {"outer-gradient-clipped"}, {}),
    (lambda: loss_counted_twice, "maml", {"inner-step-size"}, {}),
    (lambda: weighs_by_place, "fo-maml", {"unequal-tasks"}, {}),
    (lambda: hessian_on_all_data, "maml", {"batches-pooled"}, {}),
    (lambda: adapters.fills_grad(sums_over_samples), "fo-maml", {"inner-step-size", "outer-scale"}, {}),
    (lambda: adapters.fills_grad(one_learner_never_cleared), "fo-maml", {"gradients-accumulated"}, {}),
]
