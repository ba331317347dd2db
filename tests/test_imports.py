"""No import goes round in a circle, those inside functions included."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

PACKAGES = ("bounds", "empirics", "validate", "figures", "fosp", "studies")


def round_trip(imports):
    """Raise CycleError with the modules of a circle, where there is one."""
    TopologicalSorter(imports).prepare()


def test_no_import_goes_round():
    graph = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    round_trip({module: graph.find_modules_directly_imported_by(module) for module in graph.modules})


def test_a_circle_is_seen():
    with pytest.raises(CycleError):
        round_trip({"a": {"b"}, "b": {"c"}, "c": {"a"}})
