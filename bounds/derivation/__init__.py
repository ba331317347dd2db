"""Derivations as data: steps that are decided exactly, axioms that are named, and the deciders."""
