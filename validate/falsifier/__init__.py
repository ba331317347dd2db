"""Search, inside the assumptions, for an instance that breaks a statement."""

from validate.falsifier.search import Finding, falsifiable, falsify

__all__ = ["Finding", "falsifiable", "falsify"]
