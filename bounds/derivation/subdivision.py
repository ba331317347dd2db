"""Decide a claim over a box by splitting it until every piece is settled, in outward-rounded arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import SupportsFloat

import numpy as np
import sympy as sp

from bounds.derivation.intervals import Interval, maximum, minimum
from bounds.derivation.outcome import Answer, Outcome

Box = Mapping[sp.Symbol, tuple[SupportsFloat, SupportsFloat]]
MOST_BOXES = 2_000_000


def decide(
    margin: sp.Expr, box: Box, control: sp.Expr, where: Sequence[tuple[sp.Symbol, sp.Expr]] = ()
) -> Outcome:
    """Prove ``margin >= 0`` on the box, and refute ``control >= 0`` there."""
    answer, boxes = nonnegative(margin, box, where)
    against, _ = nonnegative(control, box, where)
    return Outcome(answer, True, (against,), {"boxes": boxes})


def nonnegative(
    margin: sp.Expr, box: Box, where: Sequence[tuple[sp.Symbol, sp.Expr]] = ()
) -> tuple[Answer, int]:
    """Prove or refute ``margin >= 0`` on the whole box; also return the number of pieces looked at."""
    symbols = list(box)
    low = np.array([[np.nextafter(float(box[s][0]), -np.inf)] for s in symbols])
    high = np.array([[np.nextafter(float(box[s][1]), np.inf)] for s in symbols])
    widths = np.maximum(high - low, 1e-300)
    seen = 0
    while low.shape[1]:
        seen += low.shape[1]
        if seen > MOST_BOXES:
            return "unknown", seen
        pieces = {s: Interval(low[i], high[i]) for i, s in enumerate(symbols)}
        value = evaluate(margin, pieces, where)
        below = np.broadcast_to(value.high, low.shape[1:]) < 0
        if below.any():
            return "refuted", seen
        with np.errstate(invalid="ignore"):
            settled = np.broadcast_to(value.low, low.shape[1:]) >= 0
        low, high = _split(low[:, ~settled], high[:, ~settled], widths)
    return "proved", seen


def _split(low: np.ndarray, high: np.ndarray, widths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not low.shape[1]:
        return low, high
    widest = np.argmax((high - low) / widths, axis=0)
    columns = np.arange(low.shape[1])
    middle = (low[widest, columns] + high[widest, columns]) / 2
    left_high, right_low = high.copy(), low.copy()
    left_high[widest, columns] = middle
    right_low[widest, columns] = middle
    return np.hstack([low, right_low]), np.hstack([left_high, high])


def evaluate(
    expression: sp.Expr,
    pieces: Mapping[sp.Symbol, Interval],
    where: Sequence[tuple[sp.Symbol, sp.Expr]] = (),
) -> Interval:
    """Enclose an expression on every piece; ``where`` defines further symbols in order."""
    known: dict[sp.Expr, Interval] = dict(pieces)
    for symbol, part in where:
        known[symbol] = _enclose(part, known)
    return _enclose(expression, known)


def _enclose(e: sp.Expr, known: dict[sp.Expr, Interval]) -> Interval:
    if e not in known:
        known[e] = _apply(e, known)
    return known[e]


def _apply(e: sp.Expr, known: dict[sp.Expr, Interval]) -> Interval:
    if e.is_Rational:
        return Interval.exact(e)
    parts = [_enclose(part, known) for part in e.args]
    if e.is_Add:
        return reduce(lambda a, b: a + b, parts)
    if e.is_Mul:
        return reduce(lambda a, b: a * b, parts)
    if e.is_Pow and e.exp.is_Integer:
        return parts[0].power(int(e.exp))
    if e.is_Pow and e.exp.is_Rational and e.exp.q == 2:
        return parts[0].sqrt().power(int(e.exp.p))
    functions: dict[type, Callable[..., Interval]] = {sp.Min: minimum, sp.Max: maximum}
    if type(e) in functions:
        return reduce(functions[type(e)], parts)
    raise TypeError(f"no enclosure of {e!r}")
