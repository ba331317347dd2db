"""How pages are made from templates: everything escaped, but for the formulas that this project has set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHARED = Path(__file__).with_name("report") / "templates"
_SPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'


def environment(*folders: Path) -> Any:
    """Return Jinja's environment for templates of these folders, then of the report's."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader([*folders, SHARED]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    made.filters |= {"formula": formula, "inline": inline}
    return made


def formula(markup: str) -> Any:
    """Return MathML for a line of its own; in HTML it needs no name space."""
    from markupsafe import Markup

    return Markup(markup.replace(_SPACE, ""))


def inline(markup: str) -> Any:
    """Return MathML for the middle of a sentence."""
    return formula(markup.replace(' display="block"', ""))
