"""Instances at which statements are looked at, the climb to the worst ones, and what is found there."""

from validate.instances.falsify import Finding, against, check_claims, falsify, falsify_for, measured, worst
from validate.instances.search import falsifiable

__all__ = [
    "Finding",
    "against",
    "check_claims",
    "falsifiable",
    "falsify",
    "falsify_for",
    "measured",
    "worst",
]
