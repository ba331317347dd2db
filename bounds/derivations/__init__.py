"""The derivation of every statement, from the statement's own parts."""
