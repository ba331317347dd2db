"""One object, four renderings, the same numbers."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from xml.dom.minidom import parseString

import pytest
from test_record import points

from bounds import statement, statements
from bounds.errors import DomainError, InputError
from bounds.rendering import javascript, latex, mathml, notation, text
from bounds.rendering.notation import parse, unicode
from bounds.symbols import QUANTITIES

NODE = shutil.which("node")
POINTS = [{**values, "epsilon": values["epsilon"] * 30} for values in points(25, seed=5)]


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_javascript_gives_the_numbers_that_python_gives():
    chosen = list(statements().values())
    program = javascript.module(chosen) + (
        f"\nconst points = {json.dumps(POINTS)};"
        "\nconst out = {}; for (const name in STATEMENTS) out[name] = points.map(p => STATEMENTS[name](p));"
        "\nconsole.log(JSON.stringify(out));"
    )
    done = subprocess.run([NODE, "-"], input=program, capture_output=True, text=True, check=True)
    out = json.loads(done.stdout)
    compared = 0
    for st in chosen:
        for values, found in zip(POINTS, out[st.name], strict=True):
            expected = in_python(st, values)
            if expected is None:
                assert found is None, st.name
            else:
                assert found == pytest.approx(expected, rel=1e-11), st.name
                compared += 1
    assert compared > 500


def in_python(st, values) -> float | None:
    try:
        value = st(**values)
    except DomainError:
        return None
    return float(value) if math.isfinite(value) else None


@cache
def element(markup):
    return parseString(markup).documentElement.tagName


@pytest.mark.parametrize("name", statements())
def test_mathml_is_well_formed_and_has_a_real_minus(name):
    st = statement(name)
    for markup in (mathml.mathml(st), *mathml.definitions(st), *(mathml.condition(st, c) for c in st.domain)):
        assert element(markup) == "math"
        assert "<mo>-</mo>" not in markup
        assert "_" not in markup


@cache
def converted(source):
    """Statements share most of their parts."""
    from latex2mathml.converter import convert

    return convert(source)


@pytest.mark.parametrize("name", statements())
def test_latex_is_accepted_by_a_reader(name):
    st = statement(name)
    for source in (latex.latex(st), *latex.definitions(st), *(latex.condition(st, c) for c in st.domain)):
        assert source.count("{") == source.count("}")
        assert "<math" in converted(source)


@pytest.mark.parametrize("name", statements())
def test_unicode_has_no_code_in_it(name):
    st = statement(name)
    drawn = [text.unicode(st), *text.definitions(st), *(text.condition(st, c) for c in st.domain)]
    assert not any(mark in "".join(drawn) for mark in ("**", "sqrt(", "Min(", "Max(", "\\"))


def test_notation():
    assert unicode(parse(r"E\|\tilde g_i(w_k)\|^2")) == "E‖g̃ᵢ(wₖ)‖²"
    assert unicode(parse(r"\min_{k<K}E\|\nabla F(w_k)\|")).startswith("min_(k<K) E‖∇F")


@pytest.mark.parametrize(
    ("latex", "drawn"),
    [
        (r"\frac{1}{K}\sum_k E\|g_k\|^2", "1/K∑ₖE‖gₖ‖²"),
        (r"\frac{a+b}{2}", "(a+b)/2"),
        (r"\mathbb{E}\left[\lVert \hat g\rVert^2\right]", "𝔼[‖g\u0302‖²]"),
        (r"\Big(\Vert g\Vert\Big)", "(‖g‖)"),
        (r"{\tilde g}_i", "g̃ᵢ"),
        (r"\left. x\right|_0", "x|₀"),
    ],
)
def test_what_papers_write(latex, drawn):
    assert unicode(parse(latex)) == drawn
    assert parseString(f"<math>{notation.mathml(parse(latex))}</math>")


@pytest.mark.parametrize(
    "latex", [r"\mystery x", r"\frac{", "x}", "{x", "x_", r"\text x", "\\", r"\sqrt[3]{x}"]
)
def test_what_cannot_be_read_is_refused_when_it_is_stated(latex):
    st = statement("sharp.gradient-relation")
    with pytest.raises(InputError, match="left side of sharp"):
        replace(st, subject=latex)
    with pytest.raises(InputError, match=r"latex of C1.*\\frac"):
        replace(next(d for d in st.where if d.symbol.name == "C1"), latex=latex)


def test_another_relation_is_refused_when_it_is_stated():
    with pytest.raises(InputError, match="relation of"):
        replace(statement("sharp.gradient-relation"), relation="<")


def test_every_symbol_can_be_written():
    for quantity in QUANTITIES.values():
        assert unicode(parse(quantity.latex))


def test_a_symbol_that_is_defined_is_written_the_same_everywhere():
    seen: dict[str, str] = {}
    for st in statements().values():
        for definition in st.where:
            assert seen.setdefault(definition.symbol.name, definition.latex) == definition.latex
