"""Which experiments answer which question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bounds import Plan, recommend
from bounds.plan import Algorithm, StepKind, Theory
from bounds.theory import plateau as stops
from bounds.theory.algorithms import algorithm as known
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from validate.budget import plans, recorded_probe, repaired_probe, same_budget
from validate.experiment import Experiment
from validate.runner import identity
from validate.setting import Setting, bare_plan
from validate.tolerance import gradient_scale, round_off

LONG = 4000
FIXED = (0.125, -0.95)
"""The instance of the cosine family on which the lower bound is proved, for every alpha and every iterate."""


def convergence(
    setting: Setting,
    epsilon: float,
    theory: Theory = "sharp",
    kind: str = "convergence",
    depth: int = 0,
    step: StepKind | None = None,
    batches: Mapping[str, int] | None = None,
) -> Iterator[Experiment]:
    """Run every algorithm at its recommended plan; one that has none gets MAML's budget and no guarantee.

    Where a constant is refuted no guarantee holds, and where no algorithm has a plan there is no budget: one
    iteration is left to say so. With a depth those that have a multilevel inner batch are run with it, unless
    their direction was handed in. Without a step rule and batch sizes the cheapest ones are taken, which may
    change from one target to the next.
    """
    own = (name for name in setting.algorithms if name not in setting.directions)
    able = [name for name in own if known(name, setting.inner_steps).runs_levels]
    if depth and not able:
        return
    found = plans(
        setting.confronted,
        epsilon,
        tuple(name for name in (able if depth else setting.algorithms) if theory in known(name).theories),
        theory=theory,
        alpha=setting.alpha,
        n_tasks=setting.problem.n_tasks,
        depth=depth,
        inner_steps=setting.inner_steps,
        step=step,
        fixed=batches,
    )
    refuted = bool(setting.confronted.refutation())
    for plan in found.values():
        chosen = _to_say_why(setting, plan) if refuted or plan.iterations is None else plan
        labels = {"panel": _panel(setting), "epsilon": epsilon, "theory": theory}
        yield setting.experiment(
            kind,
            chosen,
            f"{theory}/epsilon={epsilon:.6g}{f'/depth={depth}' if depth else ''}",
            labels=labels,
            predicted=predictions(setting, chosen),
        )


def _to_say_why(setting: Setting, plan: Plan) -> Plan:
    """Return a plan without a guarantee over one iteration; one that has no sizes is given the smallest."""
    if plan.step_rule is None:
        bare = bare_plan(setting, plan.algorithm)
        plan = same_budget(bare, plan.algorithm, like=plan, target=plan.epsilon).with_(
            theory=plan.theory, epsilon=plan.epsilon
        )
    return plan.with_(iterations=1)


def predictions(setting: Setting, plan: Plan) -> dict[str, float]:
    """Return what the theory says about a run: its guarantee, and where FO-MAML stops, when that is known."""
    found: dict[str, float] = {"epsilon": plan.epsilon}
    if plan.guarantee is not None:
        found["guarantee"] = plan.guarantee
    if setting.fo_plateau is not None:
        found["plateau"] = setting.fo_plateau
    if has_path_theorem(setting):
        found["lower"] = stops.FO_STALLS.at(plan.problem_values())[0]
    return found


def has_path_theorem(setting: Setting) -> bool:
    """Whether the problem is the instance on which the lower bound is proved for every iterate."""
    problem: Any = setting.problem
    tuned = problem.family == "plateau" and (problem.m_share, problem.offset) == FIXED
    return tuned and setting.inner_steps == 1


def plateau(setting: Setting, iterations: int = LONG, **batches: int) -> Iterator[Experiment]:
    """Run every algorithm long enough to stop: with exact tasks, or with the given batch sizes."""
    sweep = "alpha" if setting.inner_steps == 1 else "inner steps"
    for name in setting.algorithms:
        plan = long_plan(setting, name).with_(iterations=iterations, **batches)
        title = ",".join(f"{key}={value}" for key, value in batches.items()) or "exact"
        yield setting.experiment(
            "plateau",
            plan,
            title,
            exact=not batches,
            iterations=iterations,
            labels={"x": setting.reach, "sweep": sweep, "role": title},
            predicted=predictions(setting, plan),
        )


def _panel(setting: Setting) -> str:
    """Name a problem in a figure: its family, its heterogeneity, and the inner steps where there are several."""
    problem = setting.problem
    steps = "" if setting.inner_steps == 1 else f", $N={setting.inner_steps}$"
    return f"{problem.family}, $\\sigma={problem.constants().sigma:.2g}${steps}"


def recorded_delta(setting: Setting, iterations: int = 3 * LONG) -> Iterator[Experiment]:
    """Run HF-MAML with exact tasks and the recorded difference step (erratum E3)."""
    length = recorded_probe(setting.constants, setting.alpha)
    plan = long_plan(setting, HF_MAML.name).with_(iterations=iterations, probe_length=length)
    stop: Any = getattr(setting.problem, "hf_plateau", None)
    predicted = {} if stop is None else {"plateau": float(stop(setting.alpha, length))}
    yield setting.experiment(
        "erratum-E3", plan, "recorded-delta", exact=True, iterations=iterations, predicted=predicted
    )


def long_plan(setting: Setting, algorithm: Algorithm) -> Plan:
    """Return a plan for a coarse target: its step rule and step factor, to be run for long.

    HF-MAML's probe is the corrected one for a target a hundred times finer, and no coarser than a hundredth of
    where FO-MAML stops.
    """
    coarse = _coarse(setting)
    plan = _within_reach(setting, algorithm, coarse)
    if not known(algorithm).probes:
        return plan
    target = min(coarse, setting.fo_plateau or coarse) / 100
    return plan.with_(probe_length=repaired_probe(plan, target))


def _coarse(setting: Setting) -> float:
    """Return a target of the size of the problem's gradients, unit F/W; any where its constants have no size."""
    c = setting.constants
    return 0.4 * c.sigma or (c.L * c.Delta) ** 0.5 or 0.4 * c.sigma_tilde or 1.0


def _within_reach(setting: Setting, algorithm: Algorithm, epsilon: float) -> Plan:
    """Recommend for a target or the nearest one that is reachable; where none is, MAML's budget."""
    given: dict[str, Any] = {"alpha": setting.alpha, "inner_steps": setting.inner_steps, "depth": 0}
    plan = recommend(setting.constants, epsilon, algorithm, **given)
    if plan.feasible:
        return plan
    if plan.smallest_epsilon is not None:
        return recommend(setting.constants, 1.01 * plan.smallest_epsilon, algorithm, **given)
    return same_budget(_within_reach(setting, MAML.name, epsilon), algorithm, like=plan)


def batch_sweep(
    setting: Setting,
    algorithm: Algorithm,
    name: str,
    sizes: Sequence[int],
    base: Mapping[str, int],
    iterations: int,
) -> Iterator[Experiment]:
    """Vary one batch size at a fixed step: the tail is the noise floor."""
    plan = long_plan(setting, algorithm)
    for size in sizes:
        sized = plan.with_(iterations=iterations, **{**base, name: size})
        yield setting.experiment(
            "batches",
            sized,
            f"{name}={size}",
            iterations=iterations,
            labels={"sweep": name, "x": size, "panel": _panel(setting)},
        )


def pointwise(setting: Setting, kind: str) -> Iterator[Experiment]:
    """Look at the lemmas or at the recorded errata, which no algorithm is needed for."""
    return setting.pointwise(kind)


def directions(
    setting: Setting,
    batches: int = 20_000,
    epsilon: float | None = None,
    theory: Theory = "sharp",
    **sizes: int,
) -> Iterator[Experiment]:
    """Measure the direction of every algorithm at points, with tiny batches; judge those that were handed in.

    A target, where there is one, says how long HF-MAML's probe may be.
    """
    target = {} if epsilon is None else {"epsilon": epsilon, "theory": theory}
    tiny = {"B": 3, "D_in": 1, "D_o": 1, "D_h": 1} | sizes
    for name in setting.algorithms:
        plan = bare_plan(setting, name, setting.usual_probe, **tiny)
        labels = {"batches": batches} | (target if name in setting.directions else {})
        yield setting.experiment("direction", plan, "moments", labels=labels)


def distinct(experiments: Iterable[Experiment]) -> list[Experiment]:
    """Drop experiments that were seen before, and number those that differ under one name."""
    seen: dict[str, list[tuple[Any, str]]] = {}
    kept = []
    for experiment in experiments:
        same, content = seen.setdefault(experiment.name, []), (identity(experiment), repr(experiment.labels))
        if content not in same:
            same.append(content)
            kept.append(replace(experiment, name=_numbered(experiment.name, len(same))))
    return kept


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}#{number}"


def usual_epsilon(setting: Setting) -> float:
    r"""Return a target for when none is given: half of :math:`\|\nabla F(w_0)\|`; where it is 0, a coarse one."""
    from empirics.problems import several

    problem, alpha = setting.problem, setting.alpha
    size = float(several.meta_gradient(problem, problem.start, alpha, setting.inner_steps).norm())
    reach = float(problem.start.norm())
    nothing = size <= round_off(gradient_scale(size + setting.constants.sigma, setting.constants.L, reach))
    return _coarse(setting) if nothing else 0.5 * size
