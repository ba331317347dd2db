"""What is on disk says what the theory says: the same plans to the bit; where it may not, it is not read."""

from __future__ import annotations

import contextlib
import io
import json
import math
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import get_args

import pytest
from fewer import first

from bounds import Constants, InputError, kit, recommend
from bounds.kit import live, sources, stating, stored, writing
from bounds.kit.facts import FACTS
from bounds.members import THEORY
from bounds.plan import Plan, Theory
from bounds.recommendation import Cost, best_for_batches, best_for_samples, halved, pareto
from bounds.theory import algorithms, complexity
from bounds.theory.algorithms.maml import MAML
from fosp.plans import print_plans

ROOT = Path(__file__).parents[2]
CASE = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)
BESIDE = {
    "arguments", "assurance", "constants", "errors", "files", "importing", "installed", "lazily", "plan",
    "rendering", "rendering.enclosing", "rendering.names",
}  # fmt: skip
"""Modules that are imported while the kit is made, through which no formula passes."""


@pytest.fixture
def on_disk(monkeypatch):
    """Take what is on disk, though the theory has been imported."""
    monkeypatch.setattr(kit, "OF_FORMULAS", ())
    assert isinstance(kit.source(), stored.Stored), "not up to date: python -m bounds.kit"


@pytest.fixture
def fresh():
    """Forget what was read, before and after."""

    def forget():
        for one in (sources.fingerprint, stored.read, stored.current, stored._made_from):
            one.cache_clear()

    forget()
    yield forget
    forget()


@pytest.fixture
def copied(tmp_path, monkeypatch, fresh, on_disk):
    """A copy of the files, which may be changed."""
    home = tmp_path / "bounds"
    shutil.copytree(sources.HOME, home, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sources, "HOME", home)
    fresh()
    assert isinstance(kit.source(), stored.Stored)
    return home


# what is on disk


def test_what_is_on_disk_is_what_would_be_written():
    found = {steps: writing.content(steps) for steps in writing.counts()}
    for steps, data in found.items():
        assert sources.file(steps).read_bytes() == data, "python -m bounds.kit"
    assert sources.made_from().read_text(encoding="utf-8") == writing.made_from(found), "python -m bounds.kit"


def test_another_constant_in_the_theory_would_be_written():
    table, same = writing._Table(), writing._Table()
    part = MAML.parts[-1]
    wrong = replace(MAML, parts=(*MAML.parts[:-1], replace(part, expression=part.expression * 2)))
    assert writing._subject(table, wrong) != writing._subject(same, MAML) or table != same
    assert writing._subject(writing._Table(), MAML) == writing._subject(writing._Table(), MAML)


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("name", live.names())
def test_what_is_read_back_is_what_the_theory_has(name, steps):
    ours, theirs = stored.current().subject(name, steps), live.subject(name, steps)
    assert ours is not theirs
    for fact in (*FACTS, "range", "recorded"):
        assert getattr(ours, fact) == getattr(theirs, fact), fact
    assert ours.choosing.parts == theirs.choosing.parts
    for theory, reachable, sigma in product(get_args(Theory), (True, False), (0.0, 1e-300, 0.3, 7.0)):
        assert ours.obstacle(theory, reachable, sigma) == theirs.obstacle(theory, reachable, sigma)
    for way in complexity.ways(algorithms.algorithm(name, steps)):
        one, other = (subject.way(way.rule.name, way.finite, way.levels) for subject in (ours, theirs))
        for what in ("rule", "kind", "names", "iterations", "limit", "curve", "still"):
            assert getattr(one, what) == getattr(other, what), (way, what)
        assert (one.guarantee.name, one.guarantee.symbols) == (other.guarantee.name, other.guarantee.symbols)
        for quantity in complexity.QUANTITIES:
            named = complexity.theorem(quantity, algorithms.algorithm(name, steps), *way).name
            assert ours.finder.rule_of(named) == theirs.finder.rule_of(named) == way.rule.name


def test_every_module_that_decides_a_formula_is_in_the_hash():
    code = """
import sys
from bounds.kit import writing
writing.content(1)
print("\\n".join(name.removeprefix("bounds.") for name in sys.modules if name.startswith("bounds.")))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    known = {name.removesuffix(".py").removesuffix("/__init__") for name, _ in sources._files()}
    assert set(told.stdout.split()) - {name.replace("/", ".") for name in known} <= BESIDE


# where it is not read


def test_it_is_not_read_where_the_theory_has_been_imported():
    assert kit.source() is live


def test_it_is_not_read_where_somebody_elses_theory_is_named(monkeypatch, on_disk):
    monkeypatch.setenv(THEORY, "theirs")
    assert kit.source() is live


def test_it_is_not_written_with_somebody_elses_theory(monkeypatch):
    monkeypatch.setenv(THEORY, "theirs")
    with pytest.raises(InputError, match="theirs"):
        writing.write()


def test_it_is_not_read_where_somebody_elses_theory_is_installed(monkeypatch, on_disk):
    monkeypatch.setattr("bounds.members._installed", lambda: ("theirs",))
    assert kit.source() is live


@pytest.mark.parametrize(
    "name", ["theory/algorithms/maml.py", "symbols.py", "derivation/tools.py", "kit/live.py"]
)
def test_it_is_not_read_where_a_module_is_another_one(name, copied, fresh):
    file = copied / name
    file.write_text(file.read_text() + "\n")
    fresh()
    assert kit.source() is live


def test_it_is_not_read_where_there_is_a_module_more_or_less(copied, fresh):
    more = copied / "theory" / "algorithms" / "another.py"
    more.touch()
    fresh()
    assert kit.source() is live
    more.unlink()
    fresh()
    assert kit.source() is not live
    (copied / "theory" / "algorithms" / "fo_maml.py").unlink()
    fresh()
    assert kit.source() is live


def test_it_is_not_read_with_another_sympy(tmp_path, monkeypatch, copied, fresh):
    other = tmp_path / "release.py"
    other.write_text('__version__ = "1.14.1"\n')
    monkeypatch.setattr(sources, "_sympy", lambda: other)
    fresh()
    assert kit.source() is live


@pytest.mark.parametrize(
    "damage",
    [lambda text: text.replace("2*", "3*", 1), lambda text: text[:-9], lambda text: 200_000 * "["],
    ids=["another", "shorter", "too deep"],
)
@pytest.mark.parametrize("name", [lambda: sources.file(1), sources.made_from])
def test_it_is_not_read_where_it_is_damaged(damage, name, copied, fresh):
    file = name()
    whole = file.read_text()
    file.write_text(damage(whole.replace('"1": "', '"1": "2*')))
    fresh()
    assert kit.source() is live


def test_it_is_not_read_where_there_is_none_or_in_a_zip_file(copied, fresh, monkeypatch):
    sources.file(1).unlink()
    fresh()
    assert kit.source() is live
    monkeypatch.setattr(sources, "HOME", copied / "bounds.zip" / "bounds")
    fresh()
    assert kit.source() is live


def test_what_it_does_not_have_is_the_theorys(copied, fresh):
    sources.file(3).unlink()
    fresh()
    assert kit.subject(MAML.name, 3) is live.subject(MAML.name, 3)
    assert kit.subject(MAML.name, 2) is not live.subject(MAML.name, 2)


# the same plans


def drawn(rng: random.Random) -> dict[str, object]:
    """A request, its constants over twelve orders of magnitude, each of which may be 0."""

    def size(zero: float = 0.2) -> float:
        return (
            0.0
            if rng.random() < zero
            else 10 ** rng.uniform(-6, 6)
            if rng.random() < 0.3
            else rng.uniform(0.1, 2)
        )

    L = size(0)
    steps = rng.choice((1, 1, 1, 1, 2, 3, 10))
    alpha = rng.choice((None, rng.uniform(0.001, 0.75 / steps) / L))
    asked: dict[str, object] = {
        "constants": Constants(L, size(), size(), size(), size(), size(), rng.choice((None, size()))),
        "epsilon": rng.choice((0.1, size(0))),
        "algorithm": rng.choice(live.names()),
        "theory": rng.choice(("sharp", "sharp", "paper")),
        "alpha": alpha,
        "step": rng.choice((None, None, "sampled", "self-scaled", "constant")),
        "inner_steps": steps,
        "n_tasks": rng.choice((None, None, rng.randint(1, 60))),
        "depth": rng.choice((None, None, None, 0, 3)),
        "fixed": rng.choice(({}, {}, {"D_in": 5, "D_o": 5}, {"B": 4}, {"B_prime": 3}, {"D_h": 2})),
        "max_iterations": rng.choice((math.inf, math.inf, 1000)),
        "cost": Cost(hessian=rng.choice((1.0, 2.5))),
    }
    return asked


def answered(asked: dict[str, object]) -> dict[str, object]:
    """Everything that is said about a request, refusals and the printed page too."""
    try:
        plan = recommend(**asked)
    except InputError as error:
        return {"refused": str(error), "kind": type(error)}
    worth = halved(plan, **{name: asked[name] for name in ("cost", "fixed", "max_iterations")})
    page = io.StringIO()
    with contextlib.redirect_stdout(page):
        print_plans([plan], [worth])
    fields = {name: getattr(plan, name) for name in Plan.__dataclass_fields__}
    return {"plan": json.dumps(plan.to_dict()), "halved": worth, "page": page.getvalue(), **fields}


def compared(asked, monkeypatch, answer=answered):
    """Return the answer of the theory, after that from what is on disk was seen to be the same."""
    monkeypatch.setattr(kit, "source", stored.current)
    found = answer(asked)
    monkeypatch.setattr(kit, "source", lambda: live)
    assert answer(asked) == found
    return found


@pytest.mark.parametrize("seed", range(40))
def test_plans_are_the_same_to_the_bit(seed, monkeypatch):
    compared(drawn(random.Random(seed)), monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_hundreds_of_plans_are_the_same_to_the_bit(block, monkeypatch):
    rng = random.Random(f"kit {block}")
    for _ in range(50):
        compared(drawn(rng), monkeypatch)


def test_both_feasible_plans_and_refusals_are_among_those():
    told = [answered(drawn(random.Random(seed))) for seed in range(40)]
    feasible = sum(bool(one.get("feasible")) for one in told)
    refused = sum("refused" in one for one in told)
    assert min(feasible, refused, len(told) - feasible - refused) >= 4


def test_the_comparison_sees_the_next_float(monkeypatch):
    number = stating.Stated._number
    monkeypatch.setattr(
        stating.Stated, "_number", lambda self, chosen: math.nextafter(number(self, chosen), math.inf)
    )
    asked = {"constants": CASE, "epsilon": 0.1, "cost": None, "fixed": None, "max_iterations": math.inf}
    with pytest.raises(AssertionError):
        compared(asked, monkeypatch)


@pytest.mark.parametrize(
    "answer",
    [
        lambda name: recommend(CASE, 0.3, name, confidence=0.9).to_dict(),
        lambda name: recommend(replace(CASE, M=1.0), 0.3, name, step="constant", confidence=0.5).to_dict(),
        lambda name: best_for_samples(CASE, 1e5, name).to_dict(),
        lambda name: best_for_batches(CASE, {"D_in": 5}, name),
        lambda name: [plan.to_dict() for plan in pareto(CASE, 0.3, name)],
    ],
)
@pytest.mark.parametrize("name", first(1, live.names()))
def test_other_questions_have_the_same_answers(name, answer, monkeypatch):
    def said(name):
        try:
            return answer(name)
        except InputError as error:
            return str(error)

    compared(name, monkeypatch, said)


def test_a_bound_outside_its_domain_or_without_a_value_is_the_statements(on_disk):
    ours, theirs = (one.way("sampled").guarantee for one in (kit.subject(MAML.name), live.subject(MAML.name)))
    plan = recommend(CASE, 0.1)
    inside = plan.values()
    assert (ours.name, ours.symbols) == (theirs.name, theirs.symbols)
    assert ours(**inside) == theirs(**inside)
    assert ours.enclose(**inside) == theirs.enclose(**inside)
    assert ours.at(inside) == theirs.at(inside)
    for change in (
        {"alpha": 0.9},
        {"K": 0},
        {"L": -1.0},
        {"sigma": math.inf},
        {"c": 1e9},
        {"B": None},
        {"L": "x"},
    ):
        told = []
        for one in (ours, theirs):
            for call in (one, one.enclose):
                with pytest.raises(InputError) as caught:
                    call(**{**inside, **change})
                told.append(str(caught.value))
        assert told[:2] == told[2:]


def test_the_usual_algorithm_is_the_same(copied, fresh):
    assert kit.usual() == stored.current().usual == MAML.name
    sources.file(1).unlink()
    fresh()
    assert kit.usual() == MAML.name


def test_other_subjects_are_the_theorys_own(on_disk):
    for name, steps in (("nobody", 1), (MAML.name, 0), (MAML.name, 11), (MAML.name, True), (MAML.name, 1.0)):
        told = []
        for one in (kit.subject, live.subject):
            with contextlib.suppress(InputError):
                told.append(one(name, steps).name)
                continue
            with pytest.raises(InputError) as caught:
                one(name, steps)
            told.append(str(caught.value))
        assert told[0] == told[1]
