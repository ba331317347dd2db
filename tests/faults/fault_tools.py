"""Commands in forked children of this warm process, and the means to hurt them."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import empirics.cells
import validate.claims
import validate.rundir  # noqa: F401 - children find everything imported
from fosp.__main__ import main

WRITES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.link", "os.symlink"}
KILLED = -signal.SIGKILL


def child(work: Callable[[], int], said: Path) -> int:
    """Run work in a fork; return its exit code, or minus the signal that ended it. stderr goes to a file."""
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            with said.open("w") as stream, contextlib.redirect_stderr(stream):
                with contextlib.redirect_stdout(io.StringIO()):
                    code = work()
        except BaseException:
            said.write_text(traceback.format_exc())
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Fosp:
    """The command line in a directory of its own."""

    def __init__(self, here: Path) -> None:
        self.here = here

    def __call__(self, *argv: str, before: Callable[[], object] = lambda: None) -> int:
        """Run a command after ``before``, both in the child."""

        def work() -> int:
            os.chdir(self.here)
            before()
            try:
                return main(argv)
            except SystemExit as left:
                return int(left.code or 0)

        return child(work, self.here.with_name(f"{self.here.name}.stderr"))

    @property
    def said(self) -> str:
        """What the last command wrote on stderr."""
        return self.here.with_name(f"{self.here.name}.stderr").read_text()


def die_at(number: int, counted: Path | None = None) -> Callable[[], None]:
    """Kill the process just before its file operation of this number; write how many there were, if asked."""
    done = 0

    def hook(event: str, args: tuple) -> None:
        nonlocal done
        if event not in WRITES and not (event == "open" and _writes(args)):
            return
        if not any("run" in Path(arg).parts for arg in args if isinstance(arg, str | os.PathLike)):
            return
        done += 1
        if counted is not None:
            descriptor = os.open(counted, os.O_WRONLY | os.O_CREAT)
            os.write(descriptor, f"{done:9d}".encode())
            os.close(descriptor)
        if done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return lambda: sys.addaudithook(hook)


def _writes(args: tuple) -> bool:
    path, _, flags = args
    return not isinstance(path, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
