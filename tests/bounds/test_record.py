"""The recorded statements are the record: the program's formulas against a second, independent copy."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from record import DOMAINS, RECORD

from bounds import statement, statements
from bounds.bound import Statement
from bounds.errors import DomainError
from bounds.symbols import QUANTITIES
from studies.sabotage import Mutant, by_units, mutants

NAMES = [name for name in statements() if name.startswith("paper.")]


def points(count: int, seed: int = 0) -> list[dict[str, float]]:
    rng = random.Random(seed)
    drawn = []
    for _ in range(count):
        values = {name: 10 ** rng.uniform(-1, 1) for name in QUANTITIES}
        values["alpha"] = rng.choice((0.02, 0.09, 0.15, 0.3, 0.7, 1.5)) / values["L"] * rng.uniform(0.5, 1.1)
        values["B"] *= 10
        drawn.append(values)
    return drawn


def edges(seed: int) -> list[dict[str, float]]:
    """Points a twentieth inside or outside each batch condition."""
    found = []
    for values in points(8, seed):
        v = {**values, "alpha": 0.09 / values["L"]}
        r = v["rho"] * v["alpha"]
        sizes = {
            "maml": 2 * (v["alpha"] * v["sigma_H"]) ** 2,
            "hf-maml": 36 * (r * v["alpha"] * v["sigma_tilde"]) ** 2,
        }
        tasks, samples = (r * v["sigma"] / v["L"]) ** 2 / 2, (2 * r * v["sigma_tilde"] / v["L"]) ** 2
        for k in (0.95, 1.05):
            found += [{**v, "B": 30.0, "D_h": k * size} for size in sizes.values()]
            found += [
                {**v, "B_prime": k * tasks, "D_beta": 2 * samples},
                {**v, "B_prime": 2 * tasks, "D_beta": k * samples},
            ]
            found.append({**v, "B": k * 20, "D_h": 1e9})
            rich = {**v, "B": 30.0, "D_h": 1e12, "B_prime": 1e9, "D_beta": 1e9}
            found += [{**rich, "alpha": k * x / v["L"]} for x in (1 / 10, 1 / 6, 2**0.5 - 1, 1)]
    return found


SMALL = [{**v, "epsilon": 30 * v["epsilon"], "sigma": v["sigma"] / 30} for v in points(60, 1)]
POINTS = points(150) + SMALL + edges(2)


def departs(st: Statement) -> str:
    """Say where a statement is not the record."""
    inside, outside = DOMAINS.get(st.name, lambda v: True), 0
    for values in POINTS:
        try:
            value = float(st(**values))
        except (DomainError, ZeroDivisionError, ValueError, OverflowError, TypeError):
            if inside(values):
                return "refused inside the recorded domain"
            outside += 1
            continue
        if not inside(values):
            return "accepted outside the recorded domain"
        if isinstance(value, complex) or value != pytest.approx(RECORD[st.name](values), rel=1e-9):
            return "another value"
    return "" if outside < len(POINTS) else "never inside its domain"


def test_every_recorded_statement_has_a_second_copy():
    assert set(RECORD) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_formula_and_its_domain_are_the_record(name):
    assert departs(statement(name)) == ""


@pytest.mark.parametrize("name", NAMES[::4])
def test_an_altered_record_is_noticed(name):
    survivors = missed(statement(name))
    assert not survivors


@pytest.mark.slow
def test_every_altered_record_is_noticed():
    assert not [left for name in NAMES for left in missed(statement(name))]


def same_domain(mutant: Mutant) -> bool:
    """Whether only a condition 0 < e was altered, to 0 < e^2 for an e that is positive where it is asked for."""
    changed = [(a, b) for a, b in zip(mutant.original.domain, mutant.altered.domain, strict=True) if a != b]
    return bool(changed) and all(a.left == b.left == 0 and b.right == a.right**2 for a, b in changed)


def missed(st: Statement) -> list[str]:
    found = []
    for mutant in mutants(st):
        if by_units(mutant) or departs(mutant.altered) or same_domain(mutant):
            continue
        found.append(f"{st.name}: {mutant.place}: {mutant.change}")
    return found


def test_a_statement_that_was_renamed_is_not_the_record():
    swapped = replace(statement("paper.maml.accuracy"), name="paper.fo-maml.accuracy")
    assert departs(swapped)
