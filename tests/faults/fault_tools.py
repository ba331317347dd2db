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

import validate.claims
import validate.rundir  # noqa: F401 - children find everything imported
from fosp.__main__ import main

SUITE = """
replicates = 8
algorithms = ["maml"]
[[convergence]]
problem = "quadratic:dim=2,n_tasks=3"
epsilon = 0.4
"""
RUN = ("validate", "suite.toml", "--engine", "serial", "--out", "run", "--json")
"""The smallest run: two cells' worth of steps, all the files."""
WRITES = {
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.truncate",
    "os.chmod",
    "os.link",
    "os.symlink",
}
KILLED = -signal.SIGKILL


def child(work: Callable[[], int]) -> tuple[int, str]:
    """Run work in a fork; return its exit code, or minus the signal that ended it, and its stderr."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            os.close(out)
            said = io.StringIO()
            with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
                try:
                    code = work()
                except BaseException:
                    traceback.print_exc()
            os.write(into, said.getvalue()[-30_000:].encode(errors="replace"))
        finally:
            os._exit(code)
    os.close(into)
    with os.fdopen(out, encoding="utf-8", errors="replace") as stream:
        told = stream.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), told


class Fosp:
    """The command line in a directory of its own.

    Attributes
    ----------
    said : str
        What the last command wrote on stderr.
    """

    def __init__(self, here: Path) -> None:
        self.here = here
        self.said = ""
        here.mkdir(exist_ok=True)
        (here / "suite.toml").write_text(SUITE)

    def __call__(self, *argv: str, before: Callable[[], object] = lambda: None) -> int:
        """Run a command after ``before``, both in the child."""

        def work() -> int:
            os.chdir(self.here)
            before()
            try:
                return main(argv)
            except SystemExit as left:
                return int(left.code or 0)

        code, self.said = child(work)
        return code


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
