"""Differences over five points are right at any length; ones that hidden single precision rules are too short."""

from __future__ import annotations

import pytest

from validate import audit

pytestmark = pytest.mark.usefixtures("short_floors")


def five_points(length, far=8.0):
    def step(w, tasks, alpha, beta):
        G = 0
        for task in tasks:
            v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
            g = {k: task.gradient(w + k * length * v, "hess") for k in (-2, -1, 1, 2)}
            product = (far * (g[1] - g[-1]) - (g[2] - g[-2])) / (12 * length)
            G = G + v - alpha * product
        return w - beta * G / len(tasks)

    return step


@pytest.mark.parametrize("length", [1e-2, 3e-2])
def test_five_points_are_a_difference_at_any_length(length):
    report = audit(five_points(length), "hf-maml")
    assert report.ok, report.to_json()
    assert report.deviation["hf-maml"] < 1e-9 < report.deviation["maml"]
    assert report.mean_deviation["hf-maml"] < 1e-9
    assert any("five points" in note for note in report.notes)


@pytest.mark.slow
def test_five_points_with_wrong_weights_are_none():
    report = audit(five_points(1e-2, far=7.0), "hf-maml")
    assert not report.ok


def single(length):
    def step(w, tasks, alpha, beta):
        G = 0
        for task in tasks:
            v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
            d = length / v.norm()
            ends = [task.gradient(w + sign * d * v, "hess").float() for sign in (1, -1)]
            G = G + v - alpha * (ends[0] - ends[1]).double() / (2 * d)
        return w - beta * G / len(tasks)

    return step


@pytest.mark.parametrize("length", [pytest.param(1e-6, marks=pytest.mark.slow), 1e-7])
def test_a_difference_of_gradients_in_single_precision_is_too_short(length):
    report = audit(single(length), "hf-maml")
    assert [defect.name for defect in report.defects] == ["probe-too-short"]
    assert report.mean_deviation == {}


def test_the_same_difference_is_long_enough_at_a_hundredth():
    report = audit(single(1e-2), "hf-maml")
    assert report.ok, report.to_json()
    assert any("single precision" in note for note in report.notes)
