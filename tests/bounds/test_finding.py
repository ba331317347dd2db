"""A statement is found by what a reader remembers of it."""

from __future__ import annotations

import pytest

from bounds.finding import find


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("61", "paper.maml.accuracy"),
        ("14", "paper.fo-maml.accuracy"),
        ("911/1000", "paper.maml.accuracy"),
        ("gradient-relation", "paper.gradient-relation"),
        ("0.911", "paper.maml.accuracy"),
        ("Schatten", "sharp.matrix.mean"),
    ],
)
def test_the_closest_comes_first(word, first):
    assert find(word)[0] == first


def test_a_number_is_not_found_inside_another():
    assert "paper.maml.accuracy" not in find("6")[:1]
    assert find("6161") == []


def test_a_word_of_the_theory_finds_its_lemmas():
    found = find("gradient")
    assert {"sharp.gradient-relation", "sharp.second-moment"} <= set(found)
    assert find("no such word") == []
