"""``fosp --theory``: what other packages add."""

from __future__ import annotations

import pytest

from fosp.command import own
from fosp.theories import THEORY, typed

HELLO = """
from fosp.command import Command
COMMAND = Command("hello", "Say hello to all who read this.", lambda parser: None, lambda _: print("hello") or 0)
"""


LEFT = """
from bounds.standing import Left
from bounds.stating import GRADIENT, derived
from bounds.symbols import gradient
WRONG = derived("wrong", "wrong", "x", gradient, GRADIENT, "a test", left=Left(lambda point: point.{}))
"""

OWN = """
from bounds.stating import OBJECTIVE, derived
from bounds.symbols import Delta, L, quantity
from bounds.units import unit
MU = quantity("mu", unit(1, -2), r"\\mu", "constant of the Polyak-Lojasiewicz inequality")
LEFT = (1 - MU.symbol / L) * Delta
STEP = derived("pl.step", "one step", "f(w_1)-f^*", LEFT, OBJECTIVE, "a test", quantities=(MU,))
"""


LACKING = (
    OWN
    + """
from bounds.standing import Left
mean = Left(lambda point: point.length(point.g.mean(1)))
LEMMA = derived("pl.lemma", "a lemma", "f(w_1)-f^*", LEFT, OBJECTIVE, "a test", quantities=(MU,), left=mean)
"""
)


POWER = (
    OWN
    + """
from bounds.stating import HESSIAN
from bounds.symbols import K
from bounds.theory import smoothness
POWER = L * (1 - MU.symbol / L) ** K
words = ("pl.power", "a power", "S", POWER, HESSIAN, "a test")
RATE = derived(*words, quantities=(MU,), sharpens=smoothness.RECORDED_SMOOTHNESS)
"""
)


@pytest.fixture
def hello(here):
    (here / "greeting.py").write_text(HELLO)
    return here


def test_the_commands_keep_their_order():
    order = "recommend explore validate sweep figures report explain problems constants falsify"
    assert [command.name for command in own()] == [*order.split(), "audit", "estimate", "measure"]


def test_a_module_of_the_working_directory_adds_a_command(hello, shell):
    outcome = shell("--theory", "greeting", "hello")
    assert (outcome.code, outcome.out, outcome.err) == (0, "hello\n", "")
    assert shell("hello").code == 2
    assert "hello" in shell("--theory=greeting", "--help").out


def test_several_are_named_with_commas_or_one_by_one(hello, shell):
    (hello / "farewell.py").write_text(HELLO.replace("hello", "bye"))
    for named in (("--theory", "greeting,farewell"), ("--theory", "greeting", "--theory", "farewell")):
        assert [shell(*named, word).out for word in ("hello", "bye")] == ["hello\n", "bye\n"]


@pytest.mark.parametrize("text", ["raise ValueError('not today')", "import nothing_of_this_name", "def ("])
def test_what_cannot_be_imported_is_refused_in_one_line(here, shell, text):
    (here / "broken.py").write_text(text)
    outcome = shell("--theory", "broken", "problems")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(
        "fosp: --theory = 'broken': must be a package or module that can be imported; "
    )
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "named", [("--theory", "nowhere.at_all"), ("--theory", ""), ("--theory=",), ("--theory", "..")]
)
def test_a_name_of_no_module_is_refused(shell, named):
    outcome = shell(*named, "problems")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)


def test_a_second_command_of_one_name_is_refused(here, shell):
    (here / "double.py").write_text(HELLO.replace("hello", "explain"))
    outcome = shell("--theory", "double", "explain")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "'explain': is the name of two commands" in outcome.err


@pytest.mark.parametrize(
    ("argv", "found"),
    [
        (["--theory", "a", "recommend", "--theory", "sharp"], ["a"]),
        (["recommend", "--theory", "sharp"], []),
        (["--theory=a", "--theory", "b,c", "explain"], ["a", "b,c"]),
        (["--theory"], [""]),
    ],
)
def test_only_what_stands_before_the_command_is_meant(argv, found):
    assert typed(argv) == found


def test_the_environment_names_them_too(hello, shell, monkeypatch):
    monkeypatch.setenv(THEORY, "greeting")
    assert shell("hello").out == "hello\n"


FALSIFY = ("falsify", "sharp.wrong", "--rounds", "2")
LEMMA = ("validate", "--problem", "ripple:dim=2,n_tasks=4", "--epsilon", "0.3", "--claims", "lemma")


@pytest.mark.parametrize(
    ("attribute", "words", "command"),
    [
        ("inner", "no attribute 'inner'", FALSIFY),
        ("g.mean()", "one number an instance", FALSIFY),
        ("g[5:9, 99]", "IndexError", FALSIFY),
        ("g.mean((1, 2)) * float('nan')", "NaN at 64 of 64 instances", FALSIFY),
        ("inner", "no attribute 'inner'", LEMMA),
    ],
)
def test_a_left_side_that_cannot_be_taken_is_refused_in_one_line(here, forked, attribute, words, command):
    (here / "others_left.py").write_text(LEFT.format(attribute))
    outcome = forked("--theory", "others_left", *command)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "left side of sharp.wrong" in outcome.err
    assert words in outcome.err
    assert ("outer" in outcome.err) == ("mean" not in attribute)


def test_a_file_in_the_place_of_a_module_is_told_how_to_write_it(hello, shell):
    outcome = shell("--theory", "greeting.py", "hello")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "write greeting, the module and not its file" in outcome.err


@pytest.mark.parametrize(
    ("expression", "unit", "words"),
    [
        ("sigma * 0.5", "GRADIENT", "a formula must be exact"),
        ("sigma * oo", "GRADIENT", "a formula must be finite"),
        ("sigma", "HESSIAN", "sharp.mine has the unit"),
        ("1 / 0", "GRADIENT", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_statement_that_cannot_be_made_is_refused_in_words(here, forked, expression, unit, words):
    lines = ("from sympy import oo", "from bounds.stating import *", "from bounds.symbols import sigma")
    (here / "others_wrong.py").write_text(
        "\n".join((*lines, f'A = derived("mine", "", "x", {expression}, {unit}, "")'))
    )
    outcome = forked("--theory", "others_wrong", "explain", "sharp.mine")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert words in outcome.err
    assert "InputError" not in outcome.err
    assert "UnitError" not in outcome.err


def test_a_statement_may_have_a_quantity_of_its_own(here, forked):
    (here / "pl.py").write_text(OWN)
    outcome = forked("--theory", "pl", "explain", "sharp.pl.step", "L=2", "mu=1/2", "Delta=1")
    assert outcome.code == 0
    assert "value: 0.75 (unit F)" in outcome.out
    assert "μ (mu): constant of the Polyak-Lojasiewicz inequality, unit F W^-2" in outcome.out
    missing = forked("--theory", "pl", "explain", "sharp.pl.step", "L=2", "Delta=1")
    assert (missing.code, missing.err.count("\n")) == (2, 1)
    assert "mu is missing" in missing.err


def test_what_cannot_be_searched_says_what_it_lacks(here, forked):
    (here / "lacking.py").write_text(LACKING)
    for name, lacks in (("pl.lemma", "no instance gives a value of Delta, mu"), ("pl.step", "no left side")):
        outcome = forked("--theory", "lacking", "falsify", f"sharp.{name}")
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
        assert lacks in outcome.err
        assert "over(statement" in outcome.err
        assert "did you mean" not in outcome.err


def test_what_the_prover_cannot_compare_is_undecided_with_the_reason(here, forked):
    (here / "power.py").write_text(POWER)
    outcome = forked("--theory", "power", "explain", "sharp.pl.power")
    assert (outcome.code, outcome.err) == (0, "")
    assert "against paper.smoothness: undecided (no translation of (-mu/L + 1)**K" in outcome.out


def test_a_point_without_a_real_value_is_said_so(here, forked):
    (here / "power.py").write_text(POWER)
    outcome = forked("--theory", "power", "explain", "sharp.pl.power", "L=1", "mu=2.5", "K=2.5")
    assert (outcome.code, outcome.err) == (0, "")
    assert "No value: it has no real value at L = 1, K = 2.5, mu = 2.5." in outcome.out
