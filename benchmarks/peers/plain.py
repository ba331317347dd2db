"""NumPy by hand, and a plain loop over tasks with torch's autograd."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.peers.setting import ALPHA, PROBE, Batch, Net, Wave


def numpy_wave(wave: Wave, algorithm: str) -> Callable[[np.ndarray, Batch], np.ndarray]:
    """Return the mean direction of the closed form, all replicates and tasks at once."""

    def slope(z, tasks, theta):
        b, phase = wave.b[tasks], wave.phase[tasks]
        noise = theta[..., : wave.d] * np.cos(wave.nu * z) + theta[..., wave.d :] * np.sin(wave.nu * z)
        return wave.q * z + b - wave.A * wave.k * np.sin(wave.k * z + phase) + wave.s * noise

    def curvature(z, tasks, theta):
        noise = theta[..., wave.d :] * np.cos(wave.nu * z) - theta[..., : wave.d] * np.sin(wave.nu * z)
        return wave.q - wave.A * wave.k**2 * np.cos(wave.k * z + wave.phase[tasks]) + wave.s * wave.nu * noise

    def direction(w, batch):
        z, tasks = w[:, None, :], batch.tasks
        v = slope(z - ALPHA * slope(z, tasks, batch.inner), tasks, batch.outer)
        if algorithm == "maml":
            v = v - ALPHA * curvature(z, tasks, batch.hessian) * v
        if algorithm == "hf-maml":
            delta = PROBE / np.linalg.norm(v, axis=-1, keepdims=True)
            ends = (slope(z + sign * delta * v, tasks, batch.hessian) for sign in (1, -1))
            forward, backward = ends
            v = v - ALPHA * (forward - backward) / (2 * delta)
        return v.mean(1)

    return direction


def loop_wave(wave: Wave, algorithm: str) -> Callable[[np.ndarray, Batch], np.ndarray]:
    """Return the mean direction by autograd, one task after the other."""
    tables = [torch.from_numpy(table) for table in (wave.q, wave.b, wave.phase)]

    def direction(w, batch):
        answers = []
        for row in range(len(w)):
            point, total = torch.from_numpy(w[row]), torch.zeros(wave.d, dtype=torch.float64)
            for place, task in enumerate(batch.tasks[row]):
                thetas = [torch.from_numpy(t[row, place]) for t in (batch.inner, batch.outer, batch.hessian)]
                losses = [_wave_loss(wave, tables, int(task), theta) for theta in thetas]
                total += by_autograd(*losses, point, algorithm)
            answers.append(total / batch.tasks.shape[1])
        return torch.stack(answers).numpy()

    return direction


def loop_network(net: Net, algorithm: str) -> Callable[[], torch.Tensor]:
    """Return the mean direction of a network by autograd, one task after the other."""

    def direction():
        each = []
        for x, y in zip(net.x, net.y, strict=True):
            loss = net.loss_of(x, y)
            each.append(by_autograd(loss, loss, loss, net.w, algorithm))
        return torch.stack(each).mean(0)

    return direction


def by_autograd(inner, outer, hessian, point, algorithm):
    """Return one task's direction; the product with the Hessian is a derivative of the gradient along v."""
    w = point.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(inner(w), w)
    adapted = (w - ALPHA * g).detach().requires_grad_(True)
    (v,) = torch.autograd.grad(outer(adapted), adapted)
    if algorithm == "maml":
        (slope,) = torch.autograd.grad(hessian(w), w, create_graph=True)
        (product,) = torch.autograd.grad(slope, w, v)
        return v - ALPHA * product
    if algorithm == "hf-maml":
        delta = PROBE / v.norm()
        ends = [(w + sign * delta * v).detach().requires_grad_(True) for sign in (1, -1)]
        forward, backward = (torch.autograd.grad(hessian(end), end)[0] for end in ends)
        return v - ALPHA * (forward - backward) / (2 * delta)
    return v


def _wave_loss(wave, tables, task, theta):
    q, b, phase = tables[0], tables[1][task], tables[2][task]
    first, second = theta[: wave.d], theta[wave.d :]

    def loss(z):
        own = q / 2 * z * z + b * z + wave.A * torch.cos(wave.k * z + phase)
        noise = first * torch.sin(wave.nu * z) - second * torch.cos(wave.nu * z)
        return (own + wave.s / wave.nu * noise).sum()

    return loss
