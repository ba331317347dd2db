"""The reference, written from docstrings and parsers when the guide is built: Python, and every command."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

ROOMS = {"bounds": "The theory", "empirics": "Runs", "validate": "Claims and verdicts", "figures": "Pictures"}
INDEX = """# Reference

Everything in `bounds`, `empirics` and `validate` is importable from `fosp` too: `from fosp import recommend`.

- [Python](python.md): what the packages offer, from their docstrings
- [Commands](commands.md): every command with its options

```{toctree}
:hidden:

python
commands
```
"""


def write(directory: Path) -> None:
    """Write the pages; one that does not change is left alone."""
    directory.mkdir(parents=True, exist_ok=True)
    pages = {"index.md": INDEX, "python.md": "\n".join(_python()), "commands.md": "\n".join(_commands())}
    for name, text in pages.items():
        path = directory / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _python() -> Iterator[str]:
    yield "# Python\n"
    for name, title in ROOMS.items():
        room = import_module(name)
        yield f"## {title}: `{name}`\n"
        for offered in room.__all__:
            yield from _offered(name, offered, getattr(room, offered))


def _offered(room: str, name: str, what: Any) -> Iterator[str]:
    yield f"### `{name}`\n"
    yield "```{eval-rst}"
    if isinstance(what, ModuleType):
        yield f".. automodule:: {what.__name__}\n   :no-index:"
        for member in _members(what):
            yield f"\n.. autofunction:: {what.__name__}.{member}\n   :no-index:"
    elif inspect.isclass(what):
        yield f".. autoclass:: {what.__module__}.{what.__qualname__}\n   :members:\n   :no-index:"
    else:
        yield f".. autofunction:: {what.__module__}.{what.__qualname__}\n   :no-index:"
    yield "```\n"


def _members(module: ModuleType) -> list[str]:
    names = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    found = ((name, getattr(module, name)) for name in names)
    return [name for name, one in found if inspect.isfunction(one) and one.__doc__]


def _commands() -> Iterator[str]:
    from fosp.parser import build_parser

    parser = build_parser()
    yield "# Commands\n"
    yield from _help("fosp", parser.format_help())
    subparsers: Any = next(action for action in parser._actions if action.dest == "command")
    for name, one in subparsers.choices.items():
        yield from _help(f"fosp {name}", one.format_help())


def _help(title: str, text: str) -> Iterator[str]:
    yield f"## `{title}`\n"
    yield f"```text\n{text.rstrip()}\n```\n"
