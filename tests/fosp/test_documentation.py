"""What the README and the guide show is what happens."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _load():
    spec = importlib.util.spec_from_file_location("documentation_examples", ROOT / "docs" / "examples.py")
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


documentation = _load()
PAGES = documentation.PAGES


def _run_page(page: Path, directory: Path, programs: Path, *, slow: bool) -> list[str]:
    """Return what disagrees. Slow commands are skipped unless asked for, with what depends on them.

    The README's run in processes of their own, as a reader's do.
    """
    wrong = []
    first = () if page.name == "README.md" else (programs,)
    documentation.write_files(page, directory)
    for example in documentation.examples(page):
        if example.slow and not slow:
            continue
        printed = documentation.run(example, directory, *first)
        if not documentation.agrees(example.shown, printed):
            wrong.append(f"{example}\n--- shown\n{example.shown}\n--- printed\n{printed}")
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_show_what_is_printed(page, tmp_path, warm):
    wrong = _run_page(page, tmp_path, warm.folder, slow=False)
    assert not wrong, "\n\n".join(wrong) + "\n\n(python docs/examples.py PAGE rewrites them)"


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [p for p in PAGES if "```console slow" in p.read_text()], ids=lambda p: p.name
)
def test_the_slow_commands_too(page, tmp_path, warm):
    wrong = _run_page(page, tmp_path, warm.folder, slow=True)
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_on_the_pages_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    names: dict[str, object] = {"__name__": "page"}
    for block in re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE):
        exec(compile(block, page.name, "exec"), names)


def test_a_wrong_output_is_noticed():
    assert documentation.agrees("a  0.5\n", "a 0.501")
    assert not documentation.agrees("a 0.5", "a 0.6")
    assert not documentation.agrees("a 0.5", "b 0.5")
    assert not documentation.agrees("a 0.5", "a 0.5 0.5")


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text())}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    generated = ("theory/",)
    assert [
        link for link in links if not link.startswith(generated) and not (page.parent / link).exists()
    ] == []
