"""No instance exceeds a statement that holds; instances are bad enough to show it when one is wrong."""

from dataclasses import replace
from itertools import islice, product

import numpy as np
import pytest
import torch
from sympy import Rational

from bounds import ledger, statement, statements
from bounds.errors import InputError
from bounds.standing import FREE, Left
from bounds.theory.step_rules import SELF_SCALED
from empirics import problems
from validate.claims import falsification
from validate.instances import (
    Finding,
    against,
    falsifiable,
    falsify,
    falsify_for,
    free,
    laws,
    measured,
    runs,
    samples,
    search,
    worst,
)
from validate.instances.climbing import climb
from validate.instances.points import Local
from validate.instances.search import LeftError, refuse_ungiven
from validate.judge import judge

LEDGER = ledger._stored()["statements"]
FEW = [
    "sharp.matrix.product",
    "sharp.smoothness",
    "sharp.step.square",
    "sharp.difference.noise",
    "sharp.hf-maml.bias",
    "sharp.descent.self-scaled",
    "sharp.descent.constant",
    "sharp.plateau.upper",
    "sharp.maml.guarantee",
    "sharp.hf-maml.iterations.constant",
    "sharp.fo-maml.floor.self-scaled",
    "sharp.quadratic-bound",
    "sharp.quadratic.stationary",
    "sharp.plateau.k-shot.samples",
    "sharp.hf-maml.step-factor",
    "sharp.maml.constant",
]
BOTH = ("self-scaled", "sampled")
SEARCHED = [
    "paper.gradient-relation",
    "sharp.gradient-relation",
    "sharp.matrix.inner",
    "sharp.inner.bias",
    "sharp.maml.spread",
    "sharp.difference.computed.best",
    "sharp.plateau.hf-maml",
    "sharp.plateau.lower",
    "sharp.tasks.without-replacement",
    "sharp.maml.guarantee",
]
TIGHT = [
    "sharp.matrix.product",
    "sharp.spread.meta-gradient",
    "sharp.step.square",
    "sharp.inner.bias",
    "sharp.quadratic-bound",
    "sharp.tasks.without-replacement",
    "sharp.quadratic.stationary",
    "sharp.difference.noise.independent",
    "sharp.plateau.upper",
    "sharp.hf-maml.hessian-batch",
]


@pytest.mark.parametrize("name", FEW)
def test_measuring_anew_gives_what_the_ledger_has(name):
    found = measured(statement(name))
    assert found.ratio <= 1 + 1e-9
    assert found.instances == LEDGER[name]["instances"]
    assert found.ratio == pytest.approx(LEDGER[name]["worst_ratio"], rel=0.02, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [st.name for st in statements().values() if st.standing.kind not in ("refuted", "order")]
)
def test_no_instance_exceeds_any_bound(name):
    found = measured(statement(name), seed=1)
    assert found is None or found.ratio <= 1 + 1e-9


@pytest.mark.parametrize("name", TIGHT)
def test_a_bound_that_is_a_tenth_too_small_is_exceeded(name):
    st = statement(name)
    beyond = Rational(11, 10) if search.relation(st) == r"\ge" else Rational(9, 10)
    found = against(replace(st, expression=st.expression * beyond), rounds=100)
    assert found.broken
    assert found.ratio > 1.05


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.axiom.name)
def test_no_instance_contradicts_an_axiom(law):
    assert law.worst(seed=1).ratio <= 1 + 1e-9


def test_every_axiom_of_the_ledger_is_tried():
    assert {law.axiom.name for law in laws.LAWS} >= set(ledger._stored()["axioms"])


@pytest.mark.parametrize(
    "what",
    [
        "iterations",
        "tasks",
        "inner-batch",
        "total",
        "total.noise-free",
        "total.recorded",
        "total.multilevel",
    ],
)
def test_the_exponents_of_the_optimised_design(what):
    assert measured(statement(f"sharp.design.{what}")).ratio == pytest.approx(1, abs=0.04)


# ---- falsify ----------------------------------------------------------------------------------------


def test_erratum_e1_is_found_from_random_starts():
    finding = falsify("paper.second-moment", rounds=150)
    assert finding.broken
    assert finding.ratio == pytest.approx(1.0827, abs=2e-3)
    assert finding.instance["alpha L"] == pytest.approx(0.07, abs=0.02)


@pytest.mark.parametrize("claim", ["paper.hf-maml.accuracy", "fo-maml.any-epsilon"])
def test_plateaus_are_found_from_a_neutral_start(claim):
    finding = falsify(claim, rounds=60)
    assert finding.broken
    assert finding.ratio > 1000


@pytest.mark.parametrize("claim", SEARCHED)
def test_nothing_is_found_against_what_holds(claim):
    finding = falsify(claim, rounds=20, restarts=24)
    assert not finding.broken
    assert 0.1 < finding.ratio <= 1 + 1e-9
    assert finding.instance


@pytest.mark.parametrize(
    ("rule", "seed"),
    [("self-scaled", 0), *(pytest.param(*one, marks=pytest.mark.slow) for one in product(BOTH, (1, 3)))],
)
def test_descents_are_not_broken_by_rounding_however_long_is_searched(rule, seed):
    finding = falsify(f"sharp.descent.{rule}", seed=seed)
    assert not finding.broken
    assert 0.5 < finding.ratio < 1


@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.slow) for one in (1, 3))])
def test_what_rounding_alone_breaks_is_not_confirmed(seed):
    """F is subtracted from itself here; the change is lost in it where F falls by 1e-13."""
    st = statement("sharp.descent.self-scaled")

    def drowned(p):
        smooth, slope = p._rule(SELF_SCALED)
        G = p.meta.mean(1) * (1 + p.other)
        move = (p.c / (smooth + slope * G.abs()) * G).unsqueeze(1)
        ahead = p.problem.objective(p.points - move, p.alpha.unsqueeze(-1))[:, 0]
        return (ahead - p.problem.objective(p.w, p.alpha)).numpy()

    st = replace(st, left=replace(st.left, at=drowned))
    finding = against(st, seed=seed)
    assert not finding.broken
    assert finding.ratio <= 1 + 1e-9
    tight = replace(st, expression=st.expression * Rational(11, 10))
    assert against(tight, seed=seed, rounds=100).broken


def test_whatever_can_be_vectorised_or_not_can_be_searched():
    said = set(falsifiable())
    assert {"sharp.gradient-relation", "sharp.inner.bias", "paper.maml.tasks", "fo-maml.any-epsilon"} <= said
    assert not {name for name in said if ".design." in name or ".assumption." in name}


def test_a_statement_made_one_per_cent_too_sharp_is_broken():
    st = statement("sharp.gradient-relation")
    assert against(replace(st, expression=st.expression * Rational(99, 100)), rounds=50).broken


def test_a_guarantee_two_and_a_half_times_too_sharp_is_broken():
    st = statement("sharp.maml.guarantee")
    assert against(replace(st, expression=st.expression * Rational(2, 5)), rounds=10).broken


def test_luck_in_a_few_runs_is_not_confirmed():
    st = statement("sharp.maml.guarantee")

    def seen(st, instance, runs, seed):
        values = dict.fromkeys(st.symbols, 0.01) | {"epsilon": 1.0, "B": 10.0, "K": 10.0}
        bound = float(st(**values))
        return np.full(runs, bound) * (1.2 if runs == 8 else 0.9 + 1e-3 * np.arange(runs) / runs), values

    one = runs.over(lambda st: True, {"nothing": runs.Span(1.0, 2.0)}, seen)
    point = np.zeros(1)
    assert one.ratios(st, point[None], 0) == pytest.approx([1.2])
    assert one.ratio_again(st, point, 1) < 1


def test_what_no_instance_gives_is_named_with_what_to_do():
    st = statement("sharp.plateau.upper")
    refuse_ungiven(st, dict.fromkeys(st.symbols, 1.0))
    with pytest.raises(InputError, match=r"sigma = None: no instance.*over\(statement"):
        refuse_ungiven(st, {"L", "alpha"})


@pytest.mark.parametrize("ends", [(-1, 1), (0, 5), (-2, -1), (2, 1), (1, np.inf), ("1", 2)])
def test_a_span_that_has_no_orders_of_magnitude_is_refused(ends):
    with pytest.raises(InputError, match="Span"):
        runs.Span(*ends)


def test_an_even_span_has_zero_and_a_choice_has_values():
    assert runs.Span(-1, 1, even=True).at(0.5) == 0
    with pytest.raises(InputError, match="even=True"):
        runs.Span(0, 5)
    with pytest.raises(InputError, match="Choice"):
        runs.over(lambda st: True, {"n": (1, 2)}, lambda *_: None)


@pytest.mark.parametrize("somewhere", [False, True])
def test_a_left_side_that_is_nan_inside_the_domain_is_refused(somewhere):
    def at(p):
        left = p.length(p.outer.mean(1))
        return np.where(left > np.median(left) if somewhere else left >= 0, np.nan, left)

    st = replace(statement("sharp.plateau.upper"), left=Left(at, of=FREE, among=lambda p: p.stopped))
    with pytest.raises(LeftError, match=r"NaN at \d+ of 64 instances"):
        against(st, rounds=1)


def test_a_run_whose_outcome_is_nan_is_refused_and_one_that_is_not_there_is_none():
    st = statement("sharp.maml.guarantee")
    values = dict.fromkeys(st.symbols, 0.01) | {"epsilon": 1.0, "B": 10.0, "K": 10.0}

    def search_of(outcome):
        seen = lambda st, instance, runs, seed: outcome and (outcome[0](runs), values)  # noqa: E731
        return runs.over(lambda st: True, {"nothing": runs.Span(1.0, 2.0)}, seen)

    nan = search_of((lambda runs: np.where(np.arange(runs) == 3, np.nan, 0.1),))
    for look in (lambda: nan.ratios(st, np.zeros((2, 1)), 0), lambda: nan.ratio_again(st, np.zeros(1), 0)):
        with pytest.raises(LeftError, match="must be a number"):
            look()
    assert np.isnan(search_of(None).ratios(st, np.zeros((2, 1)), 0)).all()


def test_a_search_goes_on_with_new_seeds_and_the_worst_is_kept():
    searches = falsify_for(60.0, ["paper.second-moment", "sharp.root-mean-square"], rounds=20, restarts=8)
    found = list(islice(searches, 6))
    assert [one.claim for one in found[:4]] == 2 * ["paper.second-moment", "sharp.root-mean-square"]
    assert [one.seed for one in found[:4]] == [0, 0, 1, 1]
    recorded = found[::2]
    top = worst(recorded)
    assert top.ratio == max(one.ratio for one in recorded)
    assert top.tried == sum(one.tried for one in recorded)
    assert top.inside == sum(one.inside for one in recorded) > 0
    assert falsify(top.claim, seed=top.seed, rounds=20, restarts=8).ratio == top.ratio


def test_instances_outside_of_a_statement_are_told_apart():
    found = falsify("sharp.plateau.hf-maml", rounds=4, restarts=16)
    assert 0 < found.inside < found.tried
    here = falsify("sharp.second-moment", rounds=4, restarts=16)
    assert here.inside == here.tried


def test_without_time_every_claim_is_searched_once():
    found = list(falsify_for(0.0, ["paper.second-moment", "sharp.second-moment"], rounds=2, restarts=2))
    assert [one.claim for one in found] == ["paper.second-moment", "sharp.second-moment"]


@pytest.mark.parametrize(("claim", "ratio", "broken", "status"), [
    ("sharp.second-moment", 0.99, False, "CONSISTENT"),
    ("sharp.second-moment", 1.01, True, "VIOLATED"),
    ("sharp.maml.guarantee", 1.2, False, "CONSISTENT"),
    ("paper.second-moment", 1.08, True, "CONSISTENT"),
    ("paper.second-moment", 0.99, False, "VIOLATED"),
    ("fo-maml.any-epsilon", 0.5, False, "VIOLATED"),
    ("sharp.second-moment", float("nan"), False, "INCONCLUSIVE"),
    ("sharp.second-moment", -float("inf"), False, "INCONCLUSIVE"),
    ("paper.second-moment", -float("inf"), False, "INCONCLUSIVE"),
])  # fmt: skip
def test_a_false_claim_must_be_broken_and_a_true_one_must_not(claim, ratio, broken, status):
    made = falsification.check(Finding(claim, ratio, broken, {}, 10))
    assert judge(made, 0.01).status == status


def test_unknown_claims_are_refused():
    with pytest.raises(InputError, match="CLAIM"):
        falsify("sharp.nothing")


# ---- instances --------------------------------------------------------------------------------------


def test_free_instances_are_inside_the_assumptions():
    found = free.decode(10 * np.random.default_rng(0).standard_normal((50, free.size(3, 2))), 3, 2, 0.5)
    for matrices in (found.H, found.mean_H):
        assert float(torch.linalg.eigvalsh(matrices).abs().max()) <= 1 + 1e-12
    assert bool(((found.alpha > 0) & (found.alpha <= 0.5)).all())


def points(n=20, reach=0.5, seed=0):
    return samples.decode(np.random.default_rng(seed).standard_normal((n, samples.SIZE)), reach)


def test_waves_have_the_constants_that_are_said():
    f = points(200)
    w = torch.linspace(-30, 30, 4001, dtype=torch.float64).view(1, -1, 1)
    tasks = torch.zeros(1, 1, dtype=torch.long)
    for task in (0, 1):
        H = f.problem.hessian_vector(tasks.expand(200, 1) + task, w, torch.ones(1, dtype=torch.float64))[
            ..., 0
        ]
        assert float(H.abs().max()) <= 1 + 1e-12
        slopes = H.diff(dim=1).abs() / float(w[0, 1, 0] - w[0, 0, 0])
        assert bool((slopes <= f.problem.rho * (1 + 1e-9)).all())


def test_waves_agree_with_automatic_differentiation():
    f = points()
    w = f.w.clone().requires_grad_()
    (slope,) = torch.autograd.grad(f.problem.objective(w, f.alpha).sum(), w)
    assert torch.allclose(slope, f.meta.mean(1), atol=1e-12)


def test_waves_rise_by_the_difference_and_by_the_slope_where_that_drowns():
    f, rng = points(50), np.random.default_rng(1)
    step = torch.from_numpy(rng.standard_normal((50, 3, 1)))
    alpha = f.alpha.unsqueeze(-1)
    ahead, here = (f.problem.objective(f.points + h, alpha) for h in (step, 0 * step))
    assert torch.allclose(f.problem.risen(f.points, step, alpha), ahead - here, rtol=0, atol=1e-13)
    short = 1e-14 * step
    slope = f.meta.mean(1, keepdim=True) * short
    assert torch.allclose(f.problem.risen(f.points, short, alpha), slope.squeeze(-1), rtol=1e-9, atol=0)


@pytest.mark.parametrize(("name", "draws"), [("maml", 128), ("fo-maml", 32), ("hf-maml", 128)])
def test_directions_are_enumerated_by_the_algorithms_themselves(name, draws):
    """The mean over samples of a batch of one is what many batches of one average to."""
    f = points(1)
    G = f.direction(name)
    assert G.shape == (1, 2, draws // 2, 1)
    rng, n = np.random.default_rng(1), 40_000
    many = replace(f, w=f.w)
    tasks = torch.zeros(1, n, dtype=torch.long)
    sample = {
        split: torch.from_numpy(f.problem.sample(rng, tasks.numpy(), 1)) for split in ("in", "out", "hess")
    }
    problem, alpha = many.problem, f.alpha
    v = problem.gradient(
        tasks, f.points - alpha * problem.gradient(tasks, f.points, sample["in"]), sample["out"]
    )
    if name == "maml":
        v = v - alpha * problem.hessian_vector(tasks, f.points, v, sample["hess"])
    if name == "hf-maml":
        h = f.probe_length.unsqueeze(-1)
        ends = [problem.gradient(tasks, f.points + side * h, sample["hess"]) for side in (1, -1)]
        v = v - alpha * (ends[0] - ends[1]) / (2 * h) * v
    assert float(v.mean()) == pytest.approx(float(G[:, 0].mean()), abs=5 * float(v.std()) / n**0.5)
    assert float(v.std()) == pytest.approx(float(G[:, 0].std(unbiased=False)), rel=0.03)


def test_at_rest_the_mean_direction_vanishes():
    rest = points(100).at_rest("maml")
    found = ~torch.isnan(rest.w[:, 0])
    assert int(found.sum()) > 10
    assert float(rest.direction("maml").mean((1, 2))[found].abs().max()) < 1e-9


def test_one_left_side_for_problems_and_for_free_instances():
    """The same numbers, once as a problem's and once as chosen ones."""
    problem, alpha = problems.from_spec("ripple:dim=2,n_tasks=4"), 0.2
    local = Local(problem, torch.tensor([[0.3, -0.4]], dtype=torch.float64), alpha)
    step = torch.tensor([[[alpha]]], dtype=torch.float64)
    chosen = free.Free(local.g, *((local.identity - M) / alpha for M in (local.P, local.Q)), step)
    for name in (
        "sharp.gradient-relation",
        "sharp.spread.adapted",
        "sharp.matrix.product",
        "sharp.matrix.lower",
    ):
        left = statement(name).left
        assert left.at(chosen) == pytest.approx(left.at(local), rel=1e-4)


def test_climbing_ignores_what_is_no_number():
    def score(points):
        return np.where(points[:, 0] > 1, np.nan, -((points - 0.123) ** 2).sum(1))

    best, value = climb(
        score, np.random.default_rng(0).standard_normal((16, 2)), np.random.default_rng(1), 300
    )
    assert np.abs(best - 0.123).max() < 1e-2
    assert value.max() == score(best).max()


@pytest.mark.parametrize(("left", "right", "relation", "ratio"), [
    (1.0, 2.0, r"\le", 0.5), (3.0, 2.0, r"\le", 1.5), (-1.0, 2.0, r"\le", 0.0), (0.0, 0.0, r"\le", 0.0),
    (1.0, 0.0, r"\le", np.inf), (-3.0, -2.0, r"\le", 2 / 3), (1.0, -2.0, r"\le", np.inf),
    (2.0, 1.0, r"\ge", 0.5), (1.0, 2.0, r"\ge", 2.0), (2.0, 2.0, "=", 1.0), (2.0, 2.1, "=", np.inf),
    (0.0, 0.0, "=", 0.0), (np.nan, 1.0, r"\le", np.nan), (1.0, np.nan, "=", np.nan),
])  # fmt: skip
def test_how_much_of_the_right_side_is_used(left, right, relation, ratio):
    assert search.oriented(left, right, relation) == pytest.approx([ratio], nan_ok=True)
