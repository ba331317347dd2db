"""Entry point of ``fosp`` and ``python -m fosp``. It imports nothing heavy by itself: Ctrl-C finds it ready."""

from __future__ import annotations

import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see :mod:`fosp.exits`).

    Parameters
    ----------
    argv : sequence of str, optional
        The words after ``fosp``. Default: those of this process, which is then taken to end with the command.
    """
    try:
        from fosp.calling import call

        code = call(sys.argv[1:] if argv is None else argv, alone=argv is None)
    except KeyboardInterrupt:
        print("fosp: interrupted", file=sys.stderr)
        code = INTERRUPTED
    if code == INTERRUPTED and argv is None:
        from fosp.calling import stop_here

        stop_here(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
