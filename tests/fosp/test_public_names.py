"""Everything public comes from ``fosp`` too, and nothing heavy comes with it."""

import subprocess
import sys
from importlib import import_module

import pytest

import fosp

ROOMS = ("bounds", "empirics", "validate")


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_offers_is_the_same_object_under_fosp(room):
    offered = import_module(room)
    for name in offered.__all__:
        assert getattr(fosp, name) is getattr(offered, name)
        assert name in dir(fosp)


def test_what_a_command_is_called_is_importable_too():
    from empirics import measure_gradient

    assert fosp.measure is measure_gradient


def test_no_name_means_two_things():
    names = [name for room in ROOMS for name in import_module(room).__all__]
    assert len(names) == len(set(names))


def test_a_name_that_is_not_offered_is_refused():
    with pytest.raises(ImportError, match="recomend"):
        exec("from fosp import recomend")
    with pytest.raises(AttributeError, match="'fosp' has no attribute '_HOME'"):
        _ = fosp._HOME


def test_the_first_name_imports_no_more_than_it_needs():
    code = (
        "import sys, fosp\n"
        "assert not {'numpy', 'sympy', 'torch'} & set(sys.modules), 'import fosp'\n"
        "from fosp import Constants, recommend\n"
        "assert 'torch' not in sys.modules, 'recommend'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
