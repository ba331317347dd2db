"""A function of tensors as plain operations, without those that change nothing.

What is left out is left out exactly: a product with ones, a first power, a copy of the same layout, what was done
before, and all whose answer nobody reads. Shapes are fixed; values are those of the arguments at each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.func import functionalize
from torch.fx import GraphModule, Node
from torch.fx.experimental.proxy_tensor import make_fx
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

aten = torch.ops.aten
OF_SHAPE = frozenset(
    op.default
    for op in (aten.ones_like, aten.zeros_like, aten.full_like, aten.new_zeros, aten.new_ones, aten.new_full)
)
"""Operations whose answer depends on no value of a tensor."""
ITSELF = frozenset({aten.detach.default, aten.alias.default, aten.clone.default})
NEUTRAL = frozenset(
    {aten.mul.Scalar, aten.div.Scalar, aten.pow.Tensor_Scalar, aten.mul.Tensor, aten.div.Tensor}
)
"""Operations that return their first argument when the second is one."""
MAKING = frozenset({torch.tensor, torch.as_tensor, torch.asarray})
WRITING = frozenset({Tensor.__repr__, Tensor.__format__, Tensor.tolist, Tensor.numpy})
"""Functions that read numbers where no operation shows it."""
BYTES = 2**29
"""What the answers of all operations may take together: while it is recorded all of them are held."""
REFUSED = (
    torch.Tag.nondeterministic_seeded,
    torch.Tag.dynamic_output_shape,
    torch.Tag.data_dependent_output,
)


class UntraceableError(Exception):
    """A function that is no fixed sequence of operations on tensors."""


class Recording:
    """The operations of a function, and the value of each at the arguments it was recorded at.

    Parameters
    ----------
    function : callable
        From tensors to a tensor.
    args : sequence of Tensor
    """

    def __init__(self, function: Callable[..., Tensor], args: Sequence[Tensor]) -> None:
        with _NoNumbers(), _NoReading():
            plain = make_fx(lambda *given: function(*given))(*args)  # it asks a method for itself
            _require_small(plain)
            self.module: GraphModule = make_fx(functionalize(plain))(*args)
        self.values: dict[Node, Any] = {}
        self._fixed: set[Node] = set()
        self._done: dict[Any, Node] = {}
        rest = iter(args)
        for node in list(self.module.graph.nodes):
            self._take(node, rest)
        self.clean()

    @property
    def operations(self) -> Iterator[Node]:
        """The operations in their order."""
        return (node for node in self.module.graph.nodes if node.op == "call_function")

    def clean(self) -> None:
        """Drop what nobody reads."""
        self.module.graph.eliminate_dead_code()

    def value(self, item: Any) -> Any:
        """Return an argument of an operation with values in the place of operations."""
        return torch.fx.node.map_arg(item, lambda node: self.values[node])

    def _take(self, node: Node, rest: Iterator[Tensor]) -> None:
        if node.op == "placeholder":
            self.values[node] = next(rest)
        elif node.op == "get_attr":
            self._constant(node)
        elif node.op == "call_function":
            self._operation(node)

    def _constant(self, node: Node) -> None:
        found = self.values[node] = getattr(self.module, str(node.target))
        if all(user.target is aten.lift_fresh_copy.default for user in node.users):
            self._fixed.add(node)
        elif (before := self._done.setdefault(id(found), node)) is not node:
            node.replace_all_uses_with(before)

    def _operation(self, node: Node) -> None:
        op: Any = node.target
        if any(tag in REFUSED for tag in getattr(op, "tags", ())) and not self._picks(node):
            raise UntraceableError(f"uses {op}")
        if isinstance(op, torch._ops.OpOverload) and op._schema.is_mutable:
            raise UntraceableError(f"changes a tensor in place by {op}")
        written = _written(node)
        if written not in self._done:
            self.values[node] = op(*self.value(node.args), **self.value(node.kwargs))
            self._done[written] = self._frozen(node) or self._same(node) or node
        if (found := self._done[written]) is not node:
            node.replace_all_uses_with(found)

    def _picks(self, node: Node) -> bool:
        """Whether an operation picks entries by their numbers, of which there are as many at every call."""
        masks = (torch.bool, torch.uint8)
        return node.target is aten.index.Tensor and all(
            self.values[place].dtype not in masks for place in node.all_input_nodes[1:]
        )

    def _frozen(self, node: Node) -> Node | None:
        """Return the answer of an operation that always gives it."""
        inputs, answer = node.all_input_nodes, self.values[node]
        always = node.target in OF_SHAPE or self._fixed.issuperset(inputs)
        if not always or not isinstance(answer, Tensor):
            return None
        name = f"_fixed_{node.name}"
        self.module.register_buffer(name, answer)
        with self.module.graph.inserting_before(node):
            fixed = self.module.graph.get_attr(name)
        self.values[fixed] = answer
        self._fixed.add(fixed)
        return fixed

    def _same(self, node: Node) -> Node | None:
        """Return the operation that has the same answer already, in the same layout."""
        op, first, *others = node.target, *node.args
        if op in ITSELF and isinstance(first, Node) and self._alike(first, node):
            return first
        if op not in NEUTRAL:
            return None
        pairs = [(first, others[0])] + ([(others[0], first)] if op is aten.mul.Tensor else [])
        for one, other in pairs:
            if isinstance(one, Node) and self._is_one(other) and self._alike(one, node):
                return one
        return None

    def _is_one(self, item: Any) -> bool:
        if isinstance(item, Node):
            return item in self._fixed and bool((self.values[item] == 1).all())
        return item == 1

    def _alike(self, one: Node, other: Node) -> bool:
        a, b = self.values[one], self.values[other]
        return (a.shape, a.stride(), a.dtype) == (b.shape, b.stride(), b.dtype)


def _written(node: Node) -> Any:
    """Return what is written of an operation: the same twice has the same answer."""
    return node.target, repr((node.args, sorted(node.kwargs.items())))


def _require_small(module: GraphModule) -> None:
    made = tree_leaves([node.meta.get("val") for node in module.graph.nodes])
    if sum(value.nbytes for value in made if isinstance(value, Tensor)) > BYTES:
        raise UntraceableError("would take too much memory")


class _NoNumbers(TorchDispatchMode):
    """Refuse to turn a tensor into a number of Python's, which a recording would keep."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if torch.Tag.data_dependent_output in func.tags:
            raise UntraceableError(f"uses {func}")
        return func(*args, **(kwargs or {}))


class _NoReading(TorchFunctionMode):
    """Refuse to write a tensor out, or to make another one of the numbers in several."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        copies = func in MAKING and any(isinstance(item, Tensor) for item in tree_leaves(list(args[:1])))
        if (copies and not isinstance(args[0], Tensor)) or func in WRITING:
            raise UntraceableError(f"uses {func.__name__}")
        return func(*args, **(kwargs or {}))
