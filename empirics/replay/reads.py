"""What a function's instructions name, and which names may be read without being watched."""

from __future__ import annotations

import builtins
import dis
import types
from collections.abc import Iterator
from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PURE = _words("""
    abs all any bool bytes callable complex dict divmod enumerate filter float frozenset int isinstance issubclass
    len list map max min object pow range reversed round set slice sorted str sum super tuple zip property
    staticmethod classmethod __build_class__ Ellipsis NotImplemented
""")
"""Builtins whose answer is a function of what they are given, and which do nothing else; errors are as good."""

BARE = _words("""
    numpy __array__ item tolist data_ptr storage untyped_storage __dict__ __globals__ __code__ attrgetter
    methodcaller
""")
"""Attributes that lead to numbers or names behind the back of whoever watches."""

UNSEEN = _words("__reduce__ __reduce_ex__ __getstate__ __setstate__ __sizeof__ __dir__ __del__")
MAKING = _words("__init__ __new__ __post_init__ __init_subclass__ __set_name__")
"""Functions of a class that nobody calls to compute, and those that make an object of it."""

LIBRARIES = _words("""
    math cmath operator _operator itertools functools _functools collections _collections typing abc _abc enum
    numbers types builtins __future__
""")
"""Modules of Python that read nothing but what they are given."""

OF_TORCH = (
    "torch._C",
    "torch._functorch",
    "torch._jit_internal",
    "torch._ops",
    "torch._tensor",
    "torch.autograd",
    "torch.distributions",
    "torch.fft",
    "torch.func",
    "torch.functional",
    "torch.linalg",
    "torch.nn",
    "torch.special",
)
"""Parts of torch that compute; others read files, seeds or devices."""


@dataclass(frozen=True)
class Reads:
    """The names in a function's instructions and in those of the functions inside it."""

    globals: frozenset[str]
    attributes: frozenset[str]
    modules: frozenset[str]


def reads(code: types.CodeType) -> Reads:
    """Return what a function may look up: globals or builtins, attributes of anything, modules to import."""
    known: set[str] = set()
    attributes: set[str] = set()
    modules: set[str] = set()
    for part in _with_inner(code):
        attributes.update(part.co_names)
        for step in dis.get_instructions(part):
            if step.opname == "IMPORT_NAME":
                modules.add(step.argval)
            elif step.opname == "MATCH_CLASS":  # its attributes are no names of the code
                attributes.add("attrgetter")
            elif "GLOBAL" in step.opname or step.opname.endswith("_NAME"):
                known.add(step.argval)
    return Reads(frozenset(known), frozenset(attributes), frozenset(modules))


def _with_inner(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for item in code.co_consts:
        if isinstance(item, types.CodeType):
            yield from _with_inner(item)


def pure(name: str) -> bool:
    """Whether a builtin is one of those that may be called."""
    item = getattr(builtins, name)
    return name in PURE or (isinstance(item, type) and issubclass(item, BaseException))


def may_be_called(name: str, *, making: bool, always: bool) -> bool:
    """Whether a class's function may be called though no instruction names it, by Python or by a library."""
    special = name.startswith("__") and name.endswith("__")
    return (special or always) and name not in UNSEEN and (making or name not in MAKING)


def computes(module: str | None) -> bool:
    """Whether what a module defines reads nothing but its arguments."""
    name = module or ""
    return (
        name in LIBRARIES
        or name == "torch"
        or any(name == part or name.startswith(f"{part}.") for part in OF_TORCH)
    )
