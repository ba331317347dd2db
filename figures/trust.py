"""What a caption must add when the constants behind its lines are not certified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from figures import theory
from figures.figure import Figure, number

if TYPE_CHECKING:
    import pandas as pd

    from figures.evidence import Evidence


def told(figure: Figure, evidence: Evidence, frame: pd.DataFrame) -> str:
    """Return the whole text below a figure: its number, its title, its caption, and what its lines rest on."""
    head = f"Figure {number(figure.name)}. {figure.title}."
    return f"{head} {figure.caption(frame)}{sentence(evidence, frame)}"


def sentence(evidence: Evidence, frame: pd.DataFrame) -> str:
    """Return which constants the lines of a figure rest on, by problem; empty when all of them are certified."""
    shown = set(frame["problem"]) if "problem" in frame else set()
    rows = [row for row in evidence.rows if row["problem"] in shown]
    said = {row["problem"]: trust for row in rows if (trust := theory.plan_of(row).constants.trust())}
    return "".join(f" The theory's lines on {problem} are good {trust}." for problem, trust in said.items())
