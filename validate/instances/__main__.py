"""Write the ledger: measure every statement and axiom on instances, decide every step."""

from bounds import ledger
from bounds.bound import Statement
from bounds.derivation.step import Axiom
from bounds.entry import arguments
from empirics.measure import torch_settings
from validate.instances.falsify import measured
from validate.instances.laws import tried


class Searched:
    """Ratios from searches made now."""

    def of_statement(self, st: Statement) -> ledger.Worst | None:
        """Return the worst ratio of a statement over its instances."""
        return measured(st)

    def of_axiom(self, axiom: Axiom) -> ledger.Worst | None:
        """Return the worst ratio of an axiom."""
        return tried(axiom)


if __name__ == "__main__":
    arguments("validate.instances", __doc__, {})
    with torch_settings():
        ledger.write(Searched())
