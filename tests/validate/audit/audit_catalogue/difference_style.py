"""Wrong Hessian-free steps: numpy, float32, functional transforms, lambdas."""

import numpy as np
import torch
from torch.func import grad, jvp, vmap


def divides_by_delta(w, tasks, alpha, beta):
    """numpy; the factor 1/2 of the central difference is missing."""
    w = np.asarray(w)
    total = np.zeros_like(w)
    for task in tasks:
        v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
        delta = 1e-2 / np.linalg.norm(v)
        d = (task.gradient(w + delta * v, "hess") - task.gradient(w - delta * v, "hess")) / delta
        total += v - alpha * d
    return w - beta * total / len(tasks)


def around_fast_weights(w, tasks, alpha, beta):
    """The difference about the adapted point."""

    def one(task):
        g = grad(task.loss, argnums=0)
        fast = w - alpha * g(w, "in")
        v = g(fast, "out")
        eps = 0.05 / v.norm()
        return v - alpha * (g(fast + eps * v, "hess") - g(fast - eps * v, "hess")) / (2 * eps)

    return w - beta * torch.stack([one(t) for t in tasks]).mean(0)


def in_place_perturbation(w, tasks, alpha, beta):
    """p += e; p -= e where 2e is meant: the second point is w."""
    out = []
    for task in tasks:
        g = grad(task.loss)
        v = g(w - alpha * g(w, "in"), "out")
        delta = 0.05 / v.norm()
        p = w.clone()
        p += delta * v
        up = g(p, "hess")
        p -= delta * v
        down = g(p, "hess")
        out.append(v - alpha * (up - down) / (2 * delta))
    return w - beta * sum(out) / len(out)


def forward_difference_long(w, tasks, alpha, beta):
    """One-sided over a long probe."""
    out = []
    for task in tasks:
        g = grad(task.loss)
        v = g(w - alpha * g(w, "in"), "out")
        delta = 0.3 / v.norm()
        out.append(v - alpha * (g(w + delta * v, "hess") - g(w, "hess")) / delta)
    return w - beta * sum(out) / len(out)


def one_sided(delta, back=False):
    """Return HF-MAML with a difference over delta v on one side alone."""

    def step(w, tasks, alpha, beta):
        out = []
        for task in tasks:
            v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
            ends = (w, w - delta * v) if back else (w + delta * v, w)
            up, down = (task.gradient(end, "hess") for end in ends)
            out.append(v - alpha * (up - down) / delta)
        return w - beta * sum(out) / len(out)

    step.__name__ = f"one_sided_{delta:g}{'_back' * back}"
    return step


def ends_on_two_batches(w, tasks, alpha, beta):
    """Fresh samples at the second end."""
    out = []
    for task in tasks:
        g = grad(task.loss)
        v = g(w - alpha * g(w, "in"), "out")
        delta = 0.5 / v.norm()
        out.append(v - alpha * (g(w + delta * v, "hess") - g(w - delta * v, "in")) / (2 * delta))
    return w - beta * sum(out) / len(out)


def clipped_ends(w, tasks, alpha, beta):
    """Gradients of the difference are clipped to norm 1."""

    def cut(x):
        return x / max(1.0, float(x.norm()))

    out = []
    for task in tasks:
        g = grad(task.loss)
        v = g(w - alpha * g(w, "in"), "out")
        delta = 0.1 / v.norm()
        d = (cut(g(w + delta * v, "hess")) - cut(g(w - delta * v, "hess"))) / (2 * delta)
        out.append(v - alpha * d)
    return w - beta * sum(out) / len(out)


def vanishing_probe(w, tasks, alpha, beta):
    """delta = 1e-14 in double precision."""
    out = []
    for task in tasks:
        g = grad(task.loss)
        v = g(w - alpha * g(w, "in"), "out")
        delta = 1e-14 / v.norm()
        out.append(v - alpha * (g(w + delta * v, "hess") - g(w - delta * v, "hess")) / (2 * delta))
    return w - beta * sum(out) / len(out)


def short_in_single(w, tasks, alpha, beta):
    """delta = 1e-5 over the norm, in single precision numpy."""
    w = np.asarray(w, dtype=np.float32)
    total = np.zeros_like(w)
    for task in tasks:
        v = task.gradient(w - np.float32(alpha) * task.gradient(w, "in"), "out")
        delta = np.float32(1e-5 / np.linalg.norm(v))
        d = (task.gradient(w + delta * v, "hess") - task.gradient(w - delta * v, "hess")) / (2 * delta)
        total += v - np.float32(alpha) * d
    return w - np.float32(beta) * total / len(tasks)


def sign_of_difference(w, tasks, alpha, beta):
    """Backward minus forward."""
    out = []
    for task in tasks:
        g = grad(task.loss)
        v = g(w - alpha * g(w, "in"), "out")
        delta = 0.02 / v.norm()
        out.append(v - alpha * (g(w - delta * v, "hess") - g(w + delta * v, "hess")) / (2 * delta))
    return w - beta * sum(out) / len(out)


def probes_along_support_gradient(w, tasks, alpha, beta):
    """HF with the inner gradient in place of v."""
    out = []
    for task in tasks:
        g = grad(task.loss)
        s = g(w, "in")
        v = g(w - alpha * s, "out")
        delta = 1e-3 / s.norm()
        out.append(v - alpha * (g(w + delta * s, "hess") - g(w - delta * s, "hess")) / (2 * delta))
    return w - beta * sum(out) / len(out)


def forward_mode_without_alpha(w, tasks, alpha, beta):
    """jvp of the gradient, alpha^2 by mistake."""

    def one(task):
        v = grad(task.loss)(w - alpha * grad(task.loss)(w, "in"), "out")
        hv = jvp(lambda p: grad(task.loss)(p, "hess"), (w,), (v,))[1]
        return v - alpha**2 * hv

    return w - beta * torch.stack(list(map(one, tasks))).mean(0)


def fixed_rate_in_correction(w, tasks, alpha, beta):
    """0.05 in front of H v whatever alpha is."""

    def one(task):
        v = grad(task.loss)(w - alpha * grad(task.loss)(w, "in"), "out")
        return v - 0.05 * jvp(lambda p: grad(task.loss)(p, "hess"), (w,), (v,))[1]

    return w - beta * torch.stack(list(map(one, tasks))).mean(0)


def difference_on_query(w, tasks, alpha, beta):
    """Both ends on D_o."""
    out = []
    for task in tasks:
        g = grad(task.loss)
        v = g(w - alpha * g(w, "in"), "out")
        ends = torch.stack([w + 0.01 * v, w - 0.01 * v])
        up, down = vmap(lambda p: g(p, "out"))(ends)
        out.append(v - alpha * (up - down) / 0.02)
    return w - beta * sum(out) / len(out)


CASES = [
    (divides_by_delta, "hf-maml", {"hessian-doubled"}, {}),
    (around_fast_weights, "hf-maml", {"probe-shifted"}, {}),
    (in_place_perturbation, "hf-maml", {"probe-shifted"}, {}),
    (forward_difference_long, "hf-maml", {"probe-one-sided"}, {}),
    *((one_sided(delta), "hf-maml", {"probe-one-sided"}, {}) for delta in (1e-1, 1e-2, 1e-3, 1e-4)),
    (one_sided(1e-2, back=True), "hf-maml", {"probe-one-sided"}, {}),
    (ends_on_two_batches, "hf-maml", {"probe-two-batches"}, {}),
    (clipped_ends, "hf-maml", {"probe-clipped"}, {}),
    (vanishing_probe, "hf-maml", {"probe-too-short"}, {}),
    (short_in_single, "hf-maml", {"probe-too-short"}, {}),
    (sign_of_difference, "hf-maml", {"hessian-sign"}, {}),
    (probes_along_support_gradient, "hf-maml", {"hessian-of-inner-gradient"}, {}),
    (forward_mode_without_alpha, "maml", {"hessian-alpha-squared"}, {}),
    (fixed_rate_in_correction, "maml", {"hessian-alpha-fixed"}, {}),
    (difference_on_query, "hf-maml", {"outer-batch-as-hessian"}, {}),
]
