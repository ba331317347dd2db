"""What is said of a mean: a distance, 0 up to rounding, or what it is below; never 0 for what the noise hides."""

from __future__ import annotations

import pytest
import torch

from validate import audit

pytestmark = pytest.mark.usefixtures("short_floors")


def on_one_batch(decay):
    """MAML through the graph, and weight decay."""

    def step(w, tasks, alpha, beta):
        w = w.clone().requires_grad_()
        total = 0
        for task in tasks:
            g = torch.autograd.grad(task.loss(w, "in"), w, create_graph=True)[0]
            total = total + task.loss(w - alpha * g, "out") / len(tasks)
        G = torch.autograd.grad(total, w)[0]
        return (w - beta * (G + decay * w)).detach()

    return step


def test_a_bias_that_counts_is_seen():
    report = audit(on_one_batch(0.1), "maml")
    assert report.mean_deviation["maml"] > 0.05
    assert "maml" not in report.mean_below
    assert "mean over all batches" in report.costs


def test_a_bias_that_the_noise_hides_is_below_and_not_0():
    report = audit(on_one_batch(1e-4), "maml")
    assert report.mean_deviation["maml"] is None
    assert 1e-4 < report.mean_below["maml"] < 0.05
    found = report.to_dict()
    assert found["mean_deviation"]["maml"] is None
    assert found["mean_below"]["maml"] == report.mean_below["maml"]


def chained(w, tasks, alpha, beta):
    """FO-MAML whose tasks start where the one before has adapted to."""
    G, u = 0, w
    for task in tasks:
        u = u - alpha * task.gradient(u, "in")
        G = G + task.gradient(u, "out") / len(tasks)
    return w - beta * G


def at_adapted(w, tasks, alpha, beta):
    """FO-MAML whose outer step is made from the adapted weights."""
    each = [w - alpha * task.gradient(w, "in") for task in tasks]
    each = [u - beta * task.gradient(u, "out") for u, task in zip(each, tasks, strict=True)]
    return torch.stack(each).mean(0)


@pytest.mark.parametrize("step", [chained, at_adapted])
def test_nothing_is_said_of_a_mean_that_is_not_that_of_one_task_s_direction(step):
    report = audit(step, "fo-maml")
    assert report.defects
    assert report.mean_deviation == {}


def test_0_is_for_what_is_the_same_on_every_draw():
    def maml(w, tasks, alpha, beta):
        G = 0
        for task in tasks:
            v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
            G = G + v - alpha * task.hessian_vector(w, v, "hess")
        return w - beta * G / len(tasks)

    report = audit(maml, "maml")
    assert report.mean_deviation["maml"] == 0.0
    assert report.mean_below == {}
