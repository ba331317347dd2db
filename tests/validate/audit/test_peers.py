"""Code for other people's libraries is audited as it stands, where the library is installed (extra ``peers``)."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import mse_loss

from validate import audit
from validate.audit import adapters

WHY = "an optional library, {}, that is not installed: pip install -e '.[peers]'"


def _loss(model, task, split):
    x, y = task.batch(split)
    return mse_loss(model(x), y)


def _of(name):
    return pytest.importorskip(name, reason=WHY.format(name), exc_type=ImportError)


def with_learn2learn(l2l, *, first_order):
    def step(model, tasks, alpha, beta):
        maml = l2l.algorithms.MAML(model, lr=alpha, first_order=first_order)
        optimiser = torch.optim.SGD(maml.parameters(), lr=beta)
        optimiser.zero_grad()
        for task in tasks:
            learner = maml.clone()
            learner.adapt(_loss(learner, task, "in"))
            (_loss(learner, task, "out") / len(tasks)).backward()
        optimiser.step()
        optimiser.zero_grad()

    return step


def with_higher(higher, *, first_order):
    def fill(model, tasks, alpha):
        inner = torch.optim.SGD(model.parameters(), lr=alpha)
        for task in tasks:
            options = {"copy_initial_weights": False, "track_higher_grads": not first_order}
            with higher.innerloop_ctx(model, inner, **options) as (learner, steps):
                steps.step(_loss(learner, task, "in"))
                outer = _loss(learner, task, "out") / len(tasks)
                wanted = learner.parameters() if first_order else model.parameters()
                gradients = torch.autograd.grad(outer, list(wanted))
            for p, g in zip(model.parameters(), gradients, strict=True):
                p.grad = g if p.grad is None else p.grad + g

    return fill


def with_torchopt(torchopt):
    def fill(model, tasks, alpha):
        start = torchopt.extract_state_dict(model)
        for task in tasks:
            inner = torchopt.MetaSGD(model, lr=alpha)
            inner.step(_loss(model, task, "in"))
            (_loss(model, task, "out") / len(tasks)).backward()
            torchopt.recover_state_dict(model, start)

    return fill


@pytest.mark.parametrize(("first_order", "name"), [(False, "maml"), (True, "fo-maml")])
def test_learn2learn(first_order, name):
    report = audit(
        adapters.module(with_learn2learn(_of("learn2learn"), first_order=first_order)), claimed=name
    )
    assert (report.implements, report.defects) == (name, ())


@pytest.mark.parametrize(("first_order", "name"), [(False, "maml"), (True, "fo-maml")])
def test_higher(first_order, name):
    report = audit(adapters.fills_grad(with_higher(_of("higher"), first_order=first_order)), claimed=name)
    assert (report.implements, report.defects) == (name, ())


def test_torchopt():
    report = audit(adapters.fills_grad(with_torchopt(_of("torchopt"))), claimed="maml")
    assert (report.implements, report.defects) == ("maml", ())


def test_a_sum_with_higher_is_accused_like_any_other():
    fill = with_higher(_of("higher"), first_order=False)

    def summed(model, tasks, alpha):
        fill(model, tasks, alpha)
        for p in model.parameters():
            p.grad *= len(tasks)

    report = audit(adapters.fills_grad(summed), claimed="maml")
    assert [defect.name for defect in report.defects] == ["sum-over-tasks"]
