"""The benches: what they are made of is still there, and the sides of the table give the same directions."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest
import torch

import benchmarks
from benchmarks import agreement, device, table
from benchmarks.peers.setting import ALGORITHMS

MODULES = [found.name for found in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.")]


@pytest.mark.parametrize("name", MODULES)
def test_a_bench_can_be_imported(name):
    assert import_module(name).__doc__


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_everybodys_directions_are_the_same(algorithm):
    problem = table.problems.from_spec("ripple:dim=10,n_tasks=9,rotate=false")
    sides = table.wave_sides(problem, algorithm)
    assert {"fosp", "NumPy, closed form", "torch.func.vmap", "a plain loop"} <= set(sides)
    right = table.wave_directions(table.Wave(problem), algorithm)["NumPy, closed form"]
    with pytest.raises(SystemExit, match="not the same direction"):
        table._require_same(problem, table.Wave(problem), lambda *at: 1.001 * right(*at), algorithm, "wrong")


def test_without_the_device_the_bench_of_a_card_says_so(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["device", "--device", "cuda:99"])
    assert device.main() == 0
    assert "nothing to measure: device = 'cuda:99'" in capsys.readouterr().err


def test_a_difference_beyond_its_limit_is_told(capsys):
    found = [agreement.Agreement("F", "ripple", size, 1e-12) for size in (0.0, 1e-3, float("nan"))]
    device.print_agreement(found)
    captured = capsys.readouterr()
    assert captured.err.count("too far: F on ripple") == 2


def test_the_traffic_of_kernels_counts_what_is_read_and_written():
    x, w = torch.ones(4, 3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    with device.Traffic() as traffic:
        _ = x[1:].T
        assert traffic.bytes == 0
        _ = x * w.expand(4, 3)
    assert traffic.bytes == 8 * (12 + 3 + 12)
