"""Right steps in many styles, with what their authors declare: none is to be accused."""

import copy

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, grad, hessian, jacrev, jvp, vjp, vmap

from validate.audit import adapters

mse = nn.functional.mse_loss


def through_the_graph(w, tasks, alpha, beta):
    """create_graph, as in most tutorials."""
    losses = []
    w = w.clone().requires_grad_()
    for t in tasks:
        (g,) = torch.autograd.grad(t.loss(w, "in"), w, create_graph=True)
        losses.append(t.loss(w - alpha * g, "out"))
    torch.stack(losses).mean().backward()
    return (w - beta * w.grad).detach()


def nested_transforms(w, tasks, alpha, beta):
    """torch.func twice."""

    def outer(p):
        return sum(t.loss(p - alpha * grad(t.loss)(p, "in"), "out") for t in tasks) / len(tasks)

    return w - beta * grad(outer)(w)


def full_matrix(w, tasks, alpha, beta):
    """(I - alpha H) written out, on D_h."""
    eye = torch.eye(len(w), dtype=w.dtype)
    G = [
        (eye - alpha * hessian(t.loss)(w, "hess")) @ grad(t.loss)(w - alpha * grad(t.loss)(w, "in"), "out")
        for t in tasks
    ]
    return w - beta * torch.stack(G).mean(dim=0)


def jacobian_of_the_inner_step(w, tasks, alpha, beta):
    """jacrev of the map w -> w - alpha g, on D_h, transposed."""
    G = 0
    for t in tasks:
        J = jacrev(lambda p, t=t: p - alpha * grad(t.loss)(p, "hess"))(w)
        G = G + J.T @ grad(t.loss)(w - alpha * grad(t.loss)(w, "in"), "out")
    return w - beta * G / len(tasks)


def forward_over_reverse(w, tasks, alpha, beta):
    """jvp of the gradient, tasks backwards, running mean."""
    mean = torch.zeros_like(w)
    for k, t in enumerate(reversed(tasks), start=1):
        v = grad(t.loss)(w - alpha * grad(t.loss)(w, "in"), "out")
        hv = jvp(lambda p, t=t: grad(t.loss)(p, "hess"), (w,), (v,))[1]
        mean += (v - alpha * hv - mean) / k
    return w - beta * mean


def pullback(w, tasks, alpha, beta):
    """vjp of the inner step on D_h."""
    G = []
    for t in tasks:
        fast = w - alpha * grad(t.loss)(w, "in")
        _, pull = vjp(lambda p, t=t: p - alpha * grad(t.loss)(p, "hess"), w)
        G.append(pull(grad(t.loss)(fast, "out"))[0])
    return w - beta * torch.stack(G).mean(0)


def first_order(w, tasks, alpha, beta):
    """FO-MAML with detach, in place on a copy."""
    w = w.clone()
    G = torch.zeros_like(w)
    for t in tasks:
        fast = w.clone().requires_grad_()
        t.loss(fast, "in").backward()
        with torch.no_grad():
            fast -= alpha * fast.grad
        fast.grad = None
        t.loss(fast, "out").backward()
        G.add_(fast.grad)
    w.sub_(beta * G.div_(len(tasks)))
    return w


def first_order_numpy_single(w, tasks, alpha, beta):
    """numpy, float32."""
    w = np.asarray(w, dtype=np.float32)
    G = np.mean(
        [t.gradient(w - np.float32(alpha) * t.gradient(w, "in"), "out") for t in tasks],
        axis=0,
        dtype=np.float32,
    )
    return w - np.float32(beta) * G


def maml_in_single_precision(w, tasks, alpha, beta):
    """float32 all the way."""
    p = w.float()
    G = torch.zeros_like(p)
    for t in tasks:
        v = t.gradient(p - alpha * t.gradient(p, "in"), "out")
        G += v - alpha * t.hessian_vector(p, v, "hess")
    return p - beta * G / len(tasks)


def central(length):
    """HF-MAML with a probe of a length."""

    def hf(w, tasks, alpha, beta):
        G = 0
        for t in tasks:
            v = grad(t.loss)(w - alpha * grad(t.loss)(w, "in"), "out")
            e = length * v / v.norm()
            d = (grad(t.loss)(w + e, "hess") - grad(t.loss)(w - e, "hess")) / (2 * length) * v.norm()
            G = G + (v - alpha * d) / len(tasks)
        return w - beta * G

    return hf


def hf_fixed_delta(w, tasks, alpha, beta):
    """HF-MAML with one delta for all vectors; both ends in one vmap."""
    G = []
    for t in tasks:
        v = grad(t.loss)(w - alpha * grad(t.loss)(w, "in"), "out")
        ends = torch.stack([w + 1e-3 * v, w - 1e-3 * v])
        up, down = vmap(lambda p, t=t: grad(t.loss)(p, "hess"))(ends)
        G.append(v - alpha * (up - down) / 2e-3)
    return w - beta * torch.stack(G).mean(0)


def hf_single(w, tasks, alpha, beta):
    """HF-MAML in numpy's float32 with a probe of 0.05."""
    w = np.asarray(w, dtype=np.float32)
    G = np.zeros_like(w)
    for t in tasks:
        v = t.gradient(w - np.float32(alpha) * t.gradient(w, "in"), "out")
        e = np.float32(0.05) * v / np.linalg.norm(v)
        d = (t.gradient(w + e, "hess") - t.gradient(w - e, "hess")) * (np.linalg.norm(v) / np.float32(0.1))
        G += v - np.float32(alpha) * d
    return w - np.float32(beta) * G / np.float32(len(tasks))


def maml_by_fine_differences(w, tasks, alpha, beta):
    """Calls itself MAML: H v by a difference that is fine enough."""
    G = 0
    for t in tasks:
        v = t.gradient(w - alpha * t.gradient(w, "in"), "out")
        eps = 1e-5 / v.norm()
        G = G + v - alpha * (t.gradient(w + eps * v, "hess") - t.gradient(w - eps * v, "hess")) / (2 * eps)
    return w - beta * G / len(tasks)


def sum_of_losses(w, tasks, alpha, beta):
    """The sum over tasks, declared."""
    p = w.detach().requires_grad_()
    total = 0.0
    for t in tasks:
        total = total + t.loss(p - alpha * grad(t.loss)(p, "in"), "out")
    return p - beta * torch.autograd.grad(total, p)[0]


def five_inner_steps(w, tasks, alpha, beta):
    """MAML with five steps through the graph."""
    p = w.detach().requires_grad_()
    total = 0.0
    for t in tasks:
        fast = p
        for _ in range(5):
            fast = fast - alpha * torch.autograd.grad(t.loss(fast, "in"), fast, create_graph=True)[0]
        total = total + t.loss(fast, "out") / len(tasks)
    return p - beta * torch.autograd.grad(total, p)[0]


def three_first_order_steps(w, tasks, alpha, beta):
    """FO-MAML with three steps."""
    G = 0
    for t in tasks:
        fast = w
        for _ in range(3):
            fast = fast - alpha * t.gradient(fast, "in")
        G = G + t.gradient(fast, "out")
    return w - beta * G / len(tasks)


def two_steps_hessian_free(w, tasks, alpha, beta):
    """HF-MAML with two steps: a difference at each inner point."""
    G = 0
    for t in tasks:
        once = w - alpha * t.gradient(w, "in")
        z = t.gradient(once - alpha * t.gradient(once, "in"), "out")
        for point in (once, w):
            e = 0.02 * z / z.norm()
            z = z - alpha * z.norm() * (t.gradient(point + e, "hess") - t.gradient(point - e, "hess")) / 0.04
        G = G + z / len(tasks)
    return w - beta * G


def other_names(w, tasks, alpha, beta):
    """MAML that adapts on "hess", evaluates on "in", and takes the Hessian on "out"."""
    G = 0
    for t in tasks:
        v = t.gradient(w - alpha * t.gradient(w, "hess"), "in")
        G = G + v - alpha * t.hessian_vector(w, v, "out")
    return w - beta * G / len(tasks)


def needs_two_tasks(w, tasks, alpha, beta):
    """Refuses a single task."""
    if len(tasks) < 2:
        raise ValueError("at least two tasks")
    return first_order(w, tasks, alpha, beta)


def mean_for_every_task(w, tasks, alpha):
    """A meta-gradient a row, each the mean of the batch."""
    each = torch.stack([t.gradient(w - alpha * t.gradient(w, "in"), "out") for t in tasks])
    return each.mean(0, keepdim=True).expand_as(each)


class Adam:
    """Adam written by hand around FO-MAML."""

    def __init__(self):
        self.m = self.v = 0.0
        self.t = 0

    def __call__(self, w, tasks, alpha, beta):
        g = sum(t.gradient(w - alpha * t.gradient(w, "in"), "out") for t in tasks) / len(tasks)
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.999 * self.v + 0.001 * g * g
        m, v = self.m / (1 - 0.9**self.t), self.v / (1 - 0.999**self.t)
        return w - beta * m / (v.sqrt() + 1e-8)


class Heavy:
    """Heavy-ball momentum around MAML."""

    def __init__(self):
        self.velocity = 0.0

    def __call__(self, w, tasks, alpha, beta):
        G = w - full_matrix(w, tasks, alpha, 1.0)
        self.velocity = 0.9 * self.velocity + G
        return w - beta * self.velocity


def in_place_with_restore(model, tasks, alpha, beta):
    """FO-MAML on the module itself; state_dict puts the weights back before each task and before the step."""
    saved = copy.deepcopy(model.state_dict())
    total = [torch.zeros_like(p) for p in model.parameters()]
    for task in tasks:
        model.load_state_dict(saved)
        opt = torch.optim.SGD(model.parameters(), lr=alpha)
        opt.zero_grad()
        x, y = task["in"]
        mse(model(x), y).backward()
        opt.step()
        opt.zero_grad()
        x, y = task["out"]
        mse(model(x), y).backward()
        for s, p in zip(total, model.parameters()):
            s += p.grad / len(tasks)
    model.load_state_dict(saved)
    outer = torch.optim.SGD(model.parameters(), lr=beta)
    for p, s in zip(model.parameters(), total):
        p.grad = s
    outer.step()
    outer.zero_grad()


def functional_module(model, tasks, alpha, beta):
    """MAML with functional_call and a dictionary of weights, Hessian on D_h for itself."""
    names = [n for n, _ in model.named_parameters()]
    theta = [p.detach() for p in model.parameters()]

    def g(values, batch):
        x, y = batch
        return grad(lambda vs: mse(functional_call(model, dict(zip(names, vs)), (x,)), y))(values)

    def each(task):
        v = g([t - alpha * d for t, d in zip(theta, g(theta, task["in"]))], task["out"])
        hv = grad(lambda vs: sum((a * b).sum() for a, b in zip(g(vs, task["hess"]), v)))(theta)
        return [a - alpha * b for a, b in zip(v, hv)]

    G = [torch.stack(parts).mean(0) for parts in zip(*map(each, tasks))]
    return {n: t - beta * d for n, t, d in zip(names, theta, G)}


def support_and_query(model, batches, alpha, beta):
    """MAML on a list of (support, query)."""
    params = dict(model.named_parameters())
    total = 0
    for (xs, ys), (xq, yq) in batches:
        gs = torch.autograd.grad(
            mse(functional_call(model, params, (xs,)), ys), params.values(), create_graph=True
        )
        fast = {n: p - alpha * g for (n, p), g in zip(params.items(), gs)}
        total = total + mse(functional_call(model, fast, (xq,)), yq) / len(batches)
    for p, g in zip(params.values(), torch.autograd.grad(total, list(params.values()))):
        p.data.sub_(beta * g)


def per_fedavg_client(w, task, alpha, beta):
    """One client of Per-FedAvg."""
    v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
    return w - beta * (v - alpha * task.hessian_vector(w, v, "hess"))


def client_on_a_module(model, task, alpha, beta):
    """One FO client that trains the module it is given."""
    with torch.no_grad():
        start = [p.clone() for p in model.parameters()]
    gs = torch.autograd.grad(task.loss(model, "in"), list(model.parameters()))
    with torch.no_grad():
        for p, g in zip(model.parameters(), gs):
            p -= alpha * g
    gs = torch.autograd.grad(task.loss(model, "out"), list(model.parameters()))
    with torch.no_grad():
        for p, s, g in zip(model.parameters(), start, gs):
            p.copy_(s - beta * g)


def with_torch_adam():
    """FO-MAML under torch.optim.Adam, on a float32 module of one's own; declared."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 4), nn.Softplus(), nn.Linear(4, 1))
    opt = torch.optim.Adam(model.parameters())

    def step(model, tasks, alpha, beta):
        opt.zero_grad()
        for group in opt.param_groups:
            group["lr"] = beta
        for task in tasks:
            learner = copy.deepcopy(model)
            gs = torch.autograd.grad(task.loss(learner, "in"), list(learner.parameters()))
            with torch.no_grad():
                for p, g in zip(learner.parameters(), gs):
                    p -= alpha * g
            gs = torch.autograd.grad(task.loss(learner, "out"), list(learner.parameters()))
            for p, g in zip(model.parameters(), gs):
                p.grad = g / len(tasks) if p.grad is None else p.grad + g / len(tasks)
        opt.step()

    return adapters.module(step, model=model, data=single_data, outer="adam")


def single_data(seed):
    """A batch in single precision."""
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(5, 2, generator=rng)
    return x, x[:, :1].sin() + 0.3 * torch.randn(5, 1, generator=rng)


def summed_loss():
    """MAML on a loss that is a sum over samples, declared as the loss."""

    def total(prediction, target):
        return ((prediction - target) ** 2).sum()

    def step(model, tasks, alpha, beta):
        params = dict(model.named_parameters())
        outer = 0
        for task in tasks:
            x, y = task["in"]
            gs = torch.autograd.grad(
                total(functional_call(model, params, (x,)), y), params.values(), create_graph=True
            )
            fast = {n: p - alpha * g for (n, p), g in zip(params.items(), gs)}
            x, y = task["out"]
            outer = outer + total(functional_call(model, fast, (x,)), y) / len(tasks)
        return [
            p - beta * g for p, g in zip(params.values(), torch.autograd.grad(outer, list(params.values())))
        ]

    torch.manual_seed(2)
    model = nn.Sequential(nn.Linear(2, 3), nn.SiLU(), nn.Linear(3, 1)).double()
    return adapters.module(
        step, model=model, loss=total, data=lambda seed: tuple(t.double() for t in single_data(seed))
    )


CASES = [
    ("through the graph", lambda: through_the_graph, "maml", {}),
    ("nested transforms", lambda: nested_transforms, "maml", {}),
    ("full matrix", lambda: full_matrix, "maml", {}),
    ("jacobian", lambda: jacobian_of_the_inner_step, "maml", {}),
    ("forward over reverse", lambda: forward_over_reverse, "maml", {}),
    ("pullback", lambda: pullback, "maml", {}),
    ("first order", lambda: first_order, "fo-maml", {}),
    ("numpy float32", lambda: first_order_numpy_single, "fo-maml", {}),
    ("torch float32", lambda: maml_in_single_precision, "maml", {}),
    ("hf 0.3", lambda: central(0.3), "hf-maml", {}),
    ("hf 1e-3", lambda: central(1e-3), "hf-maml", {}),
    ("hf fixed delta", lambda: hf_fixed_delta, "hf-maml", {}),
    ("hf numpy float32", lambda: hf_single, "hf-maml", {}),
    ("fine differences", lambda: maml_by_fine_differences, "maml", {}),
    ("sum declared", lambda: sum_of_losses, "maml", {"scale": "sum"}),
    ("five steps", lambda: five_inner_steps, "maml", {"inner_steps": 5}),
    ("three FO steps", lambda: three_first_order_steps, "fo-maml", {"inner_steps": 3}),
    ("two HF steps", lambda: two_steps_hessian_free, "hf-maml", {"inner_steps": 2}),
    ("other names", lambda: other_names, "maml", {}),
    ("two tasks at least", lambda: needs_two_tasks, "fo-maml", {}),
    ("mean for every task", lambda: adapters.meta_gradient(mean_for_every_task), "fo-maml", {}),
    ("Adam declared", Adam, "fo-maml", {"outer": "adam"}),
    ("momentum declared", Heavy, "maml", {"outer": "momentum=0.9"}),
    ("in place with restore", lambda: adapters.module(in_place_with_restore), "fo-maml", {}),
    ("functional module", lambda: adapters.module(functional_module), "maml", {}),
    ("support and query", lambda: adapters.batches(support_and_query), "maml", {}),
    ("Per-FedAvg", lambda: adapters.client(per_fedavg_client), "maml", {}),
    ("client on a module", lambda: adapters.client(client_on_a_module, model=True), "fo-maml", {}),
    ("torch Adam, float32 module", with_torch_adam, "fo-maml", {}),
    ("summed loss", summed_loss, "maml", {}),
]
