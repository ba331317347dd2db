"""What a figure is, and which there are: found by their folder, numbered in its order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bounds.errors import InputError
from bounds.members import members, sources

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Picture

    from empirics.problems.base import Problem
    from figures.evidence import Evidence
    from validate.experiment import Experiment


@dataclass(frozen=True)
class Figure:
    """A figure: a table, the picture of it, and its caption.

    A file of this folder, or of a package of others, adds one by offering it at its top level; ``PLACE`` orders
    it.

    Attributes
    ----------
    name : str
        What ``--only`` takes.
    title : str
        Head of the caption.
    data : callable
        From the evidence to the tidy table; for what a run lacks it raises
        :class:`~figures.evidence.MissingRunsError`.
    draw : callable
        From the table to the picture, and nothing else goes into it.
    caption : callable
        From the table to the text below the picture.
    experiments : callable
        What is to be run for it where there is no run.
    on : callable, optional
        What is to be run for it on one problem of somebody's. None: it is about problems of its own.
    texts : callable
        From the table to further files, by extension.
    shows : tuple of str
        Claims whose comparisons are to be seen in it, by the beginning of their names.
    """

    name: str
    title: str
    data: Callable[[Evidence], pd.DataFrame]
    draw: Callable[[pd.DataFrame], Picture]
    caption: Callable[[pd.DataFrame], str]
    experiments: Callable[[], Sequence[Experiment]] = lambda: ()
    texts: Callable[[pd.DataFrame], Mapping[str, str]] = lambda frame: {}
    shows: tuple[str, ...] = ()
    on: Callable[[Problem], Sequence[Experiment]] | None = None

    @cached_property
    def needed(self) -> tuple[Experiment, ...]:
        """What is to be run for it where there is no run, planned once though another figure may need it too."""
        return tuple(self.experiments())


def figures() -> Mapping[str, Figure]:
    """Return every figure by its name, in the order of a paper, those of other packages last."""
    found: dict[str, Figure] = {}
    for figure in members(sources("figures"), Figure):
        if figure.name in found:
            raise InputError("theory", figure.name, "is the name of two figures", "rename one of them")
        found[figure.name] = figure
    return found


def number(name: str) -> int:
    """Return the number of a figure, from 1."""
    return list(figures()).index(name) + 1
