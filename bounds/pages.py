"""The theory as pages, generated: ``python -m bounds.pages docs/theory`` writes Markdown, ``page`` makes HTML."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"
GROUPS = (
    ("recorded", "The paper's statements, as recorded"),
    ("lemmas", "Lemmas derived here"),
    ("theorems", "Theorems derived here"),
)


def page(told: Sequence[Mapping[str, Any]]) -> str:
    """Return one self-contained HTML page of explained statements."""
    return str(_template("statements.html").render(statements=told))


def write(directory: Path) -> list[Path]:
    """Write the theory notes: an index, one page a group, the errata and the ledger."""
    from bounds import explain, statements
    from bounds.errata import ERRATA

    told = [explain(name) for name in statements()]
    directory.mkdir(parents=True, exist_ok=True)
    groups = [(key, title, [one for one in told if one["chapter"] == key]) for key, title in GROUPS]
    written = {
        "index.md": _template("index.md").render(groups=groups, ledger=_counts(told)),
        "errata.md": _template("errata.md").render(errata=[e.to_dict() for e in ERRATA.values()]),
        "ledger.md": _template("ledger.md").render(statements=told, axioms=_axioms(told)),
    }
    for key, title, members in groups:
        written[f"{key}.md"] = _template("group.md").render(title=title, statements=members)
    paths = [directory / name for name in written]
    for path, text in zip(paths, written.values(), strict=True):
        path.write_text(text.rstrip() + "\n", encoding="utf-8")
    return paths


def _counts(told: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    from collections import Counter

    return dict(Counter(one["ledger"]["status"] for one in told).most_common())


def _axioms(told: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = {axiom["name"]: axiom for one in told for axiom in one["ledger"]["axioms"]}
    return [found[name] for name in sorted(found)]


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES)
    return Environment(
        loader=loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=lambda name: bool(name) and str(name).endswith(".html"),
    )


def _template(name: str) -> Any:
    return _environment().get_template(name)


def main(arguments: Sequence[str]) -> None:
    """Write the pages into the directory that was named."""
    write(Path(arguments[0] if arguments else "docs/theory"))


if __name__ == "__main__":
    main(sys.argv[1:])
