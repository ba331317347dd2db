"""Statements and algorithms are named once, in the theory; every other room imports the objects."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from bounds import statements
from bounds.theory.algorithms import names

ROOT = Path(__file__).parents[2]
PACKAGES = ("bounds", "empirics", "validate", "figures", "fosp")
HOME = ROOT / "bounds" / "theory"


@cache
def every_literal():
    """Return each literal outside the theory, and where it is."""
    return [
        (node.value, f"{path.relative_to(ROOT)}:{node.lineno}")
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if not path.is_relative_to(HOME)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    ]


def literals(wanted):
    """Return where a string literal is one of the wanted names."""
    return [place for value, place in every_literal() if value in wanted]


def test_no_literal_is_the_name_of_a_statement():
    assert literals(set(statements())) == []


def test_no_literal_is_the_name_of_an_algorithm():
    assert literals(set(names())) == []


def test_the_count_sees_a_name():
    """Every file has docstrings: the walk reaches constants."""
    assert literals({"fosp"})
