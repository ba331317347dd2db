"""One object, four renderings, the same numbers."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from xml.dom.minidom import parseString

import pytest
from test_record import points

from bounds import statement, statements
from bounds.errors import DomainError
from bounds.rendering import javascript, latex, mathml, text
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


@pytest.mark.parametrize("name", statements())
def test_mathml_is_well_formed_and_has_a_real_minus(name):
    st = statement(name)
    for markup in (mathml.mathml(st), *mathml.definitions(st), *(mathml.condition(st, c) for c in st.domain)):
        assert parseString(markup).documentElement.tagName == "math"
        assert "<mo>-</mo>" not in markup
        assert "_" not in markup


@pytest.mark.parametrize("name", statements())
def test_latex_is_accepted_by_a_reader(name):
    from latex2mathml.converter import convert

    st = statement(name)
    for source in (latex.latex(st), *latex.definitions(st), *(latex.condition(st, c) for c in st.domain)):
        assert source.count("{") == source.count("}")
        assert "<math" in convert(source)


@pytest.mark.parametrize("name", statements())
def test_unicode_has_no_code_in_it(name):
    st = statement(name)
    drawn = [text.unicode(st), *text.definitions(st), *(text.condition(st, c) for c in st.domain)]
    assert not any(mark in "".join(drawn) for mark in ("**", "sqrt(", "Min(", "Max(", "\\"))


def test_notation():
    assert unicode(parse(r"E\|\tilde g_i(w_k)\|^2")) == "E‖g̃ᵢ(wₖ)‖²"
    assert unicode(parse(r"\min_{k<K}E\|\nabla F(w_k)\|")).startswith("min_(k<K) E‖∇F")
    with pytest.raises(ValueError, match="frac"):
        parse(r"\frac{1}{2}")


def test_every_symbol_can_be_written():
    for quantity in QUANTITIES.values():
        assert unicode(parse(quantity.latex))


def test_a_symbol_that_is_defined_is_written_the_same_everywhere():
    seen: dict[str, str] = {}
    for st in statements().values():
        for definition in st.where:
            assert seen.setdefault(definition.symbol.name, definition.latex) == definition.latex
