"""A batch that is drawn as far as it is looked at: the pair's law, whoever looks, where and in which order."""

from __future__ import annotations

import gc
import weakref
from functools import cached_property, wraps

import numpy as np
import pytest
import torch
from stand_in import StandIn

from benchmarks.peers.setting import PROBE
from benchmarks.table import plan
from bounds.plan import StepRule
from empirics import algorithms, problems, simulate
from empirics.algorithms import commuting
from empirics.layout import layout
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
    return Frame(lambda: xi * D**0.5, lambda: eta * D**0.5, D, NOISE.wavenumber, torch.clone), theta


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
    frame.begin(z)
    for point in (other, z):
        torch.testing.assert_close(NOISE.slope(Point(point), frame), NOISE.slope(Point(point), theta))


def test_a_frame_settles_as_the_pair():
    z, _ = points()
    frame, theta = framed(z)
    torch.testing.assert_close(frame.settled(z), theta)
    torch.testing.assert_close(framed(torch.zeros_like(z))[0].settled(None), theta)


def test_a_batch_is_drawn_no_further_than_it_is_looked_at():
    drawn = set()
    parts = (lambda part=part: drawn.add(part) or torch.ones(3, 4) for part in (1, 2))
    frame = Frame(*parts, D=1, wavenumber=NOISE.wavenumber, coordinates=torch.clone)
    start = Point(torch.zeros(3, 4))
    NOISE.slope(start, frame)
    assert drawn == {1}
    NOISE.curvature(start, frame)
    assert drawn == {1, 2}
    drawn.clear()
    NOISE.slope(Point(torch.ones(3, 4)), frame)
    assert drawn == {1, 2}


@torch.no_grad()
@pytest.mark.parametrize("algorithm", ["maml", "fo-maml", "hf-maml"])
def test_an_algorithm_draws_what_it_must(algorithm, monkeypatch):
    """MAML three numbers for each coordinate, FO-MAML two, HF-MAML four."""
    drawn = set()
    monkeypatch.setattr("empirics.draws.fill_normal", lambda rng, out: drawn.add(id(rng)) or out.fill(0.5))
    problem = problems.from_spec("ripple:dim=3,n_tasks=9,rotate=false")
    run = Run.make(problem, plan(algorithm).with_(B=4))
    run.stepper(range(1))(0, torch.zeros(run.layout().replicates, 3, dtype=torch.float64))
    assert len(drawn) == {"maml": 3, "fo-maml": 2, "hf-maml": 4}[algorithm]


def plain(oracle, w, alpha):
    """MAML as the paper has it."""
    outer = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    return outer - alpha * oracle.hessian_vector(w, outer, "hess")


def reversed_probe(oracle, w, alpha):
    """HF-MAML that looks backward first."""
    v = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    delta = PROBE / v.norm(dim=-1, keepdim=True)
    backward = oracle.gradient(w - delta * v, "hess")
    return v - alpha * (oracle.gradient(w + delta * v, "hess") - backward) / (2 * delta)


def curious(oracle, w, alpha):
    """MAML that looks at more, and changes in place what it was given."""
    oracle.gradient(w + 1, "hess")
    oracle.gradient(w, "out")
    inner, start = oracle.gradient(w, "in"), w.clone()
    w.data += 1
    outer = oracle.gradient(start - alpha * inner, "out")
    return outer - alpha * oracle.hessian_vector(start, outer, "hess")


def moved_before_it_looks(oracle, w, alpha):
    """MAML that changes the point in place before it asks for any batch."""
    start = w.clone()
    w += 0.7
    return plain(oracle, start, alpha)


def task_by_task(oracle, w, alpha):
    """MAML in a loop over the tasks."""
    inner, rows = oracle.gradient(w, "in"), []
    for i in range(inner.shape[1]):
        v = oracle.gradient(w - alpha * inner[:, i : i + 1], "out")[:, i : i + 1]
        rows.append(v - alpha * oracle.hessian_vector(w, v, "hess")[:, i : i + 1])
    return torch.cat(rows, 1)


def by_autograd(oracle, w, alpha):
    """MAML whose Hessian product is the derivative of the stochastic gradient at the point itself."""
    v = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    with torch.enable_grad():
        at = w.expand_as(v).clone().requires_grad_()
        (product,) = torch.autograd.grad((oracle.gradient(at, "hess") * v).sum(), at)
    return v - alpha * product


def by_functions(oracle, w, alpha):
    """MAML by ``torch.func``, which asks for a batch inside of its transforms first."""
    v = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    at = w.expand_as(v).clone()
    return v - alpha * torch.func.jvp(lambda x: oracle.gradient(x, "hess"), (at,), (v,))[1]


def through_the_start(oracle, w, alpha):
    """MAML whose Hessian product goes through the tensor where the step begins."""
    v = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    with torch.enable_grad():
        w.requires_grad_()
        rows = oracle.gradient(w, "hess")
        tasks = range(rows.shape[1])
        products = [torch.autograd.grad((rows[:, i] * v[:, i]).sum(), w, retain_graph=True)[0] for i in tasks]
    return v - alpha * torch.cat(products, 1)


RIGHT = [plain, curious, moved_before_it_looks, task_by_task, by_autograd, by_functions, through_the_start]
SPECS = [f"{family}:rotate={turn}" for family in ("ripple", "plateau") for turn in ("true", "false")]


@pytest.mark.parametrize(
    ("direction", "name"), [(reversed_probe, "hf-maml"), *((one, "maml") for one in RIGHT)]
)
@pytest.mark.parametrize("spec", SPECS)
def test_someone_elses_way_of_looking_changes_no_draw(direction, name, spec):
    problem = problems.from_spec(spec)
    given = {"replicates": 3, "iterations": 8, "seed": 4}
    own = plan(name).with_(B=5)
    ours, theirs = (simulate(problem, own, direction=one, **given) for one in (None, direction))
    np.testing.assert_allclose(theirs.grad_norm, ours.grad_norm, rtol=1e-9)


@pytest.mark.parametrize("steps", [2, 3])
@pytest.mark.parametrize("name", ["maml", "fo-maml", "hf-maml"])
def test_with_several_inner_steps_too(name, steps):
    problem = problems.from_spec("ripple:dim=3,n_tasks=9")
    own = plan(name).with_(B=4, inner_steps=steps)
    known = algorithms.named(name, PROBE, steps)
    ours, theirs = (
        simulate(problem, own, direction=one, replicates=3, iterations=8)
        for one in (known, lambda *given: known(*given))
    )
    np.testing.assert_allclose(theirs.grad_norm, ours.grad_norm, rtol=1e-7)


def test_a_second_look_that_hangs_on_a_replicate_changes_no_other_one():
    """Heun's inner step where somebody's gradient is large."""

    def heun(oracle, w, alpha):
        g = oracle.gradient(w, "in")
        large = g.norm(dim=-1, keepdim=True) > 0.5
        if large.any():
            g = torch.where(large, (g + oracle.gradient(w - alpha * g, "in")) / 2, g)
        return oracle.gradient(w - alpha * g, "out")

    problem = problems.from_spec("ripple:dim=3,n_tasks=9")
    found = [simulate(problem, plan("fo-maml"), direction=heun, replicates=n, iterations=40) for n in (1, 24)]
    alone, among = (table[table.replicate == 0].grad_norm.to_numpy() for table in found)
    assert np.array_equal(alone, among)


@pytest.mark.parametrize("family", FAMILIES)
def test_maml_is_the_limit_of_hf_maml_draw_by_draw(family):
    problem = problems.from_spec(family)
    given = {"replicates": 2, "iterations": 10, "seed": 1}
    own = plan("maml").with_(B=5)
    short = algorithms.hf_maml(1e-6)
    exact, probed = (simulate(problem, own, direction=one, **given).grad_norm for one in (None, short))
    np.testing.assert_allclose(probed, exact, rtol=1e-5)


def test_a_direction_without_an_inner_batch_needs_none():
    problem = problems.from_spec("ripple:dim=3,n_tasks=9")
    own = plan("fo-maml").with_(B=4, D_in=0, D_h=0)
    found = simulate(problem, own, direction=lambda o, w, a: o.gradient(w, "out"), replicates=2, iterations=3)
    assert np.isfinite(found.grad_norm).all()


@torch.no_grad()
def test_a_direction_that_guards_itself_gets_numbers_wherever_it_starts():
    def guarded(oracle, w, alpha):
        return plain(oracle, torch.nan_to_num(w, nan=0.0, posinf=1.0, neginf=-1.0).clamp(-5, 5), alpha)

    run = Run.make(problems.from_spec("ripple:dim=3,n_tasks=9"), plan("maml").with_(B=4), guarded)
    w = torch.zeros(run.layout().replicates, 3, dtype=torch.float64)
    w[0], w[1], w[2, 1] = torch.inf, torch.nan, -torch.inf
    assert run.mean_direction(next(iter([run.batches(range(3)).oracles(0)])), w).isfinite().all()


@pytest.mark.parametrize("direction", [None, plain])
def test_a_step_leaves_nothing_to_the_collector_of_garbage(direction):
    """A cycle would keep the numbers of a block of steps; on a card these are gigabytes."""
    run = Run.make(problems.from_spec("ripple:dim=3,n_tasks=9"), plan("maml").with_(B=4), direction)
    source, w = run.batches(range(2)), torch.zeros(run.layout().replicates, 3, dtype=torch.float64)
    gc.disable()
    try:
        with torch.no_grad():
            (oracle,) = source.oracles(0)
            run.directions(oracle, w)
        known = weakref.ref(oracle)
        del oracle
        assert known() is None
    finally:
        gc.enable()


class Watched(problems.Ripple):
    """Ripples whose gradient somebody looks over."""

    def gradient(self, tasks, w, batch=None):
        """Return the same."""
        return super().gradient(tasks, w, batch)


@pytest.mark.parametrize("direction", [None, plain])
def test_who_looks_over_a_derivative_changes_no_draw(direction):
    own, given = plan("maml").with_(B=4), {"replicates": 3, "iterations": 8, "direction": direction}
    watched, bare = (simulate(kind(dim=3, n_tasks=9), own, **given) for kind in (Watched, problems.Ripple))
    np.testing.assert_allclose(watched.grad_norm, bare.grad_norm, rtol=1e-9)


@pytest.mark.parametrize("rule", ["constant", "sampled"])
@pytest.mark.parametrize("direction", [None, plain])
def test_a_step_that_is_differentiated_has_fixed_samples(direction, rule):
    problem = problems.from_spec("ripple:dim=3,n_tasks=9,sigma_H=2")
    own = plan("maml").with_(B=4, B_prime=4, D_beta=2, step_rule=StepRule(rule, 2.0, 1.0))
    run = Run.make(problem, own, direction)

    def first(x):
        return run.stepper(range(1))(0, x)[0][0, 0]

    w = torch.linspace(-1, 1, 3, dtype=torch.float64).repeat(run.layout().replicates, 1)
    v = torch.zeros_like(w)
    v[0, 1] = 1.0
    slope = torch.func.jvp(first, (w,), (v,))[1]
    difference = (first(w + 1e-6 * v) - first(w - 1e-6 * v)) / 2e-6
    torch.testing.assert_close(slope, difference, rtol=1e-6, atol=1e-8)
    with torch.no_grad():
        torch.testing.assert_close(torch.func.jvp(first, (w,), (v,))[1], slope)


def test_the_derivative_of_a_gradient_is_its_samples_hessian():
    """What is differentiated is one function of w: the noise has a derivative too."""
    problem = problems.from_spec("ripple:dim=3,n_tasks=9,sigma_H=2")
    v = torch.linspace(1, 2, 3, dtype=torch.float64)

    def answered(direction, w):
        run = Run.make(problem, plan("fo-maml").with_(B=4), direction)
        return run.directions(next(run.batches(range(1)).oracles(0)), w)

    w = torch.linspace(-1, 1, 3, dtype=torch.float64).repeat(layout(problem, 4).replicates, 1)
    along = torch.func.jvp(
        lambda x: answered(lambda o, at, a: o.gradient(at, "in"), x), (w,), (v.expand_as(w),)
    )
    product = answered(lambda o, at, a: o.hessian_vector(at, v.expand(1, 1, -1), "in"), w)
    torch.testing.assert_close(along[1], product)
    ours, wrapped = (
        torch.func.jvp(lambda x, one=one: answered(one, x), (w,), (v.expand_as(w),))[1]
        for one in (algorithms.fo_maml, lambda *asked: algorithms.fo_maml(*asked))
    )
    torch.testing.assert_close(ours, wrapped)


def test_a_stand_in_is_asked_itself_whatever_is_turned():
    class Exact(StandIn):
        def gradient(self, tasks, w, batch=None):
            return self._problem.gradient(tasks, w)

    problem = Exact(problems.from_spec("ripple:dim=3,n_tasks=9,sigma_tilde=2"))
    own, given = plan("fo-maml").with_(B=9), {"replicates": 2, "iterations": 8}
    ours, theirs = (
        simulate(problem, own, direction=d, **given) for d in (None, lambda *g: algorithms.fo_maml(*g))
    )
    np.testing.assert_allclose(ours.grad_norm, theirs.grad_norm, rtol=1e-9)


@pytest.mark.parametrize("where", ["class", "instance"])
def test_another_law_that_is_put_in_the_place_of_ours_is_drawn(where, monkeypatch):
    problem = problems.from_spec("ripple:dim=3,n_tasks=9,rotate=false")
    if where == "class":
        monkeypatch.setattr(WaveNoise, "sample_into", lambda self, rng, D, out: out.fill(0.0))
    else:
        vars(problem.noise)["sample_into"] = lambda rng, D, out: out.fill(0.0)
    batch = next(Run.make(problem, plan("maml").with_(B=4)).batches(range(2)).oracles(0)).batch("in")
    assert not batch.any()


class Written(problems.Wells):
    """Wells with a gradient of somebody's own, who reads a batch as the pair that is sampled."""

    def gradient(self, tasks, w, batch=None):
        """Return the same with half the noise."""
        exact = super().gradient(tasks, w)
        return exact if batch is None else exact + self.noise.slope(Point(w), batch / 2)


class Loud(WaveNoise):
    """Noise of another law."""

    def sample_into(self, rng, D, out):
        """Draw signs, three times as large."""
        out[...] = 3 * rng.choice((-1.0, 1.0), size=out.shape) / np.sqrt(D)


class Shouting(problems.Ripple):
    """Ripples with that noise."""

    noise = cached_property(lambda self: Loud(self.dim, self.sigma_tilde, 0.3, "pair"))


class Standing(StandIn):
    """One that looks at half a batch."""

    def gradient(self, tasks, w, batch=None):
        """Return the gradient of half the batch."""
        return self._problem.gradient(tasks, w, None if batch is None else batch / 2)


def replaced():
    """Return a problem with a gradient of its own."""
    problem, known = problems.from_spec("wells:dim=3"), problems.Wells.gradient
    vars(problem)["gradient"] = wraps(known)(lambda tasks, w, batch=None: known(problem, tasks, w, batch / 2))
    return problem


@pytest.mark.parametrize("make", [lambda: Written(dim=3), lambda: Standing(problems.Wells(dim=3)), replaced])
def test_code_of_others_that_reads_a_batch_gets_the_pair(make):
    problem = make()
    run = Run.make(problem, plan("maml").with_(B=4))
    batch = next(run.batches(range(1)).oracles(0)).batch("in")
    assert batch.shape == (run.layout().replicates, 4, 6)
    run.stepper(range(2))(0, torch.zeros(run.layout().replicates, 3, dtype=torch.float64))


def test_noise_of_somebody_elses_law_is_what_a_run_has():
    problem = Shouting(dim=3, n_tasks=5, sigma_tilde=0.3)
    run = Run.make(problem, plan("fo-maml").with_(B=4, D_o=1, D_in=1))
    with torch.no_grad():
        batch = next(run.batches(range(64)).oracles(0)).batch("out")
    assert set(batch.unique().tolist()) == {-3.0, 3.0}


@pytest.mark.parametrize("marked", [True, False])
def test_a_decorator_does_not_hand_on_that_a_direction_commutes(marked):
    """``functools.wraps`` copies every attribute and the name of the module."""

    @wraps(algorithms.maml)
    def clipped(oracle, w, alpha):
        return algorithms.maml(oracle, w, alpha).clamp(-0.1, 0.1)

    direction = commuting(clipped) if marked else clipped
    assert algorithms.commutes(direction) == marked
    assert not algorithms.ours(direction)
    assert algorithms.ours(algorithms.maml)
    assert algorithms.ours(algorithms.hf_maml(PROBE))


def test_a_replicate_that_leaves_the_numbers_changes_no_bit_of_its_neighbours():
    """A row of the block becomes NaN: the others keep the bits that they have alone."""
    problem = problems.from_spec("ripple:dim=3,n_tasks=9,rotate=false")
    found = [_gone(problem, lost) for lost in (False, True)]
    assert torch.equal(found[0][1:], found[1][1:])


@torch.no_grad()
def _gone(problem, lost):
    run = Run.make(problem, plan("hf-maml"), algorithms.hf_maml(PROBE))
    w = torch.zeros(run.layout().replicates, 3, dtype=torch.float64)
    w[0] = float("nan") if lost else 0.0
    advance = run.stepper(range(4))
    for k in range(3):
        w, _ = advance(k, w)
    return w
