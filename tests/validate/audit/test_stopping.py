"""Where code stops is where it stops with its optimiser and with what it keeps, or nothing is said and why."""

from __future__ import annotations

import torch
from torch import nn

from validate import audit
from validate.audit import adapters, floor


def direction(w, tasks, alpha):
    G = 0
    for task in tasks:
        v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
        G = G + v - alpha * task.hessian_vector(w, v, "hess")
    return G / len(tasks)


def decaying(params, lr):
    return torch.optim.SGD(params, lr, weight_decay=0.1)


def with_decay(w, tasks, alpha, beta):
    p = nn.Parameter(w.clone())
    p.grad = direction(w, tasks, alpha)
    decaying([p], beta).step()
    return p.detach()


class Heavy:
    """MAML with a momentum of 0.9, which it keeps as long as the weights."""

    def __init__(self):
        self.kept = 0.0

    def __call__(self, w, tasks, alpha, beta):
        self.kept = direction(w, tasks, alpha) + 0.9 * self.kept
        return w - beta * self.kept


def data(seed):
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(6, 3, generator=rng, dtype=torch.float64)
    return x, x.sum(1, keepdim=True).sin()


def smooth(*layers):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), *layers, nn.Linear(4, 1)).double()


def updating(adapt=lambda model: list(model.parameters()), outer=None, tasks_used=slice(None), share=1.0):
    """FO-MAML on a module in place: which tensors it adapts, its optimiser, and the tasks that it looks at."""

    def update(model, tasks, alpha, beta):
        params = list(model.parameters())
        start = [p.detach().clone() for p in params]
        total = [torch.zeros_like(p) for p in params]
        for task in tasks[tasks_used]:
            chosen = adapt(model)
            inner = torch.autograd.grad(task.loss(model, "in"), chosen)
            with torch.no_grad():
                [p.sub_(alpha * g) for p, g in zip(chosen, inner, strict=True)]
            outward = torch.autograd.grad(task.loss(model, "out"), params)
            with torch.no_grad():
                [p.copy_(s) for p, s in zip(params, start, strict=True)]
            total = [t + share * g / len(tasks[tasks_used]) for t, g in zip(total, outward, strict=True)]
        for p, g in zip(params, total, strict=True):
            p.grad = g
        (outer or torch.optim.SGD)(params, lr=beta).step()

    return update


def on_module(**how):
    return adapters.module(updating(**how), model=smooth(), data=data)


def test_a_declaration_does_not_move_the_floor():
    bare, declared = audit(with_decay), audit(with_decay, outer=decaying)
    assert [one.name for one in bare.defects] == ["weight-decay"]
    assert declared.ok
    assert bare.floor == declared.floor
    assert 0.03 < bare.floor < 0.04
    assert "stops at 0.0363 sigma on the plateau" in declared.costs


def test_the_table_stays_behind_an_optimiser(short_floors):
    report = audit(with_decay, outer=decaying)
    assert set(report.deviation) == {"maml", "fo-maml", "hf-maml"}
    assert report.deviation["maml"] < 1e-10 < 0.1 < report.deviation["fo-maml"]
    assert report.declared["outer"] == "decaying"


def test_a_factor_is_declared_behind_an_optimiser_too(short_floors):
    def tripled(w, tasks, alpha, beta):
        return with_decay(w, tasks, alpha, beta) - 2 * beta * direction(w, tasks, alpha)

    def summed(w, tasks, alpha, beta):
        return with_decay(w, tasks, alpha, beta) - (len(tasks) - 1) * beta * direction(w, tasks, alpha)

    assert audit(tripled, "maml", scale=3.0, outer=decaying).ok
    assert audit(summed, "maml", scale="sum", outer=decaying).ok


def test_what_is_kept_between_calls_is_run_and_from_the_start():
    step = Heavy()
    report = audit(step, "maml", outer="momentum=0.9")
    assert report.ok
    assert report.notes == ()
    assert report.costs.startswith("stops at 0 on the plateau problem")
    assert "after 37 iterations, maml after 9" in report.costs


def test_steps_that_go_on_have_no_floor():
    def lengths(w, tasks, alpha, beta):
        G = direction(w, tasks, alpha)
        return w - beta * G / G.norm()

    report = audit(lengths)
    assert report.floor is None
    assert "after 300 iterations and still moves" in report.costs
    assert "stops at 0.1" not in report.costs


def test_what_diverges_is_said_to():
    found = floor.run(lambda sheet: -sheet.w[0], 1)
    assert floor.said(found, "maml", 1).startswith("diverges on the plateau problem")


def test_a_module_has_the_floor_of_what_it_was_found_to_be():
    plain, decayed = audit(on_module()), audit(on_module(outer=decaying), outer=decaying)
    assert plain.costs.startswith("computes what stops at 0.0414 sigma")
    assert decayed.ok
    assert abs(decayed.floor - plain.floor) > 0.01


def test_the_weights_of_the_tasks_count_on_a_module():
    one = audit(on_module(tasks_used=slice(-1, None)))
    assert [defect.name for defect in one.defects] == ["last-task-only"]
    assert one.floor > 0.1
    halved = audit(on_module(share=0.5), scale=0.5)
    assert halved.ok
    assert abs(halved.floor - audit(on_module()).floor) < 1e-9


def test_a_floor_that_is_not_known_is_not_said_and_why(short_floors):
    def head(model):
        return list(model.parameters())[-2:]

    part = audit(on_module(adapt=head))
    assert part.floor is None
    assert "plateau" not in part.costs
    assert any("it treats its tensors differently" in note for note in part.notes)
    noisy = audit(adapters.module(updating(), model=smooth(nn.Dropout(0.3)), data=data))
    assert noisy.floor is None
    assert any("its answers are not repeated" in note for note in noisy.notes)


def test_several_tasks_are_asked_with_another_seed(short_floors):
    def some(w, tasks, alpha, beta):
        chosen = [tasks[k] for k in torch.randperm(len(tasks))[: max(1, len(tasks) // 2)]]
        return w - beta * direction(w, chosen, alpha)

    report = audit(some, "maml")
    assert [one.name for one in report.defects] == ["random-step"]
    assert report.floor is None
