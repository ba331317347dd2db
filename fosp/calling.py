"""One call of the command line: parse, run, and turn what goes wrong into one line and an exit code."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from fosp import exits, identity, spelling
from fosp.parser import parse

OBJECTS_BETWEEN_COLLECTIONS = 1_000_000


def call(argv: Sequence[str], *, alone: bool = False) -> int:
    """Run one command and return its exit code (see :mod:`fosp.exits`).

    ``alone`` says that the process is there for this command: Ctrl-C then ends it even while a module is imported.
    """
    _collect_seldom()
    if sys.stdout is None:
        return exits.closed()
    spelling.use(sys.stdout, sys.stderr)
    if line := _stripped() or identity.hidden():
        print(f"fosp: {line}", file=sys.stderr)
        return exits.BAD_INPUT
    args = parse(argv)
    if alone:
        _hear_while_importing(args)
    try:
        code = int(args.execute(args))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return exits.interrupted(args)
    except BrokenPipeError:
        _discard_output()
        return exits.FINE
    except Exception as error:
        code = exits.failed(error, args)
        if isinstance(error, OSError):
            _discard_output()
        return code


def _stripped() -> str:
    """Say that Python has dropped the texts that this program prints; empty when it has not."""
    level = sys.flags.optimize
    told = f"python optimisation level = {level}: must be 0 or 1 (-OO drops the texts that fosp prints)"
    return f"{told}; start python without -OO, or unset PYTHONOPTIMIZE" if level > 1 else ""


def _hear_while_importing(args: argparse.Namespace) -> None:
    """Let Ctrl-C end the process at once while a module is imported.

    An exception there is swallowed by some modules, turned into another one, or ends the interpreter in compiled
    code. What is finished is kept: results are written whole, or not at all.
    """

    def heard(number: int, frame: FrameType | None) -> None:
        if _importing(frame):
            code = exits.interrupted(args)
            sys.stderr.flush()
            os._exit(code)
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, heard)


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


def _discard_output() -> None:
    """Let what is still in the buffer of stdout go nowhere: it could not be written."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _collect_seldom() -> None:
    """Keep the garbage collector from walking over freshly imported modules, at the start and at the exit."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(gc.freeze)


def stop_here(code: int) -> None:
    """End the process with this code after what runs at its exit, whatever a Ctrl-C has left behind.

    An import that Ctrl-C broke off in compiled code marks the interpreter, which would then end by a signal.
    Whoever presses Ctrl-C again while files are closed and workers stopped ends it at once.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)
