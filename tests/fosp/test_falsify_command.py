import json


def test_a_broken_claim_gives_exit_code_1_and_its_instance(cli):
    outcome = cli("falsify", "paper.second-moment", "--rounds", "200", "--json")
    document = json.loads(outcome.out)
    assert outcome.code == 1
    assert document["broken"] is True
    assert document["ratio"] > 1.05


def test_a_claim_that_holds_gives_exit_code_0(cli):
    outcome = cli("falsify", "sharp.second-moment", "--rounds", "50")
    assert outcome.code == 0
    assert "not broken" in outcome.out


def test_without_a_claim_the_names_are_listed_and_an_unknown_one_is_refused(cli):
    assert "paper.second-moment" in cli("falsify").out.splitlines()
    outcome = cli("falsify", "paper.nothing")
    assert outcome.code == 2
    assert "CLAIM" in outcome.err
