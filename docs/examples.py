"""Run every command that the README and the guide show, and keep what they show equal to what it prints.

A block of ``console`` holds commands (``$ fosp ...``, continued lines end in a backslash) and their output.
A block of ``console slow`` takes more than a few seconds. The blocks of one page share a working directory.
A block of ``python`` that begins with a comment ``# NAME.py`` is written there as that file.
``python docs/examples.py PAGE...`` rewrites the outputs; the tests compare them.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
)
COLUMNS = "88"
_BLOCK = re.compile(r"^```console(?P<slow> slow)?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"^```python\n# (?P<name>\w+\.py)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Example:
    """One command of a page, and the output that the page shows for it."""

    page: Path
    command: str
    shown: str
    slow: bool

    def __str__(self) -> str:
        return f"{self.page.name}: {' '.join(self.command.split())[:70]}"


def examples(page: Path) -> Iterator[Example]:
    """Yield the commands of a page in order."""
    for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        for command, shown in _commands(block["text"]):
            yield Example(page, command, shown, block["slow"] is not None)


def write_files(page: Path, directory: Path) -> None:
    """Write the modules that a page shows, for its commands to find."""
    for block in _FILE.finditer(page.read_text(encoding="utf-8")):
        (directory / block["name"]).write_text(block["text"], encoding="utf-8")


def settings(*first: Path) -> dict[str, str]:
    """Return the environment of a command, whose two streams come out in the order in which a terminal has them.

    Programs are looked for in some folders first.
    """
    path = os.pathsep.join([*map(str, first), str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"COLUMNS": COLUMNS, "PATH": path, "FOSP_PATIENCE": "inf", "PYTHONUNBUFFERED": "1"}


def run(example: Example, directory: Path, *first: Path) -> str:
    """Return what the command prints on stdout and stderr, as a terminal of fixed width shows it."""
    done = subprocess.run(
        ["bash", "-c", example.command], cwd=directory, env=settings(*first), check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.stdout


def agrees(shown: str, printed: str) -> bool:
    """Compare word by word: numbers to a percent (processors round differently), all else exactly."""
    return _words(shown) == _words(printed) and all(map(_close, _numbers(shown), _numbers(printed)))


def _close(a: float, b: float) -> bool:
    only_rounding = max(abs(a), abs(b)) < 1e-8 or min(abs(a), abs(b)) > 1e8
    return only_rounding or abs(a - b) <= 0.01 * max(abs(a), abs(b))


def refresh(page: Path) -> None:
    """Rewrite the outputs on a page with what its commands print."""
    with tempfile.TemporaryDirectory() as directory:
        text = page.read_text(encoding="utf-8")
        write_files(page, Path(directory))
        for example in examples(page):
            new = run(example, Path(directory)).rstrip("\n")
            old = f"$ {example.command}\n{example.shown}"
            text = text.replace(old, f"$ {example.command}\n{new}\n" if new else f"$ {example.command}\n", 1)
        page.write_text(text, encoding="utf-8")


def _commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        last = next(place for place, line in enumerate(lines) if not line.endswith("\\\n"))
        yield "".join(lines[: last + 1]).rstrip("\n"), "".join(lines[last + 1 :])


def _words(text: str) -> list[str]:
    return re.sub(r"[─━]+", "─", _NUMBER.sub("#", text)).split()


def _numbers(text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in _NUMBER.findall(text)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write what the commands on pages print into the pages.")
    parser.add_argument("pages", metavar="PAGE", nargs="*", type=Path, help="none: all")
    for page in parser.parse_args().pages or PAGES:
        refresh(page.resolve())
