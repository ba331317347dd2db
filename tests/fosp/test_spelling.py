"""Terminals without a symbol get it spelled out, in columns that stay columns."""

from __future__ import annotations

import os

import pytest

from bounds import explain, statements
from bounds.rendering.spelling import spelled


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("α ≤ 1/6", "alpha <= 1/6"),
        ("σ̃ and β̃", "sigma_tilde and beta_tilde"),
        ("‖∇F(w)‖ − 3×10⁻²", "||grad F(w)|| - 3x10^-2"),
        ("Δ, γ, λ, ϕ, ℓ", "Delta, gamma, lambda, phi, ell"),
        ("μ̄₁ – K², B′", "mu_bar_1 - K^2, B'"),
        ("Zürich", "Zurich"),
        ("──┼──", "--+--"),
        ("plain ~ text", "plain ~ text"),
        ("漢", "?"),
    ],
)
def test_symbols_become_words(text, plain):
    assert spelled(text) == plain


def test_every_formula_can_be_spelled():
    for name in list(statements())[::25]:
        told = explain(name)
        assert "?" not in spelled(told["formula"]["unicode"])
        assert told["formula"]["plain"].isascii()
        assert all(part["plain"].isascii() for part in told["where"])


@pytest.fixture
def printed(warm, tmp_path):
    """What a command prints on a terminal with so many letters."""

    def run(*argv, encoding):
        env = os.environ | {"PYTHONIOENCODING": encoding, "COLUMNS": "200"}
        done = warm.run("fosp", *argv, cwd=tmp_path, environment=env)
        assert done.stderr == ""
        return done.stdout

    return run


PLAN = [
    *("recommend", "--epsilon", "0.1", "--algorithm", "maml"),
    *(f"--{name}=1" for name in ("L", "rho", "sigma", "sigma-tilde", "sigma-H", "Delta")),
]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_plan_is_readable_without_greek(printed, encoding):
    page = printed(*PLAN, encoding=encoding)
    assert "inner step alpha" in page
    assert "E||grad F||" in page
    assert "?" not in page
    table = [line for line in page.splitlines() if line.startswith("|")]
    widths = {len(line) for line in table[:10]}
    assert len(widths) == 1


def test_a_formula_is_drawn_where_it_can_be_and_in_one_line_elsewhere(printed):
    drawn = printed("explain", "sharp.maml.guarantee", encoding="utf-8")
    plain = printed("explain", "sharp.maml.guarantee", encoding="ascii")
    assert "╱" in drawn
    assert "b0*t/2 + sqrt(4*a0*t + b0**2*t**2)/2" in plain
    assert "?" not in plain
