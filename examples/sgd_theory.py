r"""A theorem of your own in one file: SGD on the mean loss f with a constant step (Ghadimi and Lan, 2013).

For :math:`w_{k+1} = w_k - \beta g_k`, where g_k is the mean over B tasks with D samples each, and R uniform on
0..K-1: :math:`E\|\nabla f(w_R)\|^2 \le [2\Delta/(\beta K) + L\beta s^2]/(2-L\beta)` whenever :math:`L\beta < 2`.
"""

import math
from functools import partial

import torch
from pandas import DataFrame

from bounds.bound import Condition, Definition
from bounds.derivation import axioms
from bounds.derivation.claim import le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import identity, var
from bounds.recommendation.planner import Planner
from bounds.stating import GRADIENT_SQUARED, PURE, derived
from bounds.symbols import B, D, Delta, K, L, beta, defined, epsilon, sigma, sigma_tilde
from empirics.streams import generator
from figures import figure, parts, style, theory
from validate.claim import Claim, Kind
from validate.instances.sampled import Span, over
from validate.statistics import mean_interval

s2 = defined("s2")
SIZES, HORIZON, RUNS, PROBLEM = {"B": 2, "D": 4}, 400, 64, "ripple:dim=2,n_tasks=6,sigma_tilde=1"


def _noise(part, statement):
    between, within, variance = map(var, ("V_between", "V_within", "V"))
    given = (le(variance, (between + within / D) / B), le(between, sigma**2), le(within, sigma_tilde**2))
    return axioms.INDEPENDENCE, Step("variance of a mean of B D samples", le(variance, part), given)


def _telescoped(statement):
    here, after, square, second, mean, left = map(var, ("f_k", "f_next", "y2", "E_g2", "mean_y2", "left"))
    descent = le(after, here - beta * square + L * beta**2 / 2 * second)
    fall = le(after - here, -beta / 2 * (2 - L * beta) * square + L * beta**2 * s2 / 2)
    total = (le(K * (beta / 2 * left * mean - L * beta**2 * s2 / 2), Delta), lt(0, left))
    average = le(mean, statement.expression.subs(2 - L * beta, left))
    one = Step("one step, with E||g||^2 <= ||grad f||^2 + s2", fall, (descent, le(second, square + s2)))
    return axioms.DESCENT, one, Step("telescope, divide by 2 - L beta", average, total)


def _solved(statement):
    best = epsilon**2 / (L * (epsilon**2 + s2))
    reached = GUARANTEE.expression.subs({beta: best, K: statement.expression})
    lost = best * epsilon**2 - beta * (2 * epsilon**2 - L * beta * (epsilon**2 + s2))
    more = identity("no other step needs less", lost, L * (epsilon**2 + s2) * (beta - best) ** 2)
    return identity("at the best step and this K the guarantee is epsilon^2", reached, epsilon**2), more


NOISE = Definition(s2, (sigma**2 + sigma_tilde**2 / D) / B, "variance of g_k", "s^2", why=_noise)
GUARANTEE = derived(
    "sgd.mean-square", "SGD: squared gradient of a uniformly random iterate", r"E\|\nabla f(w_R)\|^2",
    (2 * Delta / (beta * K) + L * beta * s2) / (2 - L * beta), GRADIENT_SQUARED, "descent lemma; Delta is of f",
    where=(NOISE,), domain=(Condition("step", L * beta, 2, strict=True),), proof=_telescoped, chapter="theorems",
)  # fmt: skip
ITERATIONS = derived(
    "sgd.iterations", "SGD: iterations at the best step", "K", 2 * L * Delta * (epsilon**2 + s2) / epsilon**4,
    PURE, "the guarantee, solved for K", where=(NOISE,), proof=_solved, chapter="theorems",
)  # fmt: skip


def _plan(constants, target):
    known = constants.values() | SIZES
    told = ITERATIONS.explain(**known, epsilon=target)
    K = max(1, math.ceil(told["value"]))
    known["beta"] = target**2 / (constants.L * (target**2 + told["parts"]["s2"]))
    while not GUARANTEE.enclose(**known, K=K)[1] <= target**2:
        K += 1 + K // 10**12
    return {"beta": known["beta"], "iterations": K, **SIZES, "samples": K * SIZES["B"] * SIZES["D"]}


def _run(problem, runs=RUNS, reach=0.5, K=HORIZON, seed=0, key="sgd"):
    """Return ||grad f(w_k)||^2 at L beta = ``reach``, shape (runs, K), and what the guarantee takes."""
    known = problem.constants().values() | SIZES | {"beta": reach / problem.constants().L, "K": K}
    w, rng, seen = problem.start.expand(runs, 1, -1), generator(seed, key, 0, "tasks"), []
    for _ in range(K):
        seen.append(problem.gradient(torch.arange(problem.n_tasks), w).mean(1).square().sum(-1))
        tasks = rng.integers(0, problem.n_tasks, (runs, SIZES["B"]))
        batch = torch.from_numpy(problem.sample(rng, tasks, SIZES["D"]))
        w = w - known["beta"] * problem.gradient(torch.from_numpy(tasks), w, batch).mean(1, keepdim=True)
    return torch.stack(seen, 1).numpy(), known


def _checks(asked, frame, runner):
    squares, known = _run(asked.problem, seed=asked.seed, key=asked.key)
    bound, outside = GUARANTEE.at(known)
    mean = partial(mean_interval, squares.mean(1), support=(0.0, math.inf))
    return [asked.check("sgd", GUARANTEE.name, bound, mean, algorithm="sgd", n=RUNS, condition=outside)]


def _searched(statement, at, runs, seed):
    problem = theory.problem(f"quadratic:dim=1,n_tasks=4,sigma={at['sigma']}")
    squares, known = _run(problem, runs, at["L beta"], int(at["K"]), seed)
    return squares.mean(1), known


def _data(evidence):
    squares, known = _run(theory.problem(PROBLEM))
    steps = torch.arange(1.0, HORIZON + 1).double().numpy()
    told = {"measured": squares.mean(0).cumsum() / steps, "guarantee": GUARANTEE(**known | {"K": steps})}
    return DataFrame({"K": steps, "problem": PROBLEM} | told)


def _draw(frame):
    picture, (axes,) = parts.canvas(style.COLUMN, 2.2)
    frame.plot("K", ["measured", "guarantee"], loglog=True, ax=axes, ylabel=r"$E\|\nabla f(w_R)\|^2$")
    return picture


SEARCH = over(GUARANTEE, {"L beta": Span(0.05, 1.9), "sigma": Span(0.1, 3), "K": Span(1, 50)}, _searched)
KIND = Kind("sgd", everyones=True, usual=({"problem": PROBLEM},))
CLAIM = Claim("sgd", ("sgd",), _checks, (GUARANTEE.name,))
PLANNER = Planner("sgd", ("L", "sigma", "sigma_tilde", "Delta"), _plan)
CAPTION = f"Mean over n = {RUNS} runs (seed 0) at Lβ = 1/2 to each K, and the guarantee. Problem: {PROBLEM}."
FIGURE = figure.Figure("sgd", "SGD, measured and guaranteed", _data, _draw, lambda frame: CAPTION)
