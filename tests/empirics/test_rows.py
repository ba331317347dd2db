"""Coordinates in which nothing is turned, and rows that do not see each other: what sweeps build on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from empirics import algorithms, problems, simulate, trajectory
from empirics.cells import Cell
from empirics.draws import Mixed
from empirics.measure import measure_block
from empirics.problems import Ripple, from_spec
from empirics.problems.spec import found
from empirics.sweeps import together

SPECS = [f"{name}:dim=5" for name in found()] + [
    "ripple:dim=1",
    "ripple:oracle=one-sided",
    "plateau:sigma_tilde=0.3",
]


def problem_of(spec):
    try:
        return from_spec(spec)
    except ValueError:
        return from_spec(spec.partition(":")[0])


def rowwise():
    return [spec for spec in SPECS if problem_of(spec).unturned().rowwise]


def test_most_families_are_rowwise_and_those_with_products_of_matrices_are_not():
    names = {spec.partition(":")[0] for spec in rowwise()}
    assert {"ripple", "plateau", "shared-hessian", "trapezoid"} <= names
    assert not {"robust-regression", "sigmoid-classification"} & names
    assert not from_spec("ripple").rowwise, "as long as it is turned"


@pytest.mark.parametrize("algorithm", ["maml", "fo-maml", "hf-maml"])
@pytest.mark.parametrize("spec", rowwise())
def test_no_bit_of_a_row_depends_on_its_place(spec, algorithm, plans):
    plan = plans(algorithm=algorithm)
    cells = [Cell(spec, plan, replicates=7, seed=seed, iterations=3) for seed in (0, 1, 5)]
    alone = [cell.compute(cell.blocks()[0]) for cell in cells]
    run, starts = cells[0].run(), cells[0].starts()
    keys = [(cell.seed, cell.experiment, row) for cell in cells for row in range(7)]
    order = np.random.default_rng(0).permutation(len(keys))
    height = run.layout().replicates
    blocks = [Mixed(tuple(keys[n] for n in order[low : low + height])) for low in range(0, len(keys), height)]
    mixed = np.concatenate([measure_block(run, block, starts, cells[0].recorded) for block in blocks])
    assert mixed[np.argsort(order)].tobytes() == np.concatenate(alone).tobytes()


@pytest.mark.parametrize("seeds", [3, 30])
def test_cells_computed_together_have_the_bits_that_they_have_alone(seeds, plan):
    cells = [
        Cell("ripple:dim=3,n_tasks=4", plan, replicates=5, seed=seed, iterations=4) for seed in range(seeds)
    ]
    assert together.joinable(cells[0])
    joined = together.computed([(cell, range(1)) for cell in cells])
    for cell, table in zip(cells, joined, strict=True):
        assert table.tobytes() == cell.compute(cell.blocks()[0]).tobytes()


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "maml-full-hessian"},
        {"exact": True},
        {"problem": "robust-regression:dim=2,n_tasks=3"},
    ],
)
def test_what_is_not_elementwise_is_computed_alone(plan, changes):
    assert not together.joinable(Cell(**{"problem": "ripple:dim=3,n_tasks=4", "plan": plan, **changes}))


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("algorithm", ["maml", "fo-maml", "hf-maml"])
@pytest.mark.parametrize("inner_steps", [1, 2])
def test_the_own_coordinates_give_the_run_of_the_turned_tasks(plan, algorithm, exact, inner_steps):
    """The same direction, which does not say that it commutes, is run in the coordinates of w."""
    plan = plan.with_(algorithm=algorithm, inner_steps=inner_steps)
    problem = from_spec("ripple:dim=4,n_tasks=5")
    known = algorithms.for_plan(plan)
    assert getattr(known, algorithms.COMMUTES)
    turned, own = (
        trajectory(problem, plan, direction=direction, replicates=3, exact=exact)
        for direction in (lambda *arguments: known(*arguments), known)
    )
    np.testing.assert_allclose(own, turned, rtol=1e-10, atol=1e-12)


def test_a_class_with_derivatives_of_its_own_stays_as_it_is(plan):
    @dataclass(frozen=True, kw_only=True)
    class Pulled(Ripple):
        def gradient(self, tasks, w, batch=None):
            return super().gradient(tasks, w, batch) + torch.eye(self.dim, dtype=torch.float64)[0]

    pulled = Pulled(dim=3, n_tasks=4)
    assert pulled.unturned() is pulled
    assert not problems.Ripple(dim=3, n_tasks=4).unturned().turned
    assert simulate(pulled, plan, exact=True).grad_norm.notna().all()
