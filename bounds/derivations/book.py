"""The derivation of every statement: one lemma for each of its named parts, then its own last step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from bounds.bound import Definition, Statement
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.step import Axiom, Derivation, Step
from bounds.derivations import (
    directions,
    gradients,
    inner,
    limits,
    matrices,
    plateau,
    recorded,
    rounding,
    sampling,
    steps,
    theorem,
    triples,
)
from bounds.derivations.tools import hypotheses, parts, var
from bounds.paper.gradients import WHERE
from bounds.sharp.curvature import smoothness_of
from bounds.sharp.finite import between
from bounds.sharp.quantities import C1, RANGE, T, b
from bounds.sharp.steps import PAPER, RULES, SAMPLED, Rule, mu1, mu1u, mu2
from bounds.symbols import D, D_test, L, alpha, defined, m, y

Items = tuple[Step | Axiom, ...]


@dataclass(frozen=True)
class Context:
    """What a lemma may need to know about the statement that it serves."""

    statement: Statement
    algorithm: str
    rule: Rule


def derivation(st: Statement) -> Derivation:
    """Return the derivation of a statement as it stands (an altered statement gets an altered derivation)."""
    if st.name.startswith("paper."):
        return recorded.derivation(st)
    if st.up_to_constant:
        return Derivation(kind="order", reason=_ORDER, numeric="formulas.orders")
    context = Context(st, _algorithm(st.name), _rule(st.name))
    items = [item for definition in st.where for item in _lemma(definition, context)]
    items += _last(context)
    return Derivation(tuple(dict.fromkeys(items)), numeric=numeric(st.name))


_ORDER = "an order for small epsilon: follows from the iterations statement, constants left out"


def _algorithm(name: str) -> str:
    return next((a for a in ("fo-maml", "hf-maml", "maml") if f".{a}." in name), "maml")


def _rule(name: str) -> Rule:
    suffix = name.rpartition(".")[2]
    if name.startswith("sharp.step.paper"):
        return PAPER
    return next((rule for rule in RULES if rule.name == suffix), SAMPLED)


def _lemma(definition: Definition, context: Context) -> Items:
    name, e, st = definition.symbol.name, definition.expression, context.statement
    simple = _LEMMAS.get(name)
    if simple is not None:
        return simple(name, e, context)
    if name == "C1":
        return () if st.name.endswith(".inner") else gradients.factor(definition, _range(st))
    if name.endswith("_paper"):
        return (Step(f"{name}: the recorded factor", eq(e, _recorded_part(name)), method="identity"),)
    raise KeyError(f"no lemma for {name} in {st.name}")


def _range(st: Statement) -> tuple:
    return hypotheses(st, "inner step") or (lt(RANGE.left, RANGE.right),)


def _recorded_part(name: str) -> sp.Expr:
    return next(d.expression for d in WHERE if d.symbol.name == name)


def _x(e: sp.Expr) -> Items:
    norm = var("norm_of_Hessian")
    return (Step("||alpha Hess f_i|| <= x", le(alpha * norm, e), (le(norm, L),)),)


def _room(e: sp.Expr) -> Items:
    lowest = 2 * m - L
    return (Step("half the difference of the two Hessians", eq(e, (L - lowest) / 2), method="identity"),)


def _left(context: Context) -> sp.Expr:
    """Return what drawing without replacement leaves of the variance between tasks: 1 with replacement."""
    return between if "between" in parts(context.statement) else sp.S.One


def _weight(context: Context) -> sp.Expr:
    return parts(context.statement).get("m2", sp.S.Zero)


def _spare(e: sp.Expr, context: Context) -> Items:
    weight = _weight(context)
    return (
        *steps.left_over(e, context.rule, weight),
        *steps.nonnegative_left_over(context.statement, e, weight),
    )


Lemma = Callable[[str, sp.Expr, Context], Items]
_LEMMAS: MappingProxyType[str, Lemma] = MappingProxyType(
    {
        "x": lambda n, e, k: _x(e),
        "lam": lambda n, e, k: _room(e),
        "om": lambda n, e, k: matrices.product(e),
        "C2": lambda n, e, k: gradients.hidden(e, C1),
        "q": lambda n, e, k: gradients.quadratic_mean(e),
        "b": lambda n, e, k: inner.bias(e),
        "b_test": lambda n, e, k: inner.bias(e, D_test),
        "b_shot": lambda n, e, k: inner.bias(e, D),
        "T": lambda n, e, k: inner.variance(e),
        "h": lambda n, e, k: limits.slope(e, k.statement),
        "c0": lambda n, e, k: limits.start_variance(e, k.statement),
        "s": lambda n, e, k: limits.constant_part(e, k.statement, k.rule),
        "u": lambda n, e, k: limits.slope_in_c(e, k.statement, k.rule),
        "c_max": lambda n, e, k: limits.limit_of_c(e, k.statement),
        "log_d": lambda n, e, k: sampling.logarithm(e),
        "p": lambda n, e, k: sampling.best_order(e),
        **dict.fromkeys(("A0", "A1"), lambda n, e, k: directions.spread_part(n, e, _left(k))),
        **dict.fromkeys(("B0", "B1"), lambda n, e, k: directions.size_part(n, e)),
        **dict.fromkeys(("M0", "M1"), lambda n, e, k: directions.difference_spread(n, e)),
        **dict.fromkeys(("R0", "R1"), lambda n, e, k: directions.bias_part(n, e, k.algorithm)),
        **dict.fromkeys(("v0", "v1"), lambda n, e, k: directions.deviation_part(n, e, k.algorithm, _left(k))),
        "between": lambda n, e, k: directions.without_replacement(e),
        "h2": lambda n, e, k: directions.hessian_noise(e, k.algorithm),
        "eta": lambda n, e, k: directions.difference_error(e),
        "r": lambda n, e, k: steps.relative_spread(e, k.rule),
        "tau": lambda n, e, k: steps.relative_bias(e, k.rule),
        "mu1": lambda n, e, k: steps.least_mean(e),
        "mu1u": lambda n, e, k: steps.largest_mean(e),
        "mu2": lambda n, e, k: steps.second_moment(e),
        "spare": lambda n, e, k: _spare(e, k),
        **dict.fromkeys(("m1", "m1u"), lambda n, e, k: steps.weights(k.statement, k.rule)),
        "m2": lambda n, e, k: steps.variance_weight(e, k.rule),
        **dict.fromkeys(("ell", "a0", "b0"), lambda n, e, k: steps.curve_step(defined(n), e, k.rule)),
        **dict.fromkeys(("A", "N"), lambda n, e, k: theorem.balance(n, e)),
        "t": lambda n, e, k: theorem.level(e, k.statement),
        "t_inf": lambda n, e, k: theorem.limit(e, k.statement),
        "psi": lambda n, e, k: theorem.potential(e),
        **dict.fromkeys(
            ("form_pp", "form_pn", "form_nn", "form_oo"), lambda n, e, k: triples.entry(k.statement, n, e)
        ),
        **dict.fromkeys(("fixed_share", "batch_share"), lambda n, e, k: triples.share(n, e)),
        "A_fixed": lambda n, e, k: triples.signal_left(k.statement, e),
    }
)


def _last(context: Context) -> Items:
    st = context.statement
    for ending, make in _LAST.items():
        if st.name == f"sharp.{ending}":
            return make(st)
    if st.name.startswith("sharp.descent."):
        return theorem.descent(st, context.rule)
    if st.name.startswith("sharp.step."):
        return _moment(st, context.rule)
    quantity = st.name.split(".")[2]
    return _OF_ALGORITHM[quantity](st)


def _moment(st: Statement, rule: Rule) -> Items:
    weight = {"mean": mu1, "upper": mu1u, "square": mu2}[st.name.rpartition(".")[2]]
    power = 2 if weight == mu2 else 1
    claim = eq(st.expression * smoothness_of(rule) ** power, weight)
    return (Step("over Lambda", claim, method="identity"),)


def _affine(first: str, second: str) -> Callable[[Statement], Items]:
    symbols = [defined(name) for name in (first, second)]

    def make(st: Statement) -> Items:
        return (Step("affine in y", eq(st.expression, symbols[0] + symbols[1] * y), method="identity"),)

    return make


_LAST: MappingProxyType[str, Callable[[Statement], Items]] = MappingProxyType(
    {
        "matrix.product": matrices.of_matrix_product,
        "matrix.product.line": matrices.product_on_a_line,
        "matrix.inner": matrices.of_inner,
        "matrix.upper": lambda st: matrices.norms(st, True),
        "matrix.lower": lambda st: matrices.norms(st, False),
        "gradient-relation": gradients.relation,
        "gradient-relation.line": gradients.relation_on_a_line,
        "root-mean-square": gradients.root_mean_square,
        "second-moment": gradients.second_moment,
        "second-moment.repaired": gradients.repaired,
        "spread.meta-gradient": gradients.spread,
        "spread.adapted": gradients.spread,
        "adapted.root-mean-square": gradients.adapted,
        "smoothness": steps.smoothness,
        "quadratic-bound": steps.quadratic_bound,
        "tasks.without-replacement": sampling.without_replacement,
        "matrix.mean": sampling.matrix_mean,
        "plateau.k-shot": limits.k_shot,
        "plateau.k-shot.samples": limits.k_shot_samples,
        "quadratic.stationary": limits.stationary,
        "quadratic.stationary.fo-maml": limits.stationary,
        "inner.bias": lambda st: inner.collected(st, b),
        "inner.variance": lambda st: inner.collected(st, T),
        "inner.second-moment": inner.second_moment,
        "inner.second-moment.task": inner.task_moment,
        "test-adaptation": inner.test_adaptation,
        "difference.bias": inner.difference_bias,
        "difference.noise": inner.difference_noise,
        "difference.noise.independent": inner.independent_noise,
        "hf-maml.hessian-batch": inner.hessian_batch,
        "difference.computed": rounding.computed,
        "difference.computed.step": rounding.best_step,
        "difference.computed.best": rounding.best,
        "hf-maml.rounding": rounding.probe,
        "plateau.upper": plateau.upper,
        "plateau.lower": plateau.lower,
        "plateau.trapezoid": plateau.trapezoid,
        "plateau.hf-maml": plateau.difference,
        "plateau.hf-maml.repair": plateau.repair,
        "plateau.shared-hessian": plateau.shared,
    }
)

_OF_ALGORITHM: MappingProxyType[str, Callable[[Statement], Items]] = MappingProxyType(
    {
        "bias": _affine("R0", "R1"),
        "spread": _affine("v0", "v1"),
        "guarantee": theorem.invert,
        "floor": theorem.invert,
        "iterations": theorem.stopped,
        "constant": triples.eigenvalue,
        "step-factor": limits.step_factor,
    }
)


def numeric(name: str) -> str:
    """Return which numeric test stands beside a sharper statement."""
    return name.removeprefix("sharp.")
