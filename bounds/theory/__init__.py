"""The theory: one file a topic, with its statements, why each of their parts is what it is, and their proofs.

A statement that a module here offers (on its own, or in a tuple) is part of the theory. A topic that builds on
another one imports the module: ``from bounds.theory import matrices``.
"""
