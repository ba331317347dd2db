"""Specifications: round trips, and one clear line for every mistake."""

import pytest

from bounds.errors import InputError
from empirics import problems


@pytest.mark.parametrize("family", [f.name for f in problems.families()])
def test_defaults_build_and_round_trip(family):
    problem = problems.from_spec(family)
    again = problems.from_spec(problem.spec)
    assert again == problem
    assert again.spec == problem.spec
    assert again.start.equal(problem.start)


def test_canonical_form_does_not_depend_on_how_it_was_typed():
    typed = problems.from_spec(" ripple: sigma=1/2 , n_tasks=50,rotate=TRUE,L=1.0")
    assert typed.spec == "ripple:dim=10,n_tasks=50,seed=0,sigma=0.5"


def test_a_number_survives_exactly():
    problem = problems.from_spec("ripple:sigma=1/3")
    assert problem.sigma == 1 / 3
    assert problems.from_spec(problem.spec).sigma == 1 / 3


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        ("riple:dim=3", "riple"),
        ("", "family"),
        ("ripple:dimension=3", "dimension=3"),
        ("ripple:dim", "'dim'"),
        ("ripple:dim=3,dim=4", "once"),
        ("ripple:dim=0", "dim = 0"),
        ("ripple:dim=2.5", "an integer"),
        ("ripple:n_tasks=3", "n_tasks = 3"),
        ("ripple:sigma=0", "sigma = 0"),
        ("ripple:sigma=nan", "sigma"),
        ("ripple:L=inf", "L"),
        ("ripple:L=1/0", "L"),
        ("ripple:rotate=maybe", "rotate"),
        ("ripple:Delta=1e-6", "Delta"),
        ("ripple:sigma_tilde=0,sigma_H=1", "sigma_H"),
        ("ripple:oracle=both", "oracle"),
        ("plateau:n_tasks=3", "n_tasks"),
        ("quadratic:mu=2", "mu"),
        ("no_such_module:factory", "no_such_module"),
        ("math:no_such_factory", "no_such_factory"),
        ("collections:OrderedDict", "OrderedDict"),
    ],
)
def test_mistakes_are_named(spec, named):
    with pytest.raises(InputError) as caught:
        problems.from_spec(spec)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_factory_is_found_in_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "mine_for_spec.py").write_text(
        "from empirics import problems\ndef make():\n    return problems.Quadratic(dim=2)\n"
    )
    monkeypatch.chdir(tmp_path)
    assert problems.from_spec("mine_for_spec:make").dim == 2


def test_families_list_their_parameters():
    listed = {f.name: {p.name: p.default for p in f.parameters} for f in problems.families()}
    assert listed["ripple"]["n_tasks"] == "50"
    assert all({"dim", "n_tasks", "seed"} <= set(parameters) for parameters in listed.values())
    assert all(f.summary and "`" not in f.summary for f in problems.families())
