"""Claims: what the statements say about runs. One file each, found by :mod:`validate.claim`."""
