"""The theory as pages, generated: ``python -m bounds.pages docs/theory`` writes Markdown, ``page`` makes HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds.entry import arguments

if TYPE_CHECKING:
    from bounds.bound import Statement

TEMPLATES = Path(__file__).parent / "templates"
FEW = 6
"""Parts of a statement up to which its page has the whole proof; beyond, it names the lemmas that show them."""
GROUPS = (
    ("recorded", "The paper's statements, as recorded"),
    ("lemmas", "Lemmas derived here"),
    ("theorems", "Theorems derived here"),
)


def page(told: Sequence[Mapping[str, Any]]) -> str:
    """Return one self-contained HTML page of explained statements, each with its proof."""
    from bounds import statement

    alone = len(told) == 1
    shown = [{**one, **_words(statement(one["name"]), "html", brief=not alone)} for one in told]
    return str(_template("statements.html").render(statements=shown))


def write(directory: Path) -> list[Path]:
    """Write the theory: an index, a list for each group, one page a statement, the errata and the ledger.

    What was written before and is no statement any more is removed; a page that does not change is left alone.
    """
    from bounds import explain, statements
    from bounds.errata import ERRATA

    told = [
        {**explain(name), **_words(st, "markdown", brief=len(st.where) > FEW)}
        for name, st in statements().items()
    ]
    groups = [(key, title, [one for one in told if one["chapter"] == key]) for key, title in GROUPS]
    written = {
        "index.md": _template("index.md").render(groups=groups, ledger=_counts(told)),
        "errata.md": _template("errata.md").render(errata=[e.to_dict() for e in ERRATA.values()]),
        "ledger.md": _template("ledger.md").render(statements=told, axioms=_axioms(told)),
    }
    for key, title, members in groups:
        written[f"{key}.md"] = _template("group.md").render(title=title, statements=members)
        for one in members:
            written[f"{one['name']}.md"] = _template("statement.md").render(s=one, group=(key, title))
    return _kept(directory, written)


def _kept(directory: Path, written: Mapping[str, str]) -> list[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.md"):
        if old.name not in written:
            old.unlink()
    paths = [directory / name for name in written]
    for path, text in zip(paths, written.values(), strict=True):
        whole = text.rstrip() + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != whole:
            path.write_text(whole, encoding="utf-8")
    return paths


def _words(st: Statement, form: str, brief: bool) -> dict[str, Any]:
    """Return what a reader is told first, and the proof, in Markdown or HTML."""
    from bounds.plainly import at_typical_numbers, sentence
    from bounds.rendering import claims, prose
    from bounds.rendering.proof import proof, told

    words, claim = (prose.markdown, claims.lines) if form == "markdown" else (prose.html, claims.mathml)
    return {
        "heading": prose.sentence(prose.plain(st.title)),
        "sentence": words(sentence(st)),
        "typical": words(at_typical_numbers(st)),
        "numbers": striking(st),
        "proof": told(proof(st, brief=brief), claim, words),
    }


def striking(st: Statement) -> list[str]:
    """Return the numbers by which a reader may look for a statement: whole ones from 10 on, and long fractions."""
    import sympy as sp

    whole = [st.expression, *(part.expression for part in st.where)]
    found = {number for one in whole for number in one.atoms(sp.Rational)}
    named = set(re.findall(r"\d+/\d{3,}", st.standing.reason))
    return [*(str(n) for n in sorted(found) if abs(n.p) >= 10 or n.q >= 100), *sorted(named)]


def _counts(told: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    from collections import Counter

    return dict(Counter(one["ledger"]["status"] for one in told).most_common())


def _axioms(told: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = {axiom["name"]: axiom for one in told for axiom in one["ledger"]["axioms"]}
    return [found[name] for name in sorted(found)]


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from bounds.rendering import prose

    loader = FileSystemLoader(TEMPLATES)
    made = Environment(
        loader=loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=lambda name: bool(name) and str(name).endswith(".html"),
    )
    made.filters |= {"typeset": prose.markdown, "set": prose.html, "plain": prose.plain, "display": _lined}
    return made


def _template(name: str) -> Any:
    return _environment().get_template(name)


def _lined(lines: Sequence[str]) -> str:
    """Return the lines of a claim as one display; the guide gives each a line of its own."""
    return r" \\ ".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Write the pages into the directory that was named."""
    words = {"directory": {"nargs": "?", "type": Path, "default": Path("docs/theory")}}
    write(arguments("bounds.pages", __doc__, words, argv).directory)


if __name__ == "__main__":
    main()
