"""Errata of the paper's statements as recorded: what is true instead, and a counterexample evaluated in intervals.

The record is a record: an erratum here is one of the statement as recorded, not necessarily of the published page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bounds.bound import Statement
from bounds.errors import unknown
from bounds.evidence import Evidence
from bounds.theory import complexity, difference, gradients, plateau, recorded, table
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from bounds.theory.step_rules import SAMPLED


@dataclass(frozen=True)
class Erratum:
    """One erratum.

    Parameters
    ----------
    identifier : str
        "E1" to "E4".
    title : str
    recorded, true : str
        What the record says, and what holds instead.
    statements : tuple of Statement
        The statements that are wrong or loose as recorded.
    instead : tuple of Statement
        The statements that hold.
    survives : str
        Whether the convergence theorems survive, and why.
    counterexample : callable
        Evaluates the counterexample exactly; see :mod:`bounds.counterexamples`.
    """

    identifier: str
    title: str
    recorded: str
    true: str
    statements: tuple[Statement, ...]
    instead: tuple[Statement, ...]
    survives: str
    counterexample: Callable[[], Evidence]

    @property
    def claim(self) -> str:
        """Name of the claim that finds it again."""
        return f"erratum.{self.identifier}"

    def to_dict(self) -> dict[str, Any]:
        """Return the erratum with its evaluated counterexample as JSON-ready data."""
        found = self.counterexample()
        own = {name: getattr(self, name) for name in ("identifier", "title", "recorded", "true", "survives")}
        names = {"statements": _names(self.statements), "instead": _names(self.instead)}
        evidence = {
            "instance": dict(found.instance),
            "measured": list(found.measured),
            "recorded": list(found.recorded),
            "shows": found.shows,
            "checks": dict(found.checks),
        }
        return own | names | {"counterexample": evidence}


def _names(statements: tuple[Statement, ...]) -> list[str]:
    return [st.name for st in statements]


def _counterexample(name: str) -> Callable[[], Evidence]:
    def evaluate() -> Evidence:
        from bounds import counterexamples

        return getattr(counterexamples, name)()

    return evaluate


_ALL = (MAML, FO_MAML, HF_MAML)
ERRATA: Mapping[str, Erratum] = MappingProxyType(
    {
        erratum.identifier: erratum
        for erratum in (
            Erratum(
                "E1",
                "second moment of the meta-gradients: one factor (1 + alpha L)^2 is missing",
                "E||grad F_i||^2 <= (1+x)^2 [2 C1^2 y^2 + (2 C2^2 + 1) sigma^2], x = alpha L",
                "the prefactor is (1+x)^4; as recorded the bound fails for small x",
                (gradients.RECORDED_MOMENT,),
                (gradients.SECOND_MOMENT, gradients.REPAIRED_MOMENT),
                "MAML and FO-MAML survive: their constants are certified here without this lemma",
                _counterexample("second_moment"),
            ),
            Erratum(
                "E2",
                "HF-MAML's condition on D_h is not homogeneous in units",
                "D_h >= 36 (alpha rho sigma_tilde)^2 (recorded also with sigma_H)",
                "D_h >= 36 (rho alpha^2 sigma_tilde)^2, or alpha^2 sigma_H^2 with the same samples at both probes",
                (HF_MAML.more["hessian-batch"], HF_MAML.more["hessian-batch.sigma-H"]),
                (difference.HESSIAN_BATCH,),
                "the theorem keeps its form with the homogeneous condition; see E3 for its claim",
                _counterexample("hessian_batch"),
            ),
            Erratum(
                "E3",
                "HF-MAML with a fixed difference factor gamma = 1/6 has a plateau",
                "E||grad F|| <= max{6 sqrt((1 + rho alpha sigma/L) N), ..., epsilon} for every B, D",
                "its fixed points have ||grad F|| up to min(gamma/2, 2x)(1+x) q sigma/(1 - ...), whatever B and D",
                (
                    recorded.accuracy(HF_MAML),
                    HF_MAML.more["difference"],
                    table.cell(HF_MAML.name, "accuracy"),
                ),
                (plateau.HF_STOP, plateau.HF_REPAIR, complexity.theorem("guarantee", HF_MAML, SAMPLED)),
                "HF-MAML's theorem does not survive for large B; it does with a probe proportional to epsilon",
                _counterexample("difference_plateau"),
            ),
            Erratum(
                "E4",
                "the second entry of the number of iterations is a sum where a minimum is enough",
                "L B/sigma^2 + L (B D_o + D_in)/sigma_tilde^2",
                "L min(B/sigma^2, B D_o/sigma_tilde^2, D_in/sigma_tilde^2): the sum is valid but loose",
                tuple(map(recorded.iterations, _ALL)),
                tuple(complexity.theorem("iterations", one, SAMPLED) for one in _ALL),
                "all theorems survive: the recorded order is an upper bound",
                _counterexample("iterations"),
            ),
        )
    }
)


def erratum(identifier: str) -> Erratum:
    """Return one erratum.

    Raises
    ------
    InputError
        When there is none with this identifier.
    """
    found = ERRATA.get(identifier)
    if found is None:
        raise unknown("erratum", identifier, ERRATA)
    return found


def concerning(name: str) -> tuple[Erratum, ...]:
    """Return the errata of a statement, or those that the statement repairs."""
    return tuple(e for e in ERRATA.values() if name in _names((*e.statements, *e.instead)))
