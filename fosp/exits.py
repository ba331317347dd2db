"""Exit codes, and the one line on stderr that goes with a bad one."""

from __future__ import annotations

import argparse
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bounds.errors import InputError

FINE = 0
"""Everything asked for was done."""
REFUTED = 1
"""A claim was VIOLATED or FAILED, or a run could not be finished."""
BAD_INPUT = 2
"""The input was refused, with one line that says which argument, its value, and what is allowed."""
CRASHED = 70
"""An error of the program itself, with its traceback; never to be read as a verdict."""
INTERRUPTED = 130
"""Stopped with Ctrl-C."""


def interrupted(args: argparse.Namespace) -> int:
    """Say that the command was stopped, and how to go on."""
    resume = getattr(args, "how_to_resume", "")
    print(f"fosp: interrupted{'; ' + resume if resume else ''}", file=sys.stderr)
    return INTERRUPTED


def failed(error: Exception, args: argparse.Namespace) -> int:
    """Turn a refused input into one line; anything else is a fault of the program and keeps its traceback."""
    from bounds.errors import InputError, UnfinishedError

    if isinstance(error, UnfinishedError):
        resume = getattr(args, "how_to_resume", "")
        print(
            f"fosp {args.command}: {' '.join(str(error).split())}{'; ' + resume if resume else ''}",
            file=sys.stderr,
        )
        return REFUTED
    if not isinstance(error, InputError):
        traceback.print_exception(error)
        return CRASHED
    print(f"fosp {args.command}: {sentence(error, args)}", file=sys.stderr)
    return BAD_INPUT


def sentence(error: InputError, args: argparse.Namespace) -> str:
    """Say a refused input in one line, with the option's name as it is typed on the command line."""
    option = "--" + error.argument.replace("_", "-")
    name = option if option in args.options else error.argument
    what = "is missing" if error.value is None else f"= {error.value!r}"
    remedy = f"; {error.remedy}" if error.remedy else ""
    return " ".join(f"{name} {what}: {error.allowed}{remedy}".split())
