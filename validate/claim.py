"""Claims and kinds of experiments: what they are, and which there are.

One file of :mod:`validate.claims`, or of a package of others, adds a claim by offering a :class:`Claim` at its top
level, beside the :class:`Kind` of experiments that it reads where no other file has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from bounds.bound import Statement
from bounds.catalogue import name_of
from bounds.errors import InputError
from bounds.members import members, sources

if TYPE_CHECKING:
    import pandas as pd

    from validate.design import Setting
    from validate.experiment import Experiment, Run
    from validate.judge import Check

FOLDER = "validate.claims"
Table = Mapping[str, Any]
"""One table of a suite."""
Checks = Callable[["Experiment", "pd.DataFrame", "Run"], "list[Check]"]


@dataclass(frozen=True)
class Kind:
    """A kind of experiments: what a suite may say about them, and how they are made.

    Attributes
    ----------
    name : str
        What the experiments carry; claims and figures read by it.
    make : callable, optional
        From a setting and a suite's table to the experiments; by default one that looks at points.
    entries : mapping
        JSON schema of the table's entries, besides those that all tables share.
    required : tuple of str
        Entries that must be there.
    trajectory : bool
        Whether runs are simulated; otherwise points are looked at.
    everyones : bool
        Whether it is asked of every problem of a user, in ``check`` and by ``fosp validate --problem``; another is
        where a claim is named that reads no such kind.
    usual : tuple of mapping
        Tables that a shipped suite gets which has none of this kind.
    table : str
        Name of the table in a suite; by default that of the kind.
    several : bool
        Whether it is made for several inner steps, too.
    """

    name: str
    make: Callable[[Setting, Table], Iterable[Experiment]] | None = None
    entries: Mapping[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    trajectory: bool = False
    everyones: bool = False
    usual: tuple[Table, ...] = ()
    table: str = ""
    several: bool = False

    @property
    def typed(self) -> str:
        """The name of its table in a suite."""
        return self.table or self.name

    def experiments(self, setting: Setting, table: Table) -> list[Experiment]:
        """Make the experiments of a table on the problem of a setting."""
        return list(setting.pointwise(self.name) if self.make is None else self.make(setting, table))


def nowhere(st: Statement) -> bool:
    """Say of no statement that it is measured."""
    return False


@dataclass(frozen=True)
class Claim:
    """A claim: what statements say about experiments.

    Attributes
    ----------
    name : str
        What ``--claims`` takes.
    kinds : tuple of str
        The kinds of experiments that it reads.
    checks : callable
        From an experiment, its trajectories and the way to run another one to the comparisons.
    measures : tuple of Statement
        The statements that it is about, or their names; their names are kept.
    quantities : tuple of str
        What the statements say that it is about as well, whatever the algorithm and the step rule: see
        :class:`bounds.standing.Case`.
    where : callable
        Whether it is about a statement besides.
    """

    name: str
    kinds: tuple[str, ...]
    checks: Checks
    measures: tuple[str | Statement, ...] = ()
    quantities: tuple[str, ...] = ()
    where: Callable[[Statement], bool] = nowhere

    def __post_init__(self) -> None:
        object.__setattr__(self, "measures", tuple(map(name_of, self.measures)))

    def is_about(self, st: Statement) -> bool:
        """Whether it measures a statement."""
        said = st.case is not None and st.case.quantity in self.quantities
        return said or st.name in self.measures or self.where(st)


def claims() -> Mapping[str, Claim]:
    """Return every claim by its name, those of other packages last."""
    return _claims(sources(FOLDER))


def kinds() -> Mapping[str, Kind]:
    """Return every kind of experiments by the name of its table in a suite."""
    return _kinds(sources(FOLDER))


def of_anyone(named: Iterable[str] = ()) -> dict[str, Kind]:
    """Return the kinds that are asked of any problem, by the table: everyone's, and some of named claims.

    A named claim that reads none of everyone's brings all that it reads.
    """
    usual = {kind.name for kind in kinds().values() if kind.everyones}
    read = [set(claims()[name].kinds) for name in named]
    wanted = usual.union(*(mine for mine in read if mine.isdisjoint(usual)))
    return {typed: kind for typed, kind in kinds().items() if kind.name in wanted}


def pointwise(name: str) -> bool:
    """Whether experiments of this kind look at points and have no trajectory."""
    return any(kind.name == name and not kind.trajectory for kind in kinds().values())


@cache
def _claims(places: tuple[str, ...]) -> Mapping[str, Claim]:
    return _by("claim", ((claim.name, claim) for claim in members(places, Claim)))


@cache
def _kinds(places: tuple[str, ...]) -> Mapping[str, Kind]:
    return _by("kind", ((kind.typed, kind) for kind in members(places, Kind)))


Member = TypeVar("Member")


def _by(what: str, named: Iterable[tuple[str, Member]]) -> Mapping[str, Member]:
    found: dict[str, Member] = {}
    for name, member in named:
        if name in found:
            raise InputError("theory", name, f"is the name of two members of one sort ({what})", "rename one")
        found[name] = member
    return MappingProxyType(found)
