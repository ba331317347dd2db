"""The explorer, put together: formulas, search and page in one file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bounds import explain
from bounds.rendering import enclosing, mathml
from bounds.rendering.names import unicode_name
from bounds.symbols import MAY_BE_ZERO, QUANTITIES
from bounds.theory.algorithms import algorithms
from bounds.theory.step_rules import PAPER
from figures.explorer.formulas import formulas, has_levels, model, stated
from figures.pages import environment

TEMPLATES = Path(__file__).with_name("templates")
SCRIPTS = (
    "search.js",
    "starting.js",
    "posing.js",
    "candidates.js",
    "planning.js",
    "halving.js",
    "relaxing.js",
)
SLIDERS = {
    "L": (-3, 3, 1.0),
    "rho": (-3, 3, 1.0),
    "sigma": (-3, 2, 1.0),
    "sigma_tilde": (-3, 2, 1.0),
    "sigma_H": (-3, 2, 1.0),
    "Delta": (-3, 3, 1.0),
    "alpha": (-5, 1, 0.1),
    "epsilon": (-4, 1, 0.1),
}
"""Decades of each slider, and where it starts."""
OPTIONAL = ("M", "n_tasks")
"""What may be left open: without M no constant step, without a number of tasks they are drawn with replacement."""
SIZES = ("K", "B", "D_in", "D_o", "D_h", "B_prime", "D_beta")
CHARTS = {
    "iterations": "Iterations against ε",
    "samples": "Samples against ε",
    "batches": "Batch sizes against ε",
    "plateau": "Where an algorithm stops, against αL",
}


def render() -> str:
    """Return the explorer as HTML that needs nothing but itself."""
    plans = [(one, theory) for one in _algorithms() for theory in one["theories"]]
    return str(
        environment(TEMPLATES)
        .get_template("explorer.html")
        .render(
            core=core(),
            settings=_script(_settings()),
            quantities=[_quantity(name) for name in SLIDERS],
            optional=[_optional(name) for name in OPTIONAL],
            plans=plans,
            charts=CHARTS.items(),
            statements=list(_guarantees()),
            version=version("fosp"),
        )
    )


def _algorithms() -> list[dict[str, Any]]:
    """Return the algorithms, each with the theories that speak of it."""
    return [
        {
            "name": name,
            "title": one.title,
            "theories": ["sharp"] if one.recorded is None else ["sharp", "paper"],
        }
        for name, one in algorithms().items()
    ]


def _guarantees() -> Iterator[dict[str, Any]]:
    for name, one in algorithms().items():
        for rule in one.rules:
            for levels, finite in _ways(name, rule):
                told = explain(stated(model(name, rule, levels, finite), "guarantee").name)
                key = f"{name}-{rule}{'-levels' if levels else ''}{'-finite' if finite else ''}"
                yield {"key": key, "told": told}


def _ways(name: str, rule: str) -> list[tuple[bool, bool]]:
    """Return for which inner batches, and ways of drawing tasks, there is a theorem: (levels, finite)."""
    deep = (False, True) if has_levels(name, rule) else (False,)
    return [
        (levels, finite) for levels in deep for finite in ((False, True) if rule != PAPER.name else (False,))
    ]


def _quantity(name: str) -> dict[str, Any]:
    low, high, _ = SLIDERS[name]
    return _optional(name) | {"low": low, "high": high, "zero": name in MAY_BE_ZERO}


def _optional(name: str) -> dict[str, Any]:
    quantity = QUANTITIES[name]
    return {
        "name": name,
        "symbol": mathml.symbol(quantity.latex),
        "meaning": _typeset(quantity.meaning),
        "unit": _unit(str(quantity.unit)),
    }


def _written(name: str) -> str:
    return unicode_name(QUANTITIES[name].latex)


def _typeset(meaning: str) -> str:
    """Return a meaning with its signs as they are printed."""
    for plain, sign in (
        ("||", "‖"),
        ("grad ", "∇"),
        ("w_0", "w₀"),
        ("E_i ", "Eᵢ"),
        ("f_i", "fᵢ"),
        (" - ", " − "),
    ):
        meaning = meaning.replace(plain, sign)
    return meaning


def _unit(text: str) -> str:
    """Return a unit, ``F W^-2``, with its powers raised."""
    return re.sub(r"\^(-?\d+)", lambda power: f"<sup>{power[1].replace('-', '−')}</sup>", text)


def _settings() -> dict[str, Any]:
    names = (*SLIDERS, *OPTIONAL, *SIZES, "depth", "rate")
    return {
        "quantities": [{"name": name, "value": start} for name, (_, _, start) in SLIDERS.items()],
        "algorithms": _algorithms(),
        "optional": list(OPTIONAL),
        "zero": [name for name in SLIDERS if name in MAY_BE_ZERO],
        "plain": {n: f"{_written(n)}: {_typeset(QUANTITIES[n].meaning)}" for n in SLIDERS},
        "written": {name: _written(name) for name in SLIDERS if name != "L"},
        "latex": {name: QUANTITIES[name].latex for name in names},
        "version": version("fosp"),
    }


def _script(data: Any) -> str:
    """Return data as a literal that no text in it can end a script with."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


@cache
def core() -> str:
    """Return what computes, without the page: intervals, formulas, search and plans, as one script."""
    texts = (enclosing.RUNTIME.read_text(encoding="utf-8"), formulas())
    return "\n".join((*texts, *((TEMPLATES / name).read_text(encoding="utf-8") for name in SCRIPTS)))
