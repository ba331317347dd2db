"""The way from a function to everything that it can read.

It meets what the function closes over, its defaults, the globals that its instructions name, their attributes and
contents, and so on to the end. Of each place it takes a check that what lies there is still the same. What cannot
be compared (a file, a clock, a random generator, an iterator) is refused, so that nothing changes unseen.
"""

from __future__ import annotations

import builtins
import dataclasses
import functools
import re
import sys
import types
from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from empirics.replay import comparing
from empirics.replay.comparing import ABSENT, Check
from empirics.replay.reads import BARE, computes, may_be_called, pure, reads

MOST, BYTES = 4000, 2**14
"""Things that are watched, and bytes of an array that are compared at each call, at most."""
ATOMS = frozenset(
    (
        type(None),
        bool,
        int,
        float,
        complex,
        str,
        bytes,
        range,
        slice,
        type(...),
        type(NotImplemented),
        re.Pattern,
    )
)
"""Types whose objects never change; a class that derives from one may."""
NUMBERS = (np.generic, np.dtype, torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size)
STATELESS = (
    *(np.ufunc, type(np.mean), types.MemberDescriptorType, types.GetSetDescriptorType),
    type(vars(namedtuple("Point", "x"))["x"]),
)
"""What computes, or leads to what is watched elsewhere."""
MAPPINGS = (dict, OrderedDict, defaultdict, types.MappingProxyType)
_WRAPPED = property | staticmethod | classmethod | functools.cached_property
_POINTER = 8


class UnwatchableError(Exception):
    """Something is read whose changes would not be seen."""


class Walk:
    """One walk, with the attributes that are known to be asked for; it may meet more.

    Attributes
    ----------
    checks : list of callable
    seen : dict
        All that was met, by its id.
    """

    def __init__(self, known: frozenset[str]) -> None:
        self.checks: list[Check] = []
        self.seen: dict[int, Any] = {}
        self._known = known
        self._attributes: set[str] = set()
        self._waiting: deque[Any] = deque()

    @classmethod
    def of(cls, value: Any) -> Walk:
        """Walk until no attribute is new."""
        walk = cls(frozenset())
        walk._from(value)
        while not walk._attributes <= walk._known:
            walk = cls(walk._known | walk._attributes)
            walk._from(value)
        return walk

    def _from(self, value: Any) -> None:
        self._waiting.append(value)
        while self._waiting:
            item = self._waiting.popleft()
            if not _never_changes(item) and id(item) not in self.seen:
                self.seen[id(item)] = item
                self._visit(item)
            if len(self.seen) > MOST:
                raise UnwatchableError("too much is read")
        if bare := BARE & self._attributes:
            raise UnwatchableError(f"asks for {min(bare)}")

    def _visit(self, value: Any) -> None:
        for kinds, visit in self._VISITS:
            if isinstance(value, kinds):
                visit(self, value)
                return
        self._object(value)

    # ---- data ----------------------------------------------------------------------------------------

    def _tensor(self, value: Tensor) -> None:
        plain = type(value) in (Tensor, torch.nn.Parameter) and value.layout is torch.strided
        if not plain or value.is_inference():
            raise UnwatchableError(f"reads a {type(value).__name__}")
        self.checks.append(comparing.tensor(value))
        if value.is_leaf:
            self._waiting.append(value.grad)

    def _array(self, value: np.ndarray) -> None:
        if value.dtype.hasobject or value.nbytes > BYTES:
            raise UnwatchableError("reads a large array of numpy")
        self.checks.append(comparing.array(value))

    def _list(self, value: Any) -> None:
        _require_plain(value, list, deque)
        self.checks.append(comparing.items(value))
        self._waiting.extend(value)

    def _set(self, value: Any) -> None:
        _require_plain(value, set, frozenset)
        self.checks.append(comparing.members(value))
        self._waiting.extend(value)

    def _tuple(self, value: tuple) -> None:
        self._waiting.extend(value)
        if type(value) is not tuple:
            self._class(type(value), making=False)

    def _mapping(self, value: Mapping) -> None:
        _require_plain(value, *MAPPINGS)
        self.checks.append(comparing.size(value))
        self._waiting.extend(value)
        self._entries(value, list(value))

    def _entries(self, value: Mapping, names: Iterable[Any]) -> None:
        """Watch what lies under these names, and follow it."""
        wanted = list(names)
        if wanted:
            self.checks.append(comparing.entries(value, wanted))
            self._waiting.extend(value.get(name, ABSENT) for name in wanted)

    # ---- code ----------------------------------------------------------------------------------------

    def _function(self, value: types.FunctionType) -> None:
        if computes(value.__module__):
            return
        self.checks.append(comparing.code(value))
        self._waiting.extend((value.__defaults__, value.__kwdefaults__, value.__dict__))
        self._waiting.extend(value.__closure__ or ())
        named = reads(value.__code__)
        self._attributes |= named.attributes
        self._entries(value.__globals__, named.globals)
        self._builtins([name for name in named.globals if hasattr(builtins, name)], value.__globals__)
        self._waiting.extend(sys.modules.get(name, iter(())) for name in named.modules)

    def _builtins(self, names: Iterable[str], known: Mapping[str, Any]) -> None:
        own = [name for name in names if name not in known]
        for name in own:
            if not pure(name):
                raise UnwatchableError(f"uses {name}")
        self._entries(vars(builtins), own)

    def _cell(self, value: types.CellType) -> None:
        self.checks.append(comparing.cell(value))
        self._waiting.append(comparing.contents(value))

    def _method(self, value: types.MethodType) -> None:
        self._waiting.extend((value.__func__, value.__self__))

    def _partial(self, value: functools.partial) -> None:
        self._waiting.extend((value.func, value.args, value.keywords))

    def _builtin(self, value: Any) -> None:
        owner = getattr(value, "__self__", None)
        if not isinstance(owner, type | types.ModuleType | None):
            self._waiting.append(owner)
            return
        home = getattr(value, "__module__", None) or getattr(owner, "__module__", None) or _name(owner)
        impure = home == "builtins" and not pure(value.__name__)
        if impure or not (computes(home) or (home == "numpy" and not value.__name__.startswith("from"))):
            raise UnwatchableError(f"calls {home}.{value.__name__}")

    def _descriptor(self, value: Any) -> None:
        owner = getattr(value, "__objclass__", type(getattr(value, "__self__", None)))
        if not computes(owner.__module__):
            raise UnwatchableError(f"calls {value.__name__} of {owner.__name__}")

    def _module(self, value: types.ModuleType) -> None:
        name, root = value.__name__, value.__name__.partition(".")[0]
        if root in sys.stdlib_module_names:
            if not computes(name):
                raise UnwatchableError(f"reads the module {name}")
            return
        self._entries(vars(value), sorted(self._known & vars(value).keys()))

    def _class(self, value: type, making: bool = True) -> set[str]:
        """Watch what may be asked of a class; of one that torch calls back, every function. Return the names."""
        self._waiting.append(type(value))
        kinds = [k for k in value.__mro__ if not computes(k.__module__) and not issubclass(k, np.generic)]
        own = {name: item for kind in kinds for name, item in vars(kind).items()}
        names = {name for name in own if name in self._known}
        for name, item in own.items():
            if isinstance(item, types.FunctionType | _WRAPPED) and not _written_for(item, value):
                names |= {name} if may_be_called(name, making=making, always=_of_torch(value)) else set()
        for kind in kinds:
            self._entries(vars(kind), sorted(names))
        return names

    def _wrapped(self, value: Any) -> None:
        self._waiting.extend(getattr(value, name, None) for name in ("fget", "func", "__func__"))

    def _object(self, value: Any) -> None:
        """Watch an object's attributes: those that are asked for, or all where others than the loss may ask."""
        if not hasattr(value, "__dict__") or not _is_python(value):
            raise UnwatchableError(f"reads a {type(value).__qualname__}")
        self.checks.append(comparing.state(value))
        names, entries = self._class(type(value), making=False), vars(value)
        any_ = _of_torch(type(value)) or dataclasses.is_dataclass(value)
        if any_ or not names.isdisjoint(("__getattr__", "__getattribute__")):
            self._waiting.append(entries)
        else:
            self._entries(entries, sorted(names | (self._known & entries.keys())))
        self._waiting.extend(getattr(value, name, ABSENT) for name in comparing.slots(value))

    def _nothing(self, value: Any) -> None:
        """Pass by what has no state of its own."""

    _VISITS: tuple[tuple[Any, Callable[[Walk, Any], object]], ...] = (
        (Tensor, _tensor),
        (np.ndarray, _array),
        (list | deque, _list),
        (tuple, _tuple),
        (set | frozenset, _set),
        (dict | types.MappingProxyType, _mapping),
        (types.FunctionType, _function),
        (types.CellType, _cell),
        (types.MethodType, _method),
        (functools.partial, _partial),
        (types.BuiltinFunctionType, _builtin),
        (types.MethodDescriptorType | types.WrapperDescriptorType | types.MethodWrapperType, _descriptor),
        (STATELESS, _nothing),
        (types.ModuleType, _module),
        (type, _class),
        (_WRAPPED, _wrapped),
    )


def _written_for(function: Any, kind: type) -> bool:
    """Whether a function that puts a dataclass in words was written by its decorator."""
    named = getattr(function, "__name__", "") == "__repr__" and hasattr(function, "__wrapped__")
    return named and dataclasses.is_dataclass(kind)


def _of_torch(kind: type) -> bool:
    """Whether a class derives from one of torch, which may call any of its functions and read any attribute."""
    return any(base.__module__.startswith("torch.") for base in kind.__mro__)


def _never_changes(value: Any) -> bool:
    return value is ABSENT or type(value) in ATOMS or isinstance(value, NUMBERS)


def _name(owner: Any) -> str | None:
    return owner.__name__ if isinstance(owner, types.ModuleType) else None


def _require_plain(value: Any, *kinds: type) -> None:
    if type(value) not in kinds:
        raise UnwatchableError(f"reads a {type(value).__qualname__}")


def _is_python(value: Any) -> bool:
    """Whether all state of an object is in Python's dictionaries and slots: it has no room for more."""
    room = type(value).__basicsize__ - object.__basicsize__
    return room <= _POINTER * (len(comparing.slots(value)) + 2) and not type(value).__itemsize__
