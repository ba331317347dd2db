"""A statement in a plain sentence, and its value at typical numbers: what a page says before any definition."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bounds.bound import Statement
from bounds.rendering import prose
from bounds.typical import look

_OF_CASE: Mapping[str, str] = MappingProxyType(
    {
        "guarantee": "The gradient of the meta objective at a random one of K iterates is on average at most this",
        "floor": "What remains of the guarantee however long the run: these batches promise nothing smaller",
        "iterations": "On average no more iterations than this are needed until the gradient is at most epsilon",
        "bias": "How far the mean direction can be from grad F: a part that is always there, one growing with y",
        "spread": "How much the direction of one task varies, over tasks and samples together",
        "step-factor": "The step factor with the fewest iterations when the batch sizes are given",
        "moment": "What is known of the random step size on average",
        "descent": "By how much one step changes the meta objective on average, at most",
        "accuracy": "The accuracy that the paper promises after enough iterations, with its constant",
        "recorded iterations": "How the iterations that the paper asks for grow, up to a constant",
        "tasks": "So many tasks in a batch are enough for the recorded accuracy to be epsilon",
        "inner-batch": "So many samples of the inner gradient are enough for the recorded accuracy to be epsilon",
        "outer-batch": "So many samples of the outer gradient are enough for the recorded accuracy to be epsilon",
        "constant": "A constant with which the recorded accuracy follows from the theorem here",
        "stationary": "What is left of the gradient on a quadratic problem when a constant step has run for ever",
    }
)
_RELATION = MappingProxyType({r"\le": "at most", r"\ge": "at least", "=": "equal to"})


def sentence(st: Statement) -> str:
    """Return what the statement says in a sentence, its formulas in plain letters: ``bounds.rendering.prose``."""
    if st.case is not None and st.case.quantity in _OF_CASE:
        return f"{_OF_CASE[st.case.quantity]}."
    return f"{prose.sentence(st.title)}."


def at_typical_numbers(st: Statement) -> str:
    """Return the value at typical numbers in a sentence with LaTeX between dollars; empty where none is inside."""
    found = look(st)
    return "" if found is None else at_numbers(st, *found)


def at_numbers(st: Statement, values: Mapping[str, float], value: float) -> str:
    """Return a value at a point in a sentence with LaTeX between dollars."""
    point = ", ".join(f"${st.vocabulary[name].latex} = {_number(one)}$" for name, one in values.items())
    if st.up_to_constant:
        said = f"${st.subject}$ is of the order of ${_number(value)}$, up to the constant that is left open"
    else:
        said = f"${st.subject}$ is {_RELATION.get(st.relation, 'at most')} ${_number(value)}$"
    return f"At {point}: {said}." if point else f"{said[0].upper()}{said[1:]}."


def _number(value: float) -> str:
    short = f"{value:.4g}"
    if "e" not in short:
        return f"{value:,.0f}".replace(",", r"\,") if value == round(value) and abs(value) >= 1000 else short
    digits, power = short.split("e")
    return f"10^{{{int(power)}}}" if digits == "1" else rf"{digits} \cdot 10^{{{int(power)}}}"
