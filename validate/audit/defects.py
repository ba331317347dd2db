"""The defects that are known by name: what each is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from bounds.errors import line


@dataclass(frozen=True)
class Defect:
    """Something wrong, with what was measured and what to do."""

    name: str
    evidence: str
    remedy: str


REMEDIES = {
    "not-as-claimed": "claim what it is, or mend the code",
    "not-recognised": "compare it with the algorithm on one task and one question of the evidence",
    "hessian-halved": "subtract alpha H v whole: look for a difference divided by 4 delta, or a factor 1/2",
    "hessian-doubled": "subtract alpha H v once: a central difference is divided by 2 delta, not by delta",
    "hessian-sign": "subtract alpha H v; here it is added",
    "hessian-scaled": "subtract alpha H v with the factor 1",
    "hessian-at-adapted": "take the Hessian at w, before the inner step, not at the adapted weights",
    "hessian-at-middle": "take the Hessian at w, not half way to the adapted weights",
    "hessian-at-start": "take each factor I - alpha H at the point of its own inner step, not all at w",
    "hessian-without-alpha": "multiply the Hessian term by alpha",
    "hessian-alpha-fixed": "multiply the Hessian term by the alpha of the call, not by a number of its own",
    "hessian-alpha-squared": "multiply the Hessian term by alpha once",
    "hessian-of-inner-gradient": "multiply the Hessian with the outer gradient, not with the inner one",
    "hessian-of-start-gradient": "take the outer gradient at the adapted weights before the Hessian acts on it",
    "hessian-of-unit-vector": "multiply the difference along v/|v| with |v|",
    "hessian-applied-twice": "apply I - alpha H once for each inner step",
    "hessian-diagonal": "use the product H v (torch.func.jvp of the gradient), not the diagonal of H",
    "first-step-only": "differentiate through every inner step, not through the first alone",
    "first-step-detached": "differentiate through every inner step: the first is outside the graph",
    "last-step-only": "differentiate through every inner step, not through the last alone (no detach between)",
    "inner-sign": "step down in the inner loop: w - alpha g",
    "inner-without-alpha": "multiply the inner gradient by alpha",
    "inner-step-size": "make the inner step alpha times the gradient",
    "inner-step-fixed": "use the alpha of the call in the inner step, not a number of its own",
    "inner-gradient-clipped": "do not clip in the inner loop: alpha g is then another step",
    "inner-gradient-normalised": "do not divide the inner gradient by its norm",
    "inner-gradient-signs": "use plain gradient steps in the inner loop, not Adam's",
    "inner-momentum": "use plain gradient steps in the inner loop, without momentum",
    "inner-weight-decay": "take weight decay out of the inner optimiser",
    "inner-state-leaks": "make a new inner optimiser for every task, or clear its state and its gradients",
    "extra-inner-step": "take one inner step less, or declare how many are meant (inner_steps)",
    "missing-inner-step": "take the inner step that is missing, or declare how many are meant (inner_steps)",
    "no-adaptation": "take the outer gradient at the adapted weights: here it is taken at w itself",
    "tensors-not-adapted": "adapt every tensor of the weights, or call it ANIL",
    "tensors-not-updated": "hand every tensor of the weights to the outer step",
    "frozen-moved": "leave parameters alone whose requires_grad is false, or train them",
    "gradients-accumulated": "clear the gradients (zero_grad) before each backward pass that is to count alone; "
    "an inner loss that is meant to be a part of the outer one makes another objective",
    "extra-loss-term": "take the outer gradient of one loss: another one is added to it",
    "weight-decay": "take weight decay out of the direction, or add it to the loss",
    "outer-gradient-clipped": "do not clip the direction: its mean is then another, and no theorem speaks of it",
    "no-step": "hand back the new weights w - beta G: a step in place on a copy, or on nothing, is lost",
    "gradient-returned": "it looks like a meta-gradient: use adapters.meta_gradient, or return w - beta G",
    "outer-sign": "step down: w - beta G",
    "outer-scale": "make the direction the mean, or declare its factor (scale)",
    "sum-over-tasks": "divide by the number of tasks, or declare it (scale='sum') and make beta smaller by it",
    "mean-taken-twice": "divide by the number of tasks once",
    "fixed-divisor": "divide by the number of tasks of the call, not by a number of its own",
    "last-task-only": "add the tasks up: each overwrites the one before it",
    "first-task-only": "go on after the first task",
    "unequal-tasks": "give each task the weight 1/B",
    "weights-not-restored": "start every task from w: copy the weights back before the next one",
    "step-at-adapted": "make the outer step from w, not from the adapted weights",
    "stepped-task-by-task": "collect all tasks' directions at w, then step once",
    "adapted-to-another-task": "take each task's outer gradient at its own adapted weights",
    "several-tasks-differ": "compare two tasks with each of them alone",
    "inner-batch-as-outer": "draw D_o independently of D_in: the outer gradient is biased otherwise",
    "outer-batch-as-hessian": "draw D_h independently of D_o: the mean of a product is not that of its factors",
    "inner-batch-as-hessian": "draw D_h independently of D_in: their noises are correlated otherwise",
    "one-batch-for-all": "draw D_in, D_o and D_h independently",
    "batches-pooled": "use one batch for each role, not several put together",
    "probe-two-batches": "take both ends on the same batch: noise is divided by delta otherwise",
    "probe-shifted": "take the difference at w + delta v and w - delta v",
    "probe-one-sided": "take a central difference: the error of a one-sided one is of first order in its length",
    "probe-per-tensor": "use one delta for all tensors: with one each, it is no Hessian product",
    "probe-direction": "probe along v",
    "probe-clipped": "do not clip the gradients of a difference",
    "probe-too-short": "make the probe longer: about sqrt(u |g| / rho), u the unit round-off (1e-8 |w| and more)",
    "outer-momentum": "declare the optimiser outside (outer='momentum=0.9'), or clear its state",
    "outer-optimiser": "declare the optimiser outside (outer='adam')",
    "outer-state-lost": "keep the outer optimiser between calls: a new one every time has no state",
    "state-between-calls": "keep nothing between calls but the weights, or declare the optimiser outside",
    "step-size-schedule": "take the step size from beta, not from a counter of its own",
    "beta-ignored": "use the beta of the call",
    "beta-power": "multiply the direction by beta once",
    "beta-nonlinear": "make the new weights w - beta G, with a G that does not know beta",
    "random-loss": "make the loss a function of weights and batch: eval() for dropout, or fix the generator",
    "random-step": "draw nothing inside the step: tasks and batches are handed over",
    "stateful-buffers": "freeze the buffers (eval(), track_running_stats=False): they change with every pass",
    "kinks": "use a smooth activation or loss (softplus, gelu, tanh): A2 and A3 need a Lipschitz Hessian",
    "input-changed": "work on a copy: the step changes the tasks' batches",
}
"""Remedies by name."""


RANDOM = ("random-loss", "random-step")
"""Of code that cannot be explained, since its answers are not repeated."""


def defect(name: str, evidence: str) -> Defect:
    """Return a defect with its remedy."""
    return Defect(name, line(evidence, 600), REMEDIES[name])
