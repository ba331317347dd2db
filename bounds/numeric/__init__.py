"""Numeric instances for every statement and axiom: random ones, and ones made as bad as a search can."""
