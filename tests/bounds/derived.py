"""Every statement's derivation as it stands, built once for the tests that read them all."""

from functools import cache

from bounds import statement
from bounds.derivation.step import Derivation
from bounds.deriving import derivation


@cache
def derived(name: str) -> Derivation:
    return derivation(statement(name))
