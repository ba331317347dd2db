"""How the guide is built: Markdown, formulas as MathML, no page that needs the network."""

from __future__ import annotations

import os
import sys
from html import escape
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert

sys.path.insert(0, str(Path(__file__).parent))
os.environ["COLUMNS"] = "88"

project = "fosp"
author = "The fosp authors"
copyright = "the fosp authors; MIT licence"
html_title = "fosp"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
autodoc_typehints = "none"
napoleon_google_docstring = False
nitpick_ignore_regex = [("py:.*", ".*")]
"""What a docstring names need not be on a page; links between pages are checked all the same."""
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["guide.css"]

_SCROLL = "overflow-x: auto; overflow-y: hidden; padding: 0.4em 0"


def _inline(translator: Any, node: Any) -> None:
    translator.body.append(convert(node.astext()))


def _block(translator: Any, node: Any) -> None:
    label = node.get("label")
    mark = f' id="{escape(label)}"' if label else ""
    text = node.astext()
    lines = [text] if r"\begin" in text else text.split(r" \\ ")
    drawn = "".join(convert(line, display="block") for line in lines)
    translator.body.append(f"<div style='{_SCROLL}'{mark}>{drawn}</div>")


def _skip(visit: Any) -> Any:
    from docutils.nodes import SkipNode

    def visitor(translator: Any, node: Any) -> None:
        visit(translator, node)
        raise SkipNode

    return visitor


def _generated(app: Any) -> None:
    """Write the theory from the program's own statements, and the reference from its docstrings."""
    from reference_pages import write as write_reference

    from bounds.pages import write as write_theory

    write_theory(Path(app.srcdir) / "theory")
    write_reference(Path(app.srcdir) / "reference")


def setup(app: Any) -> dict[str, bool]:
    """Register MathML, which every current browser draws by itself, as the way formulas are written."""
    app.add_html_math_renderer("mathml", (_skip(_inline), None), (_skip(_block), None))
    app.config.html_math_renderer = "mathml"
    app.connect("builder-inited", _generated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
