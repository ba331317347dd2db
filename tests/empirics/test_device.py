"""Another device than the CPU: every family computes there, and what is drawn there has the same law.

Without a card, torch's device without numbers (``meta``) shows whether anything stays behind on the CPU, and the
drawing of a device is made to happen on the CPU. With a card, ``python -m benchmarks.device`` compares everything.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks import agreement
from benchmarks.peers.setting import ALGORITHMS, PROBE
from benchmarks.table import plan
from bounds.errors import InputError
from empirics import algorithms, device_draws, problems, simulate
from empirics.layout import CPU, ELSEWHERE, layout
from empirics.oracle import Cost, Oracle

SETTINGS = list(agreement.settings((None,)))


@pytest.mark.parametrize("problem", SETTINGS, ids=lambda problem: problem.family)
def test_nothing_of_a_family_stays_behind_on_the_cpu(problem):
    batch = torch.from_numpy(problem.sample(np.random.default_rng(0), np.zeros((4, 3), dtype=int), 2))
    w = torch.empty(4, 1, problem.dim, dtype=torch.float64, device="meta")
    tasks = torch.empty(4, 3, dtype=torch.int64, device="meta")
    oracle = Oracle(problem, tasks, lambda split: (batch.to("meta"), 2), Cost())
    with torch.no_grad():
        for algorithm in ALGORITHMS:
            assert algorithms.named(algorithm, PROBE)(oracle, w, 0.05).shape == (4, 3, problem.dim)
        assert problem.meta(w[:, 0], 0.05)[1].device.type == "meta"
        assert problem.loss(tasks, w).device.type == "meta"


@pytest.mark.parametrize(
    "problem", [p for p in SETTINGS if p.frame_width], ids=lambda problem: problem.family
)
def test_what_is_drawn_there_has_the_moments_of_what_is_drawn_here(problem, monkeypatch):
    here = {name: agreement.estimated(problem, name, "here") for name in ALGORITHMS}
    draw_as_a_device(monkeypatch)
    for name in ALGORITHMS:
        there = agreement.estimated(problem, name, "there")
        assert agreement.moments_apart(name, problem, here[name], there).good
        assert not agreement.moments_apart(name, problem, here[name], wrong(there)).good


def test_nothing_depends_on_the_chunk_the_number_of_replicates_or_the_horizon(monkeypatch):
    draw_as_a_device(monkeypatch)
    found = list(agreement.repeated("cpu"))
    assert len(found) == 4
    assert all(one.good for one in found)


def test_a_device_draws_other_numbers_than_the_cpu_and_they_depend_on_every_key(monkeypatch):
    problem = problems.from_spec("ripple:dim=3,n_tasks=9")
    here = agreement.estimated(problem, "maml", "one")
    draw_as_a_device(monkeypatch)
    others = [agreement.estimated(problem, "maml", name) for name in ("one", "two", "one")]
    first, second, again = (found.mean[0, 0] for found in others)
    assert len({here.mean[0, 0], first, second}) == 3
    assert first == again


def test_a_card_gets_large_blocks_and_what_it_cannot_draw_gets_those_of_the_cpu():
    ripple, regression = problems.from_spec("ripple"), problems.from_spec("robust-regression")
    assert layout(ripple, 20, device="meta").replicates * 20 * ripple.dim > ELSEWHERE.block / 2
    assert layout(ripple, 20).replicates * 20 * ripple.dim <= CPU.block
    assert layout(regression, 20, device="meta") == layout(regression, 20)
    assert not device_draws.possible(ripple, "cpu")
    assert device_draws.possible(ripple, "meta")


@pytest.mark.parametrize("name", ["meta", "cuda:99", "gpu", 3.5])
def test_a_device_without_numbers_is_refused(name):
    problem = problems.from_spec("ripple:dim=3,n_tasks=9")
    with pytest.raises(InputError, match="device = "):
        simulate(problem, plan("maml"), replicates=2, iterations=1, device=name)


def draw_as_a_device(monkeypatch):
    """Draw on the CPU as another device does."""
    monkeypatch.setattr(device_draws, "possible", lambda problem, device: problem.frame_width is not None)


def wrong(found):
    """Return moments whose mean is off by a tenth of the deviation of one task's direction."""
    off = 0.1 * np.sqrt(found.variance / found.mean.shape[-1])
    return replace(found, mean=found.mean + off[:, None])


@pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a graphics card; `make bench-card` compares more on one"
)
def test_a_card_computes_what_the_cpu_computes():
    assert [one for one in agreement.compare("cuda", (None,)) if not one.good] == []
