"""Search, inside the assumptions, for an instance that breaks a statement."""

from validate.falsifier.search import Finding, check_claims, falsifiable, falsify, falsify_for, worst

__all__ = ["Finding", "check_claims", "falsifiable", "falsify", "falsify_for", "worst"]
