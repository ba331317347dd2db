"""A batch that is drawn as far as it is looked at: the pair's law, whoever looks, where and in which order."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.peers.setting import PROBE
from benchmarks.table import plan
from empirics import algorithms, problems, simulate
from empirics.algorithms import commuting
from empirics.problems.frame import Frame, Point
from empirics.problems.noise import WaveNoise
from empirics.run import Run

NOISE = WaveNoise(dim=4, sigma_tilde=0.7, sigma_H=1.9)
FAMILIES = [f.name for f in problems.families() if problems.from_spec(f.name).frame_width is not None]


def framed(z: torch.Tensor, D: int = 3) -> tuple[Frame, torch.Tensor]:
    """Return a frame at z, and the pair of numbers that it stands for."""
    theta = torch.from_numpy(NOISE.sample(np.random.default_rng(0), z.shape[:-1], D))
    cos, sin = Point(z).waves(NOISE.wavenumber)
    first, second = theta[..., :4], theta[..., 4:]
    xi, eta = first * cos + second * sin, second * cos - first * sin
    return Frame(lambda: xi * D**0.5, lambda: eta * D**0.5, D), theta


def points() -> torch.Tensor:
    """Return two points."""
    return torch.randn(2, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_gradient_and_hessian_noise_at_any_points_are_those_of_one_pair():
    z, other = points()
    frame, theta = framed(z)
    for point in (z, other, z):
        for derivative in (NOISE.slope, NOISE.curvature):
            torch.testing.assert_close(derivative(Point(point), frame), derivative(Point(point), theta))


def test_where_a_step_begins_is_where_the_frame_is_whatever_is_looked_at_first():
    z, other = points()
    frame, theta = framed(z)
    frame.begin(z, lambda w: w)
    for point in (other, z):
        torch.testing.assert_close(NOISE.slope(Point(point), frame), NOISE.slope(Point(point), theta))


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("written", [lambda w: w, lambda w: w.data], ids=["counted", "behind torch's back"])
def test_a_point_that_is_changed_in_place_is_another_point(begun, written):
    z, other = points()
    frame, theta = framed(z)
    moving = z.clone()
    if begun:
        frame.begin(moving, lambda w: w)
    NOISE.slope(Point(moving), frame)
    written(moving).add_(other)
    for derivative in (NOISE.slope, NOISE.curvature):
        torch.testing.assert_close(derivative(Point(moving), frame), derivative(Point(z + other), theta))


def test_tensors_that_count_no_changes_are_never_taken_for_the_same_point():
    z, other = points()
    with torch.inference_mode():
        moving = z.clone()
        frame, theta = framed(z)
        NOISE.slope(Point(moving), frame)
        moving += other
        torch.testing.assert_close(NOISE.slope(Point(moving), frame), NOISE.slope(Point(z + other), theta))


def test_a_batch_is_drawn_no_further_than_it_is_looked_at():
    drawn = set()
    frame = Frame(*(lambda part=part: drawn.add(part) or torch.ones(3, 4) for part in (1, 2)), D=1)
    start = Point(torch.zeros(3, 4))
    NOISE.slope(start, frame)
    assert drawn == {1}
    NOISE.curvature(start, frame)
    assert drawn == {1, 2}
    drawn.clear()
    NOISE.slope(Point(torch.ones(3, 4)), frame)
    assert drawn == {1, 2}


@pytest.mark.parametrize("algorithm", ["maml", "fo-maml", "hf-maml"])
def test_an_algorithm_draws_what_it_must(algorithm, monkeypatch):
    """MAML three numbers for each coordinate, FO-MAML two, HF-MAML four."""
    drawn = set()
    monkeypatch.setattr("empirics.draws.fill_normal", lambda rng, out: drawn.add(id(rng)) or out.fill(0.5))
    problem = problems.from_spec("ripple:dim=3,n_tasks=9,rotate=false")
    run = Run.make(problem, plan(algorithm).with_(B=4))
    run.stepper(range(1))(0, torch.zeros(run.layout().replicates, 3, dtype=torch.float64))
    assert len(drawn) == {"maml": 3, "fo-maml": 2, "hf-maml": 4}[algorithm]


def reversed_probe(oracle, w, alpha):
    """HF-MAML that looks backward first."""
    v = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    delta = PROBE / v.norm(dim=-1, keepdim=True)
    backward = oracle.gradient(w - delta * v, "hess")
    return v - alpha * (oracle.gradient(w + delta * v, "hess") - backward) / (2 * delta)


def curious(oracle, w, alpha):
    """MAML that looks at more, and changes in place what it was given."""
    oracle.gradient(w + 1, "hess")
    outer = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    product = oracle.hessian_vector(w, outer, "hess")
    w += 1
    return outer - alpha * product


@pytest.mark.parametrize(("direction", "name"), [(reversed_probe, "hf-maml"), (curious, "maml")])
@pytest.mark.parametrize(
    "spec", [f"{family}:rotate={turn}" for family in ("ripple", "plateau") for turn in ("true", "false")]
)
def test_someone_elses_order_of_looking_changes_no_draw(direction, name, spec):
    problem = problems.from_spec(spec)
    given = {"replicates": 3, "iterations": 20, "seed": 4}
    ours, theirs = (simulate(problem, plan(name), direction=one, **given) for one in (None, direction))
    np.testing.assert_allclose(theirs.grad_norm, ours.grad_norm, rtol=1e-7)


@pytest.mark.parametrize("family", FAMILIES)
def test_maml_is_the_limit_of_hf_maml_draw_by_draw(family):
    problem = problems.from_spec(family)
    given = {"replicates": 2, "iterations": 10, "seed": 1}
    own = plan("maml").with_(B=5)
    short = algorithms.hf_maml(1e-6)
    exact, probed = (simulate(problem, own, direction=one, **given).grad_norm for one in (None, short))
    np.testing.assert_allclose(probed, exact, rtol=1e-5)


class Written(problems.Wells):
    """Wells with a gradient of somebody's own, who reads a batch as the pair that is sampled."""

    def gradient(self, tasks, w, batch=None):
        """Return the same with half the noise."""
        exact = super().gradient(tasks, w)
        return exact if batch is None else exact + self.noise.slope(Point(w), batch / 2)


def test_code_of_others_that_reads_a_batch_gets_the_pair():
    run = Run.make(Written(dim=3), plan("maml").with_(B=4))
    batch = next(run.batches(range(1)).oracles(0)).batch("in")
    assert batch.shape == (run.layout().replicates, 4, 6)
    assert len(simulate(Written(dim=3), plan("maml"), replicates=2, iterations=3)) > 0


def test_a_replicate_that_leaves_the_numbers_changes_no_bit_of_its_neighbours():
    """A row of the block becomes NaN: the others keep the bits that they have alone."""
    problem = problems.from_spec("ripple:dim=3,n_tasks=9,rotate=false")
    found = [_gone(problem, lost) for lost in (False, True)]
    assert torch.equal(found[0][1:], found[1][1:])


def _gone(problem, lost):
    run = Run.make(problem, plan("hf-maml"), commuting(algorithms.hf_maml(PROBE)))
    w = torch.zeros(run.layout().replicates, 3, dtype=torch.float64)
    w[0] = float("nan") if lost else 0.0
    advance = run.stepper(range(4))
    for k in range(3):
        w, _ = advance(k, w)
    return w
