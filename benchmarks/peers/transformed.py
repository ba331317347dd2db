"""``torch.func.vmap`` of gradients, and JAX's ``jit(vmap)`` where it is installed: one text for both."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import func

from benchmarks.peers.setting import ALPHA, PROBE, Batch, Net, Wave


def with_torch() -> SimpleNamespace:
    """Return what the text below needs of torch."""

    def product(f: Callable, w: Any, v: Any) -> Any:
        return func.jvp(f, (w,), (v,))[1]

    own = {"cos": torch.cos, "sin": torch.sin, "tanh": torch.tanh, "norm": torch.linalg.vector_norm}
    compiled = {"grad": func.grad, "vmap": func.vmap, "product": product, "jit": lambda f: f}
    return SimpleNamespace(**own, **compiled, array=torch.as_tensor, wait=lambda a: a)


def with_jax() -> SimpleNamespace | None:
    """Return the same of JAX, in double precision; None where it is not installed."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)

    def product(f: Callable, w: Any, v: Any) -> Any:
        return jax.jvp(f, (w,), (v,))[1]

    own = {"cos": jnp.cos, "sin": jnp.sin, "tanh": jnp.tanh, "norm": jnp.linalg.norm}
    compiled = {"grad": jax.grad, "vmap": jax.vmap, "product": product, "jit": jax.jit}
    return SimpleNamespace(**own, **compiled, array=jnp.asarray, wait=lambda a: a.block_until_ready())


def one_task(x: Any, inner: Callable, outer: Callable, hessian: Callable, w: Any, algorithm: str) -> Any:
    """Return one task's direction from the losses of its batches."""
    v = x.grad(outer)(w - ALPHA * x.grad(inner)(w))
    if algorithm == "maml":
        return v - ALPHA * x.product(x.grad(hessian), w, v)
    if algorithm == "hf-maml":
        delta = PROBE / x.norm(v)
        ends = x.grad(hessian)(w + delta * v), x.grad(hessian)(w - delta * v)
        return v - ALPHA * (ends[0] - ends[1]) / (2 * delta)
    return v


def wave(x: Any, problem: Wave, algorithm: str) -> Callable[[np.ndarray, Batch], np.ndarray]:
    """Return the mean direction on ripples, vectorised over tasks and replicates."""
    q, b, phase = (x.array(table) for table in (problem.q, problem.b, problem.phase))
    d, k, nu = problem.d, problem.k, problem.nu

    def loss(z, slope, angle, theta):
        own = q / 2 * z * z + slope * z + problem.A * x.cos(k * z + angle)
        return (own + problem.s / nu * (theta[:d] * x.sin(nu * z) - theta[d:] * x.cos(nu * z))).sum()

    def task(w, slope, angle, *thetas):
        losses = [lambda z, t=theta: loss(z, slope, angle, t) for theta in thetas]
        return one_task(x, *losses, w, algorithm)

    over_tasks = x.vmap(task, (None, 0, 0, 0, 0, 0))
    whole = x.jit(lambda w, tasks, *t: x.vmap(over_tasks)(w, b[tasks], phase[tasks], *t).mean(1))

    def direction(w, batch):
        given = (w, batch.tasks, batch.inner, batch.outer, batch.hessian)
        return np.asarray(x.wait(whole(*map(x.array, given))))

    return direction


def network(x: Any, net: Net, algorithm: str) -> Callable[[], Any]:
    """Return the mean direction of a network over its tasks."""
    w, inputs, answers = (x.array(part.numpy()) for part in (net.w, net.x, net.y))

    def task(point, shots, wanted):
        def loss(u):
            return ((net.forward(u, shots, x.tanh) - wanted) ** 2).mean()

        return one_task(x, loss, loss, loss, point, algorithm)

    whole = x.jit(lambda point, shots, wanted: x.vmap(task, (None, 0, 0))(point, shots, wanted).mean(0))
    return lambda: x.wait(whole(w, inputs, answers))
