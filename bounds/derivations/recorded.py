"""The paper's statements: implied by sharper ones, or hypotheses, orders, or refuted."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.catalogue import statement
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.step import Axiom, Derivation, Step
from bounds.derivations import triples
from bounds.derivations.tools import parts, var
from bounds.dominance import PAIRS, claim, common
from bounds.paper.theorems import RECORDED
from bounds.symbols import B, D_in, D_o, epsilon, sigma, sigma_tilde

Items = tuple[Step | Axiom, ...]
HYPOTHESIS = "an assumption, or a condition of a theorem: there is nothing to decide"
OPEN = "an order statement: its constant factor is not recorded, so no number can refute or prove it"
E2 = "not homogeneous in units as recorded; the homogeneous form is sharp.hf-maml.hessian-batch (erratum E2)"


def derivation(st: Statement) -> Derivation:
    """Return how a recorded statement stands."""
    name = st.name
    if st.up_to_constant:
        return Derivation(kind="order", reason=OPEN)
    if name in PAIRS:
        return _implied(st)
    if name.endswith(".accuracy"):
        return _accuracy(st)
    if name.rpartition(".")[2] in {"tasks", "inner-batch", "outer-batch"} and "N_max" in parts(st):
        return Derivation(
            _corollary(st), "recorded", "follows from the recorded accuracy", numeric="formulas.corollary"
        )
    return Derivation(kind="hypothesis", reason=E2 if st.inhomogeneous else HYPOTHESIS)


def _implied(st: Statement) -> Derivation:
    sharper = statement(PAIRS[st.name])
    if st.name == "paper.second-moment":
        return Derivation(
            kind="refuted", reason="erratum E1: false for small alpha L", numeric=NUMERIC[st.name]
        )
    step = Step(
        f"implied by {sharper.name}", claim(st, sharper), common(st, sharper), controls=_loose(st, sharper)
    )
    return Derivation((step,), "recorded", f"implied by {sharper.name}", numeric=NUMERIC[st.name])


def _loose(st: Statement, sharper: Statement) -> tuple[Claim, ...]:
    """Allow a recorded bound to be loose, but refute a thousandth of it."""
    whole = claim(st, sharper)
    return (Claim(whole.left * 1000, whole.right),)


NUMERIC = {
    "paper.gradient-relation": "tasks.relation",
    "paper.second-moment": "tasks.second_moment",
    "paper.smoothness": "tasks.smoothness",
    "paper.quadratic-bound": "losses.quadratic_bound",
    "paper.difference.bias": "losses.difference_bias",
    "paper.step.mean": "laws.moments",
    "paper.step.square": "laws.moments",
    "paper.inner.bias": "losses.inner_bias",
    "paper.inner.second-moment": "losses.inner_second_moment",
    "paper.test-adaptation": "losses.test_adaptation",
}


def _accuracy(st: Statement) -> Derivation:
    algorithm = st.name.split(".")[1]
    items = triples.accuracy(st, RECORDED[algorithm])
    if algorithm == "hf-maml":
        reason = f"erratum E3: holds for B <= {triples.LARGEST_TASKS[algorithm]}, false for large B"
        return Derivation(items, "refuted", reason)
    constant = triples.CERTIFIED[algorithm]
    reason = f"implied by the theorem here: the constant {constant} would be enough"
    return Derivation(items, "recorded", reason, numeric=f"runs.{algorithm}.paper-step")


def _corollary(st: Statement) -> Items:
    """All three batches at their corollary's size make the recorded accuracy at most epsilon."""
    algorithm, what = st.name.split(".")[1:]
    accuracy = statement(f"paper.{algorithm}.accuracy")
    level, allowed = accuracy.where[0], parts(st)["N_max"]
    first, second, third = var("part_tasks"), var("part_inner"), var("part_outer")
    fixed = RECORDED[algorithm].fixed_noise
    given = (
        *(le(part, (allowed) / 3) for part in (first, second, third)),
        lt(0, allowed),
    )
    whole = accuracy.expression.subs(level.symbol, first + second + third + fixed)
    size = {
        "tasks": (sigma**2 / B, B),
        "inner-batch": (sigma_tilde**2 / D_in, D_in),
        "outer-batch": (sigma_tilde**2 / (B * D_o), B * D_o),
    }
    value, batch = size[what]
    cap = var("N_cap")
    third_of = Step(
        "a batch of this size leaves a third",
        le(value, cap / 3),
        (le(st.expression, batch), eq(sp.Symbol("N_max", real=True), cap)),
    )
    return (
        third_of,
        Step(
            "three thirds make the accuracy epsilon",
            le(whole, epsilon),
            given,
            controls=(le(whole, epsilon / 2),),
        ),
    )
