"""Theories of one's own, each in one file: ``fosp --theory examples.sgd_theory COMMAND``."""
