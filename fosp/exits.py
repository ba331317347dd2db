"""Exit codes, and the one line on stderr that goes with a bad one."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bounds.errors import InputError

FINE = 0
"""Everything asked for was done."""
REFUTED = 1
"""A claim was VIOLATED or FAILED, or a run could not be finished."""
BAD_INPUT = 2
"""The input was refused, with one line that says which argument, its value, and what is allowed."""
NOT_POSSIBLE = 3
"""The machine said no, in one line: a file could not be read or written, or memory was used up."""
CRASHED = 70
"""An error of the program itself, with its traceback; never to be read as a verdict."""
INTERRUPTED = 130
"""Stopped with Ctrl-C."""


def closed() -> int:
    """Say that there is nowhere to print to."""
    with suppress(OSError, AttributeError):
        print("fosp: stdout is closed; send it to a file, or to /dev/null", file=sys.stderr)
    return NOT_POSSIBLE


def interrupted(args: argparse.Namespace) -> int:
    """Say that the command was stopped, and how to go on."""
    resume = getattr(args, "how_to_resume", "")
    print(f"fosp: interrupted{'; ' + resume if resume else ''}", file=sys.stderr)
    return INTERRUPTED


def failed(error: Exception, args: argparse.Namespace) -> int:
    """Turn what went wrong into one line and an exit code; a fault of the program keeps its traceback."""
    from bounds.errors import InputError, UnfinishedError, line, shown

    if isinstance(error, InputError):
        return _say(args, sentence(error, args), BAD_INPUT)
    if isinstance(error, UnfinishedError):
        return _say(args, line(str(error)), REFUTED, resumable=True)
    if isinstance(error, OSError):
        where = f"{shown(error.filename)}: " if error.filename is not None else ""
        return _say(args, f"{where}{line(error.strerror or str(error))}", NOT_POSSIBLE, resumable=True)
    if isinstance(error, MemoryError):
        return _say(args, f"not enough memory ({line(str(error)) or 'all is in use'})", NOT_POSSIBLE)
    if isinstance(error, OverflowError):
        why = line(str(error.args[-1])) if error.args else "too large"
        told = f"a number is beyond what can be computed with ({why}); measure in other units"
        return _say(args, told, BAD_INPUT)
    import traceback

    traceback.print_exception(error)
    return CRASHED


def _say(args: argparse.Namespace, told: str, code: int, *, resumable: bool = False) -> int:
    resume = getattr(args, "how_to_resume", "") if resumable else ""
    print(f"fosp {args.command}: {told}{'; ' + resume if resume else ''}", file=sys.stderr)
    return code


def sentence(error: InputError, args: argparse.Namespace) -> str:
    """Say a refused input in one line; an option that was typed, or is missing, is named as it is typed."""
    from bounds.errors import line, shown

    options = ["--" + name.replace("_", "-") for name in error.argument.split(", ")]
    known = args.options if error.value is None else args.typed
    name = ", ".join(options) if set(options) <= set(known) else line(error.argument)
    missing = "is missing" if len(options) == 1 else "are missing"
    what = missing if error.value is None else f"= {shown(error.value)}"
    return f"{name} {what}: {error.allowed}{'; ' + error.remedy if error.remedy else ''}"
