"""What an audit reports, and what it refuses in one line."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from audit_catalogue.difference_style import one_sided
from torch import nn

import validate
from bounds import InputError, statement
from validate import audit
from validate.audit import adapters
from validate.audit.benches import Bench
from validate.audit.fitting import Answers, fit
from validate.audit.forms import Form
from validate.audit.smoothness import jumps
from validate.audit.target import Target


def fo(w, tasks, alpha, beta):
    G = [task.gradient(w - alpha * task.gradient(w, "in"), "out") for task in tasks]
    return w - beta * sum(G) / len(G)


def maml(w, tasks, alpha, beta, share=1.0):
    G = 0
    for task in tasks:
        v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
        G = G + v - share * alpha * task.hessian_vector(w, v, "hess")
    return w - beta * G / len(tasks)


def test_the_package_is_the_function_and_the_room():
    assert validate.audit is audit
    assert callable(audit)
    assert "audit" in dir(validate)


def test_fo_maml_is_named_with_its_floor():
    report = audit(fo)
    assert (report.implements, report.claimed, report.defects) == ("fo-maml", None, ())
    assert report.deviation["fo-maml"] < 1e-12 < 0.3 < report.deviation["maml"]
    assert 0.0407 <= report.floor <= statement("sharp.plateau.upper")(L=1.0, sigma=1.0, alpha=0.1)
    assert "fo-maml stops at 0.0414 sigma" in report.costs


@pytest.mark.parametrize("delta", [pytest.param(0.1, marks=pytest.mark.slow), 0.01])
def test_a_one_sided_difference_is_off_the_central_one_of_its_length(delta, short_floors):
    report = audit(one_sided(delta), "hf-maml")
    assert [one.name for one in report.defects] == ["probe-one-sided"]
    assert report.deviation["hf-maml"] > 0.01
    assert "misses by 0." in report.defects[0].evidence
    assert report.mean_deviation["hf-maml"] > 0


def test_weights_that_come_back_as_they_were_are_no_step_of_any_algorithm(short_floors):
    report = audit(lambda w, tasks, alpha, beta: w, "maml")
    assert [one.name for one in report.defects] == ["no-step"]
    assert report.implements is None


def test_a_gradient_in_place_of_weights_is_told_from_weight_decay(short_floors):
    report = audit(lambda w, tasks, alpha, beta: w - maml(w, tasks, alpha, 1.0))
    assert [one.name for one in report.defects] == ["gradient-returned"]
    assert "adapters.meta_gradient" in report.defects[0].remedy
    assert audit(adapters.meta_gradient(lambda w, tasks, alpha: w - maml(w, tasks, alpha, 1.0))).ok


def test_a_step_that_ignores_beta_and_is_a_step_is_still_one(short_floors):
    report = audit(lambda w, tasks, alpha, beta: maml(w, tasks, alpha, 0.1))
    assert "beta-ignored" in [one.name for one in report.defects]


def test_maml_has_no_floor_and_no_deviation_in_the_mean():
    report = audit(maml, claimed="maml")
    assert report.ok
    assert report.floor < 1e-9
    assert report.mean_deviation["maml"] == 0.0
    assert report.mean_deviation["fo-maml"] > 0.1


def test_a_claim_that_is_not_kept_is_a_defect(short_floors):
    report = audit(fo, claimed="maml")
    assert [defect.name for defect in report.defects] == ["not-as-claimed"]
    assert report.implements == "fo-maml"


@pytest.mark.parametrize(
    ("share", "name"),
    [(0.5, "halved"), pytest.param(0.9, "scaled", marks=pytest.mark.slow), (0.999, "scaled")],
)
def test_small_shares_of_the_hessian_are_seen(share, name, short_floors):
    report = audit(lambda *arguments: maml(*arguments, share=share), claimed="maml")
    assert [defect.name for defect in report.defects] == [f"hessian-{name}"]
    assert f"{share:g} times" in report.defects[0].evidence


def test_the_report_is_one_json_document():
    report = json.loads(audit(fo, claimed="maml", name="mine").to_json())
    assert report["schema"] == 1
    assert report["target"] == "mine"
    assert report["implements"] == "fo-maml"
    assert set(report["deviation"]) == {"maml", "fo-maml", "hf-maml"}
    assert set(report["defects"][0]) == {"name", "evidence", "remedy"}
    assert isinstance(report["floor"], float)


def test_one_batch_for_outer_gradient_and_hessian_has_a_price_in_the_mean(short_floors):
    def reused(w, tasks, alpha, beta):
        G = 0
        for task in tasks:
            v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
            G = G + v - alpha * task.hessian_vector(w, v, "out")
        return w - beta * G / len(tasks)

    report = audit(reused, claimed="maml")
    assert [defect.name for defect in report.defects] == ["outer-batch-as-hessian"]
    assert report.mean_deviation["maml"] > 0.005
    assert "mean over all batches" in report.costs


def through(inner, outer, decay=0.0):
    """MAML through the graph, which takes its inner steps on one batch and its outer gradient on another."""

    def step(w, tasks, alpha, beta):
        w = w.clone().requires_grad_()
        total = 0
        for task in tasks:
            g = torch.autograd.grad(task.loss(w, inner), w, create_graph=True)[0]
            total = total + task.loss(w - alpha * g, outer) / len(tasks)
        G = torch.autograd.grad(total, w)[0]
        return (w - beta * (G + decay * w)).detach()

    return step


def test_support_and_query_in_each_other_s_place_are_said_to_be(short_floors):
    report = audit(through("out", "in"), claimed="maml")
    assert report.ok
    assert report.deviation["maml"] < 1e-12
    assert any("it reads 'out' as D_in, 'in' as D_o" in note for note in report.notes)


def test_right_code_misses_by_what_the_table_says(short_floors):
    report = audit(through("in", "out", decay=1e-4))
    (wrong,) = report.defects
    said = float(wrong.evidence.rpartition("misses by ")[2])
    assert wrong.name == "weight-decay"
    assert 0.2 * report.deviation["maml"] < said <= 1.05 * report.deviation["maml"]


def test_code_for_one_task_gets_a_result(short_floors):
    def lonely(w, tasks, alpha, beta):
        (task,) = tasks
        return fo(w, [task], alpha, beta)

    report = audit(lonely)
    assert (report.implements, report.defects) == ("fo-maml", ())
    assert any("one task alone" in note for note in report.notes)


def test_a_coarse_precision_is_said(short_floors):
    def half(w, tasks, alpha, beta):
        return fo(w.bfloat16(), tasks, alpha, beta)

    report = audit(half)
    assert report.implements == "fo-maml"
    assert any("unit round-off" in note for note in report.notes)


def raises(w, tasks, alpha, beta):
    raise KeyError("weights")


@pytest.mark.parametrize(
    ("step", "says"),
    [
        (raises, "raised KeyError"),
        (lambda w, tasks, alpha, beta: w[:2], "of 2 numbers"),
        (lambda w, tasks, alpha, beta: None, "handed back nothing"),
        (lambda w, tasks, alpha, beta: "text", "handed back str"),
        (lambda w, tasks, alpha, beta: w * torch.nan, "not finite"),
        (lambda w: w, "raised TypeError"),
        (lambda w, tasks, alpha, beta: w - tasks[0].gradient(w, "query"), "must be one of"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(step, says):
    with pytest.raises(InputError, match=says) as caught:
        audit(step)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"claimed": "anil"},
        {"inner_steps": 0},
        {"inner_steps": 1.5},
        {"scale": 0},
        {"scale": "max"},
        {"outer": "lion"},
        {"outer": "momentum=2"},
        {"seed": -1},
    ],
)
def test_arguments_are_checked(arguments):
    with pytest.raises(InputError):
        audit(fo, **arguments)


def test_a_target_must_be_callable():
    with pytest.raises(InputError):
        audit(3)
    with pytest.raises(InputError, match="data"):
        adapters.module(fo, model=nn.Linear(2, 1))


def test_prints_and_seeds_of_the_code_do_not_leak(capsys, short_floors):
    def noisy(w, tasks, alpha, beta):
        print("loss", 3)  # noqa: T201 - what is tested
        torch.manual_seed(0)
        np.random.seed(0)  # noqa: NPY002 - what is tested
        return fo(w, tasks, alpha, beta)

    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    assert audit(noisy).ok
    assert torch.equal(before, torch.random.get_rng_state())
    assert capsys.readouterr().out == ""


def test_a_train_mode_module_with_dropout_gets_a_result(short_floors):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Dropout(0.3), nn.Linear(4, 1))

    def step(model, tasks, alpha):
        params = list(model.parameters())
        for task in tasks:
            saved = [p.detach().clone() for p in params]
            inner = torch.autograd.grad(task.loss(model, "in"), params)
            with torch.no_grad():
                [p.sub_(alpha * g) for p, g in zip(params, inner, strict=True)]
            outer = torch.autograd.grad(task.loss(model, "out"), params)
            with torch.no_grad():
                [p.copy_(s) for p, s in zip(params, saved, strict=True)]
            for p, g in zip(params, outer, strict=True):
                p.grad = g / len(tasks) if p.grad is None else p.grad + g / len(tasks)

    def data(seed):
        rng = torch.Generator().manual_seed(seed)
        x = torch.randn(8, 2, generator=rng)
        return x, x.sum(1, keepdim=True)

    report = audit(adapters.fills_grad(step, model=model, data=data), claimed="fo-maml")
    assert [defect.name for defect in report.defects] == ["random-loss"]
    assert report.implements == "fo-maml"
    assert model[2].p == 0.3


@pytest.mark.parametrize(
    ("layer", "gradient", "hessian"),
    [(nn.ReLU(), True, False), (nn.ELU(), False, True), (nn.Tanh(), False, False), (nn.GELU(), False, False)],
)
def test_kinks_are_jumps_of_the_gradient_or_of_the_hessian(layer, gradient, hessian):
    def data(seed):
        rng = torch.Generator().manual_seed(seed)
        return torch.randn(6, 3, generator=rng), torch.randn(6, 1, generator=rng)

    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 6), layer, nn.Linear(6, 1))
    found = jumps(Bench(adapters.module(fo, model=model, data=data)).singles)
    assert (found.gradient > 0, found.hessian > 0) == (gradient, hessian)


def test_no_form_fits_another_algorithm_on_the_questions():
    """The questions tell the forms apart: each is far from every other in which something counts."""
    sheet = Bench(Target(fo)).singles
    G = Form().terms(sheet)[0].mean(1)
    right = fit(Answers(sheet, G, 2.0**-53), Form())
    assert right is not None
    assert right.fits
    for other in (Form(outer="in"), Form(at="start"), Form(hessian="at-adapted", outer="hess")):
        wrong = fit(Answers(sheet, G, 2.0**-53), other)
        assert wrong is not None
        assert wrong.ratio > 1000


def test_the_questions_losses_have_the_derivatives_that_are_said():
    sheet = Bench(Target(fo)).groups[3]
    points = sheet.start + 0.3
    for split in ("in", "out", "hess"):
        task, w = sheet.tasks(1)[2], points[1, 2].clone().requires_grad_()
        (g,) = torch.autograd.grad(task.loss(w, split), w, create_graph=True)
        (product,) = torch.autograd.grad(g @ points[1, 0], w)
        assert torch.allclose(g, sheet.gradient(points, split)[1, 2])
        assert torch.allclose(product, sheet.hessian_vector(points, points[:, [0, 0, 0]], split)[1, 2])
