"""The command line: parse, call, print. The work is done in bounds, empirics, validate and figures."""
