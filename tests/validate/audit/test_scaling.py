"""Steps that scale themselves are the algorithm that their direction is; what is wrong with it stays seen."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from validate import audit
from validate.audit import adapters
from validate.audit.benches import Bench
from validate.audit.fitting import Answers
from validate.audit.scaling import scaled
from validate.audit.target import Target

pytestmark = pytest.mark.usefixtures("short_floors")


def direction(w, tasks, alpha, share=1.0, hess="hess"):
    G = 0
    for task in tasks:
        v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
        G = G + v - share * alpha * task.hessian_vector(w, v, hess)
    return G / len(tasks)


def self_scaled(G):
    return G / (1.36 + 0.19 * G.norm())


def by_inner_gradients(w, tasks, alpha, beta):
    """The step that the plans of this project have."""
    size = sum(task.gradient(w, "in").norm() for task in tasks) / len(tasks)
    return w - beta / (1.36 + 0.19 * size) * direction(w, tasks, alpha)


def by_itself(w, tasks, alpha, beta):
    return w - beta * self_scaled(direction(w, tasks, alpha))


def normalised(w, tasks, alpha, beta):
    G = direction(w, tasks, alpha)
    return w - beta * G / G.norm()


def in_single_precision(w, tasks, alpha, beta):
    return by_itself(w.float(), tasks, alpha, beta)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (by_inner_gradients, "depends on the gradients: 0.0"),
        (by_itself, "depends on the gradients: 0.1"),
        (in_single_precision, "depends on the gradients"),
        (normalised, "every step is 1 beta long"),
    ],
)
def test_a_step_that_scales_itself_is_named_and_not_accused(step, says):
    report = audit(step, "maml")
    assert report.ok, report.to_json()
    assert report.implements == "maml"
    assert any(says in note and "adapters.meta_gradient" in note for note in report.notes)
    assert report.deviation["maml"] < 1e-5 < 0.1 < report.deviation["fo-maml"]


def test_a_constant_step_has_no_such_note():
    report = audit(lambda w, tasks, alpha, beta: w - beta * direction(w, tasks, alpha), "maml")
    assert not any("beta" in note for note in report.notes)


def halved(w, tasks, alpha, beta):
    return w - beta * self_scaled(direction(w, tasks, alpha, share=0.5))


def one_batch(w, tasks, alpha, beta):
    return w - beta * self_scaled(direction(w, tasks, alpha, hess="out"))


def first_order(w, tasks, alpha, beta):
    return w - beta * self_scaled(direction(w, tasks, alpha, share=0.0))


def uphill(w, tasks, alpha, beta):
    return w + beta * self_scaled(direction(w, tasks, alpha))


def uphill_where_flat(w, tasks, alpha, beta):
    G = direction(w, tasks, alpha)
    return w - beta * self_scaled(G) * (1.0 if G.norm() > 2 else -1.0)


def each_number_by_itself(w, tasks, alpha, beta):
    G = direction(w, tasks, alpha)
    return w - beta * G / (1 + G.abs())


def each_task_by_itself(w, tasks, alpha, beta):
    G = [self_scaled(direction(w, [task], alpha)) for task in tasks]
    return w - beta * torch.stack(G).mean(0)


def last_task(w, tasks, alpha, beta):
    return w - beta * self_scaled(direction(w, tasks[-1:], alpha))


def times_alpha(w, tasks, alpha, beta):
    return w - beta * alpha * direction(w, tasks, alpha)


def cut(slack):
    def step(w, tasks, alpha, beta):
        G = direction(w, tasks, alpha)
        return w - beta * G * min(1.0, float(3 / (G.norm() + slack)))

    return step


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (halved, "hessian-halved"),
        (one_batch, "outer-batch-as-hessian"),
        (first_order, "not-as-claimed"),
        (each_task_by_itself, "several-tasks-differ"),
        (last_task, "last-task-only"),
        (times_alpha, "outer-scale"),
        (cut(1e-6), "outer-gradient-clipped"),
        (cut(1e-2), "outer-gradient-clipped"),
        pytest.param(uphill, "not-recognised", marks=pytest.mark.slow),
        (uphill_where_flat, "not-recognised"),
        pytest.param(each_number_by_itself, "not-recognised", marks=pytest.mark.slow),
    ],
)
def test_a_defect_is_not_hidden_by_the_size_of_the_step(step, name):
    report = audit(step, "maml")
    assert [defect.name for defect in report.defects] == [name], report.to_json()


def test_in_one_dimension_every_step_is_along_every_other_and_says_nothing():
    sheet = Bench(Target(by_itself)).singles
    G = torch.randn(sheet.w.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    one = torch.zeros(sheet.w.shape[-1], dtype=torch.float64)
    one[0] = 1.0
    assert scaled(Answers(sheet, G, 2.0**-53)) is not None
    assert scaled(Answers(sheet, G * one, 2.0**-53, one)) is None
    assert scaled(Answers(sheet, 0 * G, 2.0**-53)) is None


class Line(nn.Module):
    """A model with one weight."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([0.7], dtype=torch.float64))

    def forward(self, x):
        return torch.sin(self.w * x)


def test_a_module_with_one_weight_is_not_taken_for_any_algorithm():
    def data(seed):
        rng = torch.Generator().manual_seed(seed)
        x = torch.randn(6, 1, generator=rng, dtype=torch.float64)
        return x, x.sin()

    def update(model, tasks, alpha, beta):
        g = sum(torch.autograd.grad(task.loss(model, "out"), [model.w])[0] for task in tasks) / len(tasks)
        with torch.no_grad():
            model.w -= beta * g.abs().sqrt() * g.sign()

    report = audit(adapters.module(update, model=Line(), data=data))
    assert [defect.name for defect in report.defects] == ["not-recognised"]
