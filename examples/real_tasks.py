"""Handwritten digits, five at a time: the plan from estimated constants beside what people do by habit.

``python real_tasks.py [SAMPLES]``; a million samples show more than the usual ten thousand.
"""

import sys

import matplotlib.pyplot as plt
import pandas as pd
import torch

from bounds.recommendation import best_for_samples
from bounds.theory.algorithms import algorithms
from empirics import estimate
from empirics.estimation.tasks import digits
from empirics.estimation.training import Recipe, recipe_of, train

HABITS = {"habit, alpha 0.01": 0.01, "habit, alpha 0.4": 0.4}
"""Adam at 0.001, 25 tasks, 10 samples a batch; the inner steps of the first MAML code for waves and characters."""


def recipes(model, samples):
    """Yield the plan for each algorithm that these samples allow, and the habits."""
    constants = estimate(model, rounds=1).constants()
    for name in algorithms():
        plan = best_for_samples(constants, samples, name, alpha=0.2 / constants.L, step="sampled", depth=0)
        print(f"{name}: E||grad F|| <= {plan.epsilon:.3g} {plan.condition}")
        yield f"plan, alpha {plan.alpha:.2g}", recipe_of(plan)
        for habit, alpha in HABITS.items():
            D_h = 10 if plan.D_h else 0
            steps = int(samples // (25 * (20 + D_h)))
            own = {"optimiser": lambda w: torch.optim.Adam(w, 1e-3), "probe_length": plan.probe_length}
            yield habit, Recipe(name, alpha, 25, 10, 10, D_h, steps, **own)


def main() -> None:
    """Train every way on as many samples; show what new tasks say."""
    samples = float(sys.argv[1]) if len(sys.argv) > 1 else 1e4
    looks = 8 if samples > 1e5 else 1
    runs = {(r.algorithm, how): train(digits(), r, looks=looks) for how, r in recipes(digits(), samples)}
    last = {
        key: run.iloc[-1][["gradient", "lower", "upper", "loss", "accuracy"]] for key, run in runs.items()
    }
    print(pd.DataFrame(last).T.astype(float).round(3).to_string())
    _, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained")
    for (name, how), run in runs.items():
        for axis, column in zip(axes, ("gradient", "loss", "accuracy"), strict=True):
            axis.plot(run.samples, run[column], label=f"{name}: {how}")
            axis.set(xlabel="samples", title=column)
    axes[0].legend(fontsize=5)
    plt.savefig("real_tasks.svg")
    print("real_tasks.svg")


if __name__ == "__main__":
    main()
