"""Entry point of ``fosp`` and ``python -m fosp``."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from fosp import exits
from fosp.parser import build_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see :mod:`fosp.exits`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    args = build_parser().parse_args(argv)
    try:
        code = int(args.execute(args))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return exits.interrupted(args)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FINE
    except Exception as error:
        return exits.failed(error, args)


if __name__ == "__main__":
    sys.exit(main())
