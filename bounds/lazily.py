"""What a package offers, imported when it is first used: ``import`` of the package itself costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def offered(
    package: str, home: Mapping[str, str], modules: Iterable[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of a package.

    Parameters
    ----------
    package : str
        Its ``__name__``.
    home : mapping of str to str
        The names that it offers, each with the module that has it.
    modules : iterable of str
        Modules of the package that are offered themselves.
    """
    own = frozenset(modules)

    def found(name: str) -> Any:
        if name in own:
            return import_module(f"{package}.{name}")
        if name in home:
            return getattr(import_module(home[name]), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return found, lambda: sorted({*own, *home})
