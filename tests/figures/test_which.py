"""The comparison of algorithms says what was run: where each stops, and the cheapest that minimises F."""

from figures import which
from figures.which import LOOKS, SHOWN


def test_the_table_names_the_cheapest_that_gets_there(frames):
    frame = frames["which"]
    assert set(frame["algorithm"]) == set(LOOKS)
    header, _, plateau, quadratic = which.table(frame).splitlines()
    assert header.count("|") == len(LOOKS) + 3
    assert [cell.strip() for cell in plateau.split("|")][-2] == "MAML"
    assert [cell.strip() for cell in quadratic.split("|")][-2].startswith("Reptile")
    sizes = frame.set_index(["problem", "algorithm"])["size"].loc["plateau:dim=1,n_tasks=2,seed=0"]
    assert sizes["maml"] < SHOWN["size"] < sizes["iMAML"] < sizes["fo-maml"] < sizes["Reptile"]


def test_no_cheapest_is_named_where_none_gets_there(frames):
    frame = frames["which"].assign(size=1.0)
    assert which.table(frame).splitlines()[-1].split("|")[-2].strip() == "none"
