"""One number for what a value is: its data bit by bit, and the code and state of the functions in it."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import types
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from empirics.sources import of_the_user

Seen = dict[int, tuple[int, Any]]
"""What was met already, kept alive: its number and itself, by id."""


def digest(value: Any) -> str:
    """Return the SHA-256 of a value.

    Numbers, text, arrays and tensors count by type, shape and bits; containers, dataclasses and other objects by
    what is in them; a function by its code, its defaults, what it closes over and the globals that it reads. A
    function or a class of an installed package counts by its name.
    """
    found = hashlib.sha256()
    for part in _parts(value, {}):
        found.update(len(part).to_bytes(8, "little") + part)
    return found.hexdigest()


def _parts(value: Any, seen: Seen) -> Iterator[bytes]:
    yield type(value).__qualname__.encode()
    if value is None or isinstance(value, bool | int | float | complex | str | bytes | np.generic):
        yield repr(value).encode()
    elif id(value) in seen:
        yield str(seen[id(value)][0]).encode()
    else:
        seen[id(value)] = (len(seen), value)
        yield from _inside(value, seen)


def _inside(value: Any, seen: Seen) -> Iterator[bytes]:
    """Yield the parts of something that is met for the first time."""
    if isinstance(value, torch.Tensor):
        value = _array(value)
    if isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape}".encode()
        if value.dtype.hasobject:
            yield from _each(value.ravel().tolist(), seen)
        else:
            yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, Mapping):
        yield from _each((item for pair in value.items() for item in pair), seen)
    elif isinstance(value, list | tuple):
        yield from _each(value, seen)
    elif isinstance(value, set | frozenset):
        yield from sorted(digest(item).encode() for item in value)
    else:
        yield from _code_or_object(value, seen)


def _code_or_object(value: Any, seen: Seen) -> Iterator[bytes]:
    if isinstance(value, types.FunctionType):
        yield from _function(value, seen)
    elif isinstance(value, types.MethodType):
        yield from _each((value.__func__, value.__self__), seen)
    elif isinstance(value, functools.partial):
        yield from _each((value.func, value.args, value.keywords), seen)
    elif isinstance(value, type | types.ModuleType | types.BuiltinFunctionType):
        yield f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', value.__name__)}".encode()
    elif dataclasses.is_dataclass(value):
        fields = ((f.name, getattr(value, f.name, None)) for f in dataclasses.fields(value))
        yield from _each((item for pair in fields for item in pair), seen)
    else:
        yield from _each((item for pair in _state(value) for item in pair), seen)


def _state(value: Any) -> list[tuple[str, Any]]:
    """Return the attributes of an object, without what it has only worked out and kept."""
    if isinstance(value, torch.nn.Module):
        return sorted(value.state_dict().items())
    kept = {name for name, item in vars(type(value)).items() if isinstance(item, functools.cached_property)}
    return sorted((name, item) for name, item in getattr(value, "__dict__", {}).items() if name not in kept)


def _array(tensor: torch.Tensor) -> np.ndarray:
    plain = tensor.detach().cpu().resolve_conj().resolve_neg()
    return (plain.double() if plain.dtype is torch.bfloat16 else plain).numpy()


def _function(function: types.FunctionType, seen: Seen) -> Iterator[bytes]:
    yield f"{function.__module__}.{function.__qualname__}".encode()
    if not _is_users(function.__module__):
        return
    names = list(_code(function.__code__))
    yield from names
    closure = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    yield from _each((closure, function.__defaults__, function.__kwdefaults__), seen)
    for name, item in _globals(function, {name.decode(errors="replace") for name in names}):
        yield name.encode()
        yield from _parts(item, seen)


def _globals(function: types.FunctionType, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield the globals that a function may read: plain ones, and those of the user's modules that it names."""
    known = function.__globals__
    for name in sorted(set(names) & known.keys()):
        item = known[name]
        if not isinstance(item, types.ModuleType):
            yield name, item
        elif _is_users(item.__name__):
            yield from ((f"{name}.{n}", vars(item)[n]) for n in sorted(set(names) & vars(item).keys()))


def _code(code: types.CodeType) -> Iterator[bytes]:
    """Yield the instructions, constants and names of a function and of those inside it."""
    yield code.co_code
    for item in code.co_consts:
        if isinstance(item, types.CodeType):
            yield from _code(item)
        elif isinstance(item, frozenset):
            yield from sorted(repr(member).encode() for member in item)
        else:
            yield repr(item).encode()
    for names in (code.co_names, code.co_varnames, code.co_freevars):
        yield from (name.encode() for name in names)


@functools.lru_cache(maxsize=256)
def _is_users(module: str | None) -> bool:
    try:
        spec = find_spec((module or "").partition(".")[0])
    except (ImportError, ValueError, AttributeError):
        return True
    return spec is None or spec.origin is None or of_the_user(spec.origin)


def _is_filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _each(items: Iterable[Any], seen: Seen) -> Iterator[bytes]:
    for number, item in enumerate(items):
        yield str(number).encode()
        yield from _parts(item, seen)
